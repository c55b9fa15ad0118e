package main

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// tiny is a tape of every kind of operation, made by the Rust program.
const tiny = "testdata/tiny.tape"

// executed is what the tape says its operations come to.
type executed struct {
	EndLive uint64   `json:"end_live"`
	Answers []string `json:"answers"`
}

func readTiny(t *testing.T) (*tape, []byte, executed) {
	t.Helper()
	content, err := os.ReadFile(tiny)
	if err != nil {
		t.Fatal(err)
	}
	read, err := parseTape(content)
	if err != nil {
		t.Fatal(err)
	}
	length := binary.LittleEndian.Uint32(content[len(magic)+4:])
	var head struct {
		Executed executed `json:"executed"`
	}
	if err := json.Unmarshal(content[headBytes:headBytes+int(length)], &head); err != nil {
		t.Fatal(err)
	}
	return read, content, head.Executed
}

func TestATapeIsRead(t *testing.T) {
	read, _, _ := readTiny(t)
	if read.id != "dff9a21b79d237d66dacf473c7b9ec57" || len(read.threads) != 1 || len(read.threads[0]) != 66 {
		t.Errorf("tape %s of %d threads", read.id, len(read.threads))
	}
	for _, op := range read.threads[0][:6] {
		if op.kind() != insert || op.key() >= read.Distinct {
			t.Errorf("the map is filled with %s %d", kindNames[op.kind()], op.key())
		}
	}
}

