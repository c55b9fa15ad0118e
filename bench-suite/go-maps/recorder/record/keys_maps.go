//go:build hashkeys && go1.27

package record

import _ "unsafe"

// Needs -ldflags=-checklinkname=0.
//
//go:linkname rtAeskeysched internal/runtime/maps.aeskeysched
var rtAeskeysched [128]byte

//go:linkname rtHashkey internal/runtime/maps.hashkey
var rtHashkey [4]uintptr

//go:linkname rtUseAeshash internal/runtime/maps.UseAeshash
var rtUseAeshash bool

func hashKeys() (aes []byte, keys [4]uintptr, use, ok bool) {
	return rtAeskeysched[:], rtHashkey, rtUseAeshash, true
}
