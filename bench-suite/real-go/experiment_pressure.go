package main

import (
	"runtime"
	"strconv"
	"sync"
)

// The article's load, without its pauses: 30 minutes of 500 writes and 200 reads a second.
const (
	pressureMinutes = 30
	pressureSeconds = pressureMinutes * 60
	pressureWrites  = 500
	pressureReads   = 200
	// pressureBound is how many keys there are when their number is bounded.
	pressureBound = 100_000
	// pressureSampling is how many simulated seconds lie between two readings of the heap.
	pressureSampling = 5
)

// textStore is a map from text to pointer, as the article uses it.
type textStore struct {
	put, get, remove func(key string)
}

func plainTextStore() textStore {
	m := make(map[string]*struct{})
	value := new(struct{})
	return textStore{
		put:    func(key string) { m[key] = value },
		get:    func(key string) { textSink = m[key] },
		remove: func(key string) { delete(m, key) },
	}
}

func syncTextStore() textStore {
	m := new(sync.Map)
	value := new(struct{})
	return textStore{
		put:    func(key string) { m.Store(key, value) },
		get:    func(key string) { allocationSink, _ = m.Load(key) },
		remove: func(key string) { m.Delete(key) },
	}
}

// textSink keeps lookups alive that nobody reads.
var textSink *struct{}

func pressureKey(number uint64) string { return "user_" + strconv.FormatUint(number, 10) }

// pressure is what the load did to the heap: average of heap in use, live bytes of the map at the
// end, collections in a simulated minute.
type pressure struct {
	averageBytes, cyclesPerMinute float64
	endBytes                      uint64
}

// pressureLoad makes the writes and reads of one simulated second after the other.
type pressureLoad struct {
	store textStore
	// keys are all keys there are; nil when every write has a new key.
	keys []string
	// present says which of keys the store holds.
	present       []bool
	written, read uint64
}

// newPressureLoad prepares the keys, if their number is bounded. It collects what earlier loads
// left first: keys between garbage would keep its pages in use.
func newPressureLoad(s textStore, bounded bool) *pressureLoad {
	collect(2)
	l := &pressureLoad{store: s}
	if bounded {
		l.keys, l.present = make([]string, pressureBound), make([]bool, pressureBound)
		for i := range l.keys {
			l.keys[i] = pressureKey(uint64(i))
		}
	}
	return l
}

// write puts a new key; of bounded keys it puts a random one, or deletes it if it is there.
func (l *pressureLoad) write() {
	number := l.written
	l.written++
	if l.keys == nil {
		l.store.put(pressureKey(number))
		return
	}
	at := scramble(number) % pressureBound
	if l.present[at] {
		l.store.remove(l.keys[at])
	} else {
		l.store.put(l.keys[at])
	}
	l.present[at] = !l.present[at]
}

// get reads a random key of those that were written.
func (l *pressureLoad) get() {
	random := scramble(1<<40 + l.read)
	l.read++
	if l.keys == nil {
		l.store.get(pressureKey(random % l.written))
	} else {
		l.store.get(l.keys[random%pressureBound])
	}
}

// press runs the load and reads the heap meanwhile.
func press(l *pressureLoad) pressure {
	base := liveHeap()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	cycles, sum, samples := stats.NumGC, 0.0, 0
	for second := 0; second < pressureSeconds; second++ {
		for i := 0; i < pressureWrites; i++ {
			l.write()
		}
		for i := 0; i < pressureReads; i++ {
			l.get()
		}
		if second%pressureSampling == 0 {
			runtime.ReadMemStats(&stats)
			sum += float64(stats.HeapInuse)
			samples++
		}
	}
	runtime.ReadMemStats(&stats)
	result := pressure{averageBytes: sum / float64(samples), cyclesPerMinute: float64(stats.NumGC-cycles) / pressureMinutes}
	result.endBytes = liveHeap() - base
	runtime.KeepAlive(l)
	return result
}

// pressureExperiment puts the load on map and sync.Map, with keys without end and with a bound.
func pressureExperiment() (figures, error) {
	found := figures{}
	for _, load := range []struct {
		name    string
		store   func() textStore
		bounded bool
		suffix  string
	}{
		{"map", plainTextStore, false, ""}, {"sync", syncTextStore, false, ""},
		{"map", plainTextStore, true, "_bounded"}, {"sync", syncTextStore, true, "_bounded"},
	} {
		result := press(newPressureLoad(load.store(), load.bounded))
		found[load.name+"_average_bytes"+load.suffix] = result.averageBytes
		found[load.name+"_end_bytes"+load.suffix] = result.endBytes
		found[load.name+"_cycles"+load.suffix] = result.cyclesPerMinute
	}
	return found, nil
}
