package record

// A turnover is a script of constant size, of which only the states between turns are recorded: a fill, then turns in
// which as many entries are replaced as there are. Keys are 0, 1, 2, and so on.
type turnover struct {
	order string // fifo: the oldest goes; uniform: any, by swap-remove from a list in order of insertion
	live  uint64
	turns int
	r     Rng
	next  uint64
	keys  []uint64
}

// op gives the operation with this number.
func (t *turnover) op(i int) (Op, bool) {
	fill := int(t.live)
	switch {
	case i < fill:
		return Op{'p', t.add()}, true
	case i >= fill*(1+2*t.turns):
		return Op{}, false
	case (i-fill)%2 == 1:
		return Op{'p', t.add()}, true
	case t.order == "fifo":
		return Op{'d', t.next - t.live}, true
	}
	at := t.r.Next() % t.live
	k := t.keys[at]
	t.keys[at] = t.keys[t.live-1]
	t.keys = t.keys[:t.live-1]
	return Op{'d', k}, true
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
