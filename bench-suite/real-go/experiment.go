package main

import (
	"fmt"
	"runtime"
	"strings"
)

// figures are what one experiment measured, by name. A value is a number, a text, a bool, or a
// list of numbers. What this Go cannot show is left out.
type figures map[string]interface{}

// experiment is one question that is put to the runtime.
type experiment struct {
	name   string
	family string
	run    func() (figures, error)
}

// poolFamily is the family of the line about sync.Pool.
const poolFamily = "pool"

var experiments = []experiment{
	{"layout", mapFamily, layoutExperiment},
	{"bucket", mapFamily, bucketExperiment},
	{"tail", mapFamily, tailExperiment},
	{"overflow", mapFamily, overflowExperiment},
	{"decision", mapFamily, decisionExperiment},
	{"growth", mapFamily, growthExperiment},
	{"sync", syncFamily, syncExperiment},
	{"times", mapFamily, timesExperiment},
	{"classes", mapFamily, classesExperiment},
	{"pool", poolFamily, poolExperiment},
	{"trackers", mapFamily, trackersExperiment},
	{"churn", mapFamily, churnExperiment},
	{"pressure", mapFamily, pressureExperiment},
	{"memory", mapFamily, memoryExperiment},
	{"bucket-paths", mapFamily, bucketPathsExperiment},
}

// experimentLine is what is printed for an experiment.
type experimentLine struct {
	Schema         int     `json:"schema"`
	Implementation string  `json:"implementation"`
	Family         string  `json:"family"`
	Experiment     string  `json:"experiment"`
	Figures        figures `json:"figures"`
}

func init() { verbs["experiment"] = experimentVerb }

// experimentVerb prints the line of one experiment, or, for `list`, the names of all.
func experimentVerb(arguments []string) int {
	if len(arguments) != 1 {
		return fail(exitUsage, "experiment takes one name; there is list, %s", experimentNames())
	}
	if arguments[0] == "list" {
		for _, e := range experiments {
			if _, err := fmt.Println(e.name); err != nil {
				return fail(exitFailed, "stdout: %v", err)
			}
		}
		return exitFine
	}
	for _, e := range experiments {
		if e.name != arguments[0] {
			continue
		}
		found, err := e.run()
		if err != nil {
			return fail(exitFailed, "experiment %s: %v", e.name, err)
		}
		return printLine(experimentLine{evidenceSchema, runtime.Version(), e.family, e.name, found})
	}
	return fail(exitUsage, "there is no experiment `%s`; there is list, %s", arguments[0], experimentNames())
}

func experimentNames() string {
	names := make([]string, len(experiments))
	for i, e := range experiments {
		names[i] = e.name
	}
	return strings.Join(names, ", ")
}

// stateList copies state bytes into a list that is printed as numbers.
func stateList(states []uint8) []int {
	list := make([]int, len(states))
	for i, state := range states {
		list[i] = int(state)
	}
	return list
}
