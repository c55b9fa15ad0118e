package main

import "unsafe"

// clearAll is clear(m), which the language has since 1.21. Before, the compiler made it of a loop that deletes every
// key, but not of keys like floats, which may be unequal to themselves. Needs -ldflags=-checklinkname=0 on Go >= 1.23.
func clearAll[K comparable](m map[K]uint64) { clearHeader(m) }

func clearAny(m map[any]uint64) { clearHeader(m) }

func clearHeader(m any) {
	e := (*eface)(unsafe.Pointer(&m))
	mapclear(e.typ, e.data)
}

//go:linkname mapclear runtime.mapclear
func mapclear(typ, header unsafe.Pointer)
