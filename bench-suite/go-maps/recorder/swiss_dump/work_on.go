//go:build work

package main

import _ "unsafe"

// Only a runtime that ../instrument has changed has it. Needs -ldflags=-checklinkname=0 on Go >= 1.23.
//
//go:linkname rtWork internal/runtime/maps.churnmarkWork
var rtWork [4]uint64

// takeWork gives what the maps have done since the last time: hashes, comparisons, visits, zeroings.
func takeWork() (work [4]uint64, counted bool) {
	work, rtWork = rtWork, work
	return work, true
}
