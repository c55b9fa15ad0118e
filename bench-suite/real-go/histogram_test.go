package main

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"io"
	"testing"
)

// written holds histograms as the Rust program wrote them.
var written = []string{
	"HISTFAAAAEJ4nAE3AMj/HISTEwAAAA8AAAAAAAAAAwAAAAAAAAABAAADRjC4oAA/8AAAAAAAAFECAwIJAtEBAqsPAsNBAqWQB1M=",
	"HISTFAAAAEp4nAE/AMD/HISTEwAAABcAAAAAAAAAAwAAAAAAAAABAAADRjC4oAA/8AAAAAAAADcCBggCAAIABAIFAhEC0QEC/RECmQICzYwHTg==",
	"HISTFAAAAFp4nC2IMQ5AQBREv2dtvkQnOs1WKolaIjoncwOVziUkGodxA0fwZXemmHmvXbdaREaJydNmdpfhOmR+o+gQK17xFeJQNVTcLzHRE5gMAg0nNk/BXbLDB6C+CQQ=",
}

// unpack gives the V2 form inside the base64 text.
func unpack(t *testing.T, text string) []byte {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || binary.BigEndian.Uint32(packed) != compressedCookie {
		t.Fatalf("%q: %v", text, err)
	}
	if length := binary.BigEndian.Uint32(packed[4:]); int(length) != len(packed)-8 {
		t.Fatalf("%d bytes, its head says %d", len(packed)-8, length)
	}
	reader, err := zlib.NewReader(bytes.NewReader(packed[8:]))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// lowest is the shortest duration that is counted in this slot.
func lowest(slot int) uint64 {
	low, high := uint64(0), uint64(maxDuration)
	for low < high {
		if middle := (low + high) / 2; slotOf(middle) < slot {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// decode records what a V2 form counts.
func decode(plain []byte) *histogram {
	made, slot := newHistogram(), 0
	for rest := plain[40:]; len(rest) > 0; {
		number, used := uint64(0), 0
		for shift := uint(0); ; shift += 7 {
			one := rest[used]
			used++
			if used == 9 {
				number |= uint64(one) << shift
				break
			}
			number |= uint64(one&0x7F) << shift
			if one < 0x80 {
				break
			}
		}
		rest = rest[used:]
		count := int64(number>>1) ^ -int64(number&1)
		if count < 0 {
			slot -= int(count)
			continue
		}
		if count > 0 {
			made.record(lowest(slot), uint64(count))
		}
		slot++
	}
	return made
}

func TestHistogramsAreThoseOfRust(t *testing.T) {
	for _, text := range written {
		plain := unpack(t, text)
		if got := decode(plain).encode(); !bytes.Equal(got, plain) {
			t.Errorf("%x\nbecame %x", plain, got)
		}
	}
}

func TestHistogramsComeBack(t *testing.T) {
	made := newHistogram()
	for _, ns := range []uint64{0, 1, 2047, 2048, 4_000_000, maxDuration, maxDuration + 1} {
		made.record(ns, 1<<40)
	}
	text, err := made.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	back := decode(unpack(t, string(text)))
	if back.total != made.total || !bytes.Equal(back.encode(), made.encode()) {
		t.Errorf("%d durations became %d", made.total, back.total)
	}
}

func TestThreeDigitsAreKept(t *testing.T) {
	for _, ns := range []uint64{1, 30, 999, 2047, 2049, 123_456, 98_765_432, maxDuration} {
		if from := lowest(slotOf(ns)); from > ns || ns-from > ns/1000 {
			t.Errorf("%d ns is counted from %d ns", ns, from)
		}
	}
}

func TestNumbersHaveAtMostNineBytes(t *testing.T) {
	for number, want := range map[int64]string{
		0: "\x00", -1: "\x01", 1: "\x02", 64: "\x80\x01", -64: "\x7f",
		1<<63 - 1: "\xfe\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		if got := string(appendNumber(nil, number)); got != want {
			t.Errorf("%d is %x, must be %x", number, got, want)
		}
	}
}
