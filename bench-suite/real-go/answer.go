package main

import "fmt"

// absent is the answer that there is no such entry. Any other answer is the stamp of the value concerned (the
// position on its thread's tape of the operation that wrote it), a sum of stamps, or a count.
const absent = ^uint64(0)

// digest is all the answers of one thread, folded into one number.
type digest uint64

// fold adds the answer to operation index. The weight is odd, hence invertible: no other answer in its place gives
// the same sum.
func (d digest) fold(index, answer uint64) digest {
	weight := index*0x9E3779B97F4A7C15 | 1
	return d + digest((answer^0xA5A55A5AC3C33C3C)*weight)
}

// MarshalText gives its 16 hex digits.
func (d digest) MarshalText() ([]byte, error) {
	return []byte(fmt.Sprintf("%016x", uint64(d))), nil
}
