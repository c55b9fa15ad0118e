//go:build hashkeys && !go1.27

package main

import _ "unsafe"

// needs -ldflags=-checklinkname=0 on Go >= 1.23
//
//go:linkname rtAeskeysched runtime.aeskeysched
var rtAeskeysched [128]byte

//go:linkname rtHashkey runtime.hashkey
var rtHashkey [4]uintptr

//go:linkname rtUseAeshash runtime.useAeshash
var rtUseAeshash bool

func hashKeys() (aes []byte, hk [4]uintptr, useAes, ok bool) {
	return rtAeskeysched[:], rtHashkey, rtUseAeshash, true
}
