//go:build !go1.20

package main

import "sync"

// swapsAtOnce tells whether sync.Map can replace a value in one step.
const swapsAtOnce = false

// swap is right only where no other thread touches the key in between.
func swap(m *sync.Map, k, v any) (old any, found bool) {
	old, found = m.LoadOrStore(k, v)
	if found {
		m.Store(k, v)
	}
	return old, found
}

// renew is right only where no other thread touches the key in between.
func renew(m *sync.Map, k, v any) (old any, found bool) {
	old, found = m.Load(k)
	if found {
		m.Store(k, v)
	}
	return old, found
}
