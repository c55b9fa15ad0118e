package main

import (
	"encoding/hex"
	"fmt"
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
type bmap struct {
	top  [8]uint8
	key  [8]uint64
	val  [8]uint64
	next *bmap // uintptr in the real type; same bits
}

const bsize = unsafe.Sizeof(bmap{}) // 144

type eface struct{ typ, data unsafe.Pointer }

type hasherFn func(unsafe.Pointer, uintptr) uintptr

func (w *world) hashOf(k uint64) uint64 {
	return uint64(w.hash(unsafe.Pointer(&k), uintptr(w.h.hash0)))
}
func (w *world) bucket(i uint64) *bmap {
	return (*bmap)(unsafe.Pointer(uintptr(w.h.buckets) + uintptr(i)*bsize))
}
func (w *world) old(i uint64) *bmap {
	return (*bmap)(unsafe.Pointer(uintptr(w.h.oldbuckets) + uintptr(i)*bsize))
}
func (w *world) nold() uint64 {
	if w.h.flags&8 != 0 {
		return 1 << w.h.B
	}
	return 1 << (w.h.B - 1)
}
func evacuated(b *bmap) bool { return b.top[0] > 1 && b.top[0] < 5 }

// find in the chain starting at b; returns chain position and slot or -1
func find(b *bmap, k uint64) (*bmap, int, int) {
	for c := 0; b != nil; b, c = b.next, c+1 {
		for s := 0; s < 8; s++ {
			if b.top[s] >= 5 && b.key[s] == k {
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
	b, c, s = find(b, k)
	return
}

func (w *world) EachEntry(f func(place uintptr)) { // all live slots of the new array
	if w.h.buckets == nil {
		return
	}
	for i := uint64(0); i < 1<<w.h.B; i++ {
		for b := w.bucket(i); b != nil; b = b.next {
			for s := 0; s < 8; s++ {
				if b.top[s] >= 5 {
					f(uintptr(unsafe.Pointer(&b.key[s])))
				}
			}
		}
	}
}

func chain(f *record.Fnv, b *bmap) {
	for ; b != nil; b = b.next {
		for s := 0; s < 8; s++ {
			f.Byte(b.top[s])
		}
		for s := 0; s < 8; s++ {
			if b.top[s] >= 5 {
				f.Uint64(b.key[s])
				f.Uint64(b.val[s])
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
		chain(&f, w.bucket(i))
	}
	if h.oldbuckets != nil {
		f.Byte('O')
		f.Uint64(uint64(h.nevacuate))
		for i := uint64(0); i < w.nold(); i++ {
			if b := w.old(i); evacuated(b) {
				f.Byte('E')
			} else {
				chain(&f, b)
			}
		}
	}
	return uint64(f)
}

// size of the bucket array allocation (number of bmaps), recomputed as makeBucketArray does.
var classes = []uintptr{0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768}

func arrayLen(B uint8) uint64 {
	n := uintptr(1) << B
	if B >= 4 {
		n += 1 << (B - 4)
		sz := bsize * n
		up := (sz + 8191) &^ 8191
		if sz <= 32768-8 {
			for _, c := range classes {
				if c >= sz {
					up = c
					break
				}
			}
		}
		n = up / bsize
	}
	return uint64(n)
}

func loc(b *bmap, base unsafe.Pointer, B uint8) string {
	if base == nil {
		return "h"
	}
	d := uintptr(unsafe.Pointer(b)) - uintptr(base)
	if uintptr(unsafe.Pointer(b)) >= uintptr(base) && d < bsize*uintptr(arrayLen(B)) {
		i := d / bsize
		if i < 1<<B {
			return "b"
		}
		return fmt.Sprintf("p%d", i)
	}
	return "h"
}
func chainStr(b *bmap, base unsafe.Pointer, B uint8) string {
	var sb strings.Builder
	sb.WriteByte('[')
	for first := true; b != nil; b, first = b.next, false {
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
				fmt.Fprint(&sb, b.key[s])
			} else if b.key[s] != 0 && *record.Stale {
				fmt.Fprintf(&sb, "~%d/%d", b.key[s], b.val[s]) // stale key / value bytes of an empty slot
			} else {
				sb.WriteByte('.')
			}
		}
		sb.WriteByte(' ')
		sb.WriteString(loc(b, base, B))
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
	return int64((uintptr(unsafe.Pointer(h.extra.nextOverflow)) - uintptr(h.buckets)) / bsize)
}
