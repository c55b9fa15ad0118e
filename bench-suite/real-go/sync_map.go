package main

import "sync"

// shared is sync.Map.
type shared[K key, V value] struct {
	entries    sync.Map
	valueBytes int
}

func stampOfAny[V value](kept any, found bool) uint64 {
	if !found {
		return absent
	}
	return stampOf(kept.(V))
}

func (m *shared[K, V]) sum() (sum uint64) {
	m.entries.Range(func(_, kept any) bool {
		sum += stampOf(kept.(V))
		return true
	})
	return sum
}

func (m *shared[K, V]) length() (entries uint64) {
	m.entries.Range(func(_, _ any) bool {
		entries++
		return true
	})
	return entries
}

// empty takes the entries out one by one: sync.Map tells nobody how many it holds, and before Go 1.23 it has no
// Clear.
func (m *shared[K, V]) empty() (entries uint64) {
	m.entries.Range(func(k, _ any) bool {
		if _, found := m.entries.LoadAndDelete(k); found {
			entries++
		}
		return true
	})
	return entries
}

func (m *shared[K, V]) play(steps []step[K], t *tally, marks []uint64) {
	so := *t
	for at := range steps {
		step := &steps[at]
		answer := uint64(absent)
		switch step.kind {
		case insert, replace:
			old, found := swap(&m.entries, own(step.key), makeValue[V](so.played, m.valueBytes))
			answer = stampOfAny[V](old, found)
			so.balance += added(answer)
		case remove:
			old, found := m.entries.LoadAndDelete(step.key)
			answer = stampOfAny[V](old, found)
			so.balance -= gone(answer)
		case get:
			kept, found := m.entries.Load(step.key)
			answer = stampOfAny[V](kept, found)
		case update:
			old, found := renew(&m.entries, step.key, makeValue[V](so.played, m.valueBytes))
			answer = stampOfAny[V](old, found)
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
