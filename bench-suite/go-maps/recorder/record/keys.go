package record

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

// textOf is the number in decimal digits, and points up to a length that differs from number to number.
func textOf(k uint64) string {
	digits := strconv.FormatUint(k, 10)
	if missing := int(k*7%longestText) - len(digits); missing > 0 {
		return digits + strings.Repeat(".", missing)
	}
	// In memory of its own, as all others are.
	return strings.Clone(digits)
}

func textNumber(key string) uint64 {
	k, _ := strconv.ParseUint(strings.TrimRight(key, "."), 10, 64)
	return k
}

func uuidOf(k uint64) (key [16]byte) {
	binary.LittleEndian.PutUint64(key[:8], k)
	binary.LittleEndian.PutUint64(key[8:], k*golden)
	return key
}

func uuidNumber(key [16]byte) uint64 { return binary.LittleEndian.Uint64(key[:8]) }

// KeyOf makes the key of a number, of each kind of key by the name that it has in recordings.
var KeyOf = map[string]func(k uint64) any{
	"u32":    func(k uint64) any { return uint32(k) },
	"u64":    func(k uint64) any { return k },
	"float":  func(k uint64) any { return float64(k) },
	"struct": func(k uint64) any { return structKey{k, uint32(k)} },
	"uuid":   func(k uint64) any { return uuidOf(k) },
	"string": func(k uint64) any { return textOf(k) },
}

// NumberOf gives the number that a key was made of.
func NumberOf(key any) uint64 {
	switch key := key.(type) {
	case nil:
		return 0
	case uint32:
		return uint64(key)
	case uint64:
		return key
	case float64:
		return uint64(key)
	case structKey:
		return key.a
	case [16]byte:
		return uuidNumber(key)
	case string:
		return textNumber(key)
	}
	panic("a key of no kind")
}
