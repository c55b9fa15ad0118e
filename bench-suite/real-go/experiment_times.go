package main

import (
	"sort"
	"time"
)

// scramble turns a counter into keys that look random; different counters give different keys.
func scramble(counter uint64) uint64 {
	z := (counter + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func median(values []float64) float64 {
	sort.Float64s(values)
	return values[len(values)/2]
}

// timesExperiment measures how long deletes, grows and evacuations take, in nanoseconds.
func timesExperiment() (figures, error) {
	found := figures{"allocate_per_second": allocationRates()}
	var deletes []float64
	for _, live := range []int{1000, 10_000, 100_000, 1_000_000} {
		deletes = append(deletes, deleteTime(live))
	}
	found["delete_ns"] = deletes
	return found, addGrowTimes(found)
}

// deleteTime is the median time of one delete at that many live keys, over batches of 100.
func deleteTime(live int) float64 {
	const batch, batches = 100, 301
	m := make(map[uint64]uint64)
	keys := make([]uint64, live)
	for i := range keys {
		keys[i] = scramble(uint64(i))
		m[keys[i]] = 1
	}
	next, random := uint64(live), uint64(1)<<40
	var times []float64
	for b := 0; b < batches; b++ {
		for i := 0; i < batch; i++ {
			random++
			at := i + int(scramble(random)%uint64(live-i))
			keys[i], keys[at] = keys[at], keys[i]
		}
		start := time.Now()
		for _, key := range keys[:batch] {
			delete(m, key)
		}
		times = append(times, float64(time.Since(start).Nanoseconds())/batch)
		for i := range keys[:batch] {
			keys[i] = scramble(next)
			next++
			m[keys[i]] = 1
		}
	}
	return median(times)
}

// growTime is the median time of the insert that makes a map of so many keys grow.
func growTime(keys, repetitions int) float64 {
	var times []float64
	for r := 0; r < repetitions; r++ {
		m := make(map[uint64]uint64)
		base := uint64(r) << 32
		for i := 0; i < keys; i++ {
			m[scramble(base+uint64(i))] = 1
		}
		start := time.Now()
		m[scramble(base+uint64(keys))] = 1
		times = append(times, float64(time.Since(start).Nanoseconds()))
	}
	return median(times)
}

// allocationSink keeps objects from being put on the stack.
var allocationSink interface{}

// allocationRates is how many objects of 16, 144, 512 and 40960 bytes one thread allocates a second.
func allocationRates() []float64 {
	return []float64{
		allocationRate(func() { allocationSink = new([16]byte) }),
		allocationRate(func() { allocationSink = new([144]byte) }),
		allocationRate(func() { allocationSink = new([512]byte) }),
		allocationRate(func() { allocationSink = new([40960]byte) }),
	}
}

// allocationRate is the best of five runs of 30 ms.
func allocationRate(allocate func()) float64 {
	best := 0.0
	for run := 0; run < 5; run++ {
		count, start := 0, time.Now()
		for time.Since(start) < 30*time.Millisecond {
			for i := 0; i < 100; i++ {
				allocate()
			}
			count += 100
		}
		if rate := float64(count) / time.Since(start).Seconds(); rate > best {
			best = rate
		}
	}
	return best
}
