//go:build !go1.24

package main

import (
	"errors"
	"unsafe"
)

// mapFamily and syncFamily name what stands behind map and sync.Map in this Go.
const (
	mapFamily  = "classic"
	syncFamily = "sync-map"
)

// errUnknownMap says that the memory of this Go's maps does not look as the mirrors below expect.
var errUnknownMap = errors.New("the memory of this Go's maps is not laid out as expected")

// hmap mirrors runtime.hmap of Go 1.19 to 1.23.
type hmap struct {
	count      int
	flags      uint8
	B          uint8
	noverflow  uint16
	hash0      uint32
	buckets    unsafe.Pointer
	oldbuckets unsafe.Pointer
	nevacuate  uintptr
	extra      unsafe.Pointer
}

// bmap mirrors one bucket of map[uint64]uint64; next is the overflow bucket.
type bmap struct {
	tophash [8]uint8
	keys    [8]uint64
	values  [8]uint64
	next    *bmap
}

// What a tophash below minTopHash says.
const (
	emptyRest     = 0
	evacuatedLow  = 2
	evacuatedHigh = 4
	minTopHash    = 5
	sameSizeGrow  = 8
)

const bucketBytes = int(unsafe.Sizeof(bmap{}))

// Offsets in the descriptor of a map type.
const (
	descriptorHasher     = 72
	descriptorBucketSize = 82
)

// mapMemory reads the memory behind a map.
type mapMemory struct {
	m    map[uint64]uint64
	head *hmap
	hash func(unsafe.Pointer, uintptr) uintptr
}

// eface mirrors an empty interface.
type eface struct{ descriptor, data unsafe.Pointer }

// openMap looks behind m. Its error is errUnknownMap.
func openMap(m map[uint64]uint64) (*mapMemory, error) {
	var boxed interface{} = m
	e := (*eface)(unsafe.Pointer(&boxed))
	if int(*(*uint16)(unsafe.Add(e.descriptor, descriptorBucketSize))) != bucketBytes {
		return nil, errUnknownMap
	}
	v := &mapMemory{m: m, head: (*hmap)(e.data)}
	if v.head.count != len(m) {
		return nil, errUnknownMap
	}
	v.hash = *(*func(unsafe.Pointer, uintptr) uintptr)(unsafe.Add(e.descriptor, descriptorHasher))
	return v, nil
}

// describedBucketBytes is the size of a bucket as the type's descriptor gives it.
func describedBucketBytes() int {
	var boxed interface{} = map[uint64]uint64(nil)
	e := (*eface)(unsafe.Pointer(&boxed))
	return int(*(*uint16)(unsafe.Add(e.descriptor, descriptorBucketSize)))
}

func (v *mapMemory) hashOf(key uint64) uint64 {
	return uint64(v.hash(unsafe.Pointer(&key), uintptr(v.head.hash0)))
}

func (v *mapMemory) growing() bool { return v.head.oldbuckets != nil }

// buckets is how many buckets the present array has, overflow buckets not counted.
func (v *mapMemory) buckets() int { return 1 << v.head.B }

func (v *mapMemory) oldBuckets() int {
	if v.head.flags&sameSizeGrow != 0 {
		return 1 << v.head.B
	}
	return 1 << (v.head.B - 1)
}

func (v *mapMemory) bucket(index int) *bmap {
	return (*bmap)(unsafe.Add(v.head.buckets, index*bucketBytes))
}

func (v *mapMemory) oldBucket(index int) *bmap {
	return (*bmap)(unsafe.Add(v.head.oldbuckets, index*bucketBytes))
}

func (b *bmap) evacuated() bool {
	return b.tophash[0] >= evacuatedLow && b.tophash[0] <= evacuatedHigh
}

// slotPlace is where a key stands: bucket number, position in its chain, slot.
type slotPlace struct {
	bucket   *bmap
	index    int
	position int
	slot     int
	old      bool // still in the array that is being evacuated
}

// find gives the place of a key, as a lookup would find it.
func (v *mapMemory) find(key uint64) (slotPlace, bool) {
	if v.head.buckets == nil {
		return slotPlace{}, false
	}
	hash := v.hashOf(key)
	p := slotPlace{index: int(hash & uint64(v.buckets()-1))}
	p.bucket = v.bucket(p.index)
	if v.growing() {
		index := int(hash & uint64(v.oldBuckets()-1))
		if b := v.oldBucket(index); !b.evacuated() {
			p = slotPlace{bucket: b, index: index, old: true}
		}
	}
	for ; p.bucket != nil; p.bucket, p.position = p.bucket.next, p.position+1 {
		for p.slot = 0; p.slot < 8; p.slot++ {
			if p.bucket.tophash[p.slot] >= minTopHash && p.bucket.keys[p.slot] == key {
				return p, true
			}
		}
	}
	return slotPlace{}, false
}

