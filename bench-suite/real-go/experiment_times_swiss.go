//go:build go1.24

package main

// addGrowTimes measures the insert that grows a table from 16 to 32 and from 512 to 1024 slots,
// and the one that splits a table of 1024. A table is full at seven eighths.
func addGrowTimes(found figures) error {
	found["grow_ns"] = []float64{growTime(14, 301), growTime(448, 101), growTime(896, 101)}
	return nil
}
