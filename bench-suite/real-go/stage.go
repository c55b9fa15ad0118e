package main

// stage is everything that the collectors need of a pass.
type stage[K any] struct {
	route *route
	made  *prepared[K]
	// fresh makes a new map.
	fresh func() player[K]
	// way is the map that plays.
	way player[K]
	// endLength is how many entries the map said it held at the end.
	endLength uint64
}

func (s *stage[K]) threads() int { return len(s.made.threads) }

func (s *stage[K]) tour(watches []watch) []tally { return tourAll(s, watches) }

func (s *stage[K]) lastPhase() string { return s.route.phases[len(s.route.phases)-1].Name }

// drain removes one by one what may be left.
func (s *stage[K]) drain() {
	var t tally
	for _, left := range s.made.left {
		s.way.play([]step[K]{{key: left, kind: remove}}, &t, nil)
	}
}

type answers struct {
	Digests []digest `json:"digests"`
	Balance int64    `json:"balance"`
	EndLen  uint64   `json:"end_len"`
	Told    *told    `json:"told,omitempty"`
}

// observation is the single line that is printed.
type observation struct {
	Schema  int     `json:"schema"`
	Map     string  `json:"map"`
	Tape    string  `json:"tape"`
	Answers answers `json:"answers"`
	Reading any     `json:"reading"`
}

// job is what is to be done: everything but the map.
type job struct {
	mapName   string
	tape      *tape
	collector string
	samples   uint64
}

// collectors are those that this program serves.
var collectors = []string{"throughput", "latency", "heap", "allocations"}

// perform makes a map, lets the collector watch it play, and puts the observation together.
func perform[K any](j *job, made *prepared[K], fresh func() player[K]) observation {
	s := &stage[K]{route: newRoute(j.tape, j.samples), made: made, fresh: fresh}
	// What was left over from reading and preparing is not the map's: it is collected before the clock starts.
	settle()
	s.way = fresh()
	var tallies []tally
	var reading any
	switch j.collector {
	case "throughput":
		tallies, reading = s.throughput()
	case "latency":
		tallies, reading = s.latency()
	case "heap":
		tallies, reading = s.heap()
	case "allocations":
		tallies, reading = s.allocations()
	}
	if s.way != nil {
		s.endLength = s.way.length()
	}
	given := answers{EndLen: s.endLength}
	if j.collector == "throughput" {
		given.Told = s.tell(j.tape)
	}
	for _, tally := range tallies {
		given.Digests = append(given.Digests, tally.digest)
		given.Balance += tally.balance
	}
	return observation{Schema: schema, Map: j.mapName, Tape: j.tape.id, Answers: given, Reading: reading}
}
