//go:build !go1.24

package main

import "unsafe"

// addOverflowOffset adds where a bucket keeps the pointer to its overflow bucket. The chain of
// the experiment proves that the mirror's field is the right one: its keys are found through it.
func addOverflowOffset(found figures) error {
	c, err := newChain(11)
	if err != nil {
		return err
	}
	last, ok := c.v.find(c.keys[10])
	if !ok || last.position != 1 {
		return errUnknownMap
	}
	found["overflow_offset"] = int(unsafe.Offsetof(bmap{}.next))
	return nil
}

// chain is a map of two buckets (B=1), all of whose keys are in the same bucket.
type chain struct {
	m    map[uint64]uint64
	v    *mapMemory
	keys []uint64
	next uint64
	// grewAtNinth says whether the key that found its bucket full made the map grow.
	grewAtNinth bool
}

// newChain fills one bucket, and its overflow bucket, with count keys; at most 12 fit.
func newChain(count int) (*chain, error) {
	m := make(map[uint64]uint64, 9)
	v, err := openMap(m)
	if err != nil {
		return nil, err
	}
	c := &chain{m: m, v: v}
	for len(c.keys) < count {
		shape := v.shape()
		if _, err := c.put(); err != nil {
			return nil, err
		}
		if len(c.keys) == 9 {
			c.grewAtNinth = v.growing() || v.buckets() != 2 || (shape != 0 && v.shape() != shape)
		}
	}
	return c, v.check()
}

// put inserts the next new key that belongs to the bucket of the first one, and says where it is.
func (c *chain) put() (slotPlace, error) {
	for {
		key := c.next
		c.next++
		if len(c.keys) > 0 && (c.v.hashOf(key)^c.v.hashOf(c.keys[0]))&1 != 0 {
			continue
		}
		c.m[key] = key
		p, ok := c.v.find(key)
		if !ok {
			return p, errNoPlace
		}
		c.keys = append(c.keys, key)
		return p, nil
	}
}

// tailExperiment deletes keys of a full bucket: slot 3 first, then from its end.
func tailExperiment() (figures, error) {
	m := articleMap()
	v, err := openChecked(m)
	if err != nil {
		return unknown(err)
	}
	names := []string{"after_0", "after_1", "after_2", "after_3", "after_4"}
	p, ok := v.find(0)
	if !ok {
		return nil, errNoPlace
	}
	found := figures{}
	for i, slot := range []int{3, 7, 5, 6, 4} {
		delete(m, p.sibling(slot).key())
		found[names[i]] = p.states()
	}
	return found, v.check()
}

// overflowExperiment puts 11 keys into one bucket of two.
func overflowExperiment() (figures, error) {
	c, err := newChain(11)
	if err != nil {
		return unknown(err)
	}
	first, ok := c.v.find(c.keys[0])
	last, found := c.v.find(c.keys[10])
	if !ok || !found {
		return nil, errNoPlace
	}
	return figures{
		"full_bucket_grew": c.grewAtNinth,
		"overflow_buckets": c.v.overflowBuckets(),
		"chain_states":     append(first.states(), last.states()...),
	}, nil
}

// decisionExperiment asks what an insert does with a freed slot, and what a delete writes.
func decisionExperiment() (figures, error) {
	found := figures{}
	for _, add := range []func(figures) error{addChainReuse, addGrowingReuse, addLaterTaken, addRest, addFirstAfterRest} {
		if err := add(found); err != nil {
			return unknown(err)
		}
	}
	return found, nil
}

// addChainReuse frees a slot of a bucket that has an overflow bucket.
func addChainReuse(found figures) error {
	c, err := newChain(11)
	if err != nil {
		return err
	}
	freed, ok := c.v.find(c.keys[2])
	if !ok {
		return errNoPlace
	}
	delete(c.m, c.keys[2])
	taken, err := c.put()
	found["chain_reused"] = taken.address() == freed.address()
	return err
}

// addGrowingReuse deletes and inserts while the map grows. A pair counts when the freed slot is
// the first empty one of its chain, and the map still grows after the insert.
func addGrowingReuse(found figures) error {
	m := make(map[uint64]uint64)
	v, err := openMap(m)
	if err != nil {
		return err
	}
	next := uint64(0)
	for ; !v.growing() || v.buckets() < 1024; next++ {
		m[next] = next
	}
	if err := v.check(); err != nil {
		return err
	}
	pairs, reused := 0, 0
	for key := uint64(0); key < next && v.growing(); key++ {
		before, ok := v.find(key)
		if !ok {
			return errNoPlace
		}
		delete(m, key)
		if before.old || !v.growing() || !firstEmpty(v.bucket(before.index), before) {
			continue
		}
		fresh := next + key
		for int(v.hashOf(fresh)&uint64(v.buckets()-1)) != before.index {
			fresh += 1 << 20
		}
		m[fresh] = fresh
		after, ok := v.find(fresh)
		if !ok {
			return errNoPlace
		}
		if v.growing() {
			pairs++
			if after.address() == before.address() {
				reused++
			}
		}
	}
	found["growing"] = pairs > 0
	found["growing_pairs"], found["growing_reused"] = pairs, reused
	return v.check()
}

// firstEmpty says whether p is the first empty slot of the chain that starts at b.
func firstEmpty(b *bmap, p slotPlace) bool {
	for ; b != nil; b = b.next {
		for slot, top := range b.tophash {
			if top < evacuatedLow {
				return b == p.bucket && slot == p.slot
			}
		}
	}
	return false
}

// addRest fills a map and watches the inserts that find their bucket without any key.
func addRest(found figures) error {
	m := make(map[uint64]uint64, 1500)
	v, err := openMap(m)
	if err != nil {
		return err
	}
	inserts, accepted := 0, 0
	for key := uint64(0); key < 1500; key++ {
		b := v.bucket(int(v.hashOf(key) & uint64(v.buckets()-1)))
		first := b.tophash[0] == emptyRest
		overflow, shape := v.overflowBuckets(), v.shape()
		m[key] = key
		if !first {
			continue
		}
		inserts++
		if p, ok := v.find(key); ok && p.bucket == b && p.slot == 0 && v.overflowBuckets() == overflow && v.shape() == shape {
			accepted++
		}
	}
	found["rest_inserts"], found["rest_accepted"] = inserts, accepted
	return v.check()
}

// growthExperiment asks what moves a growing map on, and whether deletes make one grow.
func growthExperiment() (figures, error) {
	m := make(map[uint64]uint64)
	v, err := openMap(m)
	if err != nil {
		return unknown(err)
	}
	for key := uint64(0); !v.growing() || v.buckets() < 256; key++ {
		m[key] = key
	}
	if err := v.check(); err != nil {
		return unknown(err)
	}
	found := figures{"evacuated_before": int(v.head.nevacuate)}
	collect(10)
	found["evacuated_after_gc"] = int(v.head.nevacuate)
	for key := uint64(0); key < 833; key++ {
		sink += m[key]
	}
	found["evacuated_after_lookups"] = int(v.head.nevacuate)
	delete(m, 1<<40)
	found["evacuated_after_absent_delete"] = int(v.head.nevacuate)
	return found, addGrowsByDelete(found)
}
