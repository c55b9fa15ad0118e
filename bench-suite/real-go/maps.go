package main

import (
	"fmt"
	"runtime"
	"strings"
)

// mapInfo is what a map says about itself.
type mapInfo struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	About   string `json:"about"`
	Kind    string `json:"kind"`
	Canary  bool   `json:"canary"`
}

// unfit is why a pass cannot be made.
type unfit string

func (u unfit) Error() string { return string(u) }

// mapKind is how a map can be used.
type mapKind string

const (
	single      mapKind = "single"
	threads     mapKind = "shared"
	slotManager mapKind = "slot_manager"
)

// listed is one map of this program.
type listed struct {
	// name is what comes after the version of Go.
	name  string
	kind  mapKind
	about string
	// play plays a tape into a new map.
	play func(j *job) (observation, error)
}

var maps = []listed{
	{"map", single, "Go's own map. It gives nothing back, so a remove is a look-up and a delete; an insert that " +
		"replaces is a look-up and an assignment, any other an assignment.", playBuiltin},
	{"mutex-map", threads, "sync.Mutex around Go's own map, used as by `map` with a look-up before each insert. " +
		"Each operation locks the whole map.", playMutex},
	{"rwmutex-map", threads, "sync.RWMutex around Go's own map, used as by `mutex-map`; gets and walks share the " +
		"lock.", playRWMutex},
	{"sync-map", threads, "sync.Map: Swap, LoadAndDelete, Load, and CompareAndSwap for updates. Keys and values " +
		"become interfaces, which allocates.", playSyncMap},
	{"pool", slotManager, "sync.Pool: an insert takes a slot, a remove puts it back. Slots in use are kept in a " +
		"table of 8 bytes for each seat; the table counts as memory of the map.", playPool},
}

// goVersion is the version of Go as names have it: without what a build of the developers adds.
func goVersion() string {
	return strings.Fields(runtime.Version() + " ")[0]
}

func (l *listed) fullName() string { return goVersion() + "-" + l.name }

func (l *listed) info() mapInfo {
	return mapInfo{Name: l.fullName(), Version: runtime.Version(), About: l.about, Kind: string(l.kind)}
}

// find finds a map by its full name.
func find(name string) *listed {
	for at := range maps {
		if maps[at].fullName() == name {
			return &maps[at]
		}
	}
	return nil
}

// fits says why the map or the collector cannot play this tape, if so.
func (l *listed) fits(j *job) error {
	count := len(j.tape.threads)
	switch {
	case count > 1 && l.kind != threads:
		return unfit(fmt.Sprintf("%s is for one thread, and the tape has %d", j.mapName, count))
	case count > 1 && j.collector == "allocations":
		return unfit(fmt.Sprintf("the %s collector follows one thread, and the tape has %d", j.collector, count))
	case j.tape.Values.varies():
		return unfit("the program of real Go makes values of one size, and the tape has values of several")
	case j.tape.isPaced() && j.collector != "allocations":
		return unfit("the program of real Go keeps no schedule, and the tape has one")
	case l.name == "sync-map" && j.tape.KeysShared && !swapsAtOnce:
		return unfit(fmt.Sprintf("sync.Map of %s has no Swap, and the tape's threads share keys", goVersion()))
	}
	return nil
}

func strange(j *job) error {
	return unfit(fmt.Sprintf("%s does not take keys of %v with values of %v", j.mapName, j.tape.Keys, j.tape.Values))
}

// access is how a map with keys is used.
type access int

const (
	builtinMap access = iota
	behindOneMutex
	behindOneRWMutex
	syncMap
)

func playBuiltin(j *job) (observation, error) { return playKeyed(j, builtinMap) }

func playMutex(j *job) (observation, error) { return playKeyed(j, behindOneMutex) }

func playRWMutex(j *job) (observation, error) { return playKeyed(j, behindOneRWMutex) }

func playSyncMap(j *job) (observation, error) { return playKeyed(j, syncMap) }

// playKeyed plays with the keys and values that the tape asks for: every kind of key goes with every kind of value.
func playKeyed(j *job, how access) (observation, error) {
	switch j.tape.Keys.name {
	case "u32":
		return playValued[uint32](j, how)
	case "u64":
		return playValued[uint64](j, how)
	case "uuid":
		return playValued[uuid](j, how)
	case "string":
		return playValued[string](j, how)
	}
	return observation{}, strange(j)
}

func playValued[K key](j *job, how access) (observation, error) {
	switch bytes := j.tape.Values.bytes; j.tape.Values.name {
	case "u64":
		return playEntries[K, uint64](j, how), nil
	case "bytes":
		if bytes == len(inline{})*8 {
			return playEntries[K, inline](j, how), nil
		}
	case "boxed":
		return playEntries[K, boxed](j, how), nil
	}
	return observation{}, strange(j)
}

func playEntries[K key, V value](j *job, how access) observation {
	bytes := j.tape.Values.bytes
	return perform(j, keyed[K](j.tape), func() player[K] { return fresh[K, V](how, bytes) })
}

func playPool(j *job) (observation, error) {
	bytes := j.tape.Values.bytes
	made := seated(j.tape)
	switch j.tape.Values.name {
	case "u64":
		return perform(j, made, func() player[seat] { return newSlotPool[uint64](bytes) }), nil
	case "bytes":
		if bytes == len(inline{})*8 {
			return perform(j, made, func() player[seat] { return newSlotPool[inline](bytes) }), nil
		}
	case "boxed":
		return perform(j, made, func() player[seat] { return newSlotPool[boxed](bytes) }), nil
	}
	return observation{}, strange(j)
}

// fresh makes an empty map.
func fresh[K key, V value](how access, valueBytes int) player[K] {
	switch how {
	case behindOneMutex:
		return &behindMutex[K, V]{builtin: newBuiltin[K, V](valueBytes)}
	case behindOneRWMutex:
		return &behindRWMutex[K, V]{builtin: newBuiltin[K, V](valueBytes)}
	case syncMap:
		return &shared[K, V]{valueBytes: valueBytes}
	}
	made := newBuiltin[K, V](valueBytes)
	return &made
}
