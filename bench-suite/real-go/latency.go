package main

import "sort"

// slowest is how many slow operations are named.
const slowest = 64

type kindLatency struct {
	Phase   string     `json:"phase"`
	Counts  bool       `json:"counts"`
	Kind    string     `json:"kind"`
	Service *histogram `json:"service"`
}

type latencyWindow struct {
	Phase   string     `json:"phase"`
	FirstOp uint64     `json:"first_op"`
	Service *histogram `json:"service"`
}

type slowOp struct {
	Thread uint32 `json:"thread"`
	Index  uint64 `json:"index"`
	Kind   string `json:"kind"`
	Ns     uint64 `json:"ns"`
}

// latency is what the latency collector saw.
type latency struct {
	Collector string          `json:"collector"`
	Clock     clockInfo       `json:"clock"`
	Times     []phaseTimes    `json:"times"`
	Kinds     []kindLatency   `json:"kinds"`
	Windows   []latencyWindow `json:"windows"`
	Worst     []slowOp        `json:"worst"`
}

// latencyWatch takes the time of every operation of one thread: from the mark after the operation before to the mark
// after it.
type latencyWatch struct {
	*stopwatch
	ticker      ticker
	thread      uint32
	room        [chunk]uint64
	last        uint64
	sliceTicks  uint64
	played      uint64
	windowStart uint64
	windowOps   uint64
	window      *histogram
	windows     []latencyWindow
	kinds       []kindLatency
	worst       []slowOp
	phases      []phaseMark
}

func (w *latencyWatch) sliceStart() {
	w.sliceTicks = 0
	w.stopwatch.sliceStart()
}

func (w *latencyWatch) marks() []uint64 {
	w.last = ticks()
	return w.room[:]
}

func (w *latencyWatch) chunkEnd(marks []uint64, kindAt func(at int) kind) {
	for at, mark := range marks {
		ns := w.ticker.ns(mark - w.last)
		w.sliceTicks += mark - w.last
		w.last = mark
		asked := kindAt(at)
		if asked == replace {
			asked = insert
		}
		w.window.record(ns, 1)
		w.ofKind(kindNames[asked]).record(ns, 1)
		w.keepWorst(slowOp{Thread: w.thread, Index: w.played + uint64(at), Kind: kindNames[asked], Ns: ns})
	}
	w.played += uint64(len(marks))
}

// same says whether two histograms are of one kind in phases of one name that count, or do not, alike.
func (k kindLatency) same(other kindLatency) bool {
	return k.Kind == other.Kind && k.Phase == other.Phase && k.Counts == other.Counts
}

// ofKind finds the histogram of a kind in phases like the present one.
func (w *latencyWatch) ofKind(name string) *histogram {
	mark := &w.phases[w.phase]
	wanted := kindLatency{Phase: mark.Name, Counts: mark.Counts, Kind: name}
	for at := range w.kinds {
		if w.kinds[at].same(wanted) {
			return w.kinds[at].Service
		}
	}
	wanted.Service = newHistogram()
	w.kinds = append(w.kinds, wanted)
	return w.kinds[len(w.kinds)-1].Service
}

func (w *latencyWatch) keepWorst(slow slowOp) {
	if len(w.worst) == cap(w.worst) {
		sortSlow(w.worst)
		w.worst = w.worst[:slowest]
	}
	if len(w.worst) < slowest || slow.Ns > w.worst[slowest-1].Ns {
		w.worst = append(w.worst, slow)
	}
}

func sortSlow(slow []slowOp) {
	sort.Slice(slow, func(a, b int) bool {
		if slow[a].Ns != slow[b].Ns {
			return slow[a].Ns > slow[b].Ns
		}
		if slow[a].Thread != slow[b].Thread {
			return slow[a].Thread < slow[b].Thread
		}
		return slow[a].Index < slow[b].Index
	})
}

func (w *latencyWatch) sliceEnd(ops int, t *tally) {
	w.stopwatch.sliceEnd(ops, t)
	w.setWall(w.ticker.ns(w.sliceTicks))
	if w.played-w.windowStart >= w.windowOps {
		w.closeWindow()
	}
}

func (w *latencyWatch) phaseEnd() {
	w.stopwatch.phaseEnd()
	w.closeWindow()
}

func (w *latencyWatch) closeWindow() {
	if w.window.total > 0 {
		w.windows = append(w.windows, latencyWindow{
			Phase: w.phases[w.phase].Name, FirstOp: w.windowStart, Service: w.window,
		})
		w.window = newHistogram()
	}
	w.windowStart = w.played
}

func (s *stage[K]) latency() ([]tally, any) {
	ticker := calibrate()
	watches, all := make([]watch, s.threads()), make([]*latencyWatch, s.threads())
	for thread := range watches {
		all[thread] = &latencyWatch{
			stopwatch: newStopwatch(s.route, thread), ticker: ticker, thread: uint32(thread),
			windowOps: uint64(s.route.sliceOps), window: newHistogram(), phases: s.route.phases,
			worst: make([]slowOp, 0, 16*slowest),
		}
		watches[thread] = all[thread]
	}
	tallies := s.tour(watches)
	seen := latency{Collector: "latency", Clock: ticker.describe(), Windows: all[0].windows}
	stopwatches := make([]*stopwatch, len(all))
	for thread, watch := range all {
		stopwatches[thread] = watch.stopwatch
		seen.addKinds(watch.kinds)
		sortSlow(watch.worst)
		if len(watch.worst) > slowest {
			watch.worst = watch.worst[:slowest]
		}
		seen.Worst = append(seen.Worst, watch.worst...)
	}
	sortSlow(seen.Worst)
	seen.Times = together(s.route.phases, stopwatches)
	return tallies, seen
}

// addKinds adds one thread's histograms to those of the others.
func (l *latency) addKinds(kinds []kindLatency) {
next:
	for _, kind := range kinds {
		for _, known := range l.Kinds {
			if known.same(kind) {
				known.Service.add(kind.Service)
				continue next
			}
		}
		l.Kinds = append(l.Kinds, kind)
	}
}
