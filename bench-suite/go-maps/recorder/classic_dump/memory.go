package main

import (
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"record"
)

type hmap struct {
	count      int
	flags      uint8
	B          uint8
	noverflow  uint16
	hash0      uint32
	buckets    unsafe.Pointer
	oldbuckets unsafe.Pointer
	nevacuate  uintptr
	extra      *mapextra
}
type mapextra struct {
	overflow, oldoverflow *[]*bmap
	nextOverflow          *bmap
}
type bmap struct{ top [8]uint8 } // keys, values and the pointer to the next one lie behind it

func (w *world) keyAt(b *bmap, s int) unsafe.Pointer {
	return unsafe.Pointer(uintptr(unsafe.Pointer(b)) + 8 + uintptr(s)*w.KeySize)
}
func (w *world) key(b *bmap, s int) uint64 { return w.Number(w.keyAt(b, s)) }
func (w *world) val(b *bmap, s int) uint64 {
	return *(*uint64)(unsafe.Pointer(uintptr(unsafe.Pointer(b)) + 8 + 8*w.KeySize + uintptr(s)*8))
}

// next is the overflow bucket behind this one: a pointer at its end, or a uintptr; same bits.
func (w *world) next(b *bmap) *bmap {
	return *(**bmap)(unsafe.Pointer(uintptr(unsafe.Pointer(b)) + w.bsize - 8))
}

func (w *world) hashOf(k uint64) uint64 { return w.HashOf(k, uintptr(w.h.hash0)) }
func (w *world) bucket(i uint64) *bmap {
	return (*bmap)(unsafe.Pointer(uintptr(w.h.buckets) + uintptr(i)*w.bsize))
}
func (w *world) old(i uint64) *bmap {
	return (*bmap)(unsafe.Pointer(uintptr(w.h.oldbuckets) + uintptr(i)*w.bsize))
}
func (w *world) nold() uint64 {
	if w.h.flags&8 != 0 {
		return 1 << w.h.B
	}
	return 1 << (w.h.B - 1)
}
func evacuated(b *bmap) bool { return b.top[0] > 1 && b.top[0] < 5 }

// find in the chain starting at b; returns chain position and slot or -1
func (w *world) find(b *bmap, k uint64) (*bmap, int, int) {
	for c := 0; b != nil; b, c = w.next(b), c+1 {
		for s := 0; s < 8; s++ {
			if b.top[s] >= 5 && w.key(b, s) == k {
				return b, c, s
			}
		}
	}
	return nil, -1, -1
}

// locate key the way a lookup does
func (w *world) locate(k uint64) (area byte, bi uint64, b *bmap, c, s int) {
	if w.h.buckets == nil || w.h.count == 0 {
		return 0, 0, nil, -1, -1
	}
	hv := w.hashOf(k)
	bi = hv & (1<<w.h.B - 1)
	area = 'n'
	b = w.bucket(bi)
	if w.h.oldbuckets != nil {
		oi := hv & (w.nold() - 1)
		if ob := w.old(oi); !evacuated(ob) {
			area, bi, b = 'o', oi, ob
		}
	}
	b, c, s = w.find(b, k)
	return
}

func (w *world) EachEntry(f func(place uintptr)) { // all live slots of the new array
	if w.h.buckets == nil {
		return
	}
	for i := uint64(0); i < 1<<w.h.B; i++ {
		for b := w.bucket(i); b != nil; b = w.next(b) {
			for s := 0; s < 8; s++ {
				if b.top[s] >= 5 {
					f(uintptr(w.keyAt(b, s)))
				}
			}
		}
	}
}

func (w *world) chain(f *record.Fnv, b *bmap) {
	for ; b != nil; b = w.next(b) {
		for s := 0; s < 8; s++ {
			f.Byte(b.top[s])
		}
		for s := 0; s < 8; s++ {
			if b.top[s] >= 5 {
				f.Uint64(w.key(b, s))
				f.Uint64(w.val(b, s))
			}
		}
		f.Byte(0xFE)
	}
	f.Byte(0xFF)
}
func (w *world) Digest() uint64 {
	f := record.NewFnv()
	h := w.h
	f.Byte(h.B)
	f.Byte(h.flags & 8)
	f.Uint16(h.noverflow)
	f.Uint64(uint64(h.count))
	if h.buckets == nil {
		f.Byte('Z')
		return uint64(f)
	}
	f.Byte('N')
	for i := uint64(0); i < 1<<h.B; i++ {
		w.chain(&f, w.bucket(i))
	}
	if h.oldbuckets != nil {
		f.Byte('O')
		f.Uint64(uint64(h.nevacuate))
		for i := uint64(0); i < w.nold(); i++ {
			if b := w.old(i); evacuated(b) {
				f.Byte('E')
			} else {
				w.chain(&f, b)
			}
		}
	}
	return uint64(f)
}

// mallocHeaders: since 1.22 a block with pointers of more than 512 bytes starts with 8 bytes that say where they are.
var mallocHeaders = runtime.Version() >= "go1.22"

// size of the bucket array allocation (number of bmaps), recomputed as makeBucketArray does.
var classes = []uintptr{0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768}

func (w *world) arrayLen(B uint8) uint64 {
	n := uintptr(1) << B
	if B >= 4 {
		n += 1 << (B - 4)
		sz := w.bsize * n
		up := (sz + 8191) &^ 8191
		if sz <= 32768-8 {
			header := uintptr(0)
			if w.Pointers && sz > 512 && mallocHeaders {
				header = 8
			}
			for _, c := range classes {
				if c >= sz+header {
					up = c - header
					break
				}
			}
		}
		n = up / w.bsize
	}
	return uint64(n)
}

func (w *world) loc(b *bmap, base unsafe.Pointer, B uint8) string {
	if base == nil {
		return "h"
	}
	d := uintptr(unsafe.Pointer(b)) - uintptr(base)
	if uintptr(unsafe.Pointer(b)) >= uintptr(base) && d < w.bsize*uintptr(w.arrayLen(B)) {
		i := d / w.bsize
		if i < 1<<B {
			return "b"
		}
		return fmt.Sprintf("p%d", i)
	}
	return "h"
}
func (w *world) chainStr(b *bmap, base unsafe.Pointer, B uint8) string {
	var sb strings.Builder
	sb.WriteByte('[')
	for first := true; b != nil; b, first = w.next(b), false {
		if !first {
			sb.WriteByte(',')
		}
		sb.WriteByte('"')
		sb.WriteString(hex.EncodeToString(b.top[:]))
		sb.WriteByte(' ')
		for s := 0; s < 8; s++ {
			if s > 0 {
				sb.WriteByte(',')
			}
			if b.top[s] >= 2 && b.top[s] != 4 {
				fmt.Fprint(&sb, w.key(b, s))
			} else if w.key(b, s) != 0 && *record.Stale {
				fmt.Fprintf(&sb, "~%d/%d", w.key(b, s), w.val(b, s)) // stale key / value bytes of an empty slot
			} else {
				sb.WriteByte('.')
			}
		}
		sb.WriteByte(' ')
		sb.WriteString(w.loc(b, base, B))
		sb.WriteByte('"')
	}
	sb.WriteByte(']')
	return sb.String()
}

func (w *world) nextOvf() int64 {
	h := w.h
	if h.extra == nil || h.extra.nextOverflow == nil {
		return -1
	}
	return int64((uintptr(unsafe.Pointer(h.extra.nextOverflow)) - uintptr(h.buckets)) / w.bsize)
}
