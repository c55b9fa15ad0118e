package main

func clearAll[K comparable](m map[K]uint64) { clear(m) }

func clearAny(m map[any]uint64) { clear(m) }
