package main

// slice is some consecutive operations of one thread.
type slice struct {
	Ops    uint64 `json:"ops"`
	WallNs uint64 `json:"wall_ns"`
	CPUNs  uint64 `json:"cpu_ns"`
}

// phaseTimes is one phase: from the moment all threads were let go to the moment the last one was done.
type phaseTimes struct {
	Phase   string    `json:"phase"`
	WallNs  uint64    `json:"wall_ns"`
	Threads [][]slice `json:"threads"`
}

// throughput is what the throughput collector saw.
type throughput struct {
	Collector string       `json:"collector"`
	Phases    []phaseTimes `json:"phases"`
}

// lap is one phase of one thread.
type lap struct {
	start, end uint64
	slices     []slice
}

// stopwatch takes the time at borders. What is between borders that are not a slice's is nobody's time.
type stopwatch struct {
	unmarked
	laps      []lap
	phase     int
	wall, cpu uint64
}

// newStopwatch makes one with room for every slice: nothing is allocated while it runs.
func newStopwatch(r *route, thread int) *stopwatch {
	laps := make([]lap, len(r.phases))
	for phase := range laps {
		laps[phase].slices = make([]slice, 0, r.slices(phase, thread))
	}
	return &stopwatch{laps: laps}
}

func (s *stopwatch) phaseStart(phase int) {
	s.phase = phase
	s.laps[phase].start = monotonic()
}

func (s *stopwatch) sliceStart() {
	s.cpu = threadCPU()
	s.wall = monotonic()
}

func (s *stopwatch) sliceEnd(ops int, _ *tally) {
	wall := monotonic() - s.wall
	lap := &s.laps[s.phase]
	lap.slices = append(lap.slices, slice{Ops: uint64(ops), WallNs: wall, CPUNs: threadCPU() - s.cpu})
}

func (s *stopwatch) phaseEnd() { s.laps[s.phase].end = monotonic() }

// setWall replaces the wall time of the slice that ended last by the time in which operations ran.
func (s *stopwatch) setWall(ns uint64) {
	slices := s.laps[s.phase].slices
	slices[len(slices)-1].WallNs = ns
}

// together puts the threads' stopwatches together, phase by phase.
func together(phases []phaseMark, threads []*stopwatch) []phaseTimes {
	times := make([]phaseTimes, len(phases))
	for phase := range phases {
		start, end := threads[0].laps[phase].start, uint64(0)
		times[phase] = phaseTimes{Phase: phases[phase].Name}
		for _, thread := range threads {
			lap := &thread.laps[phase]
			if lap.start < start {
				start = lap.start
			}
			if lap.end > end {
				end = lap.end
			}
			times[phase].Threads = append(times[phase].Threads, lap.slices)
		}
		times[phase].WallNs = end - start
	}
	return times
}

func (s *stage[K]) throughput() ([]tally, any) {
	watches, stopwatches := make([]watch, s.threads()), make([]*stopwatch, s.threads())
	for thread := range watches {
		stopwatches[thread] = newStopwatch(s.route, thread)
		watches[thread] = stopwatches[thread]
	}
	tallies := s.tour(watches)
	return tallies, throughput{Collector: "throughput", Phases: together(s.route.phases, stopwatches)}
}
