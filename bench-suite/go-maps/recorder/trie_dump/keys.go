package main

import (
	"encoding/binary"
	"strconv"
	"strings"
)

type structKey struct {
	a uint64
	b uint32
}

const (
	golden      = 0x9E3779B97F4A7C15
	longestText = 300
)

// kinds makes the key of a number, for each kind of key by the name it has in recordings.
var kinds = map[string]func(k uint64) any{
	"u32":    func(k uint64) any { return uint32(k) },
	"u64":    func(k uint64) any { return k },
	"float":  func(k uint64) any { return float64(k) },
	"struct": func(k uint64) any { return structKey{k, uint32(k)} },
	"uuid": func(k uint64) any {
		var key [16]byte
		binary.LittleEndian.PutUint64(key[:8], k)
		binary.LittleEndian.PutUint64(key[8:], k*golden)
		return key
	},
	"string": func(k uint64) any {
		digits := strconv.FormatUint(k, 10)
		if missing := int(k*7%longestText) - len(digits); missing > 0 {
			digits += strings.Repeat(".", missing)
		}
		return digits
	},
}

// numberOf gives the number that a key was made of.
func numberOf(key any) uint64 {
	switch key := key.(type) {
	case uint32:
		return uint64(key)
	case uint64:
		return key
	case float64:
		return uint64(key)
	case structKey:
		return key.a
	case [16]byte:
		return binary.LittleEndian.Uint64(key[:8])
	case string:
		k, _ := strconv.ParseUint(strings.TrimRight(key, "."), 10, 64)
		return k
	}
	panic("a key of no kind")
}
