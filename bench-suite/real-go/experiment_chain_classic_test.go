//go:build !go1.24

package main

import "testing"

func TestTailIsMerged(t *testing.T) {
	found := measured(t, tailExperiment)
	// The class of each slot: 0 emptyRest, 1 emptyOne, 5 a key.
	for name, want := range map[string][8]int{
		"after_0": {5, 5, 5, 1, 5, 5, 5, 5},
		"after_1": {5, 5, 5, 1, 5, 5, 5, 0},
		"after_2": {5, 5, 5, 1, 5, 1, 5, 0},
		"after_3": {5, 5, 5, 1, 5, 0, 0, 0},
		"after_4": {5, 5, 5, 0, 0, 0, 0, 0},
	} {
		if got := slotClasses(found[name].([]int)); got != want {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
}

// slotClasses turns every tophash of a key into minTopHash.
func slotClasses(states []int) (classes [8]int) {
	for slot, state := range states {
		classes[slot] = state
		if state > minTopHash {
			classes[slot] = minTopHash
		}
	}
	return classes
}

func TestFullBucketOverflows(t *testing.T) {
	found := measured(t, overflowExperiment)
	expect(t, found, figures{"full_bucket_grew": false, "overflow_buckets": 1})
	states := found["chain_states"].([]int)
	for slot, state := range states {
		if (state >= minTopHash) != (slot < 11) {
			t.Errorf("slot %d of %v", slot, states)
		}
	}
}
