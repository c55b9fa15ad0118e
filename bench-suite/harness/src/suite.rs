//! The suites: what is measured when nobody says more.

use formats::observation::Collector;
use glob::Pattern;

/// A table of what plays, how often, and what is left out for which reason.
#[derive(Debug, PartialEq)]
pub(crate) struct Suite {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for and how long it takes.
    pub(crate) about: &'static str,
    /// Size of its recipes against what their files say.
    pub(crate) scale: Option<f64>,
    /// Its workloads, as globs.
    pub(crate) workloads: &'static [&'static str],
    /// Its maps, as globs. Canaries are never among them.
    pub(crate) maps: &'static [&'static str],
    /// What is looked at. The first row that fits a collector and a workload counts.
    pub(crate) looks: &'static [Look],
    /// Whether workloads with a timetable play. Elsewhere they are left out unless they are named: a pass takes
    /// as long as the timetable.
    pub(crate) paced: bool,
    /// What is left out although workload, map and collector are in.
    pub(crate) skips: &'static [Skip],
}

/// How often a collector looks at some workloads.
#[derive(Debug, PartialEq)]
pub(crate) struct Look {
    /// The collector.
    pub(crate) collector: Collector,
    /// How often.
    pub(crate) rounds: u32,
    /// The workloads, as globs.
    pub(crate) workloads: &'static [&'static str],
}

/// Maps that do not play some workloads for some collectors.
#[derive(Debug, PartialEq)]
pub(crate) struct Skip {
    /// The workloads, as globs.
    pub(crate) workloads: &'static [&'static str],
    /// The maps, as globs.
    pub(crate) maps: &'static [&'static str],
    /// The collectors.
    pub(crate) collectors: &'static [Collector],
    /// The reason, for `list --suite` and for the session.
    pub(crate) why: &'static str,
}

const ALL: &[&str] = &["*"];

const fn look(collector: Collector, rounds: u32, workloads: &'static [&'static str]) -> Look {
    Look { collector, rounds, workloads }
}

/// indexmap's `shift_remove` at 100,000 entries: some 100 µs for each remove that is not of the newest.
const SHIFTS: Skip = Skip {
    workloads: &[
        "boxed-values",
        "bulk-delete",
        "cpython-malloc",
        "drain-only",
        "fifo-window",
        "inline-values",
        "random-mix",
        "sawtooth",
        "steady-uniform",
        "strings",
        "ttl-window",
        "twitter-cluster52",
        "uuid-keys",
        "ycsb-delete",
        "zipf-churn",
    ],
    maps: &["indexmap-shift"],
    collectors: &Collector::ALL,
    why: "each remove shifts the entries after it, minutes a pass; named with -m it plays",
};

/// The same map where the load itself is light: these collectors empty it at the end, entry by entry.
const SHIFTS_AT_THE_END: Skip = Skip {
    workloads: ALL,
    maps: SHIFTS.maps,
    collectors: &[Collector::Heap, Collector::Allocations],
    why: "emptying it at the end shifts the entries after each, a minute a pass; named with -m it plays",
};

/// The article's workloads, those with a timetable as their twins at full speed.
const ARTICLE: &[&str] = &[
    "article-bucket",
    "slot-churn-fast",
    "reuse-decision",
    "delete-store-chain",
    "bucket-paths",
    "alloc-classes",
    "gc-pressure-fast",
];

/// A thread of its own does the writing: each write goes to another thread and waits for the answer.
const ONE_WRITER: Skip = Skip {
    workloads: &["[!c]*", "cpython-malloc"],
    maps: &["single-writer"],
    collectors: &Collector::ALL,
    why: "each write waits for another thread; contended-writes shows it, and named with -m it plays",
};

/// What threads of the map's own allocate is in nobody's ledger; no answer tells how many entries live.
const OWN_THREADS: Skip = Skip {
    workloads: ALL,
    maps: &["single-writer", "event-log"],
    collectors: &[Collector::Slots, Collector::Allocations, Collector::Events, Collector::Calls],
    why: "a thread of the map's own does a part of the work, which the collector does not see",
};

/// Answers that come to nothing do not tell how many entries live.
const UNANSWERED: Skip = Skip {
    workloads: ALL,
    maps: &["event-log"],
    collectors: &[Collector::Heap],
    why: "its answers do not tell how many entries live",
};

