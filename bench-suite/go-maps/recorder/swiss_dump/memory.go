package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"unsafe"

	"record"
)

type swissMap struct {
	used              uint64
	seed              uintptr
	dirPtr            unsafe.Pointer
	dirLen            int
	globalDepth       uint8
	globalShift       uint8
	writing           uint8
	tombstonePossible bool
	clearSeq          uint64
}
type table struct {
	used, capacity, growthLeft uint16
	localDepth                 uint8
	index                      int
	groups                     unsafe.Pointer
	lengthMask                 uint64
}
type group struct {
	ctrl [8]uint8
	slot [8]struct{ key, val uint64 }
}

const gsize = unsafe.Sizeof(group{}) // 136

type eface struct{ typ, data unsafe.Pointer }

type hasherFn func(unsafe.Pointer, uintptr) uintptr

func (w *world) hashOf(k uint64) uint64 { return uint64(w.hash(unsafe.Pointer(&k), w.h.seed)) }
func (w *world) table(i int) *table {
	return *(**table)(unsafe.Pointer(uintptr(w.h.dirPtr) + uintptr(i)*8))
}
func (t *table) group(i uint64) *group {
	return (*group)(unsafe.Pointer(uintptr(t.groups) + uintptr(i)*gsize))
}
func (w *world) dirIndex(hv uint64) int {
	if w.h.dirLen <= 1 {
		return 0
	}
	return int(hv >> (w.h.globalShift & 63))
}

// locate key the way a lookup does: directory index, group index, slot
func (w *world) locate(k uint64) (di int, gi uint64, s int, g *group) {
	h := w.h
	if h.dirPtr == nil || h.used == 0 {
		return -1, 0, -1, nil
	}
	if h.dirLen == 0 {
		g = (*group)(h.dirPtr)
		for s = 0; s < 8; s++ {
			if g.ctrl[s]&0x80 == 0 && g.slot[s].key == k {
				return -1, 0, s, g
			}
		}
		return -1, 0, -1, nil
	}
	hv := w.hashOf(k)
	t := w.table(w.dirIndex(hv))
	off := (hv >> 7) & t.lengthMask
	for i := uint64(1); ; i++ {
		g = t.group(off)
		empty := false
		for s = 0; s < 8; s++ {
			if g.ctrl[s] == uint8(hv&0x7f) && g.slot[s].key == k {
				return t.index, off, s, g
			}
			empty = empty || g.ctrl[s] == 0x80
		}
		if empty {
			return t.index, 0, -1, nil
		}
		off = (off + i) & t.lengthMask
	}
}

func (w *world) eachTable(f func(i int, t *table)) {
	for i := 0; i < w.h.dirLen; i++ {
		if t := w.table(i); t.index == i {
			f(i, t)
		}
	}
}
func (g *group) each(f func(s int)) {
	for s := 0; s < 8; s++ {
		if g.ctrl[s]&0x80 == 0 {
			f(s)
		}
	}
}
func (w *world) eachGroup(f func(g *group)) {
	if w.h.dirPtr == nil {
		return
	}
	if w.h.dirLen == 0 {
		f((*group)(w.h.dirPtr))
		return
	}
	w.eachTable(func(_ int, t *table) {
		for j := uint64(0); j <= t.lengthMask; j++ {
			f(t.group(j))
		}
	})
}
func (w *world) EachEntry(f func(place uintptr)) {
	w.eachGroup(func(g *group) {
		g.each(func(s int) { f(uintptr(unsafe.Pointer(&g.slot[s]))) })
	})
}
func (w *world) tombstones() (n, ntab int) {
	if w.h.dirLen == 0 {
		return
	}
	w.eachTable(func(_ int, t *table) { ntab++ })
	w.eachGroup(func(g *group) {
		for s := 0; s < 8; s++ {
			if g.ctrl[s] == 0xfe {
				n++
			}
		}
	})
	return
}

func addGroup(f *record.Fnv, g *group) {
	for s := 0; s < 8; s++ {
		f.Byte(g.ctrl[s])
	}
	g.each(func(s int) { f.Uint64(g.slot[s].key); f.Uint64(g.slot[s].val) })
}
func (w *world) Digest() uint64 {
	f := record.NewFnv()
	h := w.h
	f.Uint64(h.used)
	f.Byte(h.globalDepth)
	f.Uint64(uint64(h.dirLen))
	if h.dirPtr == nil {
		f.Byte('Z')
		return uint64(f)
	}
	if h.dirLen == 0 {
		f.Byte('S')
		addGroup(&f, (*group)(h.dirPtr))
		return uint64(f)
	}
	for i := 0; i < h.dirLen; i++ {
		t := w.table(i)
		if t.index != i {
			f.Byte('R')
			continue
		}
		f.Byte('T')
		f.Byte(t.localDepth)
		f.Uint16(t.capacity)
		f.Uint16(t.used)
		f.Uint16(t.growthLeft)
		for j := uint64(0); j <= t.lengthMask; j++ {
			addGroup(&f, t.group(j))
		}
	}
	return uint64(f)
}

func groupStr(out *bufio.Writer, g *group) {
	out.WriteByte('"')
	out.WriteString(hex.EncodeToString(g.ctrl[:]))
	out.WriteByte(' ')
	for s := 0; s < 8; s++ {
		if s > 0 {
			out.WriteByte(',')
		}
		if g.ctrl[s]&0x80 == 0 {
			fmt.Fprint(out, g.slot[s].key)
		} else if *record.Stale && g.slot[s].key != 0 {
			fmt.Fprintf(out, "~%d/%d", g.slot[s].key, g.slot[s].val)
		} else {
			out.WriteByte('.')
		}
	}
	out.WriteByte('"')
}
