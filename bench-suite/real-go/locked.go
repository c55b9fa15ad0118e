package main

import "sync"

// behindMutex is Go's map behind a mutex. Each operation locks the whole map.
type behindMutex[K key, V value] struct {
	builtin[K, V]
	lock sync.Mutex
}

func (m *behindMutex[K, V]) play(steps []step[K], t *tally, marks []uint64) {
	so := *t
	for at := range steps {
		step := &steps[at]
		answer := uint64(absent)
		switch step.kind {
		case insert, replace:
			made := makeValue[V](so.played, m.valueBytes)
			m.lock.Lock()
			answer = m.swap(step.key, made)
			m.lock.Unlock()
			so.balance += added(answer)
		case remove:
			m.lock.Lock()
			answer = m.take(step.key)
			m.lock.Unlock()
			so.balance -= gone(answer)
		case get:
			m.lock.Lock()
			answer = m.look(step.key)
			m.lock.Unlock()
		case update:
			made := makeValue[V](so.played, m.valueBytes)
			m.lock.Lock()
			answer = m.renew(step.key, made)
			m.lock.Unlock()
		case iterate:
			m.lock.Lock()
			answer = m.sum()
			m.lock.Unlock()
		case clearAll:
			m.lock.Lock()
			answer = m.empty()
			m.lock.Unlock()
			so.balance -= int64(answer)
		}
		so.count(answer)
		if marks != nil {
			marks[at] = ticks()
		}
	}
	*t = so
}

// behindRWMutex is Go's map behind a lock that readers share.
type behindRWMutex[K key, V value] struct {
	builtin[K, V]
	lock sync.RWMutex
}

func (m *behindRWMutex[K, V]) play(steps []step[K], t *tally, marks []uint64) {
	so := *t
	for at := range steps {
		step := &steps[at]
		answer := uint64(absent)
		switch step.kind {
		case insert, replace:
			made := makeValue[V](so.played, m.valueBytes)
			m.lock.Lock()
			answer = m.swap(step.key, made)
			m.lock.Unlock()
			so.balance += added(answer)
		case remove:
			m.lock.Lock()
			answer = m.take(step.key)
			m.lock.Unlock()
			so.balance -= gone(answer)
		case get:
			m.lock.RLock()
			answer = m.look(step.key)
			m.lock.RUnlock()
		case update:
			made := makeValue[V](so.played, m.valueBytes)
			m.lock.Lock()
			answer = m.renew(step.key, made)
			m.lock.Unlock()
		case iterate:
			m.lock.RLock()
			answer = m.sum()
			m.lock.RUnlock()
		case clearAll:
			m.lock.Lock()
			answer = m.empty()
			m.lock.Unlock()
			so.balance -= int64(answer)
		}
		so.count(answer)
		if marks != nil {
			marks[at] = ticks()
		}
	}
	*t = so
}
