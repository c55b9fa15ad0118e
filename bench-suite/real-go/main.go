// Command real-go is the child program for the maps of the Go runtime itself: it plays a tape into a map and prints
// what it observed, in the words of the Rust program beside it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
)

const (
	// schema is the version of every JSON document that is printed, but for what an experiment found.
	schema = 2
	// evidenceSchema is the version of that.
	evidenceSchema = 1

	exitFine   = 0
	exitFailed = 1
	// exitUsage is for bad usage or an unreadable tape.
	exitUsage = 2
	// exitUnfit is for a pass that this map or machine cannot make; the reason is the last line of stderr.
	exitUnfit = 3
)

// verbs holds what the program can be asked for. A file that adds a verb registers it in its init. A verb takes the
// arguments after its name and gives the exit code.
var verbs = map[string]func(arguments []string) int{}

func main() {
	if len(os.Args) < 2 {
		os.Exit(fail(exitUsage, "what to do is missing; there is %s", verbNames()))
	}
	verb, known := verbs[os.Args[1]]
	if !known {
		os.Exit(fail(exitUsage, "there is no verb `%s`; there is %s", os.Args[1], verbNames()))
	}
	os.Exit(verb(os.Args[2:]))
}

func verbNames() string {
	names := make([]string, 0, len(verbs))
	for name := range verbs {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// printLine prints a value as one line of JSON and gives the exit code.
func printLine(value any) int {
	line, err := json.Marshal(value)
	if err == nil {
		_, err = os.Stdout.Write(append(line, '\n'))
	}
	if err != nil {
		return fail(exitFailed, "stdout: %v", err)
	}
	return exitFine
}

// fail writes the reason as the last line of stderr and gives the exit code back.
func fail(code int, format string, arguments ...any) int {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	return code
}
