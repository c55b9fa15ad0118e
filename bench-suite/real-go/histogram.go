package main

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	// maxDuration is the longest duration that is told apart: 1 h.
	maxDuration = 3_600_000_000_000
	// digits is how many significant digits durations have.
	digits = 3
	// halfBits: above 2^(halfBits+1) ns durations are counted in steps of a power of two, each power with
	// 2^halfBits steps: what three digits need.
	halfBits = 10
	half     = 1 << halfBits
)

// histogram counts durations from 1 ns to 1 h with three significant digits, laid out as HdrHistogram has it.
type histogram struct {
	counts []uint64
	total  uint64
	max    uint64
}

func newHistogram() *histogram {
	return &histogram{counts: make([]uint64, slotOf(maxDuration)+1)}
}

// slotOf is where a duration is counted.
func slotOf(ns uint64) int {
	bucket := bits.Len64(ns|(2*half-1)) - (halfBits + 1)
	return (bucket << halfBits) + int(ns>>uint(bucket))
}

// record counts one duration some times. What lies outside the bounds counts as the bound.
func (h *histogram) record(ns, times uint64) {
	if ns < 1 {
		ns = 1
	}
	if ns > maxDuration {
		ns = maxDuration
	}
	h.counts[slotOf(ns)] += times
	h.total += times
	if ns > h.max {
		h.max = ns
	}
}

// add adds all durations of another histogram.
func (h *histogram) add(other *histogram) {
	for at, count := range other.counts {
		h.counts[at] += count
	}
	h.total += other.total
	if other.max > h.max {
		h.max = other.max
	}
}

const (
	cookie           = 0x1c849313
	compressedCookie = 0x1c849314
)

// MarshalText gives it as HdrHistogram's V2 format with DEFLATE, in base64.
func (h *histogram) MarshalText() ([]byte, error) {
	plain := h.encode()
	var packed bytes.Buffer
	packer := zlib.NewWriter(&packed)
	if _, err := packer.Write(plain); err != nil {
		return nil, err
	}
	if err := packer.Close(); err != nil {
		return nil, err
	}
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], compressedCookie)
	binary.BigEndian.PutUint32(head[4:], uint32(packed.Len()))
	whole := append(head[:], packed.Bytes()...)
	text := make([]byte, base64.StdEncoding.EncodedLen(len(whole)))
	base64.StdEncoding.Encode(text, whole)
	return text, nil
}

// encode gives it as HdrHistogram's V2 format: a head, then counts; a negative number is a run of zeros.
func (h *histogram) encode() []byte {
	var counts []byte
	end := slotOf(h.max) + 1
	for at := 0; at < end; {
		if h.counts[at] > 0 {
			counts = appendNumber(counts, int64(h.counts[at]))
			at++
			continue
		}
		zeros := at
		for at < end && h.counts[at] == 0 {
			at++
		}
		if run := at - zeros; run > 1 {
			counts = appendNumber(counts, -int64(run))
		} else {
			counts = appendNumber(counts, 0)
		}
	}
	var head [40]byte
	binary.BigEndian.PutUint32(head[:], cookie)
	binary.BigEndian.PutUint32(head[4:], uint32(len(counts)))
	binary.BigEndian.PutUint32(head[12:], digits)
	binary.BigEndian.PutUint64(head[16:], 1)
	binary.BigEndian.PutUint64(head[24:], maxDuration)
	binary.BigEndian.PutUint64(head[32:], math.Float64bits(1))
	return append(head[:], counts...)
}

// appendNumber appends a number as zigzag LEB128 of at most 9 bytes, the ninth of which has 8 bits of its own.
func appendNumber(to []byte, number int64) []byte {
	rest := uint64(number<<1) ^ uint64(number>>63)
	for short := 0; short < 8; short++ {
		if rest < 1<<7 {
			return append(to, byte(rest))
		}
		to = append(to, byte(rest)|1<<7)
		rest >>= 7
	}
	return append(to, byte(rest))
}
