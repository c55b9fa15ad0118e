package main

import (
	"bytes"
	"reflect"
	"runtime"
	"runtime/pprof"
	"testing"
)

// measured runs an experiment and fails the test on an error.
func measured(t *testing.T, run func() (figures, error)) figures {
	t.Helper()
	found, err := run()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// expect compares figures; those not named are not looked at.
func expect(t *testing.T, found, want figures) {
	t.Helper()
	for name, value := range want {
		if !reflect.DeepEqual(found[name], value) {
			t.Errorf("%s: %v is %v, not %v", runtime.Version(), name, found[name], value)
		}
	}
}

func TestExperimentsHaveTheirOwnNames(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range experiments {
		if seen[e.name] || e.name == "list" {
			t.Errorf("%q is there twice", e.name)
		}
		seen[e.name] = true
	}
	if len(seen) != 15 {
		t.Errorf("%d experiments, not 15", len(seen))
	}
}

func TestVerbRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, arguments := range [][]string{nil, {"nothing"}, {"bucket", "tail"}} {
		if code := experimentVerb(arguments); code != exitUsage {
			t.Errorf("%q gives %d", arguments, code)
		}
	}
}

func TestFreedSlotIsTaken(t *testing.T) {
	found := measured(t, bucketExperiment)
	expect(t, found, figures{
		"freed_slot": 3, "taken_slot": 3, "same_address": true, "overflow_buckets": 0, "length": 8,
		"stale_key": uint64(3), "stale_value": uint64(0),
	})
	if found["bytes_before_delete"] != found["bytes_after_delete"] {
		t.Errorf("a delete changed the memory: %v", found)
	}
	full, deleted, put := found["states_full"].([]int), found["states_deleted"].([]int), found["states_put"].([]int)
	for slot := range full {
		if slot != 3 && (full[slot] != deleted[slot] || full[slot] != put[slot]) {
			t.Errorf("slot %d changed: %v", slot, found)
		}
	}
	want := figures{"last_slot_state": 0, "string_key_words": []int{1, 5}}
	emptied := 1
	if mapFamily == "swiss" {
		want = figures{"last_slot_state": 128, "string_key_words": []int{1, 0}}
		emptied = 128
	}
	expect(t, found, want)
	if deleted[3] != emptied {
		t.Errorf("the freed slot says %d, not %d", deleted[3], emptied)
	}
}

func TestLayout(t *testing.T) {
	found := measured(t, layoutExperiment)
	expect(t, found, figures{"slots": 8, "state_bytes": 8, "keys_offset": 8, "key_inline": true})
	if mapFamily == "swiss" {
		expect(t, found, figures{"bucket_bytes": 136, "key_stride": 16, "values_offset": 16, "value_stride": 16, "fresh_state": 128})
		return
	}
	expect(t, found, figures{
		"bucket_bytes": 144, "key_stride": 8, "values_offset": 72, "value_stride": 8, "overflow_offset": 136, "fresh_state": 0,
		"address_mod_64": []int{64, 0, 64, 0, 64, 0, 64, 0},
	})
}

func TestDecisions(t *testing.T) {
	found := measured(t, decisionExperiment)
	expect(t, found, figures{"later_taken_reused": true})
	if mapFamily == "swiss" {
		expect(t, found, figures{"first_after_rest": 128})
		return
	}
	expect(t, found, figures{"chain_reused": true, "growing": true, "first_after_rest": 0})
	if inserts := found["rest_inserts"].(int); inserts < 200 || found["rest_accepted"] != inserts {
		t.Errorf("an unused slot was refused: %v", found)
	}
	if found["growing_pairs"] != found["growing_reused"] {
		t.Errorf("a growing map did not reuse: %v", found)
	}
}

func TestDeletesDoNotGrow(t *testing.T) {
	found := measured(t, growthExperiment)
	expect(t, found, figures{"grows_by_delete": 0, "array_bytes_after_delete": found["array_bytes_before_delete"]})
	if mapFamily == "classic" {
		expect(t, found, figures{
			"evacuated_after_gc": found["evacuated_before"], "evacuated_after_lookups": found["evacuated_before"],
		})
		if found["evacuated_after_absent_delete"].(int) <= found["evacuated_before"].(int) {
			t.Errorf("a delete evacuated nothing: %v", found)
		}
	}
}

