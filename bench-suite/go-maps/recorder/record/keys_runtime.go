//go:build hashkeys && !go1.27

package record

import _ "unsafe"

// Needs -ldflags=-checklinkname=0 from Go 1.23 on.
//
//go:linkname rtAeskeysched runtime.aeskeysched
var rtAeskeysched [128]byte

//go:linkname rtHashkey runtime.hashkey
var rtHashkey [4]uintptr

//go:linkname rtUseAeshash runtime.useAeshash
var rtUseAeshash bool

func hashKeys() (aes []byte, keys [4]uintptr, use, ok bool) {
	return rtAeskeysched[:], rtHashkey, rtUseAeshash, true
}
