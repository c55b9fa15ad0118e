package main

import (
	"encoding/binary"
	"fmt"
	"strings"
	"syscall"
	"unsafe"
)

// uuid is a 16-byte key. Go has no functions of its own for maps with such keys, as it has for integers of 4 and 8
// bytes and for strings.
type uuid [16]byte

// inline is a value of 64 bytes inside the entry.
type inline [8]uint64

// boxed is a value in a heap block of its own, allocated by the operation that writes it. A string is the one block
// of bytes that sync.Map can compare when it is asked to swap.
type boxed string

// key is what a map is asked for; text is a string in a block of its own, which an insert clones.
type key interface {
	uint32 | uint64 | uuid | string
}

// value is what a map keeps. Its first 8 bytes are the stamp.
type value interface{ uint64 | inline | boxed }

// scatter is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection on 64 bits.
func scatter(number uint64) uint64 {
	z := number + 0x9E3779B97F4A7C15
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

// scatter32 is the finalizer of MurmurHash3 (Appleby 2008): a bijection on 32 bits.
func scatter32(number uint32) uint32 {
	z := number + 0x9E3779B9
	z = (z ^ (z >> 16)) * 0x85EBCA6B
	z = (z ^ (z >> 13)) * 0xC2B2AE35
	return z ^ (z >> 16)
}

// makeKey makes the key with this number by a pattern. Texts lie outside of Go's heap until an insert clones them.
func makeKey[K key](number uint64, bytes int, pattern keyPattern) (made K) {
	switch made := any(&made).(type) {
	case *uint32:
		*made = scatter32(uint32(number))
	case *uint64:
		if pattern.MultiplesOf != 0 {
			*made = number * pattern.MultiplesOf
		} else {
			*made = scatter(number)
		}
	case *uuid:
		high := scatter(number)
		binary.LittleEndian.PutUint64(made[:8], scatter(high))
		binary.LittleEndian.PutUint64(made[8:], high)
	case *string:
		hex := fmt.Sprintf("%016x", scatter(number))
		text := offHeapText(bytes)
		for at := range text {
			if at < pattern.CommonPrefix {
				text[at] = 'p'
			} else {
				text[at] = hex[(at-pattern.CommonPrefix)%len(hex)]
			}
		}
		*made = *(*string)(unsafe.Pointer(&text))
	}
	return made
}

// own gives the key as an insert keeps it: a text is cloned, as a server keeps the text of a request.
func own[K key](asked K) K {
	if text, isText := any(&asked).(*string); isText {
		*text = strings.Clone(*text)
	}
	return asked
}

// makeValue makes a value that carries the stamp.
func makeValue[V value](stamp uint64, bytes int) (made V) {
	switch made := any(&made).(type) {
	case *uint64:
		*made = stamp
	case *inline:
		for at := range made {
			made[at] = stamp
		}
	case *boxed:
		*made = box(stamp, bytes)
	}
	return made
}

// box makes a block of at least 8 bytes that starts with the stamp.
func box(stamp uint64, bytes int) boxed {
	if bytes < 8 {
		bytes = 8
	}
	block := make([]byte, bytes)
	binary.LittleEndian.PutUint64(block, stamp)
	// The block is never written again, which is all that a string asks of its bytes.
	return *(*boxed)(unsafe.Pointer(&block))
}

// stampOf gives the stamp that a value was made with.
func stampOf[V value](kept V) uint64 {
	switch kept := any(&kept).(type) {
	case *uint64:
		return *kept
	case *inline:
		return kept[0]
	case *boxed:
		var stamp [8]byte
		copy(stamp[:], *kept)
		return binary.LittleEndian.Uint64(stamp[:])
	}
	return 0
}

// offHeap makes a slice in memory that the garbage collector does not know: what a pass needs beside its map would
// otherwise decide how often the map's own garbage is collected. It holds nothing that points into Go's heap, and it
// is never given back.
func offHeap[T any](count int) []T {
	var element T
	if count == 0 || unsafe.Sizeof(element) == 0 {
		return nil
	}
	memory, err := syscall.Mmap(-1, 0, count*int(unsafe.Sizeof(element)),
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(fmt.Sprintf("memory for %d elements: %v", count, err))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&memory[0])), count)
}

// textChunk is how many bytes of texts are taken from the system at once.
const textChunk = 1 << 20

var texts []byte

func offHeapText(bytes int) []byte {
	if len(texts) < bytes {
		texts = offHeap[byte](textChunk + bytes)
	}
	text := texts[:bytes:bytes]
	texts = texts[bytes:]
	return text
}
