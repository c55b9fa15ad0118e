package record

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// Table is a map of the real runtime from keys of some kind, named by numbers, to uint64, and what can be read of it in
// memory.
type Table interface {
	// Format is the name of the format, and Layout says in the header how the map lies in memory.
	Format() string
	Layout() string
	// Seed is the seed of the hash, as a field of a line. It changes when the map has become empty, and Emptied is how
	// the recording says so.
	Seed() string
	Emptied() string
	Hash(key uint64) uint64
	// Real is the map itself.
	Real() *Map

	// Delete says where the key was, if that place could be called used without it: 0 otherwise.
	Delete(key uint64) (place uintptr)

	// Place is where a look-up finds a key that is there: its indexes, and its address.
	Place(key uint64) (at [3]int64, place uintptr)
	// EachEntry calls f with the place of every entry.
	EachEntry(f func(place uintptr))

	// Before is called before an operation. After says which event it was, if any, and whether entries may lie
	// elsewhere than before.
	Before(op Op)
	After(op Op) (event string, moved bool)

	// Counters are fields of the line of an operation, and Totals of the last line.
	Counters() string
	Totals() string
	Digest() uint64
	// Verify panics if what is read does not agree with the model and with the map's own look-ups.
	Verify(model map[uint64]uint64)
	// Dump writes fields with every slot.
	Dump(out *bufio.Writer)

	// Limit is the number of entries with which the map grows. Piles says whether Pile has anything to flood, and
	// Pile gives absent keys below n that flood one bucket or group.
	Limit() int
	Piles() bool
	Pile(r *Rng, model map[uint64]uint64, n uint64) []uint64
}

// Stale says whether dumps show what empty slots still hold, as ~key/value.
var Stale = flag.Bool("stale", false, "show stale key/value bytes of empty slots as ~k/v")

// A recording while it is made.
type recording struct {
	out   *bufio.Writer
	table Table
	model map[uint64]uint64
	// ever has every place that ever held a key.
	ever map[uintptr]bool
	// known has the keys whose hash under the present seed was written.
	known map[uint64]bool
	// turns is the script that is recorded in turns, if it is one.
	turns           *turnover
	epoch           int
	inserts, reuses int
}

// Main plays the script that the command line names on the table that it makes, and writes the recording.
func Main(make func(m *Map) Table, phases Phases) {
	script := flag.String("script", "tiny12", "builtin script or file with lines 'p K' 'd K' 'g K' 'c'")
	every := flag.Int("every", 1, "full dump every N ops")
	digestEvery := flag.Int("dg", 1, "write the op record (with digest) every N ops; others get a short record")
	hint := flag.Int("hint", -1, "make() hint; -1 = none")
	keys := flag.String("keys", "u64", "kind of key: u32, u64, string, uuid, float, struct or any")
	live := flag.Uint64("live", 2800, "entries of the scripts fifo and uniform")
	turns := flag.Int("turns", 60, "turns of the scripts fifo and uniform")
	seed := flag.Uint64("seed", 1, "script rng seed")
	file := flag.String("o", "", "output file")
	flag.Parse()
	debug.SetGCPercent(-1) // no address is ever reused
	f := os.Stdout
	if *file != "" {
		var err error
		if f, err = os.Create(*file); err != nil {
			panic(err)
		}
	}
	t := make(NewMap(*keys, *hint))
	r := &recording{out: bufio.NewWriterSize(f, 1<<20), table: t, model: map[uint64]uint64{}, ever: map[uintptr]bool{}}
	fmt.Fprintf(r.out, `{"t":"hdr","fmt":%q,"go":%q,"script":%q,"seed":%d,"hint":%d,"keys":%q%s%s}`+"\n", t.Format(), runtime.Version(), *script, *seed, *hint, *keys, t.Layout(), HashKeys())
	r.writeSeed("make")
	var next func(i int) (Op, bool)
	if *script == "fifo" || *script == "uniform" {
		r.turns = &turnover{order: *script, live: *live, turns: *turns, r: Rng(*seed)}
		next, *every = r.turns.op, 1<<62
	} else {
		next = phases.script(*script, *seed, t, r.model)
	}
	i, dumped := 0, -1
	for {
		op, ok := next(i)
		if !ok {
			break
		}
		r.play(i, op, i%*digestEvery == 0)
		if (i+1)%*every == 0 {
			r.dump(i)
			dumped = i
		}
		i++
	}
	if dumped != i-1 {
		r.dump(i - 1)
	} else {
		t.Verify(r.model)
	}
	totals := fmt.Sprintf(`"ops":%d,"inserts":%d,"reuse":%d,"epochs":%d%s`, i, r.inserts, r.reuses, r.epoch+1, t.Totals())
	fmt.Fprintf(r.out, `{"t":"end",%s}`+"\n", totals)
	if err := r.out.Flush(); err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "%s %s: %s\n", runtime.Version(), *script, totals)
}

