package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// The load of the trackers: every thread turns random slots of its own on and off.
const (
	trackerThreads    = 4
	trackerOperations = 1_000_000 // of each thread
	trackerSlots      = 1250      // of each thread
	trackerShards     = 64
)

// slotTracker counts inserts, and those that take a slot which was freed before.
type slotTracker interface {
	inserted(slot int)
	freed(slot int)
	counts() (inserts, reused uint64)
	// waited is the time all threads together waited for each other, in nanoseconds.
	waited() int64
}

// lockTracker keeps everything behind one lock.
type lockTracker struct {
	mu              sync.Mutex
	used            map[int]bool
	inserts, reused uint64
	wait            int64
}

// lock takes the lock and adds up the time it had to wait.
func (t *lockTracker) lock() {
	if t.mu.TryLock() {
		return
	}
	start := time.Now()
	t.mu.Lock()
	t.wait += time.Since(start).Nanoseconds()
}

func (t *lockTracker) inserted(slot int) {
	t.lock()
	t.inserts++
	if t.used[slot] {
		t.reused++
	}
	t.mu.Unlock()
}

func (t *lockTracker) freed(slot int) {
	t.lock()
	t.used[slot] = true
	t.mu.Unlock()
}

func (t *lockTracker) counts() (inserts, reused uint64) { return t.inserts, t.reused }
func (t *lockTracker) waited() int64                    { return t.wait }

// shardedTracker keeps a flag for each slot, and counters in shards of a cache line.
type shardedTracker struct {
	used   []uint32
	shards [trackerShards]struct {
		inserts, reused atomic.Uint64
		wait            atomic.Int64
		_               [40]byte
	}
}

// increment adds one by compare and swap. A swap that fails waits for another thread: the time
// until one succeeds is added to wait.
func increment(counter *atomic.Uint64, wait *atomic.Int64) {
	value := counter.Load()
	if counter.CompareAndSwap(value, value+1) {
		return
	}
	start := time.Now()
	for {
		value = counter.Load()
		if counter.CompareAndSwap(value, value+1) {
			wait.Add(time.Since(start).Nanoseconds())
			return
		}
	}
}

func (t *shardedTracker) inserted(slot int) {
	shard := &t.shards[slot%trackerShards]
	increment(&shard.inserts, &shard.wait)
	if atomic.LoadUint32(&t.used[slot]) != 0 {
		increment(&shard.reused, &shard.wait)
	}
}

func (t *shardedTracker) freed(slot int) { atomic.StoreUint32(&t.used[slot], 1) }

func (t *shardedTracker) counts() (inserts, reused uint64) {
	for i := range t.shards {
		inserts += t.shards[i].inserts.Load()
		reused += t.shards[i].reused.Load()
	}
	return inserts, reused
}

func (t *shardedTracker) waited() int64 {
	wait := int64(0)
	for i := range t.shards {
		wait += t.shards[i].wait.Load()
	}
	return wait
}

// trackersExperiment gives both trackers the same streams.
func trackersExperiment() (figures, error) {
	lock := &lockTracker{used: map[int]bool{}}
	sharded := &shardedTracker{used: make([]uint32, trackerThreads*trackerSlots)}
	track(lock)
	track(sharded)
	inserts, reusedLock := lock.counts()
	_, reusedSharded := sharded.counts()
	return figures{
		"inserts": inserts, "reused_lock": reusedLock, "reused_sharded": reusedSharded,
		"wait_ns_lock": lock.waited(), "wait_ns_sharded": sharded.waited(),
	}, nil
}

// track runs all threads against one tracker.
func track(t slotTracker) {
	var running sync.WaitGroup
	for thread := 0; thread < trackerThreads; thread++ {
		running.Add(1)
		go func(thread int) {
			defer running.Done()
			var full [trackerSlots]bool
			stream := uint64(thread) << 40
			for i := uint64(0); i < trackerOperations; i++ {
				own := int(scramble(stream+i) % trackerSlots)
				slot := thread*trackerSlots + own
				if full[own] {
					t.freed(slot)
				} else {
					t.inserted(slot)
				}
				full[own] = !full[own]
			}
		}(thread)
	}
	running.Wait()
}
