package main

import (
	"runtime"
	"sync"
)

// route is where a tape is cut: into phases, and those into slices.
type route struct {
	phases []phaseMark
	// sliceOps is how many operations a slice has: whole chunks, so that slices are alike. The rule is that of
	// formats/src/tape/slice.rs.
	sliceOps int
	// gate lets all threads into a phase at once.
	gate *gate
}

func newRoute(t *tape, samples uint64) *route {
	most := 0
	for _, ops := range t.threads {
		if len(ops) > most {
			most = len(ops)
		}
	}
	return &route{phases: t.Phases, sliceOps: sliceOps(uint64(most), samples), gate: newGate(len(t.threads))}
}

// sliceOps cuts the longest thread of a tape into about so many slices of whole chunks.
func sliceOps(longest, samples uint64) int {
	if samples == 0 {
		samples = 1
	}
	slice := (longest + samples - 1) / samples
	chunks := (slice + chunk - 1) / chunk
	if chunks == 0 {
		chunks = 1
	}
	return int(chunks) * chunk
}

// slices is how many slices a thread plays in a phase.
func (r *route) slices(phase, thread int) int {
	return (int(r.phases[phase].Ops[thread]) + r.sliceOps - 1) / r.sliceOps
}

// watch is what a collector does at the borders of phases and slices; nothing is being measured there.
type watch interface {
	phaseStart(phase int)
	sliceStart()
	// marks gives room for one mark of the clock for each step of a chunk, or nil for none.
	marks() []uint64
	// chunkEnd is called after each chunk that left marks.
	chunkEnd(marks []uint64, kinds func(at int) kind)
	sliceEnd(ops int, t *tally)
	phaseEnd()
}

// unmarked is the part of a watch that wants no marks.
type unmarked struct{}

func (unmarked) marks() []uint64                   { return nil }
func (unmarked) chunkEnd([]uint64, func(int) kind) {}

// tourAll plays every thread's steps, each under its own watch and in a thread of its own.
func tourAll[K any](s *stage[K], watches []watch) []tally {
	crew := muster(s, watches)
	crew.play()
	return crew.dismiss()
}

// crew is threads that are there before they play and until they are dismissed. A single one is the caller's own.
type crew[K any] struct {
	stage   *stage[K]
	watches []watch
	tallies []tally
	// step is where all threads and the caller wait for each other.
	step    *gate
	running sync.WaitGroup
}

// muster starts a thread for each watch, which then waits.
func muster[K any](s *stage[K], watches []watch) *crew[K] {
	c := &crew[K]{stage: s, watches: watches, tallies: make([]tally, len(watches)), step: newGate(len(watches) + 1)}
	if len(watches) == 1 {
		return c
	}
	for thread := range watches {
		c.running.Add(1)
		go c.follow(thread)
	}
	c.step.wait()
	return c
}

func (c *crew[K]) follow(thread int) {
	defer c.running.Done()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.step.wait()
	// Mustered.
	c.step.wait()
	c.tour(thread)
	c.step.wait()
	// Played.
	c.step.wait()
}

func (c *crew[K]) tour(thread int) {
	s := c.stage
	tour(s.route, s.made.threads[thread], s.way, thread, c.watches[thread], &c.tallies[thread])
}

// play has all threads play into the stage's map and returns when the last is done.
func (c *crew[K]) play() {
	if len(c.watches) > 1 {
		c.step.wait()
		c.step.wait()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.tour(0)
}

// dismiss lets the threads go and tells what their operations came to.
func (c *crew[K]) dismiss() []tally {
	if len(c.watches) > 1 {
		c.step.wait()
		c.running.Wait()
	}
	return c.tallies
}

// tour leads one thread through its tape, phase by phase, slice by slice.
func tour[K any](r *route, rest []step[K], way player[K], thread int, w watch, t *tally) {
	for index, phase := range r.phases {
		steps := rest[:phase.Ops[thread]]
		rest = rest[phase.Ops[thread]:]
		r.gate.wait()
		w.phaseStart(index)
		for len(steps) > 0 {
			slice := first(&steps, r.sliceOps)
			ops := len(slice)
			w.sliceStart()
			for len(slice) > 0 {
				part := first(&slice, chunk)
				marks := w.marks()
				way.play(part, t, marks)
				if marks != nil {
					w.chunkEnd(marks[:len(part)], func(at int) kind { return part[at].kind })
				}
			}
			w.sliceEnd(ops, t)
			tellPlayed(ops)
		}
		w.phaseEnd()
	}
}

// first cuts at most count steps off the front.
func first[K any](steps *[]step[K], count int) []step[K] {
	if count > len(*steps) {
		count = len(*steps)
	}
	front := (*steps)[:count]
	*steps = (*steps)[count:]
	return front
}

// gate is a barrier that can be used again.
type gate struct {
	lock    sync.Mutex
	opened  *sync.Cond
	threads int
	waiting int
	round   uint64
}

func newGate(threads int) *gate {
	made := &gate{threads: threads}
	made.opened = sync.NewCond(&made.lock)
	return made
}

// wait returns when all threads wait.
func (g *gate) wait() {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.waiting++
	if g.waiting == g.threads {
		g.waiting = 0
		g.round++
		g.opened.Broadcast()
		return
	}
	for round := g.round; round == g.round; {
		g.opened.Wait()
	}
}
