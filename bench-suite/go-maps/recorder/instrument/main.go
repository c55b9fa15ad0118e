// instrument: make the Go runtime count what its maps do.
//
// Writes copies of the runtime's sources of the toolchain that runs it, in which every hash, every comparison of keys,
// every group or bucket gone to and every one zeroed by clear() is counted, and an overlay that puts them in the place
// of the originals:
//
//	go run . -o FOLDER
//	go build -overlay FOLDER/overlay.json -tags hashkeys,work -ldflags=-checklinkname=0
//
// The toolchain itself stays as it is.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// rule says what becomes of a piece of source. Each must fit somewhere: a release that is written otherwise is refused.
type rule struct {
	files []string
	from  string
	to    string
}

// counters is added to the package of the maps. Hashes, comparisons, visits and zeroings, in this order.
const counters = `package %s

import "unsafe"

var churnmarkWork [4]uint64

func workHash(hash func(unsafe.Pointer, uintptr) uintptr) func(unsafe.Pointer, uintptr) uintptr {
	churnmarkWork[0]++
	return hash
}

func workEqual(equal func(unsafe.Pointer, unsafe.Pointer) bool) func(unsafe.Pointer, unsafe.Pointer) bool {
	churnmarkWork[1]++
	return equal
}

func workCompared(outcome bool) bool {
	churnmarkWork[1]++
	return outcome
}
`

var swissFiles = []string{"map.go", "table.go", "runtime.go", "runtime_fast32.go", "runtime_fast64.go", "runtime_faststr.go"}

var swissRules = []rule{
	{[]string{"group.go"}, `(func \(g \*groupsReference\) group\([^\n]*\{)`, "$1\n\tchurnmarkWork[2]++"},
	{swissFiles[:3], `([^.\w])typ\.Hasher\(`, `${1}workHash(typ.Hasher)(`},
	{swissFiles[3:], `(?m)^(\s*)(hash = memHash)`, `${1}churnmarkWork[0]++; $2`},
	{swissFiles[:3], `([^.\w])typ\.Key\.Equal\(`, `${1}workEqual(typ.Key.Equal)(`},
	{swissFiles[3:], `key == \*\(\*(?:uint32|uint64|string|unsafe\.Pointer)\)\(slotKey\)`, `workCompared($0)`},
	{swissFiles[:2], `(typedmemclr\(typ\.Group, g\.data\))`, `churnmarkWork[3]++; $1`},
}

var (
	anyKeys  = []string{"map.go"}
	integers = []string{"map_fast32.go", "map_fast64.go"}
	strs     = []string{"map_faststr.go"}
	classic  = []string{"map.go", "map_fast32.go", "map_fast64.go", "map_faststr.go"}
)

var classicRules = []rule{
	{classic, `([^.\w])t\.([Hh]asher)\(`, `${1}workHash(t.$2)(`},
	{anyKeys, `([^.\w])t\.([Kk]ey)\.([Ee]qual)\(`, `${1}workEqual(t.$2.$3)(`},
	{integers, `\*\(\*uint(?:32|64)\)\(k\) == key`, `workCompared($0)`},
	{integers, `if (k != key) \{`, `if workCompared($1) {`},
	{integers, `key != \*\(\*uint(?:32|64)\)\(k\)`, `workCompared($0)`},
	{strs, `memequal\(k\.str, key\.str, uintptr\(key\.len\)\)`, `workCompared($0)`},
	{classic, `(?m)^(\s*for ; b != nil; b = b\.overflow\(t\) \{)$`, "$1\n\tchurnmarkWork[2]++"},
	{classic, `(bucketloop:\n\tfor \{)\n`, "$1\n\tchurnmarkWork[2]++\n"},
	{anyKeys, `(?m)^(\s*buckets = dirtyalloc)$`, "$1\n\tchurnmarkWork[3] += uint64(nbuckets)"},
}

func main() {
	out := flag.String("o", "", "folder to write to")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		fail("-o FOLDER is wanted")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		fail("go env GOROOT: %v", err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src")
	folder, name, rules := filepath.Join(source, "internal/runtime/maps"), "maps", swissRules
	if _, err := os.Stat(folder); err != nil {
		folder, name, rules = filepath.Join(source, "runtime"), "runtime", classicRules
	}
	replaced, err := instrument(folder, name, rules, *out)
	if err != nil {
		fail("%v", err)
	}
	overlay, err := json.MarshalIndent(map[string]map[string]string{"Replace": replaced}, "", "\t")
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "overlay.json"), overlay, 0o644)
	}
	if err != nil {
		fail("%v", err)
	}
}

// instrument writes the changed files and says which stands for which.
func instrument(folder, name string, rules []rule, out string) (map[string]string, error) {
	texts := map[string]string{}
	for _, rule := range rules {
		pattern, fits := regexp.MustCompile(rule.from), 0
		for _, file := range rule.files {
			text, known := texts[file]
			if !known {
				read, err := os.ReadFile(filepath.Join(folder, file))
				if err != nil {
					return nil, err
				}
				text = string(read)
			}
			fits += len(pattern.FindAllStringIndex(text, -1))
			texts[file] = pattern.ReplaceAllString(text, rule.to)
		}
		if fits == 0 {
			return nil, fmt.Errorf("nothing in %s fits %s: this release is written otherwise", folder, rule.from)
		}
	}
	texts["churnmark_work.go"] = fmt.Sprintf(counters, name)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(out)
	if err != nil {
		return nil, err
	}
	replaced := map[string]string{}
	for file, text := range texts {
		changed := filepath.Join(absolute, file)
		if err := os.WriteFile(changed, []byte(text), 0o644); err != nil {
			return nil, err
		}
		replaced[filepath.Join(folder, file)] = changed
	}
	return replaced, nil
}

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "instrument: "+format+"\n", arguments...)
	os.Exit(1)
}
