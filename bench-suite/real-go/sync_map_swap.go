//go:build go1.20

package main

import "sync"

// swapsAtOnce tells whether sync.Map can replace a value in one step.
const swapsAtOnce = true

func swap(m *sync.Map, k, v any) (old any, found bool) {
	return m.Swap(k, v)
}

// renew replaces the value if the key is there.
func renew(m *sync.Map, k, v any) (old any, found bool) {
	for {
		old, found = m.Load(k)
		if !found || m.CompareAndSwap(k, old, v) {
			return old, found
		}
	}
}
