package main

// turnover is a script of constant size, of which only the states between turns are recorded: a fill, then turns in
// which each entry is replaced once. Keys are 0, 1, 2, and so on; a turn is as many pairs of a delete and a put as there
// are entries.
type turnover struct {
	order string // fifo: the oldest goes; uniform: any, by swap-remove from a list in order of insertion
	live  uint64
	turns int
	r     rng
	next  uint64
	keys  []uint64
}

// op gives the operation with this number.
func (t *turnover) op(i int) (op, bool) {
	fill := int(t.live)
	switch {
	case i < fill:
		return op{'p', t.add()}, true
	case i >= fill*(1+2*t.turns):
		return op{}, false
	case (i-fill)%2 == 1:
		return op{'p', t.add()}, true
	case t.order == "fifo":
		return op{'d', t.next - t.live}, true
	}
	at := t.r.next() % t.live
	k := t.keys[at]
	t.keys[at] = t.keys[t.live-1]
	t.keys = t.keys[:t.live-1]
	return op{'d', k}, true
}

func (t *turnover) add() uint64 {
	k := t.next
	t.next++
	if t.order == "uniform" {
		t.keys = append(t.keys, k)
	}
	return k
}

// ends says whether a turn, or the fill, ends with this operation; then also the first one of it and its name.
func (t *turnover) ends(i int) (ends bool, first int, name string) {
	fill := int(t.live)
	if i+1 == fill {
		return true, 0, "fill"
	}
	return i >= fill && (i+1-fill)%(2*fill) == 0, i + 1 - 2*fill, t.order
}
