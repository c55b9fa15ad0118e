package record

import (
	"bufio"
	"fmt"
	"os"
	"sort"
)

// Op is one operation of a script: p(ut), d(elete), g(et) or c(lear).
type Op struct {
	Kind byte
	Key  uint64
}

// Phases says when the long scripts go on from phase to phase, in parts of their length, and how full they keep the
// map. The phases are: grow to a small size; pile-up, one bucket or group after the other is flooded; churn at a
// constant size; growth; mass delete; ending; growth again.
type Phases struct {
	// Small is the size that the script mix3000 grows to at first.
	Small int
	// The ends of pile-up, churn, growth and mass delete.
	Pile, Churn, Grow, Delete float64
	// Load is the size during churn, in percent of the map's limit; Most the share of all keys in growth, in percent.
	Load, Most int
	// Refill says whether a pile-up that finds nothing to flood puts a key into a map below its small size.
	Refill bool
	// Ending is played once after the mass delete, when these keys are live.
	Ending func(live []uint64) []Op
}

// Range is an operation for each of n keys: first, first + step and so on.
func Range(kind byte, first, step, n int) []Op {
	ops := make([]Op, n)
	for i := range ops {
		ops[i] = Op{kind, uint64(first + i*step)}
	}
	return ops
}

// script gives the operations of a script one after the other.
func (p Phases) script(name string, seed uint64, t Table, model map[uint64]uint64) func(int) (Op, bool) {
	r := Rng(seed)
	switch name {
	case "tiny12":
		ops := append(Range('p', 0, 1, 8), Op{'d', 3}, Op{'p', 100}, Op{'p', 200}, Op{'p', 3})
		return func(i int) (Op, bool) {
			if i < len(ops) {
				return ops[i], true
			}
			return Op{}, false
		}
	case "churn300":
		return func(i int) (Op, bool) { return churn(i, &r, model), i < 300 }
	case "clear6000":
		return newClears(6000, &r, model).next
	case "mix3000":
		m := &mix{Phases: p, table: t, model: model, r: &r, n: 3000, keys: 1200}
		return m.next
	case "big40000":
		m := &mix{Phases: p, table: t, model: model, r: &r, n: 40000, keys: 6000}
		m.Small = 280
		return m.next
	}
	return fromFile(name)
}

func fromFile(name string) func(int) (Op, bool) {
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(f)
	return func(int) (Op, bool) {
		if !lines.Scan() {
			return Op{}, false
		}
		var op Op
		fmt.Sscanf(lines.Text(), "%c %d", &op.Kind, &op.Key)
		return op, true
	}
}

func churn(i int, r *Rng, model map[uint64]uint64) Op {
	k := uint64(r.N(64))
	switch x := r.N(100); {
	case i == 200: // empty the map once: it takes a new seed
		return Op{'c', 0}
	case i > 230 && i < 260 && len(model) > 0: // delete down to zero
		return Op{'d', live(model)[r.N(len(model))]}
	case x < 55:
		return Op{'p', k}
	case x < 90:
		return Op{'d', k}
	default:
		return Op{'g', k}
	}
}

// live has the keys of the model in order.
func live(model map[uint64]uint64) []uint64 {
	keys := make([]uint64, 0, len(model))
	for k := range model {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(a, b int) bool { return keys[a] < keys[b] })
	return keys
}

// names are the keys of counted events in order.
func names(events map[string]int) []string {
	var all []string
	for name := range events {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// A mix is a long script that goes through all phases.
type mix struct {
	Phases
	table Table
	model map[uint64]uint64
	r     *Rng
	// n operations on keys below keys.
	n, keys int
	queue   []Op
	grown   bool
	ended   bool
	// A list of live keys that is renewed now and then, and for how many picks it still serves.
	listed []uint64
	picks  int
}

// absent is a random key that is not there.
func (m *mix) absent() uint64 {
	for {
		k := uint64(m.r.N(m.keys))
		if _, ok := m.model[k]; !ok {
			return k
		}
	}
}

// present is a random key that is there.
func (m *mix) present() uint64 {
	for {
		if m.picks <= 0 || len(m.listed) == 0 {
			m.listed, m.picks = live(m.model), 64
		}
		m.picks--
		k := m.listed[m.r.N(len(m.listed))]
		if _, ok := m.model[k]; ok {
			return k
		}
	}
}

func (m *mix) any() uint64 { return uint64(m.r.N(m.keys)) }

func (m *mix) next(i int) (Op, bool) {
	if i >= m.n {
		return Op{}, false
	}
	if len(m.queue) == 0 {
		m.plan(float64(i) / float64(m.n))
	}
	op := m.queue[0]
	m.queue = m.queue[1:]
	return op, true
}

func (m *mix) queued(kind byte, key uint64) { m.queue = append(m.queue, Op{kind, key}) }

// plan queues what is to be done next at this part of the script.
func (m *mix) plan(part float64) {
	size := len(m.model)
	switch {
	case !m.grown && size < m.Small:
		if m.r.N(10) == 0 && size > 0 {
			m.queued('d', m.present())
		} else {
			m.queued('p', m.absent())
		}
		return
	case part < m.Pile && m.table.Piles():
		m.pile(size)
	case part < m.Churn:
		m.churn(size)
	case part < m.Grow:
		if m.r.N(10) == 0 || size > m.keys*m.Most/100 {
			m.queued('d', m.present())
		} else {
			m.queued('p', m.absent())
		}
	case part < m.Delete && size > m.Small: // with a few puts and gets
		switch m.r.N(20) {
		case 0:
			m.queued('p', m.absent())
		case 1:
			m.queued('g', m.any())
		default:
			m.queued('d', m.present())
		}
	case part < m.Delete:
		if size < m.Small {
			m.queued('p', m.absent())
		} else {
			m.queued('d', m.present())
		}
	case !m.ended:
		m.ended = true
		m.queue = append(m.queue, m.Ending(live(m.model))...)
	case m.r.N(4) == 0 && size > 0:
		m.queued('d', m.present())
	default:
		m.queued('p', m.absent())
	}
	m.grown = true
}

// pile floods one bucket or group, and deletes the flood again in random order.
func (m *mix) pile(size int) {
	keys := m.table.Pile(m.r, m.model, uint64(m.keys))
	if len(keys) == 0 {
		if m.Refill && size < m.Small {
			m.queued('p', m.absent())
		} else {
			m.queued('d', m.present())
		}
	}
	for _, k := range keys {
		m.queued('p', k)
	}
	for len(keys) > 0 {
		x := m.r.N(len(keys))
		m.queued('d', keys[x])
		keys = append(keys[:x], keys[x+1:]...)
	}
}

// churn keeps the size close to the map's limit.
func (m *mix) churn(size int) {
	if size < m.table.Limit()*m.Load/100 {
		m.queued('p', m.absent())
		return
	}
	later := []Op{{'p', m.absent()}}
	if m.r.N(8) == 0 {
		later = append(later, Op{'g', m.any()})
	}
	m.queued('d', m.present())
	m.queue = append(m.queue, later...)
}
