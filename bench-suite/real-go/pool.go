package main

import "sync"

// slotPool is sync.Pool as a slot manager: an insert takes a slot from the pool, a remove puts it back. The slots that
// are in use are kept in a table of one pointer for each seat, as a user would keep them in objects of his own.
type slotPool[V value] struct {
	pool       sync.Pool
	held       []*V
	live       uint64
	valueBytes int
}

func newSlotPool[V value](valueBytes int) *slotPool[V] {
	return &slotPool[V]{pool: sync.Pool{New: func() any { return new(V) }}, valueBytes: valueBytes}
}

func (m *slotPool[V]) length() uint64 { return m.live }

func (m *slotPool[V]) slot(at seat) *V {
	if uint64(at) < uint64(len(m.held)) {
		return m.held[at]
	}
	return nil
}

func (m *slotPool[V]) put(at seat, v V) uint64 {
	if slot := m.slot(at); slot != nil {
		old := stampOf(*slot)
		*slot = v
		return old
	}
	if at == noSeat {
		return absent
	}
	slot := m.pool.Get().(*V)
	*slot = v
	for uint64(at) >= uint64(len(m.held)) {
		m.held = append(m.held, nil)
	}
	m.held[at] = slot
	m.live++
	return absent
}

func (m *slotPool[V]) take(at seat) uint64 {
	slot := m.slot(at)
	if slot == nil {
		return absent
	}
	old := stampOf(*slot)
	m.held[at] = nil
	m.pool.Put(slot)
	m.live--
	return old
}

func (m *slotPool[V]) sum() (sum uint64) {
	for _, slot := range m.held {
		if slot != nil {
			sum += stampOf(*slot)
		}
	}
	return sum
}

func (m *slotPool[V]) empty() uint64 {
	entries := m.live
	for at := range m.held {
		m.take(seat(at))
	}
	m.held = nil
	return entries
}

func (m *slotPool[V]) play(steps []step[seat], t *tally, marks []uint64) {
	so := *t
	for at := range steps {
		step := &steps[at]
		answer := uint64(absent)
		switch step.kind {
		case insert, replace:
			answer = m.put(step.key, makeValue[V](so.played, m.valueBytes))
			so.balance += added(answer)
		case remove:
			answer = m.take(step.key)
			so.balance -= gone(answer)
		case get:
			if slot := m.slot(step.key); slot != nil {
				answer = stampOf(*slot)
			}
		case update:
			if slot := m.slot(step.key); slot != nil {
				answer = m.put(step.key, makeValue[V](so.played, m.valueBytes))
			}
		case iterate:
			answer = m.sum()
		case clearAll:
			answer = m.empty()
			so.balance -= int64(answer)
		}
		so.count(answer)
		if marks != nil {
			marks[at] = ticks()
		}
	}
	*t = so
}
