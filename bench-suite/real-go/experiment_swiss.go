//go:build go1.24

package main

import (
	"errors"
	"unsafe"
)

// mapFamily and syncFamily name what stands behind map and sync.Map in this Go.
const (
	mapFamily  = "swiss"
	syncFamily = "hash-trie"
)

// errUnknownMap says that the memory of this Go's maps does not look as the mirrors below expect.
var errUnknownMap = errors.New("the memory of this Go's maps is not laid out as expected")

// swissMap mirrors the part of internal/runtime/maps.Map that has not moved since Go 1.24.
type swissMap struct {
	used        uint64
	seed        uintptr
	dirPtr      unsafe.Pointer
	dirLen      int
	globalDepth uint8
	globalShift uint8
}

// swissMapBytes is the size of the whole header.
const swissMapBytes = 48

// table mirrors internal/runtime/maps.table.
type table struct {
	used       uint16
	capacity   uint16
	growthLeft uint16
	localDepth uint8
	index      int
	groups     unsafe.Pointer
	lengthMask uint64
}

// group mirrors one group of map[uint64]uint64.
type group struct {
	ctrl  [8]uint8
	slots [8]struct{ key, value uint64 }
}

// A control byte with this bit set holds no key.
const emptyBit = 0x80

const bucketBytes = int(unsafe.Sizeof(group{}))

// Offsets in the descriptor of a map type.
const (
	descriptorHasher    = 72
	descriptorGroupSize = 80
)

// mapMemory reads the memory behind a map.
type mapMemory struct {
	m    map[uint64]uint64
	head *swissMap
	hash func(unsafe.Pointer, uintptr) uintptr
}

// eface mirrors an empty interface.
type eface struct{ descriptor, data unsafe.Pointer }

// openMap looks behind m. Its error is errUnknownMap.
func openMap(m map[uint64]uint64) (*mapMemory, error) {
	var boxed interface{} = m
	e := (*eface)(unsafe.Pointer(&boxed))
	if describedBucketBytes() != bucketBytes {
		return nil, errUnknownMap
	}
	v := &mapMemory{m: m, head: (*swissMap)(e.data)}
	if v.head.used != uint64(len(m)) {
		return nil, errUnknownMap
	}
	v.hash = *(*func(unsafe.Pointer, uintptr) uintptr)(unsafe.Add(e.descriptor, descriptorHasher))
	return v, nil
}

// describedBucketBytes is the size of a group as the type's descriptor gives it.
func describedBucketBytes() int {
	var boxed interface{} = map[uint64]uint64(nil)
	e := (*eface)(unsafe.Pointer(&boxed))
	return int(*(*uintptr)(unsafe.Add(e.descriptor, descriptorGroupSize)))
}

func (v *mapMemory) hashOf(key uint64) uint64 {
	return uint64(v.hash(unsafe.Pointer(&key), v.head.seed))
}

func (v *mapMemory) table(index int) *table {
	return *(**table)(unsafe.Add(v.head.dirPtr, index*int(unsafe.Sizeof(uintptr(0)))))
}

func (t *table) group(index uint64) *group {
	return (*group)(unsafe.Add(t.groups, int(index)*bucketBytes))
}

// tables visits every table once, in the order of the directory.
func (v *mapMemory) tables(visit func(t *table)) {
	for i := 0; i < v.head.dirLen; i++ {
		if t := v.table(i); t.index == i {
			visit(t)
		}
	}
}

// slotPlace is where a key stands: group number in its table, slot.
type slotPlace struct {
	bucket *group
	index  int
	slot   int
}

// find gives the place of a key, as a lookup would find it.
func (v *mapMemory) find(key uint64) (slotPlace, bool) {
	if v.head.dirPtr == nil {
		return slotPlace{}, false
	}
	if v.head.dirLen == 0 {
		p := slotPlace{bucket: (*group)(v.head.dirPtr)}
		slot := p.bucket.slotOf(key)
		p.slot = slot
		return p, slot >= 0
	}
	hash := v.hashOf(key)
	t := v.table(0)
	if v.head.dirLen > 1 {
		t = v.table(int(hash >> (v.head.globalShift & 63)))
	}
	offset := (hash >> 7) & t.lengthMask
	for step := uint64(1); step <= t.lengthMask+1; step++ {
		p := slotPlace{bucket: t.group(offset), index: int(offset)}
		if p.slot = p.bucket.slotOf(key); p.slot >= 0 {
			return p, true
		}
		offset = (offset + step) & t.lengthMask
	}
	return slotPlace{}, false
}

// slotOf gives the slot of the live key in this group, or -1.
func (g *group) slotOf(key uint64) int {
	for slot := range g.ctrl {
		if g.ctrl[slot]&emptyBit == 0 && g.slots[slot].key == key {
			return slot
		}
	}
	return -1
}

