package main

// seat is what a slot manager is asked for: where its user keeps the slot that the manager gave out. Seats of
// removed entries are taken again, the last one first, so a table of them stays as small as the live set.
type seat uint32

// noSeat is the seat of a key that is not live.
const noSeat = ^seat(0)

// step is one operation with its key at hand: read in order, so that fetching it costs no cache miss.
type step[K any] struct {
	key  K
	kind kind
}

// prepared is what a pass needs of a tape, made before any clock starts.
type prepared[K any] struct {
	// threads holds the steps of each thread.
	threads [][]step[K]
	// left holds the keys that may be live at the end, in the order of their numbers.
	left []K
}

// keyed makes steps for maps: each key is made of its number.
func keyed[K key](t *tape) *prepared[K] {
	live := make([]bool, t.Distinct)
	made := &prepared[K]{}
	for _, ops := range t.threads {
		steps := offHeap[step[K]](len(ops))
		for at, op := range ops {
			steps[at] = step[K]{key: makeKey[K](op.key(), t.Keys.bytes, t.KeyPattern), kind: follow(op, live, t.KeysShared)}
		}
		made.threads = append(made.threads, steps)
	}
	for _, number := range numbers(live) {
		made.left = append(made.left, makeKey[K](number, t.Keys.bytes, t.KeyPattern))
	}
	return made
}

// follow notes what an operation does to the keys that can be live, and tells inserts of live keys from others where
// threads own their keys.
func follow(o op, live []bool, shared bool) kind {
	known := o.key() < uint64(len(live))
	switch {
	case o.kind() == clearAll:
		for number := range live {
			live[number] = false
		}
	case o.kind() == insert && known:
		wasLive := live[o.key()]
		live[o.key()] = true
		if wasLive && !shared {
			return replace
		}
	case o.kind() == remove && known && !shared:
		live[o.key()] = false
	}
	return o.kind()
}

func numbers(live []bool) []uint64 {
	var found []uint64
	for number, isLive := range live {
		if isLive {
			found = append(found, uint64(number))
		}
	}
	return found
}

// seated makes steps for slot managers: each key is the seat where the slot is kept while the key is live.
func seated(t *tape) *prepared[seat] {
	held := make([]seat, t.Distinct)
	for number := range held {
		held[number] = noSeat
	}
	seats := seats{held: held}
	made := &prepared[seat]{}
	for _, ops := range t.threads {
		steps := offHeap[step[seat]](len(ops))
		for at, op := range ops {
			steps[at] = step[seat]{key: seats.of(op), kind: op.kind()}
		}
		made.threads = append(made.threads, steps)
	}
	for _, seat := range held {
		if seat != noSeat {
			made.left = append(made.left, seat)
		}
	}
	return made
}

// seats gives a seat to each live key and takes the seat freed last first.
type seats struct {
	held []seat
	free []seat
	next seat
}

func (p *seats) of(o op) seat {
	switch {
	case o.kind() == clearAll:
		for number := range p.held {
			p.held[number] = noSeat
		}
		p.free, p.next = p.free[:0], 0
		return noSeat
	case o.kind() == iterate || o.key() >= uint64(len(p.held)):
		return noSeat
	}
	held := &p.held[o.key()]
	at := *held
	switch {
	case o.kind() == remove && at != noSeat:
		*held = noSeat
		p.free = append(p.free, at)
	case o.kind() == insert && at == noSeat:
		if last := len(p.free) - 1; last >= 0 {
			at, p.free = p.free[last], p.free[:last]
		} else {
			at = p.next
			p.next++
		}
		*held = at
	}
	return at
}
