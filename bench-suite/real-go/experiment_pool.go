package main

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

const (
	poolPairs   = 100_000
	profileTime = 2 * time.Second
)

// poolItem is what the pool keeps: larger than a word, without pointers.
type poolItem struct{ words [4]uint64 }

// poolExperiment puts pointers and values into a sync.Pool, and asks the profiler where the time goes.
func poolExperiment() (figures, error) {
	found := figures{
		"pointer_allocations": poolAllocations(cyclePointers),
		"value_allocations":   poolAllocations(cycleValues),
	}
	pointers, err := profilePool(cyclePointers)
	if err != nil {
		return nil, err
	}
	values, err := profilePool(cycleValues)
	if err != nil {
		return nil, err
	}
	isPut := func(function string) bool { return function == "sync.(*Pool).Put" }
	isConversion := func(function string) bool { return strings.HasPrefix(function, "runtime.convT") }
	isConvT2E := func(function string) bool { return strings.HasPrefix(function, "runtime.convT2E") }
	found["put_share_pointer"] = pointers.share(isPut)
	found["put_share_value"] = values.share(isPut)
	found["conversion_share_value"] = values.share(isConversion)
	found["convt2e_samples"] = pointers.samplesIn(isConvT2E) + values.samplesIn(isConvT2E)
	return found, nil
}

// cyclePointers makes pairs of Get and Put with pointers.
func cyclePointers(pool *sync.Pool, pairs int) {
	for i := 0; i < pairs; i++ {
		item, ok := pool.Get().(*poolItem)
		if !ok {
			item = new(poolItem)
		}
		item.words[0]++
		pool.Put(item)
	}
}

// cycleValues makes pairs of Get and Put with values, each of which Put takes as an interface.
func cycleValues(pool *sync.Pool, pairs int) {
	for i := 0; i < pairs; i++ {
		item, _ := pool.Get().(poolItem)
		item.words[0]++
		pool.Put(item)
	}
}

// poolAllocations counts the objects that the pairs allocate.
func poolAllocations(cycle func(*sync.Pool, int)) float64 {
	return allocatedBy(func() func() {
		pool := new(sync.Pool)
		cycle(pool, 10)
		return func() { cycle(pool, poolPairs) }
	}).objects
}

// profilePool profiles pairs on one thread.
func profilePool(cycle func(*sync.Pool, int)) (*cpuProfile, error) {
	var encoded bytes.Buffer
	if err := pprof.StartCPUProfile(&encoded); err != nil {
		return nil, err
	}
	pool := new(sync.Pool)
	for start := time.Now(); time.Since(start) < profileTime; {
		cycle(pool, poolPairs)
	}
	pprof.StopCPUProfile()
	return readProfile(&encoded)
}
