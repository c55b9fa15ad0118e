package main

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
)

// cpuProfile is what is needed of a profile: for each stack its count and the names on it.
type cpuProfile struct{ stacks []profiledStack }

type profiledStack struct {
	samples   int
	functions []string
}

// samplesIn counts the samples with such a function anywhere on the stack.
func (p *cpuProfile) samplesIn(wanted func(function string) bool) int {
	samples := 0
	for _, stack := range p.stacks {
		for _, function := range stack.functions {
			if wanted(function) {
				samples += stack.samples
				break
			}
		}
	}
	return samples
}

// share is the part of all samples that samplesIn counts.
func (p *cpuProfile) share(wanted func(function string) bool) float64 {
	all := p.samplesIn(func(string) bool { return true })
	if all == 0 {
		return 0
	}
	return float64(p.samplesIn(wanted)) / float64(all)
}

var errBadProfile = errors.New("the CPU profile cannot be read")

// Field numbers of the profile format, profile.proto of pprof.
const (
	profileSample      = 2
	profileLocation    = 4
	profileFunction    = 5
	profileStringTable = 6
	sampleLocationID   = 1
	sampleValue        = 2
	locationID         = 1
	locationLine       = 4
	lineFunctionID     = 1
	functionID         = 1
	functionName       = 2
)

// protoField is one field of a message: a number, or bytes.
type protoField struct {
	number int
	value  uint64
	bytes  []byte
}

// readFields splits a message of protocol buffers into its fields.
func readFields(message []byte) ([]protoField, error) {
	var fields []protoField
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return nil, errBadProfile
		}
		message = message[n:]
		value, n := binary.Uvarint(message)
		if n <= 0 {
			return nil, errBadProfile
		}
		message = message[n:]
		field := protoField{number: int(tag >> 3), value: value}
		switch tag & 7 {
		case 0:
		case 2:
			if value > uint64(len(message)) {
				return nil, errBadProfile
			}
			field.bytes, message = message[:value], message[value:]
		default:
			return nil, errBadProfile
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// numbers gives the values of a repeated number: one, or many packed together.
func (f protoField) numbers() ([]uint64, error) {
	if f.bytes == nil {
		return []uint64{f.value}, nil
	}
	var values []uint64
	for rest := f.bytes; len(rest) > 0; {
		value, n := binary.Uvarint(rest)
		if n <= 0 {
			return nil, errBadProfile
		}
		values, rest = append(values, value), rest[n:]
	}
	return values, nil
}

// repeated collects the numbers of all fields with that number.
func repeated(fields []protoField, number int) ([]uint64, error) {
	var values []uint64
	for _, field := range fields {
		if field.number != number {
			continue
		}
		more, err := field.numbers()
		if err != nil {
			return nil, err
		}
		values = append(values, more...)
	}
	return values, nil
}

// profileTables are the parts of a profile that its samples refer to.
type profileTables struct {
	texts     []string
	functions map[uint64]uint64   // function to the index of its name
	locations map[uint64][]uint64 // location to its functions, inlined ones first
}

// readProfile reads a compressed profile.
func readProfile(encoded io.Reader) (*cpuProfile, error) {
	unzipped, err := gzip.NewReader(encoded)
	if err != nil {
		return nil, err
	}
	message, err := io.ReadAll(unzipped)
	if err != nil {
		return nil, err
	}
	fields, err := readFields(message)
	if err != nil {
		return nil, err
	}
	tables := profileTables{functions: map[uint64]uint64{}, locations: map[uint64][]uint64{}}
	for _, field := range fields {
		if err := tables.add(field); err != nil {
			return nil, err
		}
	}
	profile := new(cpuProfile)
	for _, field := range fields {
		if field.number != profileSample {
			continue
		}
		stack, err := tables.stack(field)
		if err != nil {
			return nil, err
		}
		profile.stacks = append(profile.stacks, stack)
	}
	return profile, nil
}

// add takes up a text, a function or a location; other fields are skipped.
func (t *profileTables) add(field protoField) error {
	if field.number == profileStringTable {
		t.texts = append(t.texts, string(field.bytes))
	}
	if field.number != profileFunction && field.number != profileLocation {
		return nil
	}
	inner, err := readFields(field.bytes)
	if err != nil {
		return err
	}
	var id, name uint64
	var called []uint64
	for _, part := range inner {
		switch {
		case part.number == functionID: // the same number as locationID
			id = part.value
		case field.number == profileFunction && part.number == functionName:
			name = part.value
		case field.number == profileLocation && part.number == locationLine:
			line, err := readFields(part.bytes)
			if err != nil {
				return err
			}
			function, err := repeated(line, lineFunctionID)
			if err != nil {
				return err
			}
			called = append(called, function...)
		}
	}
	if field.number == profileFunction {
		t.functions[id] = name
	} else {
		t.locations[id] = called
	}
	return nil
}

// stack names the functions of a sample.
func (t *profileTables) stack(sample protoField) (profiledStack, error) {
	var stack profiledStack
	inner, err := readFields(sample.bytes)
	if err != nil {
		return stack, err
	}
	locations, err := repeated(inner, sampleLocationID)
	if err != nil {
		return stack, err
	}
	values, err := repeated(inner, sampleValue)
	if err != nil || len(values) == 0 {
		return stack, errBadProfile
	}
	stack.samples = int(values[0])
	for _, location := range locations {
		for _, function := range t.locations[location] {
			name := t.functions[function]
			if name >= uint64(len(t.texts)) {
				return stack, errBadProfile
			}
			stack.functions = append(stack.functions, t.texts[name])
		}
	}
	return stack, nil
}