func TestDamageIsRefused(t *testing.T) {
	_, whole, _ := readTiny(t)
	damage := func(at int, with byte) string {
		content := append([]byte(nil), whole...)
		content[at] = with
		return string(content)
	}
	for content, want := range map[string]string{
		"":                               "is no tape",
		"CHURNTAP":                       "it ends after",
		string(whole[:60]):               "it ends after",
		string(whole[:len(whole)-8]):     "do not account for its operations",
		damage(8, 9):                     "format 9",
		damage(headBytes, '!'):           "header",
		damage(len(whole)-17, 0xF0):      "no known kind",
		damage(0, 'X'):                   "is no tape",
		string(whole[:len(whole)-3]):     "do not account for its operations",
		string(whole) + "12345678":       "do not account for its operations",
		damage(len(magic)+4, whole[0]+1): "header",
	} {
		if _, err := parseTape([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, must say: %s", err, want)
		}
	}
}

func TestThePhasesOfATapeSayWhetherTheyCount(t *testing.T) {
	read, _, _ := readTiny(t)
	if len(read.Phases) != 2 || read.Phases[0].Counts || !read.Phases[1].Counts {
		t.Errorf("%+v", read.Phases)
	}
}

// The same figures as in formats/tests/tape.rs.
func TestSlicesAreWholeChunks(t *testing.T) {
	for _, cut := range [][3]uint64{{0, 0, 1}, {1, 1, 1}, {66, 3, 1}, {1025, 1, 2}, {100_000, 200, 1}, {1_100_000, 256, 5}} {
		if slice := sliceOps(cut[0], cut[1]); slice != int(cut[2])*chunk {
			t.Errorf("%d operations, %d samples: %d", cut[0], cut[1], slice)
		}
	}
}

func TestPhasesOfOneNameShareAHistogramIfBothCount(t *testing.T) {
	read, _, _ := readTiny(t)
	read.Phases = []phaseMark{
		{Name: "fill", Ops: []uint64{6}},
		{Name: "fill", Ops: []uint64{4}, Counts: true},
		{Name: "fill", Ops: []uint64{56}, Counts: true},
	}
	seen, err := find(goVersion() + "-map").play(&job{mapName: "m", tape: read, collector: "latency"})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[bool]uint64{}
	for _, kind := range seen.Reading.(latency).Kinds {
		if kind.Kind == "insert" {
			counts[kind.Counts] += kind.Service.total
		}
	}
	if counts[false] != 6 || counts[true] != 18 {
		t.Errorf("%v inserts", counts)
	}
}

func TestEveryMapAnswersAsTheModel(t *testing.T) {
	read, _, want := readTiny(t)
	for at := range maps {
		for _, collector := range collectors {
			for _, shape := range [][2]material{
				{{"u64", 8}, {"u64", 8}}, {{"u64", 8}, {"bytes", 64}}, {{"u64", 8}, {"boxed", 100}},
				{{"uuid", 16}, {"u64", 8}}, {{"string", 24}, {"u64", 8}}, {{"u32", 4}, {"bytes", 64}},
				{{"uuid", 16}, {"boxed", 100}}, {{"string", 24}, {"bytes", 64}}, {{"string", 24}, {"boxed", 100}},
			} {
				read.Keys, read.Values = shape[0], shape[1]
				todo := &job{mapName: maps[at].fullName(), tape: read, collector: collector, samples: 3}
				seen, err := maps[at].play(todo)
				if err != nil {
					t.Fatalf("%s: %v", maps[at].name, err)
				}
				digest, _ := seen.Answers.Digests[0].MarshalText()
				if string(digest) != want.Answers[0] || seen.Answers.EndLen != want.EndLive {
					t.Errorf("%s, %s of %v: %s and %d entries", maps[at].name, collector, shape, digest, seen.Answers.EndLen)
				}
			}
		}
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	read, _, _ := readTiny(t)
	read.Values = material{"bytes", 32}
	for at := range maps {
		if _, err := maps[at].play(&job{mapName: "m", tape: read, collector: "heap"}); err == nil {
			t.Errorf("%s takes values of %v", maps[at].name, read.Values)
		}
	}
	read.threads = append(read.threads, nil)
	if find(goVersion()+"-map").fits(&job{mapName: "m", tape: read}) == nil {
		t.Error("two threads play into a map for one")
	}
}

func TestATapeWithValuesOfSeveralSizesIsRefused(t *testing.T) {
	for _, sizes := range []string{`{"from":16,"to":64}`, `"recorded"`} {
		var values material
		if err := json.Unmarshal([]byte(`{"boxed":`+sizes+`}`), &values); err != nil || !values.varies() {
			t.Fatalf("%s: %v, %v", sizes, values, err)
		}
		read, _, _ := readTiny(t)
		read.Values = values
		for at := range maps {
			if maps[at].fits(&job{mapName: "m", tape: read, collector: "heap"}) == nil {
				t.Errorf("%s takes values of %s", maps[at].name, sizes)
			}
		}
	}
	var keys material
	if json.Unmarshal([]byte(`{"string":"recorded"}`), &keys) == nil {
		t.Errorf("keys of %v", keys)
	}
}

func TestATapeWithAScheduleIsCountedAndNotTimed(t *testing.T) {
	fits := func(collector string, paced header) bool {
		read, _, _ := readTiny(t)
		read.Pace, read.Phases = paced.Pace, paced.Phases
		return find(goVersion()+"-map").fits(&job{mapName: "m", tape: read, collector: collector}) == nil
	}
	rate := json.RawMessage(`{"per_second":9}`)
	ofPhase := func(pace json.RawMessage) header { return header{Phases: []phaseMark{{Pace: pace}}} }
	for _, paced := range []header{{Pace: rate}, {Pace: json.RawMessage(`"recorded"`)}, ofPhase(rate)} {
		if fits("throughput", paced) || fits("latency", paced) || !fits("allocations", paced) {
			t.Errorf("%s: only what takes no times plays it", paced.Pace)
		}
	}
	for _, closed := range []header{{}, ofPhase(json.RawMessage(`"closed"`))} {
		if !fits("throughput", closed) {
			t.Error("a tape without a schedule is refused")
		}
	}
}

func TestAWrongAnswerChangesTheDigest(t *testing.T) {
	right := digest(0).fold(0, absent).fold(1, 0).fold(2, 1)
	if right == digest(0).fold(0, absent).fold(1, 0).fold(2, absent) || right == digest(0).fold(0, 0).fold(1, absent).fold(2, 1) {
		t.Error("two different lists of answers have one digest")
	}
}
