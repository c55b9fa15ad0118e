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
type group struct{ ctrl [8]uint8 } // its slots lie behind it

func (w *world) slot(g *group, s int) unsafe.Pointer {
	return unsafe.Pointer(uintptr(unsafe.Pointer(g)) + 8 + uintptr(s)*w.PairSize)
}
func (w *world) key(g *group, s int) uint64 { return w.Number(w.slot(g, s)) }
func (w *world) val(g *group, s int) uint64 {
	return *(*uint64)(unsafe.Pointer(uintptr(w.slot(g, s)) + w.ValueAt))
}

func (w *world) hashOf(k uint64) uint64 { return w.HashOf(k, w.h.seed) }
func (w *world) table(i int) *table {
	return *(**table)(unsafe.Pointer(uintptr(w.h.dirPtr) + uintptr(i)*8))
}
func (w *world) group(t *table, i uint64) *group {
	return (*group)(unsafe.Pointer(uintptr(t.groups) + uintptr(i)*w.gsize))
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
			if g.ctrl[s]&0x80 == 0 && w.key(g, s) == k {
				return -1, 0, s, g
			}
		}
		return -1, 0, -1, nil
	}
	hv := w.hashOf(k)
	t := w.table(w.dirIndex(hv))
	off := (hv >> 7) & t.lengthMask
	for i := uint64(1); ; i++ {
		g = w.group(t, off)
		empty := false
		for s = 0; s < 8; s++ {
			if g.ctrl[s] == uint8(hv&0x7f) && w.key(g, s) == k {
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
			f(w.group(t, j))
		}
	})
}
func (w *world) EachEntry(f func(place uintptr)) {
	w.eachGroup(func(g *group) {
		g.each(func(s int) { f(uintptr(w.slot(g, s))) })
	})
}

// tombstonesIn counts those of one table; a map without tables has none.
func (w *world) tombstonesIn(t *table) (n int) {
	if t == nil {
		return 0
	}
	for j := uint64(0); j <= t.lengthMask; j++ {
		for _, c := range w.group(t, j).ctrl {
			if c == 0xfe {
				n++
			}
		}
	}
	return n
}

// inTables counts tombstones, tables, and the slots of all tables; of a map without tables, those of its one group.
func (w *world) inTables() (tombstones, tables, slots int) {
	if w.h.dirLen == 0 {
		return 0, 0, 8
	}
	w.eachTable(func(_ int, t *table) {
		tombstones += w.tombstonesIn(t)
		tables++
		slots += int(t.capacity)
	})
	return
}

func (w *world) addGroup(f *record.Fnv, g *group) {
	for s := 0; s < 8; s++ {
		f.Byte(g.ctrl[s])
	}
	g.each(func(s int) { f.Uint64(w.key(g, s)); f.Uint64(w.val(g, s)) })
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
		w.addGroup(&f, (*group)(h.dirPtr))
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
			w.addGroup(&f, w.group(t, j))
		}
	}
	return uint64(f)
}

func (w *world) groupStr(out *bufio.Writer, g *group) {
	out.WriteByte('"')
	out.WriteString(hex.EncodeToString(g.ctrl[:]))
	out.WriteByte(' ')
	for s := 0; s < 8; s++ {
		if s > 0 {
			out.WriteByte(',')
		}
		if g.ctrl[s]&0x80 == 0 {
			fmt.Fprint(out, w.key(g, s))
		} else if *record.Stale && w.key(g, s) != 0 {
			fmt.Fprintf(out, "~%d/%d", w.key(g, s), w.val(g, s))
		} else {
			out.WriteByte('.')
		}
	}
	out.WriteByte('"')
}
