package main

// chunk is how many operations are played without looking up: few enough that what a watch keeps of them stays in
// the first-level cache, many enough that the call is free. It is that of formats/src/tape/slice.rs.
const chunk = 1024

// tally is what one thread's operations come to.
type tally struct {
	// digest holds all answers.
	digest digest
	// balance is inserts that added an entry, less entries taken out.
	balance int64
	// played counts operations.
	played uint64
}

// count adds an answer.
func (t *tally) count(answer uint64) {
	t.digest = t.digest.fold(t.played, answer)
	t.played++
}

// player is a map under test, or one thread's way to it. Each has a loop of its own, so that the compiler sees which
// map it is.
type player[K any] interface {
	// play plays some steps. Where there is room for them, it notes the clock after each: one mark a step.
	play(steps []step[K], t *tally, marks []uint64)
	// length is how many entries there are.
	length() uint64
}

// added and gone say what an insert and a remove did to the number of entries.
func added(answer uint64) int64 {
	if answer == absent {
		return 1
	}
	return 0
}

func gone(answer uint64) int64 {
	return 1 - added(answer)
}
