package main

// builtin is Go's own map.
type builtin[K key, V value] struct {
	entries    map[K]V
	valueBytes int
}

func newBuiltin[K key, V value](valueBytes int) builtin[K, V] {
	return builtin[K, V]{entries: map[K]V{}, valueBytes: valueBytes}
}

// swap puts the key and gives the stamp of the value replaced: a look-up and an assignment, as Go has it.
func (m *builtin[K, V]) swap(k K, v V) uint64 {
	old, found := m.entries[k]
	m.entries[own(k)] = v
	if found {
		return stampOf(old)
	}
	return absent
}

// take takes the key out. Go's delete gives nothing back, so the value is looked up first.
func (m *builtin[K, V]) take(k K) uint64 {
	old, found := m.entries[k]
	if !found {
		return absent
	}
	delete(m.entries, k)
	return stampOf(old)
}

func (m *builtin[K, V]) look(k K) uint64 {
	if kept, found := m.entries[k]; found {
		return stampOf(kept)
	}
	return absent
}

func (m *builtin[K, V]) renew(k K, v V) uint64 {
	old, found := m.entries[k]
	if !found {
		return absent
	}
	m.entries[k] = v
	return stampOf(old)
}

func (m *builtin[K, V]) sum() (sum uint64) {
	for _, kept := range m.entries {
		sum += stampOf(kept)
	}
	return sum
}

// empty takes every entry out. The compiler knows this loop and clears the map at once.
func (m *builtin[K, V]) empty() uint64 {
	entries := len(m.entries)
	for k := range m.entries {
		delete(m.entries, k)
	}
	return uint64(entries)
}

func (m *builtin[K, V]) length() uint64 { return uint64(len(m.entries)) }

func (m *builtin[K, V]) play(steps []step[K], t *tally, marks []uint64) {
	so := *t
	for at := range steps {
		step := &steps[at]
		answer := uint64(absent)
		switch step.kind {
		case insert:
			// The key is not live: the map is one entry longer now, or the answer is no right one.
			before := len(m.entries)
			m.entries[own(step.key)] = makeValue[V](so.played, m.valueBytes)
			if len(m.entries) == before {
				answer = 0
			}
			so.balance += added(answer)
		case replace:
			answer = m.swap(step.key, makeValue[V](so.played, m.valueBytes))
			so.balance += added(answer)
		case remove:
			answer = m.take(step.key)
			so.balance -= gone(answer)
		case get:
			answer = m.look(step.key)
		case update:
			answer = m.renew(step.key, makeValue[V](so.played, m.valueBytes))
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