func (p slotPlace) states() []int              { return stateList(p.bucket.ctrl[:]) }
func (p slotPlace) key() uint64                { return p.bucket.slots[p.slot].key }
func (p slotPlace) value() uint64              { return p.bucket.slots[p.slot].value }
func (p slotPlace) state() int                 { return int(p.bucket.ctrl[p.slot]) }
func (p slotPlace) address() uintptr           { return uintptr(unsafe.Pointer(&p.bucket.slots[p.slot])) }
func (p slotPlace) memory() *[136]byte         { return (*[136]byte)(unsafe.Pointer(p.bucket)) }
func (p slotPlace) sibling(slot int) slotPlace { p.slot = slot; return p }

// check compares what the mirror shows with what the map says: every live slot holds a key of
// the map, with its value, under the control byte its hash asks for, where a lookup finds it.
func (v *mapMemory) check() error {
	live, sound := 0, true
	visit := func(g *group) {
		for slot, ctrl := range g.ctrl {
			if ctrl&emptyBit != 0 {
				continue
			}
			key := g.slots[slot].key
			value, ok := v.m[key]
			p, found := v.find(key)
			if !ok || value != g.slots[slot].value || uint64(ctrl) != v.hashOf(key)&0x7f || !found || p.bucket != g {
				sound = false
			}
			live++
		}
	}
	switch {
	case v.head.dirPtr == nil:
	case v.head.dirLen == 0:
		visit((*group)(v.head.dirPtr))
	case v.head.dirLen != 1<<v.head.globalDepth:
		return errUnknownMap
	default:
		v.tables(func(t *table) {
			if uint64(t.capacity) != 8*(t.lengthMask+1) {
				sound = false
				return
			}
			for i := uint64(0); i <= t.lengthMask; i++ {
				visit(t.group(i))
			}
		})
	}
	if !sound || live != len(v.m) || v.head.used != uint64(len(v.m)) {
		return errUnknownMap
	}
	return nil
}

// overflowBuckets counts the groups beyond the first a small map has: a group has no chain.
func (v *mapMemory) overflowBuckets() int {
	if v.head.dirLen == 0 {
		return 0
	}
	return v.arrayBytes()/bucketBytes - 1
}

// arrayBytes is the memory of all groups.
func (v *mapMemory) arrayBytes() int {
	switch {
	case v.head.dirPtr == nil:
		return 0
	case v.head.dirLen == 0:
		return bucketBytes
	}
	bytes := 0
	v.tables(func(t *table) { bytes += int(t.lengthMask+1) * bucketBytes })
	return bytes
}

// mapBytes is the memory of the map: header, directory, tables, groups.
func (v *mapMemory) mapBytes() int {
	bytes := swissMapBytes + v.arrayBytes() + v.head.dirLen*int(unsafe.Sizeof(uintptr(0)))
	if v.head.dirLen > 0 {
		v.tables(func(*table) { bytes += int(unsafe.Sizeof(table{})) })
	}
	return bytes
}

// shape changes when, and only when, a table grows or splits: it mixes the addresses of all tables.
func (v *mapMemory) shape() uint64 {
	mixed := uint64(uintptr(v.head.dirPtr))
	for i := 0; i < v.head.dirLen; i++ {
		mixed = mixed*31 + uint64(uintptr(unsafe.Pointer(v.table(i))))
	}
	return mixed
}

// bucketAddresses gives the addresses of all groups.
func (v *mapMemory) bucketAddresses() []uintptr {
	var addresses []uintptr
	v.tables(func(t *table) {
		for i := uint64(0); i <= t.lengthMask; i++ {
			addresses = append(addresses, uintptr(unsafe.Pointer(t.group(i))))
		}
	})
	return addresses
}

// stringGroup mirrors one group of map[string]int.
type stringGroup struct {
	ctrl  [8]uint8
	slots [8]struct {
		key   stringHeader
		value int
	}
}

// stringHeader mirrors a string.
type stringHeader struct {
	data unsafe.Pointer
	size int
}

// stringSlot gives the words of the key in a slot of a one-group map[string]int.
func stringSlot(m map[string]int, slot int) (*stringHeader, error) {
	var boxed interface{} = m
	e := (*eface)(unsafe.Pointer(&boxed))
	size := *(*uintptr)(unsafe.Add(e.descriptor, descriptorGroupSize))
	head := (*swissMap)(e.data)
	if size != unsafe.Sizeof(stringGroup{}) || head.used != uint64(len(m)) || head.dirLen != 0 || head.dirPtr == nil {
		return nil, errUnknownMap
	}
	return &(*stringGroup)(head.dirPtr).slots[slot].key, nil
}
