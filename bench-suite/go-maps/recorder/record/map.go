package record

import "unsafe"

// Hasher is the hash of a key in a map's type descriptor.
type Hasher func(key unsafe.Pointer, seed uintptr) uintptr

// Map is a map of the real runtime with keys of one kind, and what lies in its memory. Keys are named by numbers.
type Map struct {
	// Put, Erase and Get are what the compiler makes of an assignment, a delete and a look-up with such keys.
	Put   func(key, value uint64)
	Erase func(key uint64)
	Get   func(key uint64) (value uint64, ok bool)
	Len   func() int
	// Header is where the map's own fields are, Type its type descriptor.
	Header, Type unsafe.Pointer
	// KeySize is the bytes of a key. A struct of a key and a value has PairSize bytes, the value from ValueAt on.
	KeySize, ValueAt, PairSize uintptr
	// Pointers says whether such a key holds any.
	Pointers bool
	// HashOf is the hash of a key under a seed, by the map's own function.
	HashOf func(key uint64, seed uintptr) uint64
	// Number is the number of the key that lies there, 0 for zeroed memory.
	Number func(key unsafe.Pointer) uint64
}

// NewMap makes a map with keys of this kind; a hint below 0 is none.
func NewMap(kind string, hint int) *Map {
	switch kind {
	case "u32":
		return made(hint, func(k uint64) uint32 { return uint32(k) }, func(key uint32) uint64 { return uint64(key) })
	case "u64":
		return made(hint, func(k uint64) uint64 { return k }, func(key uint64) uint64 { return key })
	case "float":
		return made(hint, func(k uint64) float64 { return float64(k) }, func(key float64) uint64 { return uint64(key) })
	case "struct":
		return made(hint, func(k uint64) structKey { return structKey{k, uint32(k)} },
			func(key structKey) uint64 { return key.a })
	case "uuid":
		return made(hint, uuidOf, uuidNumber)
	case "string":
		m := made(hint, textOf, textNumber)
		m.Pointers = true
		return m
	case "any":
		return ofAny(hint)
	}
	panic("there are no keys called " + kind)
}

// made makes a map. The compiler sees the type of the keys: it calls the functions that it calls elsewhere for them.
func made[K comparable](hint int, of func(uint64) K, number func(K) uint64) *Map {
	var pair struct {
		key K
		val uint64
	}
	m := make(map[K]uint64)
	if hint >= 0 {
		m = make(map[K]uint64, hint)
	}
	made := &Map{
		Put:     func(k, v uint64) { m[of(k)] = v },
		Erase:   func(k uint64) { delete(m, of(k)) },
		Get:     func(k uint64) (v uint64, ok bool) { v, ok = m[of(k)]; return },
		Len:     func() int { return len(m) },
		KeySize: unsafe.Sizeof(pair.key), ValueAt: unsafe.Offsetof(pair.val), PairSize: unsafe.Sizeof(pair),
		Number: func(key unsafe.Pointer) uint64 {
			// A string that a delete made nil may have its length still.
			if unsafe.Sizeof(pair.key) == 16 && *(*uintptr)(key) == 0 {
				return 0
			}
			return number(*(*K)(key))
		},
	}
	hasher := made.look(m)
	made.HashOf = func(k uint64, seed uintptr) uint64 {
		key := of(k)
		return uint64(hasher(unsafe.Pointer(&key), seed))
	}
	return made
}

// ofAny makes a map with keys of any, which no comparable is before Go 1.20.
func ofAny(hint int) *Map {
	m := make(map[any]uint64)
	if hint >= 0 {
		m = make(map[any]uint64, hint)
	}
	made := &Map{
		Put:     func(k, v uint64) { m[k] = v },
		Erase:   func(k uint64) { delete(m, k) },
		Get:     func(k uint64) (v uint64, ok bool) { v, ok = m[k]; return },
		Len:     func() int { return len(m) },
		KeySize: 16, ValueAt: 16, PairSize: 24, Pointers: true,
		Number: func(key unsafe.Pointer) uint64 { return NumberOf(*(*any)(key)) },
	}
	hasher := made.look(m)
	made.HashOf = func(k uint64, seed uintptr) uint64 {
		var key any = k
		return uint64(hasher(unsafe.Pointer(&key), seed))
	}
	return made
}

// look finds the header and the type descriptor of a map, and in it the hash, which lies there in every release.
func (m *Map) look(value any) Hasher {
	words := (*[2]unsafe.Pointer)(unsafe.Pointer(&value))
	m.Type, m.Header = words[0], words[1]
	return *(*Hasher)(unsafe.Pointer(uintptr(m.Type) + 72))
}

// Clear is clear(m), which the language has since 1.21. Before, the compiler made it of a loop that deletes every key,
// but not of keys like floats, which may be unequal to themselves.
func (m *Map) Clear() { mapclear(m.Type, m.Header) }

// Needs -ldflags=-checklinkname=0 from Go 1.23 on.
//
//go:linkname mapclear runtime.mapclear
func mapclear(typ, header unsafe.Pointer)