/// Every suite.
pub(crate) const SUITES: [Suite; 6] = [
    Suite {
        name: "smoke",
        about: "whether everything works, in seconds; its figures mean nothing",
        scale: Some(0.01),
        workloads: &["fifo-window", "sawtooth", "threads-owned"],
        maps: &["null", "std", "hashbrown", "btree", "slab", "dashmap", "mutex*", "go-classic"],
        looks: &[
            look(Collector::Throughput, 2, ALL),
            look(Collector::Latency, 1, ALL),
            look(Collector::Slots, 1, ALL),
            look(Collector::Heap, 1, ALL),
            look(Collector::Allocations, 1, ALL),
            look(Collector::Events, 1, ALL),
            look(Collector::Calls, 1, ALL),
            look(Collector::Contention, 1, ALL),
            look(Collector::Stacks, 1, &["fifo-window*"]),
        ],
        paced: false,
        skips: &[],
    },
    Suite {
        name: "standard",
        about: "every map under the core loads, in minutes",
        scale: None,
        workloads: &[
            "steady-uniform",
            "fifo-window",
            "lifo",
            "zipf-churn",
            "sawtooth",
            "bulk-delete",
            "read-mostly",
            "cpython-malloc",
            "twitter-cluster52",
            "threads-owned",
            "threads-shared",
            "contended-writes",
        ],
        maps: ALL,
        looks: &[
            look(Collector::Throughput, 5, ALL),
            look(Collector::Latency, 1, ALL),
            look(Collector::Slots, 1, ALL),
            look(Collector::Heap, 1, ALL),
            look(Collector::Allocations, 1, ALL),
            look(Collector::Events, 1, ALL),
            look(Collector::Calls, 1, ALL),
            look(Collector::Contention, 1, ALL),
            look(Collector::Stacks, 1, &["fifo-window", "sawtooth", "threads-shared"]),
        ],
        paced: false,
        skips: &[
            SHIFTS,
            SHIFTS_AT_THE_END,
            ONE_WRITER,
            OWN_THREADS,
            UNANSWERED,
            Skip {
                workloads: &["[!ct]*", "cpython-malloc", "twitter-cluster52"],
                maps: &["rwlock-std", "mutex-shards", "optimistic", "event-log"],
                collectors: &Collector::ALL,
                why: "made for threads that write at once; the full suite has it alone too",
            },
            Skip {
                workloads: &["[!st]*", "sawtooth", "twitter-cluster52"],
                maps: &["mutex-free-list", "slot-tracker-*", "sharded-slab"],
                collectors: &Collector::ALL,
                why: "steady-uniform and threads-owned show it; the full suite has all",
            },
            Skip {
                workloads: &["read-mostly"],
                maps: SHIFTS.maps,
                collectors: &Collector::ALL,
                why: "five seconds a pass; the full suite has it",
            },
        ],
    },
    Suite {
        name: "full",
        about: "every map under every load, nine rounds: an hour or more",
        scale: None,
        workloads: ALL,
        maps: ALL,
        looks: &[
            look(Collector::Throughput, 9, ALL),
            look(Collector::Latency, 1, ALL),
            look(Collector::Slots, 1, ALL),
            look(Collector::Heap, 1, ALL),
            look(Collector::Allocations, 1, ALL),
            look(Collector::Events, 1, ALL),
            look(Collector::Calls, 1, ALL),
            look(Collector::Contention, 1, ALL),
            look(Collector::Stacks, 1, ALL),
        ],
        paced: false,
        skips: &[SHIFTS, SHIFTS_AT_THE_END, ONE_WRITER, OWN_THREADS, UNANSWERED],
    },
    Suite {
        name: "article",
        about: "the article's workloads at full speed",
        scale: None,
        workloads: ARTICLE,
        maps: &["null", "std", "hashbrown", "btree", "slab", "slotmap", "go-*"],
        looks: &[
            look(Collector::Throughput, 3, ALL),
            look(Collector::Latency, 1, ALL),
            look(Collector::Slots, 1, ALL),
            look(Collector::Heap, 1, ALL),
            look(Collector::Allocations, 1, ALL),
            look(Collector::Events, 1, ALL),
            look(Collector::Calls, 1, ALL),
            look(Collector::Contention, 1, ALL),
            look(Collector::Stacks, 1, &["gc-pressure-fast"]),
        ],
        paced: false,
        skips: &[],
    },
    Suite {
        name: "soak",
        about: "the article's loads of 60 s and of 30 min by their timetables: hours",
        scale: None,
        workloads: &["slot-churn", "gc-pressure"],
        maps: &["std", "hashbrown", "slab", "slotmap", "go-classic", "go-swiss"],
        looks: &[
            look(Collector::Throughput, 1, &["slot-churn"]),
            look(Collector::Latency, 1, &["slot-churn"]),
            look(Collector::Slots, 1, ALL),
            look(Collector::Heap, 1, ALL),
            look(Collector::Allocations, 1, ALL),
            look(Collector::Events, 1, ALL),
            look(Collector::Calls, 1, ALL),
            look(Collector::Contention, 1, ALL),
            look(Collector::Stacks, 1, ALL),
        ],
        paced: true,
        skips: &[Skip {
            workloads: &["gc-pressure"],
            maps: &["slab", "slotmap"],
            collectors: &Collector::ALL,
            why: "half an hour a pass, and the load is a map's; named with -m it plays",
        }],
    },
    Suite {
        name: "truth",
        about: "Go's own maps beside their ports, with --real-go",
        scale: None,
        workloads: &["fifo-window", "go-pairs", "steady-uniform"],
        maps: &["null", "go*"],
        looks: &[
            look(Collector::Throughput, 5, ALL),
            look(Collector::Latency, 1, ALL),
            look(Collector::Slots, 1, ALL),
            look(Collector::Heap, 1, ALL),
            look(Collector::Allocations, 1, ALL),
            look(Collector::Events, 1, ALL),
            look(Collector::Calls, 1, ALL),
            look(Collector::Contention, 1, ALL),
            look(Collector::Stacks, 1, &["go-pairs"]),
        ],
        paced: false,
        skips: &[],
    },
];

