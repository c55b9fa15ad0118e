//go:build !go1.24

package main

import (
	"errors"
	"time"
)

// addGrowTimes measures the growing insert from B=3, 8, 10 and 14, and the evacuation at B=8 and 14.
func addGrowTimes(found figures) error {
	var grows []float64
	for _, step := range []struct{ b, repetitions int }{{3, 301}, {8, 101}, {10, 31}, {14, 7}} {
		grows = append(grows, growTime(13<<step.b/2, step.repetitions))
	}
	found["grow_ns"] = grows
	all, err := evacuateTime(8, 101)
	if errors.Is(err, errUnknownMap) {
		return nil
	} else if err != nil {
		return err
	}
	large, err := evacuateTime(14, 5)
	if err != nil {
		return err
	}
	found["evacuate_all_ns"] = all
	found["evacuate_ns"] = []float64{all / (1 << 8), large / (1 << 14)}
	return nil
}

// evacuateTime is the median time in which deletes of absent keys empty all old buckets of a map
// that grows from 2^b buckets, less the time of as many deletes after the grow.
func evacuateTime(b, repetitions int) (float64, error) {
	var times []float64
	for r := 0; r < repetitions; r++ {
		m := make(map[uint64]uint64)
		v, err := openMap(m)
		if err != nil {
			return 0, err
		}
		base := uint64(r) << 32
		for i := 0; i <= 13<<b/2; i++ {
			m[scramble(base+uint64(i))] = 1
		}
		if !v.growing() || v.buckets() != 2<<b {
			return 0, errUnknownMap
		}
		absent, deletes := base+1<<31, 0
		start := time.Now()
		for v.growing() {
			delete(m, scramble(absent))
			absent++
			deletes++
		}
		evacuating := time.Since(start)
		start = time.Now()
		for i := 0; i < deletes; i++ {
			delete(m, scramble(absent))
			absent++
		}
		times = append(times, float64((evacuating - time.Since(start)).Nanoseconds()))
	}
	return median(times), nil
}
