//go:build work && !go1.24

package record

import _ "unsafe"

// Only a runtime that ../instrument has changed has it. Needs -ldflags=-checklinkname=0 from Go 1.23 on.
//
//go:linkname rtWork runtime.churnmarkWork
var rtWork [4]uint64

// takeWork gives what the maps have done since the last time: hashes, comparisons, visits, zeroings.
func takeWork() (work [4]uint64, counted bool) {
	work, rtWork = rtWork, work
	return work, true
}