func (r *recording) writeSeed(why string) {
	fmt.Fprintf(r.out, `{"t":"seed","e":%d,%s,"why":%q}`+"\n", r.epoch, r.table.Seed(), why)
	r.known = map[uint64]bool{}
}

func (r *recording) dump(i int) {
	r.table.Verify(r.model)
	fmt.Fprintf(r.out, `{"t":"dump","i":%d`, i)
	r.table.Dump(r.out)
	r.out.WriteString("}\n")
}

// play does operation i and writes its line, with all that it did if that is asked for or if it was an event.
func (r *recording) play(i int, op Op, whole bool) {
	t := r.table
	if r.turns == nil && !r.known[op.Key] {
		fmt.Fprintf(r.out, `{"t":"hash","e":%d,"kh":[[%d,"%016x"]]}`+"\n", r.epoch, op.Key, t.Hash(op.Key))
		r.known[op.Key] = true
	}
	seed := t.Seed()
	t.Before(op)
	said := ""
	var place uintptr
	switch op.Kind {
	case 'p':
		said, place = r.put(op.Key, uint64(i))
	case 'd':
		takeWork()
		gone := t.Delete(op.Key)
		said = work()
		delete(r.model, op.Key)
		if gone != 0 {
			r.ever[gone] = true
		}
	case 'g':
		said = r.get(op.Key)
	case 'c':
		takeWork()
		t.Real().Clear()
		said = work()
		for k := range r.model {
			delete(r.model, k)
		}
		if t.Seed() != seed { // there was something to clear
			r.ever = map[uintptr]bool{} // the slots are zeroed: start afresh
		}
	}
	event, moved := t.After(op)
	if event != "" {
		said += fmt.Sprintf(`,"ev":%q`, event)
	}
	if moved {
		t.EachEntry(func(place uintptr) { r.ever[place] = true })
	} else if place != 0 {
		r.ever[place] = true
	}
	if r.turns != nil {
		r.turn(i)
	} else {
		fmt.Fprintf(r.out, `{"i":%d,"o":"%c","k":%d`, i, op.Kind, op.Key)
		if whole || event != "" {
			fmt.Fprintf(r.out, `%s%s,"d":"%016x"`, t.Counters(), said, t.Digest())
		}
		r.out.WriteString("}\n")
	}
	if t.Seed() != seed {
		if t.Real().Len() != 0 {
			panic("the seed changed and the map is not empty")
		}
		r.epoch++
		why := t.Emptied()
		if op.Kind == 'c' {
			why = "clear"
		}
		r.writeSeed(why)
	}
}

// turn writes the state behind a turn, if one ends with operation i.
func (r *recording) turn(i int) {
	ends, first, name := r.turns.ends(i)
	if !ends {
		return
	}
	r.table.Verify(r.model)
	fmt.Fprintf(r.out, `{"t":"turn","i":%d,"o":%q,"live":%d%s,"d":"%016x"}`+"\n", first, name, r.turns.live, r.table.Counters(), r.table.Digest())
}

// work is what the map did since it was taken last, as a field of a line; nothing where nobody counts.
func work() string {
	work, counted := takeWork()
	if !counted {
		return ""
	}
	return fmt.Sprintf(`,"w":[%d,%d,%d,%d]`, work[0], work[1], work[2], work[3])
}

// put says where the key is now, and whether that place held a key before.
func (r *recording) put(key, value uint64) (said string, place uintptr) {
	_, had := r.model[key]
	takeWork()
	r.table.Real().Put(key, value)
	did := work()
	r.model[key] = value
	at, place := r.table.Place(key)
	used := 0
	if had {
		used = 2
	} else {
		r.inserts++
		if r.ever[place] {
			used = 1
			r.reuses++
		}
	}
	return fmt.Sprintf(`,"at":[%d,%d,%d],"r":%d%s`, at[0], at[1], at[2], used, did), place
}

func (r *recording) get(key uint64) string {
	takeWork()
	value, ok := r.table.Real().Get(key)
	did := work()
	want, there := r.model[key]
	if value != want || ok != there {
		panic("get mismatch")
	}
	if !ok {
		return `,"v":null` + did
	}
	return fmt.Sprintf(`,"v":%d%s`, value, did)
}

// Join puts commas between the parts that write writes.
func Join(out interface{ WriteByte(byte) error }, n int, write func(i int)) {
	for i := 0; i < n; i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		write(i)
	}
}

// Counts are counted events as fields in the order of their names.
func Counts(events map[string]int) string {
	var parts []string
	for _, name := range names(events) {
		parts = append(parts, fmt.Sprintf("%q:%d", name, events[name]))
	}
	return strings.Join(parts, ",")
}
