package main

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unsafe"
)

// handle is a real map of one kind of key. Keys are named by numbers.
type handle struct {
	// m is the map itself, as a pointer to its header and its type descriptor.
	m any
	// put, del and get are what the compiler makes of an assignment, a delete and a look-up with such keys.
	put     func(k, v uint64)
	del     func(k uint64)
	get     func(k uint64) (uint64, bool)
	clear   func()
	length  func() int
	keySize uintptr
	// valAt is where the value lies in a struct of a key and a value.
	valAt, pairSize uintptr
	// pointers says whether such a key holds any.
	pointers bool
	// hash takes the hash of a key with the map's own function.
	hash func(hasher hasherFn, k uint64, seed uintptr) uint64
	// number gives the number of the key that lies there, 0 for zeroed memory.
	number func(key unsafe.Pointer) uint64
}

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
	// A string in memory of its own, as all others are.
	return strings.Clone(digits)
}

func uuidOf(k uint64) (key [16]byte) {
	binary.LittleEndian.PutUint64(key[:8], k)
	binary.LittleEndian.PutUint64(key[8:], k*golden)
	return key
}

// kinds are the kinds of keys, by the name they have in recordings.
var kinds = map[string]func(hint int) *handle{
	"u32": func(hint int) *handle {
		return made(hint, func(k uint64) uint32 { return uint32(k) }, func(key uint32) uint64 { return uint64(key) })
	},
	"u64": func(hint int) *handle {
		return made(hint, func(k uint64) uint64 { return k }, func(key uint64) uint64 { return key })
	},
	"string": func(hint int) *handle {
		m := made(hint, textOf, func(key string) uint64 {
			k, _ := strconv.ParseUint(strings.TrimRight(key, "."), 10, 64)
			return k
		})
		m.pointers = true
		return m
	},
	"uuid": func(hint int) *handle {
		return made(hint, uuidOf, func(key [16]byte) uint64 { return binary.LittleEndian.Uint64(key[:8]) })
	},
	"float": func(hint int) *handle {
		return made(hint, func(k uint64) float64 { return float64(k) }, func(key float64) uint64 { return uint64(key) })
	},
	"struct": func(hint int) *handle {
		return made(hint, func(k uint64) structKey { return structKey{k, uint32(k)} },
			func(key structKey) uint64 { return key.a })
	},
	"any": madeOfAny,
}

// made makes a map. The compiler sees the type of the keys: it calls the functions that it calls elsewhere for them.
func made[K comparable](hint int, of func(uint64) K, number func(K) uint64) *handle {
	var pair struct {
		key K
		val uint64
	}
	m := make(map[K]uint64)
	if hint >= 0 {
		m = make(map[K]uint64, hint)
	}
	return &handle{
		m:       m,
		put:     func(k, v uint64) { m[of(k)] = v },
		del:     func(k uint64) { delete(m, of(k)) },
		get:     func(k uint64) (uint64, bool) { v, ok := m[of(k)]; return v, ok },
		clear:   func() { clearAll(m) },
		length:  func() int { return len(m) },
		keySize: unsafe.Sizeof(pair.key), valAt: unsafe.Offsetof(pair.val), pairSize: unsafe.Sizeof(pair),
		hash: func(hasher hasherFn, k uint64, seed uintptr) uint64 {
			key := of(k)
			return uint64(hasher(unsafe.Pointer(&key), seed))
		},
		number: func(key unsafe.Pointer) uint64 {
			// A string that a delete made nil may have its length still.
			if unsafe.Sizeof(pair.key) == 16 && *(*uintptr)(key) == 0 {
				return 0
			}
			return number(*(*K)(key))
		},
	}
}

// madeOfAny is made for any, which no comparable is before Go 1.20.
func madeOfAny(hint int) *handle {
	m := make(map[any]uint64)
	if hint >= 0 {
		m = make(map[any]uint64, hint)
	}
	return &handle{
		m:       m,
		put:     func(k, v uint64) { m[k] = v },
		del:     func(k uint64) { delete(m, k) },
		get:     func(k uint64) (uint64, bool) { v, ok := m[k]; return v, ok },
		clear:   func() { clearAny(m) },
		length:  func() int { return len(m) },
		keySize: 16, valAt: 16, pairSize: 24, pointers: true,
		hash: func(hasher hasherFn, k uint64, seed uintptr) uint64 {
			var key any = k
			return uint64(hasher(unsafe.Pointer(&key), seed))
		},
		number: func(key unsafe.Pointer) uint64 { k, _ := (*(*any)(key)).(uint64); return k },
	}
}

func kindNamed(name string, hint int) *handle {
	fresh, known := kinds[name]
	if !known {
		panic(fmt.Sprint("there are no keys called ", name))
	}
	return fresh(hint)
}
