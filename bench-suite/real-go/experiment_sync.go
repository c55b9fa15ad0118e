package main

import (
	"math"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"
)

// syncEntries is how many keys the maps hold whose allocations are counted.
const syncEntries = 10_000

// allocated is what a piece of work allocated: objects and bytes.
type allocated struct{ objects, bytes float64 }

// allocatedBy counts what the work allocates that prepare gives. The runtime allocates now and
// then for itself: of five runs the least counts, with the collector at rest.
func allocatedBy(prepare func() (work func())) allocated {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	least := allocated{math.Inf(1), math.Inf(1)}
	for run := 0; run < 5; run++ {
		work := prepare()
		runtime.ReadMemStats(&before)
		work()
		runtime.ReadMemStats(&after)
		least.objects = math.Min(least.objects, float64(after.Mallocs-before.Mallocs))
		least.bytes = math.Min(least.bytes, float64(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

func (a allocated) per(operations int) allocated {
	return allocated{a.objects / float64(operations), a.bytes / float64(operations)}
}

// boxedKeys gives keys that are interfaces already, so that no allocation of theirs is counted.
func boxedKeys(from, count int) []interface{} {
	keys := make([]interface{}, count)
	for i := range keys {
		keys[i] = uint64(from + i)
	}
	return keys
}

// syncValue is the value that is stored: one that needs no allocation to become an interface.
const syncValue = uint64(7)

// promotedMap holds the keys in its read map only.
func promotedMap(keys []interface{}) *sync.Map {
	m := new(sync.Map)
	for _, key := range keys {
		m.Store(key, syncValue)
	}
	m.Range(func(_, _ interface{}) bool { return false })
	return m
}

// syncExperiment asks what the operations of sync.Map allocate, and how it counts misses.
func syncExperiment() (figures, error) {
	found := figures{}
	addFirstStore(found)
	addRestore(found)
	addNewKey(found)
	_, dirty := reflect.TypeOf((*sync.Map)(nil)).Elem().FieldByName("dirty")
	found["has_dirty"] = dirty
	if !dirty {
		return found, nil
	}
	if err := addMisses(found); err != nil {
		return unknown(err)
	}
	if err := addPromotion(found); err != nil {
		return unknown(err)
	}
	if err := addExpunged(found); err != nil {
		return unknown(err)
	}
	return found, nil
}

// addFirstStore stores one key into each of many fresh maps.
func addFirstStore(found figures) {
	const maps = 1000
	key := interface{}(uint64(1))
	per := allocatedBy(func() func() {
		fresh := make([]sync.Map, maps)
		return func() {
			for i := range fresh {
				fresh[i].Store(key, syncValue)
			}
		}
	}).per(maps)
	found["first_store_allocations"], found["first_store_bytes"] = per.objects, per.bytes
}

// addRestore deletes half of the keys, and stores the same keys again.
func addRestore(found figures) {
	keys := boxedKeys(1000, syncEntries)
	half := keys[:syncEntries/2]
	deleteHalf := func(m *sync.Map) {
		for _, key := range half {
			m.Delete(key)
		}
	}
	deleted := allocatedBy(func() func() {
		m := promotedMap(keys)
		return func() { deleteHalf(m) }
	}).per(len(half))
	restored := allocatedBy(func() func() {
		m := promotedMap(keys)
		deleteHalf(m)
		return func() {
			for _, key := range half {
				m.Store(key, syncValue)
			}
		}
	}).per(len(half))
	found["delete_allocations"] = deleted.objects
	found["restore_allocations"], found["restore_bytes"] = restored.objects, restored.bytes
}

// addNewKey stores the first new key after a promotion.
func addNewKey(found figures) {
	keys, key := boxedKeys(1000, syncEntries), interface{}(uint64(1))
	first := allocatedBy(func() func() {
		m := promotedMap(keys)
		return func() { m.Store(key, syncValue) }
	})
	found["new_key_allocations"], found["new_key_bytes"] = first.objects, first.bytes
}

// syncMemory reads the fields of a sync.Map that has a read and a dirty map (Go 1.19 to 1.23).
type syncMemory struct {
	m                   *sync.Map
	read, dirty, misses uintptr
}

// syncEntry mirrors sync.entry: a pointer to the value, nil when deleted, or the mark of expunged.
type syncEntry struct{ p unsafe.Pointer }

// syncRead mirrors sync.readOnly.
type syncRead struct {
	m       map[interface{}]*syncEntry
	amended bool
}

// openSync finds the fields by their names. Its error is errUnknownMap.
func openSync(m *sync.Map) (*syncMemory, error) {
	layout := reflect.TypeOf(m).Elem()
	read, okRead := layout.FieldByName("read")
	dirty, okDirty := layout.FieldByName("dirty")
	misses, okMisses := layout.FieldByName("misses")
	if !okRead || !okDirty || !okMisses || dirty.Type.Kind() != reflect.Map || misses.Type.Kind() != reflect.Int {
		return nil, errUnknownMap
	}
	// The read map is behind the last word: the pointer of atomic.Pointer, the data of atomic.Value.
	at := read.Offset + read.Type.Size() - unsafe.Sizeof(uintptr(0))
	return &syncMemory{m: m, read: at, dirty: dirty.Offset, misses: misses.Offset}, nil
}

func (v *syncMemory) readMap() syncRead {
	p := *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(v.m), v.read))
	if p == nil {
		return syncRead{}
	}
	return *(*syncRead)(p)
}

func (v *syncMemory) dirtyMap() map[interface{}]*syncEntry {
	return *(*map[interface{}]*syncEntry)(unsafe.Add(unsafe.Pointer(v.m), v.dirty))
}

func (v *syncMemory) missCount() int {
	return *(*int)(unsafe.Add(unsafe.Pointer(v.m), v.misses))
}

// dirtyLength is the length of the dirty map, or -1 when there is none.
func (v *syncMemory) dirtyLength() int {
	if dirty := v.dirtyMap(); dirty != nil {
		return len(dirty)
	}
	return -1
}

// addMisses loads an absent key three times, with and without a dirty map.
func addMisses(found figures) error {
	plain, err := openSync(promotedMap(boxedKeys(0, 4)))
	if err != nil {
		return err
	}
	amended, err := openSync(new(sync.Map))
	if err != nil {
		return err
	}
	amended.m.Store(uint64(0), syncValue)
	found["amended_after_first_store"] = amended.readMap().amended
	for key := uint64(1); key < 4; key++ {
		amended.m.Store(key, syncValue)
	}
	if plain.readMap().amended || len(plain.readMap().m) != 4 || len(amended.dirtyMap()) != 4 {
		return errUnknownMap
	}
	for i := 0; i < 3; i++ {
		plain.m.Load(uint64(9))
		amended.m.Load(uint64(9))
	}
	found["misses_unamended"], found["misses_amended"] = plain.missCount(), amended.missCount()
	return nil
}

// addPromotion lets a Delete, and in a second map a Load, promote the dirty map.
func addPromotion(found figures) error {
	v, err := openSync(new(sync.Map))
	if err != nil {
		return err
	}
	for key := uint64(0); key < 4; key++ {
		v.m.Store(key, syncValue)
	}
	v.m.Load(uint64(9))
	v.m.Delete(uint64(8))
	perDelete := v.missCount() - 1
	v.m.Load(uint64(9))
	missesBefore, dirty := v.missCount(), v.dirtyMap()
	v.m.Delete(uint64(0))
	if v.dirtyMap() != nil {
		return errUnknownMap
	}
	// The promotion sets misses back; what it saw is the count before it and the miss of the Delete itself.
	found["promoted_misses"], found["promoted_dirty"] = missesBefore+perDelete, len(dirty)

	promoting, absent, err := nearPromotion()
	if err != nil {
		return err
	}
	old := reflect.ValueOf(promoting.dirtyMap()).Pointer()
	promoting.m.Load(absent)
	found["promotion_same_map"] = reflect.ValueOf(promoting.readMap().m).Pointer() == old
	found["misses_after"], found["dirty_after"] = promoting.missCount(), promoting.dirtyLength()
	load := allocatedBy(func() func() {
		next, absent, _ := nearPromotion()
		return func() { next.m.Load(absent) }
	})
	found["promotion_allocations"], found["promotion_bytes"] = load.objects, load.bytes
	return nil
}

// nearPromotion gives a map of two dirty keys and one miss, and a key whose Load promotes them.
func nearPromotion() (v *syncMemory, absent interface{}, err error) {
	v, err = openSync(new(sync.Map))
	if err != nil {
		return nil, nil, err
	}
	for _, key := range boxedKeys(0, 2) {
		v.m.Store(key, syncValue)
	}
	absent = uint64(9)
	v.m.Load(absent)
	return v, absent, nil
}

// addExpunged deletes a key of the read map and stores a new one. The entry that is left in the
// read map is expunged when it points somewhere although the map says its key is absent.
func addExpunged(found figures) error {
	v, err := openSync(promotedMap(boxedKeys(1, 3)))
	if err != nil {
		return err
	}
	v.m.Delete(uint64(1))
	v.m.Store(uint64(5), syncValue)
	expunged := 0
	for key, entry := range v.readMap().m {
		if _, ok := v.m.Load(key); !ok && entry.p != nil {
			expunged++
		}
	}
	found["expunged"] = expunged
	return nil
}
