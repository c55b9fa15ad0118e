package main

import (
	"encoding/json"
	"testing"
)

func TestUnfoldGivesTheAnswerBack(t *testing.T) {
	for _, index := range []uint64{0, 1, 2, 1023, toldStamps, 7*toldStamps + 12345, absent} {
		for _, answer := range []uint64{0, 1, index, absent, absent - 1, 1 << 63} {
			if got := unfold(index, digest(99).fold(index, answer)-99); got != answer {
				t.Errorf("%d at %d: %d", answer, index, got)
			}
		}
	}
}

func TestThreadsAreToldWhatTheyAsked(t *testing.T) {
	o := func(k kind, key uint64) op { return op(uint64(k)<<keyBits | key) }
	shared := &tape{threads: [][]op{
		{o(insert, 0), o(get, 0), o(remove, 0), o(get, 1)},
		{o(get, 0), o(update, 0), o(insert, 1), o(get, 2)},
	}}
	shared.Distinct, shared.KeysShared = 2, true
	shared.Keys = material{name: "u64", bytes: 8}
	shared.Phases = []phaseMark{{Name: "fill", Ops: []uint64{1, 0}}, {Name: "churn", Ops: []uint64{3, 4}}}
	made := keyed[uint64](shared)
	fresh := func() player[uint64] { return &behindMutex[uint64, uint64]{builtin: newBuiltin[uint64, uint64](8)} }
	s := &stage[uint64]{made: made, fresh: fresh}
	heard := s.tell(shared)
	if heard == nil || heard.Until != absent || len(heard.Keys) != 2 || len(heard.Keys[0].Calls) != 5 {
		t.Fatalf("%+v", heard)
	}
	first := heard.Keys[0].Calls[0]
	if first.kind != insert || first.answer != absent || first.stamp != 0 || first.to <= first.from {
		t.Errorf("%+v", first)
	}
	line, err := json.Marshal(heard.Keys[0].Calls[0])
	if err != nil || string(line) != `[0,"insert",0,null,1,2]` {
		t.Errorf("%s %v", line, err)
	}
	shared.threads[0][3] = o(clearAll, 0)
	if s.tell(shared) != nil {
		t.Error("a clear takes entries of all keys out")
	}
}
