package main

import (
	"runtime"
	"runtime/metrics"
)

type phaseAllocations struct {
	Phase       string `json:"phase"`
	Ops         uint64 `json:"ops"`
	Allocations uint64 `json:"allocations"`
	Frees       uint64 `json:"frees"`
	Bytes       uint64 `json:"bytes"`
}

type classAllocations struct {
	Size        uint64   `json:"size"`
	Allocations uint64   `json:"allocations"`
	Frees       uint64   `json:"frees"`
	Lifetimes   []uint64 `json:"lifetimes"`
}

// allocations is what the allocations collector saw. It counts blocks: small objects without pointers that share one
// count once. A free is counted when the garbage collector sweeps the block.
type allocations struct {
	Collector    string             `json:"collector"`
	Phases       []phaseAllocations `json:"phases"`
	Classes      []classAllocations `json:"classes"`
	PeakBytes    uint64             `json:"peak_bytes"`
	EndBytes     uint64             `json:"end_bytes"`
	DrainedBytes uint64             `json:"drained_bytes"`
	DroppedBytes uint64             `json:"dropped_bytes"`
}

// The figures of the runtime that are read, in this order.
const (
	blocksAllocated = iota
	blocksFreed
	bytesAllocated
	bytesFreed
	allocatedBySize
	freedBySize
	figureCount
)

var figureNames = [figureCount]string{
	"/gc/heap/allocs:objects", "/gc/heap/frees:objects", "/gc/heap/allocs:bytes", "/gc/heap/frees:bytes",
	"/gc/heap/allocs-by-size:bytes", "/gc/heap/frees-by-size:bytes",
}

// blockMeter reads what the runtime has counted. Reading it again allocates nothing.
type blockMeter struct {
	figures [figureCount]metrics.Sample
	stats   runtime.MemStats
}

func newBlockMeter() *blockMeter {
	made := &blockMeter{}
	for at, name := range figureNames {
		made.figures[at].Name = name
	}
	made.read()
	return made
}

// read brings the figures up to date. ReadMemStats has every processor's cache tell what it has counted; without it
// the figures lag behind.
func (m *blockMeter) read() {
	runtime.ReadMemStats(&m.stats)
	metrics.Read(m.figures[:])
}

func (m *blockMeter) figure(at int) uint64 { return m.figures[at].Value.Uint64() }

func (m *blockMeter) held() uint64 { return m.figure(bytesAllocated) - m.figure(bytesFreed) }

// bySize is one of the two histograms; the next reading changes it.
func (m *blockMeter) bySize(at int) *metrics.Float64Histogram {
	return m.figures[at].Value.Float64Histogram()
}

// blocksWatch reads the meter at the borders of phases and slices.
type blocksWatch struct {
	unmarked
	meter  *blockMeter
	phases []phaseAllocations
	phase  int
	peak   uint64
	// allocated and freed are the blocks of each bucket of the runtime's histograms, of all phases.
	allocated, freed []uint64
}

func (w *blocksWatch) phaseStart(phase int) {
	w.phase = phase
	w.account(^uint64(0))
}

func (w *blocksWatch) sliceStart() {}

func (w *blocksWatch) sliceEnd(ops int, _ *tally) {
	w.phases[w.phase].Ops += uint64(ops)
	w.meter.read()
	if held := w.meter.held(); held > w.peak {
		w.peak = held
	}
}

func (w *blocksWatch) phaseEnd() { w.account(1) }

// account adds the meter's figures to the phase, or takes them off (sign is -1): the difference is the phase's own.
func (w *blocksWatch) account(sign uint64) {
	w.meter.read()
	now := &w.phases[w.phase]
	now.Allocations += sign * w.meter.figure(blocksAllocated)
	now.Frees += sign * w.meter.figure(blocksFreed)
	now.Bytes += sign * w.meter.figure(bytesAllocated)
	for at, count := range w.meter.bySize(allocatedBySize).Counts {
		w.allocated[at] += sign * count
	}
	for at, count := range w.meter.bySize(freedBySize).Counts {
		w.freed[at] += sign * count
	}
}

func (s *stage[K]) allocations() ([]tally, any) {
	phases := make([]phaseAllocations, len(s.route.phases))
	for phase, mark := range s.route.phases {
		phases[phase].Phase = mark.Name
	}
	s.way = nil
	meter := newBlockMeter()
	buckets := len(meter.bySize(allocatedBySize).Counts)
	w := &blocksWatch{
		meter: meter, phases: phases, allocated: make([]uint64, buckets), freed: make([]uint64, buckets),
	}
	crew := muster(s, []watch{w})
	// All that the pass itself needs is there.
	settle()
	meter.read()
	base := meter.held()
	s.way = s.fresh()
	crew.play()
	above := func() uint64 {
		settle()
		meter.read()
		if held := meter.held(); held > base {
			return held - base
		}
		return 0
	}
	seen := allocations{Collector: "allocations", EndBytes: above(), Classes: w.classes()}
	if w.peak > base {
		seen.PeakBytes = w.peak - base
	}
	s.endLength = s.way.length()
	s.drain()
	seen.DrainedBytes = above()
	s.way = nil
	seen.DroppedBytes = above()
	seen.Phases = phases
	return crew.dismiss(), seen
}

// classes is the calls by size class. Blocks beyond the largest class are one class of their mean size.
func (w *blocksWatch) classes() []classAllocations {
	large := uint64(0)
	for _, phase := range w.phases {
		large += phase.Bytes
	}
	bounds := w.meter.bySize(allocatedBySize).Buckets
	classes := []classAllocations{}
	for at := range w.allocated {
		class := classAllocations{Allocations: w.allocated[at], Frees: w.freed[at], Lifetimes: []uint64{}}
		switch last := at == len(w.allocated)-1; {
		case class.Allocations == 0 && class.Frees == 0:
			continue
		case !last:
			// A bucket ends where the next larger class begins: one byte above its own size.
			class.Size = uint64(bounds[at+1]) - 1
			large -= class.Size * class.Allocations
		case class.Allocations > 0:
			class.Size = large / class.Allocations
		}
		classes = append(classes, class)
	}
	return classes
}
