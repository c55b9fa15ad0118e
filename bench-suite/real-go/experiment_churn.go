package main

import (
	"runtime"
	"runtime/debug"
	"sort"
	"sync"
)

// The churn: so many live keys, and pairs of a delete of a random key and an insert of a new one.
const (
	churnLive  = 100_000
	churnPairs = 1_000_000
)

// store is a map as the experiments use it.
type store struct {
	put, remove func(key uint64)
}

func plainStore(m map[uint64]uint64) store {
	return store{
		put:    func(key uint64) { m[key] = key },
		remove: func(key uint64) { delete(m, key) },
	}
}

func syncStore(m *sync.Map) store {
	return store{
		put:    func(key uint64) { m.Store(key, key) },
		remove: func(key uint64) { m.Delete(key) },
	}
}

// churn keeps the live keys of a store that is filled, and how far it got.
type churn struct {
	store  store
	keys   []uint64
	next   uint64
	random uint64
}

// newChurn prepares the keys; fill inserts them.
func newChurn(live int) *churn {
	c := &churn{keys: make([]uint64, live), next: uint64(live), random: 1 << 40}
	for i := range c.keys {
		c.keys[i] = scramble(uint64(i))
	}
	return c
}

func (c *churn) fill(s store) {
	c.store = s
	for _, key := range c.keys {
		s.put(key)
	}
}

// run makes that many pairs.
func (c *churn) run(pairs int) {
	for i := 0; i < pairs; i++ {
		c.random++
		at := scramble(c.random) % uint64(len(c.keys))
		c.store.remove(c.keys[at])
		c.keys[at] = scramble(c.next)
		c.next++
		c.store.put(c.keys[at])
	}
}

// churnCost is what a churn cost. Live bytes are those of the map alone, after a collection.
type churnCost struct {
	cycles                 uint32
	peakBytes, liveBytes   uint64
	allocationsOfOperation float64
}

// liveHeap collects twice, so that what only finalizers or pools hold goes too, and gives the live bytes.
func liveHeap() uint64 {
	var stats runtime.MemStats
	collect(2)
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// measureChurn reads the heap a hundred times while the pairs run.
func measureChurn(s store) churnCost {
	const readings = 100
	c := newChurn(churnLive)
	base := liveHeap()
	c.fill(s)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	cost := churnCost{peakBytes: before.HeapInuse}
	for i := 0; i < readings; i++ {
		c.run(churnPairs / readings)
		runtime.ReadMemStats(&now)
		if now.HeapInuse > cost.peakBytes {
			cost.peakBytes = now.HeapInuse
		}
	}
	cost.cycles = now.NumGC - before.NumGC
	cost.allocationsOfOperation = float64(now.Mallocs-before.Mallocs) / (2 * churnPairs)
	cost.liveBytes = liveHeap() - base
	runtime.KeepAlive(c)
	return cost
}

// churnExperiment compares map and sync.Map under the same churn.
func churnExperiment() (figures, error) {
	found := figures{}
	m := make(map[uint64]uint64)
	plain := measureChurn(plainStore(m))
	runtime.KeepAlive(m)
	concurrent := new(sync.Map)
	synced := measureChurn(syncStore(concurrent))
	runtime.KeepAlive(concurrent)
	for name, cost := range map[string]churnCost{"map": plain, "sync": synced} {
		found[name+"_cycles"] = cost.cycles
		found[name+"_peak_bytes"] = cost.peakBytes
		found[name+"_live_bytes"] = cost.liveBytes
		found[name+"_allocations"] = cost.allocationsOfOperation
	}
	reused, err := reuseShare()
	if err == nil {
		found["map_reused"] = reused
	}
	return found, nil
}

// reuseShare is the share of inserts whose slot held a deleted key before. The collector rests,
// so that an address means one slot throughout.
func reuseShare() (float64, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	m := make(map[uint64]uint64)
	c := newChurn(churnLive)
	c.fill(plainStore(m))
	v, err := openChecked(m)
	if err != nil {
		return 0, err
	}
	freed, reused, lost := map[uintptr]bool{}, 0, false
	c.store = store{
		remove: func(key uint64) {
			p, ok := v.find(key)
			lost = lost || !ok
			if ok {
				freed[p.address()] = true
			}
			delete(m, key)
		},
		put: func(key uint64) {
			m[key] = key
			p, ok := v.find(key)
			lost = lost || !ok
			if ok && freed[p.address()] {
				reused++
			}
		},
	}
	c.run(churnPairs)
	if lost {
		return 0, errNoPlace
	}
	return float64(reused) / churnPairs, v.check()
}

// memoryExperiment reads the live bytes of a map as it churns on.
func memoryExperiment() (figures, error) {
	found := figures{}
	c := newChurn(churnLive)
	base := liveHeap()
	m := make(map[uint64]uint64)
	c.fill(plainStore(m))
	pairs := 0
	for _, step := range []struct {
		name  string
		pairs int
	}{{"live_bytes_1m", 1_000_000}, {"live_bytes_1500k", 1_500_000}, {"live_bytes_2500k", 2_500_000}} {
		c.run(step.pairs - pairs)
		pairs = step.pairs
		found[step.name] = liveHeap() - base
	}
	runtime.KeepAlive(c)
	return found, nil
}

// classesExperiment counts the sizes of the objects that a map allocates while it is filled and churns.
func classesExperiment() (figures, error) {
	const live, pairs = 10_000, 100_000
	plain, c := plainStore(make(map[uint64]uint64)), newChurn(live)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.fill(plain)
	c.run(pairs)
	runtime.ReadMemStats(&after)
	type class struct{ size, count uint64 }
	var classes []class
	found := figures{"all_count": after.Mallocs - before.Mallocs, "bucket_size": describedBucketBytes()}
	for i := range after.BySize {
		if count := after.BySize[i].Mallocs - before.BySize[i].Mallocs; count > 0 {
			classes = append(classes, class{uint64(after.BySize[i].Size), count})
		}
		if after.BySize[i].Size == 16 {
			found["class_of_16"] = i
		}
	}
	sort.Slice(classes, func(i, j int) bool { return classes[i].count > classes[j].count })
	sizes, counts := []uint64{}, []uint64{}
	for _, c := range classes {
		sizes, counts = append(sizes, c.size), append(counts, c.count)
	}
	if len(sizes) > 0 {
		found["top_size"], found["top_count"] = sizes[0], counts[0]
	}
	found["sizes"], found["counts"] = sizes, counts
	return found, nil
}
