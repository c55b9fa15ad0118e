package main

import (
	"encoding/json"
	"sort"
	"sync"
	"sync/atomic"
)

// What threads that share keys are told of them: the tape's beginning once more, untimed, into a new map. Bounds and
// choice are those of subject/src/stage/told.rs, the words those of formats/src/observation/told.rs.
const (
	// toldCalls is how many calls are kept, of all threads.
	toldCalls = 1 << 15
	// toldKeys is how many keys are listened to at most.
	toldKeys = 1 << 10
	// toldOps is how many operations of each thread are played at most.
	toldOps = 1 << 18
	// toldStamps is how many stamps a thread has; those of the next come after them.
	toldStamps = 1 << 40
)

// call is one operation, its answer, and the moments at which it began and was over.
type call struct {
	thread                  int
	kind                    kind
	stamp, answer, from, to uint64
}

// MarshalJSON gives a list without names: there are many of them.
func (c call) MarshalJSON() ([]byte, error) {
	answer := any(nil)
	if c.answer != absent {
		answer = c.answer
	}
	return json.Marshal([]any{c.thread, kindNames[c.kind], c.stamp, answer, c.from, c.to})
}

// keyCalls is the calls to one key, those of one thread in order.
type keyCalls struct {
	Key   uint64 `json:"key"`
	Calls []call `json:"calls"`
}

// told is what the threads were told of the keys that they contend for most. Every call to those is there that began
// before until.
type told struct {
	Until uint64     `json:"until"`
	Keys  []keyCalls `json:"keys"`
}

// listener keeps the calls of one thread.
type listener struct {
	numbers []uint64
	calls   []call
	// full is when there was no more room.
	full uint64
}

// tell plays the tape's beginning into a new map and gives what the threads were told; nil where nothing is shared, or
// where clears take entries of all keys out.
func (s *stage[K]) tell(t *tape) *told {
	if !t.KeysShared || len(t.threads) < 2 || clears(t) {
		return nil
	}
	phases := beginning(t.Phases)
	chosen := mostShared(t, phases)
	way, clock, enter := s.fresh(), new(atomic.Uint64), newGate(len(t.threads))
	listeners := make([]listener, len(t.threads))
	var running sync.WaitGroup
	for thread := range listeners {
		running.Add(1)
		go func(thread int) {
			defer running.Done()
			listeners[thread] = listen(t.threads[thread], s.made.threads[thread], phases, thread, way, chosen, clock, enter,
				toldCalls/len(t.threads))
		}(thread)
	}
	running.Wait()
	return allHeard(listeners)
}

// allHeard puts what the threads heard together, key by key.
func allHeard(listeners []listener) *told {
	heard := &told{Until: absent, Keys: []keyCalls{}}
	byKey := map[uint64][]call{}
	for _, one := range listeners {
		if one.full < heard.Until {
			heard.Until = one.full
		}
		for at, number := range one.numbers {
			byKey[number] = append(byKey[number], one.calls[at])
		}
	}
	for number, calls := range byKey {
		heard.Keys = append(heard.Keys, keyCalls{Key: number, Calls: calls})
	}
	sort.Slice(heard.Keys, func(a, b int) bool { return heard.Keys[a].Key < heard.Keys[b].Key })
	return heard
}

// listen plays one thread's operations one by one and keeps the calls to chosen keys, as long as there is room.
func listen[K any](ops []op, steps []step[K], phases []phaseMark, thread int, way player[K], chosen []bool,
	clock *atomic.Uint64, enter *gate, room int) listener {
	heard := listener{full: absent}
	// No two threads write the same stamp: what is read says who wrote it.
	t := tally{played: uint64(thread) * toldStamps}
	for _, phase := range phases {
		enter.wait()
		for end := phase.Ops[thread]; end > 0; end-- {
			o := ops[0]
			key := o.key()
			kept := heard.full == absent && o.kind() < iterate && key < uint64(len(chosen)) && chosen[key]
			if kept && len(heard.calls) == room {
				heard.full, kept = clock.Add(1), false
			}
			made := call{thread: thread, kind: o.kind(), stamp: t.played}
			before := t.digest
			if kept {
				made.from = clock.Add(1)
			}
			way.play(steps[:1], &t, nil)
			if kept {
				made.to = clock.Add(1)
				made.answer = unfold(made.stamp, t.digest-before)
				heard.numbers, heard.calls = append(heard.numbers, key), append(heard.calls, made)
			}
			ops, steps = ops[1:], steps[1:]
		}
	}
	return heard
}

// unfold gives the answer that adds so much to a digest: weights are odd, hence invertible.
func unfold(index uint64, added digest) uint64 {
	weight := index*0x9E3779B97F4A7C15 | 1
	inverse := weight
	for bits := 3; bits < 64; bits *= 2 {
		inverse *= 2 - weight*inverse
	}
	return uint64(added)*inverse ^ 0xA5A55A5AC3C33C3C
}

func clears(t *tape) bool {
	for _, ops := range t.threads {
		for _, o := range ops {
			if o.kind() == clearAll {
				return true
			}
		}
	}
	return false
}

// beginning gives the phases, cut off where a thread has played enough.
func beginning(phases []phaseMark) []phaseMark {
	played := map[int]uint64{}
	cut := make([]phaseMark, len(phases))
	for at, phase := range phases {
		cut[at] = phaseMark{Name: phase.Name, Ops: make([]uint64, len(phase.Ops))}
		for thread, ops := range phase.Ops {
			if most := toldOps - played[thread]; ops > most {
				ops = most
			}
			cut[at].Ops[thread] = ops
			played[thread] += ops
		}
	}
	return cut
}

// mostShared says which keys, by number, are those that most operations are about beside one thread's.
func mostShared(t *tape, phases []phaseMark) []bool {
	// The first thread that a key is met in, and how often it is met in others.
	first, others := make([]int, t.Distinct), make([]int, t.Distinct)
	for thread, ops := range t.threads {
		played := uint64(0)
		for _, phase := range phases {
			played += phase.Ops[thread]
		}
		for _, o := range ops[:played] {
			if key := o.key(); o.kind() < iterate && key < t.Distinct {
				if first[key] == 0 {
					first[key] = thread + 1
				} else if first[key] != thread+1 {
					others[key]++
				}
			}
		}
	}
	var shared []int
	for key, met := range others {
		if met > 0 {
			shared = append(shared, key)
		}
	}
	sort.SliceStable(shared, func(a, b int) bool { return others[shared[a]] > others[shared[b]] })
	chosen := make([]bool, t.Distinct)
	for at, key := range shared {
		if at < toldKeys {
			chosen[key] = true
		}
	}
	return chosen
}