func (p slotPlace) states() []int              { return stateList(p.bucket.tophash[:]) }
func (p slotPlace) key() uint64                { return p.bucket.keys[p.slot] }
func (p slotPlace) value() uint64              { return p.bucket.values[p.slot] }
func (p slotPlace) state() int                 { return int(p.bucket.tophash[p.slot]) }
func (p slotPlace) address() uintptr           { return uintptr(unsafe.Pointer(&p.bucket.keys[p.slot])) }
func (p slotPlace) memory() *[144]byte         { return (*[144]byte)(unsafe.Pointer(p.bucket)) }
func (p slotPlace) sibling(slot int) slotPlace { p.slot = slot; return p }

// check compares what the mirror shows with what the map says: every live slot holds a key of
// the map, with its value, in the bucket and under the tophash its hash asks for.
func (v *mapMemory) check() error {
	live := 0
	visit := func(b *bmap, index, buckets int) bool {
		for ; b != nil; b = b.next {
			for slot, top := range b.tophash {
				if top < minTopHash {
					continue
				}
				hash := v.hashOf(b.keys[slot])
				want := uint8(hash >> 56)
				if want < minTopHash {
					want += minTopHash
				}
				value, ok := v.m[b.keys[slot]]
				if !ok || value != b.values[slot] || want != top || int(hash&uint64(buckets-1)) != index {
					return false
				}
				live++
			}
		}
		return true
	}
	if v.head.buckets != nil {
		for i := 0; i < v.buckets(); i++ {
			if !visit(v.bucket(i), i, v.buckets()) {
				return errUnknownMap
			}
		}
	}
	if v.growing() {
		for i := 0; i < v.oldBuckets(); i++ {
			if b := v.oldBucket(i); !b.evacuated() && !visit(b, i, v.oldBuckets()) {
				return errUnknownMap
			}
		}
	}
	if live != len(v.m) || v.head.count != len(v.m) {
		return errUnknownMap
	}
	return nil
}

// overflowBuckets is how many overflow buckets the map says it has.
func (v *mapMemory) overflowBuckets() int { return int(v.head.noverflow) }

// arrayBytes is the memory of the present bucket array and its overflow buckets.
func (v *mapMemory) arrayBytes() int {
	if v.head.buckets == nil {
		return 0
	}
	return (v.buckets() + v.overflowBuckets()) * bucketBytes
}

// mapBytes is the memory of the map: header, arrays, overflow buckets.
func (v *mapMemory) mapBytes() int {
	bytes := int(unsafe.Sizeof(hmap{})) + v.arrayBytes()
	if v.growing() {
		bytes += v.oldBuckets() * bucketBytes
	}
	return bytes
}

// shape changes when, and only when, the map starts a grow.
func (v *mapMemory) shape() uint64 { return uint64(uintptr(v.head.buckets)) }

// bucketAddresses gives the addresses of the buckets of the present array.
func (v *mapMemory) bucketAddresses() []uintptr {
	addresses := make([]uintptr, v.buckets())
	for i := range addresses {
		addresses[i] = uintptr(unsafe.Pointer(v.bucket(i)))
	}
	return addresses
}

// stringBucket mirrors one bucket of map[string]int.
type stringBucket struct {
	tophash [8]uint8
	keys    [8]stringHeader
	values  [8]int
	next    unsafe.Pointer
}

// stringHeader mirrors a string.
type stringHeader struct {
	data unsafe.Pointer
	size int
}

// stringSlot gives the words of the key in a slot of a one-bucket map[string]int.
func stringSlot(m map[string]int, slot int) (*stringHeader, error) {
	var boxed interface{} = m
	e := (*eface)(unsafe.Pointer(&boxed))
	size := uintptr(*(*uint16)(unsafe.Add(e.descriptor, descriptorBucketSize)))
	head := (*hmap)(e.data)
	if size != unsafe.Sizeof(stringBucket{}) || head.count != len(m) || head.B != 0 || head.buckets == nil {
		return nil, errUnknownMap
	}
	return &(*stringBucket)(head.buckets).keys[slot], nil
}
