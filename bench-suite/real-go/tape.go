package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
)

// kind is what one step asks of the map, by its number on the tape.
type kind uint64

const (
	insert kind = iota
	remove
	get
	update
	iterate
	clearAll
	// replace is an insert of a key that is live. It is on no tape: preparing tells it from other inserts, since Go's
	// map needs a look-up to give back what an insert replaces, and none otherwise.
	replace
)

const (
	kindCount = 6
	keyBits   = 60
	maxKey    = 1<<keyBits - 1
)

var kindNames = [kindCount]string{"insert", "remove", "get", "update", "iterate", "clear"}

// op is one step of a tape: a kind above keyBits, the number of a key below.
type op uint64

func (o op) kind() kind  { return kind(o >> keyBits) }
func (o op) key() uint64 { return uint64(o) & maxKey }

// material is what keys or values are made of: a name, and for some a number of bytes, which is 0 where sizes differ.
type material struct {
	name  string
	bytes int
}

// varies says whether values have different sizes. Those are not read here.
func (m material) varies() bool { return m.bytes == 0 }

// UnmarshalJSON reads `"u64"`, `{"string":24}` or `{"boxed":{"from":16,"to":64}}`.
func (m *material) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &m.name) == nil {
		m.bytes = map[string]int{"u32": 4, "u64": 8, "uuid": 16}[m.name]
		return nil
	}
	var sized map[string]json.RawMessage
	if err := json.Unmarshal(text, &sized); err != nil || len(sized) != 1 {
		return fmt.Errorf("%s is no material", text)
	}
	for name, size := range sized {
		m.name = name
		if err := json.Unmarshal(size, &m.bytes); err != nil {
			if name != "boxed" {
				return fmt.Errorf("%s is no material", text)
			}
			m.bytes = 0
			return nil
		}
		if m.bytes < 1 || m.bytes > 1<<20 {
			return fmt.Errorf("%s: there is nothing of %d bytes", m.name, m.bytes)
		}
	}
	return nil
}

func (m material) String() string {
	switch m.name {
	case "u32", "u64", "uuid":
		return m.name
	}
	return fmt.Sprintf("%s(%d)", m.name, m.bytes)
}

// phaseMark is one stretch of a tape: its name, the operations of each thread, and whether it is load: the first ones may
// only prepare it.
type phaseMark struct {
	Name   string          `json:"name"`
	Ops    []uint64        `json:"ops"`
	Counts bool            `json:"counts"`
	Pace   json.RawMessage `json:"pace"`
}

// keyPattern says how a key follows from its number: scattered where nothing stands.
type keyPattern struct {
	MultiplesOf  uint64 `json:"multiples_of"`
	CommonPrefix int    `json:"common_prefix"`
}

// header is what a tape says about itself, as far as playing it needs to know.
type header struct {
	Keys       material    `json:"keys"`
	KeyPattern keyPattern  `json:"key_pattern"`
	Values     material    `json:"values"`
	KeysShared bool        `json:"keys_shared"`
	Distinct   uint64      `json:"distinct"`
	Phases     []phaseMark `json:"phases"`
	// Pace is there where operations start by a schedule. None is kept here.
	Pace json.RawMessage `json:"pace"`
	// RecordedNs is there where a recording says when operations start: then as many times follow the operations.
	RecordedNs *uint64 `json:"recorded_ns"`
}

// isPaced says whether any operation has a time at which it is to start.
func (h *header) isPaced() bool {
	scheduled := func(pace json.RawMessage) bool { return pace != nil && string(pace) != `"closed"` }
	for _, phase := range h.Phases {
		if scheduled(phase.Pace) {
			return true
		}
	}
	return scheduled(h.Pace)
}

// tape is the exact operations of one workload at one seed.
type tape struct {
	header
	// id is the digest in the file's trailer, in hex. Whoever asks for a pass compares it with that of the tape it
	// means; the digest itself is not computed here again.
	id string
	// threads holds the operations of each thread.
	threads [][]op
}

