package main

import (
	"errors"
	"flag"
	"io"
	"strings"
)

const program = "real-go"

func init() {
	verbs["list"] = list
	verbs["play"] = play
}

// list prints the maps and collectors inside as one line of JSON.
func list(arguments []string) int {
	if len(arguments) > 0 {
		return fail(exitUsage, "list takes no arguments")
	}
	infos := make([]mapInfo, 0, len(maps))
	for at := range maps {
		infos = append(infos, maps[at].info())
	}
	return printLine(struct {
		Schema     int       `json:"schema"`
		Program    string    `json:"program"`
		Collectors []string  `json:"collectors"`
		Maps       []mapInfo `json:"maps"`
	}{schema, program, collectors, infos})
}

// play plays a tape into a map and prints one observation as one line of JSON.
func play(arguments []string) int {
	flags := flag.NewFlagSet("play", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	file := flags.String("tape", "", "the tape")
	name := flags.String("map", "", "the map, by name")
	collector := flags.String("collector", "", "what to look at")
	samples := flags.Uint64("samples", 100, "slices that the tape is divided into, about")
	if err := flags.Parse(arguments); err != nil || flags.NArg() > 0 || *file == "" {
		if err == nil {
			err = errors.New("--tape FILE --map NAME --collector NAME [--samples N] is wanted")
		}
		return fail(exitUsage, "play: %v", err)
	}
	asked := find(*name)
	if asked == nil {
		return fail(exitUsage, "there is no map `%s`; `%s list` names them", *name, program)
	}
	if !serves(*collector) {
		return fail(exitUnfit, "%s does not serve the %s collector; it serves %s", program, *collector,
			strings.Join(collectors, ", "))
	}
	tape, err := readTape(*file)
	if err != nil {
		return fail(exitUsage, "%v", err)
	}
	todo := &job{mapName: *name, tape: tape, collector: *collector, samples: *samples}
	if err := asked.fits(todo); err != nil {
		return fail(exitUnfit, "%v", err)
	}
	seen, err := asked.play(todo)
	if err != nil {
		return fail(exitUnfit, "%v", err)
	}
	return printLine(seen)
}

func serves(collector string) bool {
	for _, known := range collectors {
		if known == collector {
			return true
		}
	}
	return false
}