func TestSyncMap(t *testing.T) {
	found := measured(t, syncExperiment)
	expect(t, found, figures{"delete_allocations": 0.0, "has_dirty": syncFamily == "sync-map"})
	if syncFamily == "hash-trie" {
		expect(t, found, figures{"first_store_allocations": 2.0})
		// An entry, and now and then a node of the trie that lost all its entries.
		if objects := found["restore_allocations"].(float64); objects < 1 || objects > 1.3 {
			t.Errorf("a store of a deleted key allocates %v objects", objects)
		}
		return
	}
	expect(t, found, figures{
		"restore_allocations": 1.0, "restore_bytes": 16.0, "promotion_allocations": 1.0, "promotion_bytes": 16.0, "first_store_allocations": 6.0,
		"amended_after_first_store": true, "misses_unamended": 0, "misses_amended": 3,
		"promoted_misses": 4, "promoted_dirty": 3, "promotion_same_map": true, "misses_after": 0, "dirty_after": -1, "expunged": 1,
	})
}

func TestFourKeysHaveFourPaths(t *testing.T) {
	found := measured(t, bucketPathsExperiment)
	for _, name := range []string{"go_seed_a", "go_seed_b"} {
		paths, ok := found[name].([]int)
		if !ok || len(paths) != 4 {
			t.Fatalf("%s: %v", name, found)
		}
		for _, path := range paths {
			if path < 0 || path > 3 {
				t.Errorf("%s: %v", name, paths)
			}
		}
	}
}

func TestPlacesAreTrue(t *testing.T) {
	m := make(map[uint64]uint64)
	c := newChurn(3000)
	c.fill(plainStore(m))
	v, err := openChecked(m)
	if err != nil {
		t.Fatal(err)
	}
	for round := 0; round < 20; round++ {
		c.run(500)
		if err := v.check(); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range c.keys {
		p, ok := v.find(key)
		if !ok || p.key() != key || p.value() != key {
			t.Fatalf("key %d is not where it should be", key)
		}
	}
	if _, ok := v.find(1 << 62); ok {
		t.Error("an absent key was found")
	}
	m[5]++
	v.m = map[uint64]uint64{}
	if v.check() == nil {
		t.Error("a wrong map passed the check")
	}
}

func TestMostInsertsReuse(t *testing.T) {
	share, err := reuseShare()
	if err != nil {
		t.Fatal(err)
	}
	low, high := 0.90, 0.915
	if mapFamily == "swiss" {
		low, high = 0.84, 0.99
	}
	if share < low || share > high {
		t.Errorf("%v of the inserts reuse a slot", share)
	}
}

func TestTrackersAgree(t *testing.T) {
	found := measured(t, trackersExperiment)
	expect(t, found, figures{"reused_lock": found["reused_sharded"]})
	if fresh := found["inserts"].(uint64) - found["reused_lock"].(uint64); fresh != trackerThreads*trackerSlots {
		t.Errorf("%d fresh slots", fresh)
	}
}

func TestPoolOfValuesAllocates(t *testing.T) {
	if objects := poolAllocations(cycleValues); objects < poolPairs {
		t.Errorf("%v objects for %d values", objects, poolPairs)
	}
	if objects := poolAllocations(cyclePointers); objects > poolPairs/100 {
		t.Errorf("%v objects for %d pointers", objects, poolPairs)
	}
}

func TestProfileIsRead(t *testing.T) {
	var encoded bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&encoded, 0); err != nil {
		t.Fatal(err)
	}
	whole := encoded.Bytes()
	profile, err := readProfile(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	here := func(function string) bool { return function == "churnmark/real-go.TestProfileIsRead" }
	if profile.samplesIn(here) != 1 {
		t.Errorf("this test is not in its own profile: %v", profile.stacks)
	}
	for _, bad := range [][]byte{nil, whole[:len(whole)/2], []byte("no profile")} {
		if _, err := readProfile(bytes.NewReader(bad)); err == nil {
			t.Errorf("%d bytes passed as a profile", len(bad))
		}
	}
	for _, bad := range [][]byte{{0x80}, {0x0a}, {0x0a, 5, 1}, {0x0d, 1}} {
		if _, err := readFields(bad); err == nil {
			t.Errorf("% x passed as a message", bad)
		}
	}
}
