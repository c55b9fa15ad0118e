package record

// clears is a script of rounds: grow to some size, delete down to another, perhaps to nothing, put some back, and clear;
// now and then twice in a row. So what is cleared is full, half full, nearly empty, or holds nothing but what deletes
// left.
type clears struct {
	model               map[uint64]uint64
	r                   *Rng
	n                   int
	grow, shrink, again int
	stage               int
	key                 uint64
}

// clearKeys is how many keys there are.
const clearKeys = 2500

func newClears(n int, r *Rng, model map[uint64]uint64) *clears {
	c := &clears{model: model, r: r, n: n}
	c.round()
	return c
}

func (c *clears) round() {
	sizes := []int{3, 8, 12, 40, 200, 900, 1800}
	c.grow = 1 + c.r.N(sizes[c.r.N(len(sizes))])
	c.shrink = []int{0, 0, 1, c.grow / 20, c.grow / 3, c.grow}[c.r.N(6)]
	c.again = []int{0, 0, 1, 5}[c.r.N(4)]
	c.stage = 0
}

func (c *clears) next(i int) (Op, bool) {
	if i >= c.n {
		return Op{}, false
	}
	if c.stage == 0 && len(c.model) >= c.grow {
		c.stage = 1
	}
	if c.stage == 1 && len(c.model) <= c.shrink {
		c.stage = 2
	}
	switch {
	case c.stage == 1:
		keys := live(c.model)
		return Op{'d', keys[c.r.N(len(keys))]}, true
	case c.stage == 0:
		c.key++
	case c.again > 0:
		c.again--
		c.key++
	default:
		if c.r.N(8) > 0 {
			c.round()
		}
		return Op{'c', 0}, true
	}
	return Op{'p', c.key % clearKeys}, true
}
