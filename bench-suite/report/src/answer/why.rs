//! Why a map is fast: what the instruments count differently in it and in the next map. They show what goes with the
//! difference in speed, not that it is the cause, and are told as that.

use formats::observation::{Contention, Waits};

use crate::map_result::MapResult;
use crate::measured::calls;
use crate::number;

/// A figure of which less makes a map faster.
struct Instrument {
    what: &'static str,
    figure: fn(&MapResult<'_>) -> Option<f64>,
    text: fn(f64) -> String,
    /// Differences below this are nothing.
    least: f64,
}

const INSTRUMENTS: [Instrument; 6] = [
    Instrument {
        what: "blocks allocated an operation",
        figure: |map| map.figures.allocations_per_op,
        text: number::rate,
        least: 0.02,
    },
    Instrument {
        what: "key comparisons an operation",
        figure: |map| calls(map, |phase| phase.comparisons),
        text: number::rate,
        least: 0.05,
    },
    Instrument {
        what: "hashes an operation",
        figure: |map| calls(map, |phase| phase.hashes),
        text: number::rate,
        least: 0.05,
    },
    Instrument {
        what: "bytes an entry",
        figure: |map| map.figures.bytes_per_entry,
        text: number::bytes_each,
        least: 2.0,
    },
    Instrument {
        what: "of the capacity in dead slots",
        figure: |map| map.figures.dead,
        text: number::percent,
        least: 0.05,
    },
    Instrument { what: "wait for locks an operation", figure: waited, text: number::nanos, least: 5.0 },
];

/// From which factor on a difference is told.
const NOTABLE: f64 = 1.25;

/// What goes with the speed of the first of these maps, in a sentence.
pub(super) fn why(leaders: &[&MapResult<'_>], next: Option<&MapResult<'_>>) -> String {
    let Some(next) = next else { return "there is no slower map of its kind to compare it with".to_owned() };
    let first = leaders[0];
    let mut found: Vec<(f64, String)> = INSTRUMENTS.iter().filter_map(|one| one.less(first, next)).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let told: Vec<String> = found.into_iter().take(2).map(|(_, text)| text).collect();
    match told.as_slice() {
        [] => format!("no instrument counts less in it than in {}, the next", next.map),
        told => format!("against {}, the next: {}", next.map, told.join(", ")),
    }
}

impl Instrument {
    /// How many times as much the other map has, and both figures in words, if it has notably more.
    fn less(&self, map: &MapResult<'_>, other: &MapResult<'_>) -> Option<(f64, String)> {
        let [mine, theirs] = [(self.figure)(map)?, (self.figure)(other)?];
        let factor = theirs / mine.max(self.least);
        let text = || format!("{} {}, not {}", (self.text)(mine), self.what, (self.text)(theirs));
        (theirs - mine >= self.least && factor >= NOTABLE).then(|| (factor, text()))
    }
}

fn waited(map: &MapResult<'_>) -> Option<f64> {
    let seen = map.first::<Contention>()?;
    let waits = seen.threads.iter().copied().reduce(Waits::and)?;
    (seen.ops > 0).then(|| waits.wait_ns as f64 / seen.ops as f64)
}
