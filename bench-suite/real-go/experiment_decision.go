package main

import "runtime"

// sink keeps results alive that nobody reads.
var sink uint64

// collect runs the garbage collector that many times.
func collect(times int) {
	for i := 0; i < times; i++ {
		runtime.GC()
	}
}

// addLaterTaken frees a slot while all later slots of its bucket hold keys.
func addLaterTaken(found figures) error {
	m := articleMap()
	v, err := openChecked(m)
	if err != nil {
		return err
	}
	freed, ok := v.find(3)
	if !ok {
		return errNoPlace
	}
	delete(m, 3)
	m[100] = 1000
	taken, ok := v.find(100)
	if !ok {
		return errNoPlace
	}
	found["later_taken_reused"] = taken.address() == freed.address()
	return nil
}

// addFirstAfterRest deletes a key after which its bucket has no key.
func addFirstAfterRest(found figures) error {
	m := map[uint64]uint64{0: 0, 1: 10, 2: 20, 3: 30}
	v, err := openChecked(m)
	if err != nil {
		return err
	}
	// Find the key in the last used slot by reading, not by trusting the order of inserts.
	last := slotPlace{}
	for key := range m {
		if p, ok := v.find(key); ok && p.slot >= last.slot {
			last = p
		}
	}
	delete(m, last.key())
	found["first_after_rest"] = last.state()
	return nil
}

// addGrowsByDelete empties a full map and counts the grows.
func addGrowsByDelete(found figures) error {
	const live = 100_000
	m := make(map[uint64]uint64)
	for key := uint64(0); key < live; key++ {
		m[key] = key
	}
	v, err := openChecked(m)
	if err != nil {
		return err
	}
	grows, shape := 0, v.shape()
	found["array_bytes_before_delete"] = v.arrayBytes()
	for key := uint64(0); key < live; key++ {
		delete(m, key)
		if now := v.shape(); now != shape {
			grows, shape = grows+1, now
		}
	}
	found["array_bytes_after_delete"] = v.arrayBytes()
	found["grows_by_delete"] = grows
	return v.check()
}
