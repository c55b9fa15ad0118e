package main

// clears makes a script of rounds: grow to some size, delete down to another, perhaps to nothing, put some back, and
// clear; now and then twice in a row. So what is cleared is full, half full, nearly empty, or holds nothing but what
// deletes left.
func clears(n int, r rng, w *world) func(int) (op, bool) {
	sizes := []int{3, 8, 12, 40, 200, 900, 1800}
	grow, shrink, back := 0, 0, 0
	newRound := func() {
		grow = 1 + r.n(sizes[r.n(len(sizes))])
		shrink = []int{0, 0, 1, grow / 20, grow / 3, grow}[r.n(6)]
		back = []int{0, 0, 1, 5}[r.n(4)]
	}
	newRound()
	stage, key := 0, uint64(0)
	return func(i int) (op, bool) {
		if i >= n {
			return op{}, false
		}
		for {
			switch {
			case stage == 0 && len(w.model) < grow:
				key++
				return op{'p', key % 2500}, true
			case stage == 0:
				stage = 1
			case stage == 1 && len(w.model) > shrink:
				keys := liveKeys(w)
				return op{'d', keys[r.n(len(keys))]}, true
			case stage == 1:
				stage = 2
			case stage == 2 && back > 0:
				back--
				key++
				return op{'p', key % 2500}, true
			case stage == 2 && r.n(8) == 0:
				return op{'c', 0}, true // once more below
			default:
				stage = 0
				newRound()
				return op{'c', 0}, true
			}
		}
	}
}