/// What `verify` plays: everything once. The throughput pass carries the answers.
pub(crate) const VERIFY: Suite = Suite {
    name: "verify",
    about: "every tape into every map",
    scale: None,
    workloads: ALL,
    maps: ALL,
    looks: &[look(Collector::Throughput, 1, ALL)],
    paced: true,
    skips: &[],
};

/// The suite of this name.
pub(crate) fn by_name(name: &str) -> Result<&'static Suite, String> {
    SUITES.iter().find(|suite| suite.name == name).ok_or_else(|| {
        format!("there is {}", SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", "))
    })
}

impl Suite {
    /// How often a collector looks at a workload; 0 when it does not.
    pub(crate) fn rounds(&self, collector: Collector, workload: &str) -> u32 {
        let fits = |look: &&Look| look.collector == collector && any(look.workloads, workload);
        self.looks.iter().find(fits).map_or(0, |look| look.rounds)
    }

    /// Why a map does not play a workload for a collector, if it does not.
    pub(crate) fn skips(&self, workload: &str, map: &str, collector: Collector) -> Option<&'static str> {
        let fits = |skip: &&Skip| {
            any(skip.workloads, workload) && any(skip.maps, map) && skip.collectors.contains(&collector)
        };
        self.skips.iter().find(fits).map(|skip| skip.why)
    }
}

/// Whether one of the globs means the name. The globs are constants of this file; a test compiles them all.
pub(crate) fn any(globs: &[&str], name: &str) -> bool {
    globs.iter().any(|glob| Pattern::new(glob).is_ok_and(|pattern| pattern.matches(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_glob_is_one() {
        for suite in &SUITES {
            let looks = suite.looks.iter().flat_map(|look| look.workloads);
            let skips = suite.skips.iter().flat_map(|skip| skip.workloads.iter().chain(skip.maps));
            for glob in suite.workloads.iter().chain(suite.maps).chain(looks).chain(skips) {
                assert!(Pattern::new(glob).is_ok(), "{}: {glob}", suite.name);
            }
        }
    }

    #[test]
    fn every_suite_has_every_collector() {
        for suite in &SUITES {
            for collector in Collector::ALL {
                assert!(suite.looks.iter().any(|look| look.collector == collector), "{}", suite.name);
            }
        }
    }

    #[test]
    fn the_first_row_that_fits_counts() {
        let standard = by_name("standard").unwrap();
        assert_eq!(standard.rounds(Collector::Throughput, "fifo-window"), 5);
        assert_eq!(standard.rounds(Collector::Stacks, "lifo"), 0);
        assert_eq!(by_name("x").unwrap_err(), "there is smoke, standard, full, article, soak, truth");
    }
}
