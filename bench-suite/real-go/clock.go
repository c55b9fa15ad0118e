package main

import (
	"os"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// epoch is what the monotonic clock is counted from.
var epoch = time.Now()

// monotonic is the system's clock, ns.
func monotonic() uint64 { return uint64(time.Since(epoch)) }

// threadCPU is the CPU time of the calling thread, ns. The caller is locked to its thread. What the garbage collector
// does in threads of its own is not in it.
func threadCPU() uint64 {
	const ofThread = 3 // CLOCK_THREAD_CPUTIME_ID of Linux
	var now syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, ofThread, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		return 0
	}
	return uint64(now.Nano())
}

// usesCounter tells whether ticks are those of the processor's counter: it runs at one rate and never stops.
var usesCounter = hasCounter && hasInvariantCounter()

func hasInvariantCounter() bool {
	info, err := os.ReadFile("/proc/cpuinfo")
	text := string(info)
	return err == nil && strings.Contains(text, " constant_tsc") && strings.Contains(text, " nonstop_tsc")
}

// ticks reads the finest clock that is cheap to read.
func ticks() uint64 {
	if usesCounter {
		return counter()
	}
	return monotonic()
}

// ticker tells ticks in ns.
type ticker struct{ nsPerTick float64 }

// calibration is how long the counter is compared with the system's clock: an error of 1 µs in reading either end
// makes 1 part in 20,000.
const calibration = 20 * time.Millisecond

func calibrate() ticker {
	if !usesCounter {
		return ticker{nsPerTick: 1}
	}
	start, first := time.Now(), ticks()
	for time.Since(start) < calibration {
	}
	elapsed, last := time.Since(start), ticks()
	return ticker{nsPerTick: float64(elapsed) / float64(last-first)}
}

func (t ticker) ns(ticks uint64) uint64 { return uint64(float64(ticks) * t.nsPerTick) }

// clockInfo is what an observation says of the clock.
type clockInfo struct {
	Name   string  `json:"name"`
	Hz     float64 `json:"hz"`
	ReadNs float64 `json:"read_ns"`
	// GranularityNs is by how much a reading differs from the one before when it differs at all.
	GranularityNs float64 `json:"granularity_ns"`
}

func (t ticker) describe() clockInfo {
	const reads = 10_000
	var readings [reads]uint64
	for read := range readings {
		readings[read] = ticks()
	}
	steps := make([]uint64, 0, reads)
	for read := 1; read < reads; read++ {
		if readings[read] > readings[read-1] {
			steps = append(steps, readings[read]-readings[read-1])
		}
	}
	sort.Slice(steps, func(a, b int) bool { return steps[a] < steps[b] })
	granularity := 0.0
	if len(steps) > 0 {
		granularity = float64(steps[len(steps)/2]) * t.nsPerTick
	}
	name := "instant"
	if usesCounter {
		name = "tsc"
	}
	all := float64(readings[reads-1]-readings[0]) * t.nsPerTick
	return clockInfo{Name: name, Hz: 1e9 / t.nsPerTick, ReadNs: all / (reads - 1), GranularityNs: granularity}
}
