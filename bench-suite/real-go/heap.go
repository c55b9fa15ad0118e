package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
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

// meter reads the figures of a moment. Reading them allocates nothing: what it would allocate would be in them.
type meter struct {
	stats runtime.MemStats
	// statm is the file in which the kernel tells how much is resident; -1 where there is none.
	statm int
	text  [128]byte
}

func newMeter() *meter {
	statm, err := syscall.Open("/proc/self/statm", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		statm = -1
	}
	return &meter{statm: statm}
}

// residentSet is the resident set of the process; 0 where the kernel does not tell.
func (m *meter) residentSet() uint64 {
	count, err := syscall.Pread(m.statm, m.text[:], 0)
	if err != nil {
		return 0
	}
	// The second number of a line.
	pages, column := uint64(0), 0
	for _, letter := range m.text[:count] {
		switch {
		case letter == ' ':
			column++
		case column == 1 && letter >= '0' && letter <= '9':
			pages = pages*10 + uint64(letter-'0')
		}
	}
	return pages * uint64(os.Getpagesize())
}

// sample reads the figures of this moment. The world stands still meanwhile, outside of every clock.
func (m *meter) sample(phase string, so *soFar, cyclesBefore uint32) heapSample {
	stats := &m.stats
	runtime.ReadMemStats(stats)
	live := atomic.LoadInt64(&so.live)
	if live < 0 {
		live = 0
	}
	return heapSample{
		Phase: phase, Ops: atomic.LoadUint64(&so.ops), Live: uint64(live),
		Allocated: stats.HeapAlloc, Active: stats.HeapInuse,
		Resident: stats.HeapSys - stats.HeapReleased, Retained: stats.HeapIdle,
		RSS: m.residentSet(), GCCycles: uint64(stats.NumGC - cyclesBefore),
	}
}

// heapWatch takes samples at the borders of slices, if it has a sink for them, and keeps what all threads have done.
type heapWatch struct {
	unmarked
	so      *soFar
	phases  []phaseMark
	phase   int
	balance int64
	cycles  uint32
	meter   *meter
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
		*w.sink = append(*w.sink, w.meter.sample(w.phases[w.phase].Name, w.so, w.cycles))
	}
}

// heap lets the threads be there before the map is made and until it is gone, as all else that the pass needs: what is
// held above the first sample is the map's.
func (s *stage[K]) heap() ([]tally, any) {
	so, meter := &soFar{}, newMeter()
	room := 2
	for phase := range s.route.phases {
		room += s.route.slices(phase, 0)
	}
	samples := make([]heapSample, 0, room)
	for at := range samples[:room] {
		// Written to once, so that the room is resident.
		samples[:room][at].Phase = "none"
	}
	watches := make([]watch, s.threads())
	kept := make([]*heapWatch, s.threads())
	for thread := range watches {
		kept[thread] = &heapWatch{so: so, phases: s.route.phases, meter: meter}
		watches[thread] = kept[thread]
	}
	kept[0].sink = &samples
	seen := heap{Collector: "heap", Allocator: describeAllocator()}
	s.way = nil
	crew := muster(s, watches)
	debug.FreeOSMemory()
	settle()
	runtime.ReadMemStats(&meter.stats)
	first := meter.stats
	for _, watch := range kept {
		watch.cycles = first.NumGC
	}
	// The first reading takes what later ones find.
	meter.sample("before", so, first.NumGC)
	seen.Before = meter.sample("before", so, first.NumGC)
	s.way = s.fresh()
	crew.play()
	if s.threads() > 1 {
		// The first thread looked up for the last time before the others were done.
		samples = append(samples, meter.sample(s.lastPhase(), so, first.NumGC))
	}
	runtime.ReadMemStats(&meter.stats)
	seen.GC = gcSince(&first, &meter.stats)
	s.endLength = s.way.length()
	s.drain()
	atomic.StoreInt64(&so.live, 0)
	settle()
	seen.Drained = meter.sample("drained", so, first.NumGC)
	s.way = nil
	settle()
	seen.Dropped = meter.sample("dropped", so, first.NumGC)
	seen.Samples = samples
	return crew.dismiss(), seen
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