const (
	magic         = "CHURNTAP"
	formatVersion = 2
	headBytes     = len(magic) + 8
	trailerBytes  = 16
)

// readTape reads a tape and checks that it is whole and makes sense.
func readTape(file string) (*tape, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	read, err := parseTape(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %v", file, err)
	}
	return read, nil
}

func parseTape(content []byte) (*tape, error) {
	if len(content) < len(magic) || string(content[:len(magic)]) != magic {
		return nil, fmt.Errorf("is no tape: it does not start with %s", magic)
	}
	if len(content) < headBytes+trailerBytes {
		return nil, fmt.Errorf("is damaged: it ends after %d bytes", len(content))
	}
	if found := binary.LittleEndian.Uint32(content[len(magic):]); found != formatVersion {
		return nil, fmt.Errorf("is a tape of format %d; this program reads format %d", found, formatVersion)
	}
	length := uint64(binary.LittleEndian.Uint32(content[len(magic)+4:]))
	rest, trailer := content[headBytes:len(content)-trailerBytes], content[len(content)-trailerBytes:]
	if length > uint64(len(rest)) {
		return nil, fmt.Errorf("is damaged: it ends after %d bytes", len(content))
	}
	read := &tape{}
	if err := json.Unmarshal(rest[:length], &read.header); err != nil {
		return nil, fmt.Errorf("is damaged: header: %v", err)
	}
	// The trailer is one little-endian number; people write its highest digit first.
	high, low := binary.LittleEndian.Uint64(trailer[8:]), binary.LittleEndian.Uint64(trailer)
	read.id = fmt.Sprintf("%016x%016x", high, low)
	body := rest[length:]
	// Whatever stands beside the operations comes behind them.
	if operations := 8 * read.operations(); read.hasBeside() && operations < uint64(len(body)) {
		body = body[:operations]
	}
	return read, read.split(body)
}

// hasBeside says whether something stands beside the operations: when they are due, or the sizes of values.
func (h *header) hasBeside() bool { return h.RecordedNs != nil || h.Values.varies() }

// operations counts those of all phases; 0 where that is more than a tape can have.
func (h *header) operations() uint64 {
	var sum uint64
	for _, phase := range h.Phases {
		for _, ops := range phase.Ops {
			if ops > 1<<32 {
				return 0
			}
			sum += ops
		}
	}
	return sum
}

// split decodes the operations and gives each thread its own.
func (t *tape) split(body []byte) error {
	threads := 0
	if len(t.Phases) > 0 {
		threads = len(t.Phases[0].Ops)
	}
	counts, left := make([]uint64, threads), uint64(len(body)/8)
	for _, phase := range t.Phases {
		if len(phase.Ops) != threads {
			return fmt.Errorf("is damaged: its phases disagree about the threads")
		}
		for thread, ops := range phase.Ops {
			if ops > left {
				return fmt.Errorf("is damaged: its phases do not account for its operations")
			}
			counts[thread] += ops
			left -= ops
		}
	}
	if threads == 0 || left != 0 || len(body)%8 != 0 {
		return fmt.Errorf("is damaged: its phases do not account for its operations")
	}
	if t.Distinct > uint64(len(body)/8) {
		return fmt.Errorf("is damaged: it inserts %d keys with %d operations", t.Distinct, len(body)/8)
	}
	t.threads = make([][]op, threads)
	for thread, count := range counts {
		ops := offHeap[op](int(count))
		for at := range ops {
			ops[at] = op(binary.LittleEndian.Uint64(body[8*at:]))
			if ops[at].kind() >= kindCount {
				return fmt.Errorf("is damaged: operation %d of thread %d is of no known kind", at, thread)
			}
		}
		body = body[8*count:]
		t.threads[thread] = ops
	}
	return nil
}
