package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errNoPlace says that a key the map holds was not found in its memory.
var errNoPlace = errors.New("a key of the map was not found in its memory")

// openChecked looks behind a map and compares all it shows with the map.
func openChecked(m map[uint64]uint64) (*mapMemory, error) {
	v, err := openMap(m)
	if err != nil {
		return nil, err
	}
	return v, v.check()
}

// unknown turns errUnknownMap into a line without figures: a later Go may lay its maps out anew.
func unknown(err error) (figures, error) {
	if errors.Is(err, errUnknownMap) {
		return figures{}, nil
	}
	return nil, err
}

// layoutMark is a number whose bytes occur nowhere else in a bucket.
func layoutMark(kind byte, i int) uint64 {
	return 0x7e11c0de00000000 | uint64(kind)<<8 | uint64(i)
}

// layoutExperiment finds the bytes of keys and values in the memory of a bucket.
func layoutExperiment() (figures, error) {
	m := make(map[uint64]uint64)
	for i := 0; i < 8; i++ {
		m[layoutMark('k', i)] = layoutMark('v', i)
	}
	v, err := openChecked(m)
	if err != nil {
		return unknown(err)
	}
	p, ok := v.find(layoutMark('k', 0))
	if !ok {
		return nil, errNoPlace
	}
	found := figures{"slots": len(p.states()), "bucket_bytes": describedBucketBytes()}
	keys, values := markOffsets(p.memory()[:], 'k'), markOffsets(p.memory()[:], 'v')
	found["key_inline"] = len(keys) == 8
	if len(keys) == 8 && len(values) == 8 {
		found["keys_offset"], found["key_stride"] = keys[0], keys[1]-keys[0]
		found["values_offset"], found["value_stride"] = values[0], values[1]-values[0]
		found["state_bytes"] = keys[0]
	}
	single := map[uint64]uint64{1: 1}
	v, err = openChecked(single)
	if err != nil {
		return unknown(err)
	}
	if p, ok = v.find(1); !ok {
		return nil, errNoPlace
	}
	found["fresh_state"] = p.sibling(7).state()
	aligned, err := addressesMod64()
	if err != nil {
		return unknown(err)
	}
	found["address_mod_64"] = aligned
	return found, addOverflowOffset(found)
}

// markOffsets gives the offsets at which the eight marks of a kind stand, in the order of marks.
func markOffsets(memory []byte, kind byte) []int {
	var offsets []int
	for i := 0; i < 8; i++ {
		for at := 0; at+8 <= len(memory); at += 8 {
			if binary.LittleEndian.Uint64(memory[at:]) == layoutMark(kind, i) {
				offsets = append(offsets, at)
			}
		}
	}
	return offsets
}

// addressesMod64 counts how many of 256 buckets start at each of the eight places in a cache line.
func addressesMod64() ([]int, error) {
	// 1000 keys ask for 128 classic buckets, or 2 tables of 128 groups; 1500 for 256 buckets.
	for _, hint := range []int{1000, 1500} {
		m := make(map[uint64]uint64, hint)
		m[1] = 1
		v, err := openChecked(m)
		if err != nil {
			return nil, err
		}
		addresses := v.bucketAddresses()
		if len(addresses) != 256 {
			continue
		}
		counts := make([]int, 8)
		for _, address := range addresses {
			counts[address%64/8]++
		}
		return counts, nil
	}
	return nil, errUnknownMap
}

// articleMap is the map of the article's program: keys 0 to 7, each with ten times itself.
func articleMap() map[uint64]uint64 {
	m := make(map[uint64]uint64)
	for key := uint64(0); key < 8; key++ {
		m[key] = key * 10
	}
	return m
}

// bucketExperiment is the article's program: keys 0 to 7, delete 3, put 100.
func bucketExperiment() (figures, error) {
	m := articleMap()
	v, err := openChecked(m)
	if err != nil {
		return unknown(err)
	}
	freed, ok := v.find(3)
	if !ok {
		return nil, errNoPlace
	}
	found := figures{"states_full": freed.states(), "freed_slot": freed.slot, "bytes_before_delete": v.mapBytes()}
	delete(m, 3)
	found["bytes_after_delete"] = v.mapBytes()
	found["states_deleted"] = freed.states()
	found["stale_key"], found["stale_value"] = freed.key(), freed.value()
	m[100] = 1000
	taken, ok := v.find(100)
	if !ok {
		return nil, errNoPlace
	}
	found["states_put"] = taken.states()
	found["taken_slot"] = taken.slot
	found["same_address"] = taken.address() == freed.address()
	found["overflow_buckets"] = v.overflowBuckets()
	found["length"] = len(m)
	if found["last_slot_state"], err = lastSlotState(); err != nil {
		return nil, err
	}
	words, err := stringKeyWords()
	if err == nil {
		found["string_key_words"] = words
	}
	return found, nil
}

// lastSlotState deletes the key in the last used slot and gives the state of that slot.
func lastSlotState() (int, error) {
	m := articleMap()
	v, err := openChecked(m)
	if err != nil {
		return 0, err
	}
	p, ok := v.find(7)
	if !ok {
		return 0, errNoPlace
	}
	delete(m, 7)
	return p.state(), nil
}

// stringKeyWords gives what is left of a deleted text key: whether its pointer is nil, its length.
func stringKeyWords() ([]int, error) {
	m := make(map[string]int)
	for i := 0; i < 8; i++ {
		m[fmt.Sprintf("key-%d", i)] = i
	}
	for slot := 0; slot < 8; slot++ {
		key, err := stringSlot(m, slot)
		if err != nil {
			return nil, err
		}
		if key.data == nil || key.size != len("key-3") {
			return nil, errUnknownMap
		}
	}
	delete(m, "key-3")
	key, err := stringSlot(m, 3)
	if err != nil {
		return nil, err
	}
	null := 0
	if key.data == nil {
		null = 1
	}
	return []int{null, key.size}, nil
}

// bucketPathsExperiment puts the keys 0 to 3 into maps of four buckets, each map with its own seed.
func bucketPathsExperiment() (figures, error) {
	found := figures{}
	for _, name := range []string{"go_seed_a", "go_seed_b"} {
		m := make(map[uint64]uint64, 20)
		for key := uint64(0); key < 4; key++ {
			m[key] = key
		}
		v, err := openChecked(m)
		if err != nil {
			return unknown(err)
		}
		if len(v.bucketAddresses()) != 4 {
			return figures{}, nil
		}
		paths := make([]int, 4)
		for key := range paths {
			p, ok := v.find(uint64(key))
			if !ok {
				return nil, errNoPlace
			}
			paths[key] = p.index
		}
		found[name] = paths
	}
	return found, nil
}
