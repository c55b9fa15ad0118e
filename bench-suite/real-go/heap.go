package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
)

// heapSample is bytes in use at one moment, as the Go runtime and the kernel count them. Allocated is what is live
// and what the garbage collector has not found yet.
type heapSample struct {
	Phase     string `json:"phase"`
	Ops       uint64 `json:"ops"`
	Live      uint64 `json:"live"`
	Allocated uint64 `json:"allocated"`
	Active    uint64 `json:"active"`
	Resident  uint64 `json:"resident"`
	Retained  uint64 `json:"retained"`
	RSS       uint64 `json:"rss"`
	// GCCycles is how many collections have ended since the first sample.
	GCCycles uint64 `json:"gc_cycles"`
}

// gcFigures is what the garbage collector did while the tape was played.
type gcFigures struct {
	Cycles       uint64   `json:"cycles"`
	Forced       uint64   `json:"forced"`
	PauseTotalNs uint64   `json:"pause_total_ns"`
	PausesNs     []uint64 `json:"pauses_ns"`
	CPUFraction  float64  `json:"cpu_fraction"`
}

// heap is what the heap collector saw.
type heap struct {
	Collector string       `json:"collector"`
	Before    heapSample   `json:"before"`
	Samples   []heapSample `json:"samples"`
	Drained   heapSample   `json:"drained"`
	Dropped   heapSample   `json:"dropped"`
	Allocator string       `json:"allocator"`
	GC        gcFigures    `json:"gc"`
}

// soFar is what all threads have done.
type soFar struct {
	ops  uint64
	live int64
}

// sampleHeap reads the figures of this moment. The world stands still meanwhile, outside of every clock.
func sampleHeap(phase string, so *soFar, cyclesBefore uint32, stats *runtime.MemStats) heapSample {
	runtime.ReadMemStats(stats)
	live := atomic.LoadInt64(&so.live)
	if live < 0 {
		live = 0
	}
	return heapSample{
		Phase: phase, Ops: atomic.LoadUint64(&so.ops), Live: uint64(live),
		Allocated: stats.HeapAlloc, Active: stats.HeapInuse,
		Resident: stats.HeapSys - stats.HeapReleased, Retained: stats.HeapIdle,
		RSS: residentSet(), GCCycles: uint64(stats.NumGC - cyclesBefore),
	}
}

// residentSet is the resident set of the process; 0 where the kernel does not tell.
func residentSet() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// heapWatch takes samples at the borders of slices, if it has a sink for them, and keeps what all threads have done.
type heapWatch struct {
	unmarked
	so      *soFar
	phases  []phaseMark
	phase   int
	balance int64
	cycles  uint32
	stats   *runtime.MemStats
	sink    *[]heapSample
}

func (w *heapWatch) phaseStart(phase int) { w.phase = phase }
func (w *heapWatch) sliceStart()          {}
func (w *heapWatch) phaseEnd()            {}

func (w *heapWatch) sliceEnd(ops int, t *tally) {
	atomic.AddUint64(&w.so.ops, uint64(ops))
	atomic.AddInt64(&w.so.live, t.balance-w.balance)
	w.balance = t.balance
	if w.sink != nil {
		*w.sink = append(*w.sink, sampleHeap(w.phases[w.phase].Name, w.so, w.cycles, w.stats))
	}
}

func (s *stage[K]) heap() ([]tally, any) {
	so, stats := &soFar{}, &runtime.MemStats{}
	room := 2
	for phase := range s.route.phases {
		room += s.route.slices(phase, 0)
	}
	samples := make([]heapSample, 0, room)
	s.way = nil
	settle()
	runtime.ReadMemStats(stats)
	first := *stats
	seen := heap{Collector: "heap", Before: sampleHeap("before", so, first.NumGC, stats)}
	s.way = s.fresh()
	watches := make([]watch, s.threads())
	for thread := range watches {
		watch := &heapWatch{so: so, phases: s.route.phases, cycles: first.NumGC, stats: stats}
		if thread == 0 {
			watch.sink = &samples
		}
		watches[thread] = watch
	}
	tallies := s.tour(watches)
	if s.threads() > 1 {
		// The first thread looked up for the last time before the others were done.
		samples = append(samples, sampleHeap(s.lastPhase(), so, first.NumGC, stats))
	}
	runtime.ReadMemStats(stats)
	seen.GC = gcSince(&first, stats)
	s.endLength = s.way.length()
	s.drain()
	atomic.StoreInt64(&so.live, 0)
	settle()
	seen.Drained = sampleHeap("drained", so, first.NumGC, stats)
	s.way = nil
	settle()
	seen.Dropped = sampleHeap("dropped", so, first.NumGC, stats)
	seen.Samples = samples
	seen.Allocator = describeAllocator()
	return tallies, seen
}

// settle collects all garbage: twice, since what sync.Pool holds lives through one collection.
func settle() {
	runtime.GC()
	runtime.GC()
}

// gcSince is what the collector did between two readings. The runtime keeps the newest 256 pauses.
func gcSince(first, last *runtime.MemStats) gcFigures {
	cycles := last.NumGC - first.NumGC
	kept := cycles
	if most := uint32(len(last.PauseNs)); kept > most {
		kept = most
	}
	pauses := make([]uint64, 0, kept)
	for cycle := last.NumGC - kept; cycle < last.NumGC; cycle++ {
		pauses = append(pauses, last.PauseNs[cycle%uint32(len(last.PauseNs))])
	}
	return gcFigures{
		Cycles: uint64(cycles), Forced: uint64(last.NumForcedGC - first.NumForcedGC),
		PauseTotalNs: last.PauseTotalNs - first.PauseTotalNs, PausesNs: pauses,
		CPUFraction: last.GCCPUFraction,
	}
}

// describeAllocator says whose figures these are.
func describeAllocator() string {
	percent := debug.SetGCPercent(-1)
	debug.SetGCPercent(percent)
	return fmt.Sprintf("the Go runtime's, %s, GOGC=%d, GOMAXPROCS=%d; samples hold garbage that is not collected yet, "+
		"before, drained and dropped come after a collection", runtime.Version(), percent, runtime.GOMAXPROCS(0))
}
