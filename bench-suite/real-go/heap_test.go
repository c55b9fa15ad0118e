package main

import "testing"

// noMap keeps nothing.
type noMap struct{}

func (noMap) play(steps []step[uint64], t *tally, marks []uint64) {
	for at := range steps {
		t.count(absent)
		if marks != nil {
			marks[at] = ticks()
		}
	}
}

func (noMap) length() uint64 { return 0 }

// lookAt plays so many phases of so many operations in so many threads into no map.
func lookAt(collector string, threads, phases int, ops, samples uint64) observation {
	made := &tape{}
	steps := &prepared[uint64]{}
	for phase := 0; phase < phases; phase++ {
		mark := phaseMark{Name: "a phase with a name"}
		for thread := 0; thread < threads; thread++ {
			mark.Ops = append(mark.Ops, ops)
		}
		made.Phases = append(made.Phases, mark)
	}
	for thread := 0; thread < threads; thread++ {
		made.threads = append(made.threads, make([]op, ops*uint64(phases)))
		steps.threads = append(steps.threads, make([]step[uint64], ops*uint64(phases)))
	}
	j := &job{mapName: "none", tape: made, collector: collector, samples: samples}
	return perform(j, steps, func() player[uint64] { return noMap{} })
}

// plays is how often a load is played: the runtime may start a thread of its own meanwhile, which is on its heap. One
// play must see nothing at all.
const plays = 5

// above is the most bytes that any sample is above the first.
func above(seen heap) (most uint64) {
	for _, sample := range append(seen.Samples, seen.Drained, seen.Dropped) {
		if sample.Allocated > seen.Before.Allocated+most {
			most = sample.Allocated - seen.Before.Allocated
		}
	}
	return most
}

func TestNoMapHoldsNoByte(t *testing.T) {
	for _, load := range []struct {
		threads, phases int
		ops, samples    uint64
	}{{1, 1, 400_000, 1}, {1, 1, 400_000, 1000}, {1, 500, 24, 200}, {4, 2, 40_000, 200}, {16, 50, 2_000, 200}} {
		// Threads that wait for each other get what they wait on from the runtime: some hundred bytes each, once.
		allowed := uint64(load.threads-1) * 512
		least := ^uint64(0)
		for play := 0; play < plays && least > allowed; play++ {
			seen := lookAt("heap", load.threads, load.phases, load.ops, load.samples).Reading.(heap)
			if len(seen.Samples) < load.phases {
				t.Fatalf("%v: %d samples", load, len(seen.Samples))
			}
			if most := above(seen); most < least {
				least = most
			}
		}
		if least > allowed {
			t.Errorf("%v: %d bytes", load, least)
		}
	}
}

func TestNoMapAllocatesNothing(t *testing.T) {
	for _, phases := range []int{1, 500} {
		least := ^uint64(0)
		for play := 0; play < plays && least > 0; play++ {
			seen := lookAt("allocations", 1, phases, 2_000, 200).Reading.(allocations)
			sum := seen.PeakBytes + seen.EndBytes + seen.DrainedBytes + seen.DroppedBytes
			for _, phase := range seen.Phases {
				sum += phase.Allocations + phase.Bytes
			}
			if sum < least {
				least = sum
			}
		}
		if least > 0 {
			t.Errorf("%d phases: %d bytes and blocks in all", phases, least)
		}
	}
}

func TestABoxIsWrittenWhole(t *testing.T) {
	for _, bytes := range []int{1, 8, 9, 1000, 4096, 5000} {
		made := box(7, bytes)
		if stampOf(made) != 7 || (bytes >= 8 && len(made) != bytes) {
			t.Errorf("%d bytes: stamp %d in %d", bytes, stampOf(made), len(made))
		}
		for at := 8; at < len(made); at++ {
			if made[at] != 0xA5 {
				t.Errorf("%d bytes: byte %d is %d", bytes, at, made[at])
				break
			}
		}
	}
}
