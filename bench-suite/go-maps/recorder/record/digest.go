// Package record is what the recorders share: numbers and digests, scripts, and the loop that plays a script on a map
// of the real runtime and writes down what it sees. Works with Go 1.19 and later.
package record

import (
	"encoding/hex"
	"fmt"
)

// Rng is SplitMix64.
type Rng uint64

// Next is the next number of 64 bits.
func (r *Rng) Next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// N is a number from 0 to n - 1.
func (r *Rng) N(n int) int { return int(r.Next() % uint64(n)) }

// Fnv is FNV-1a of 64 bits.
type Fnv uint64

// NewFnv is the digest of nothing.
func NewFnv() Fnv { return 14695981039346656037 }

// Byte adds a byte.
func (f *Fnv) Byte(x byte) { *f = (*f ^ Fnv(x)) * 1099511628211 }

// Uint16 adds a number, its low byte first.
func (f *Fnv) Uint16(x uint16) {
	f.Byte(byte(x))
	f.Byte(byte(x >> 8))
}

// Uint64 adds a number, its low byte first.
func (f *Fnv) Uint64(x uint64) {
	for i := 0; i < 8; i++ {
		f.Byte(byte(x >> (8 * i)))
	}
}

// HashKeys says, for the header of a recording, with which process-wide keys the runtime hashes. Nothing when built
// without the tag hashkeys.
func HashKeys() string {
	aes, keys, use, ok := hashKeys()
	if !ok {
		return ""
	}
	return fmt.Sprintf(`,"use_aes":%v,"aeskeysched":"%s","hashkey":["%016x","%016x","%016x","%016x"]`,
		use, hex.EncodeToString(aes[:128]), keys[0], keys[1], keys[2], keys[3])
}
