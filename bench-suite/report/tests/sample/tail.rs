//! Slow operations that are made up.

use std::collections::BTreeMap;

use formats::observation::{Clock, Done, EventKind, Met, SlowInPlays, Stretch, Tail, TailPlay, UsualOfKind};
use formats::tape::Kind;

use super::{CHURN, LIVE};

/// Slow operations of three plays: a quarter recurs, the rest is slow once.
const SLOW: u64 = 60;

/// Of a map with a table one of them grows it; what each takes follows from the seed.
pub(super) fn tail(seed: u64, is_table: bool) -> Tail {
    let one = |at: u64| {
        let ns = 900 + (seed.wrapping_mul(31) ^ at.wrapping_mul(0x9E37)) % 4000;
        let recurs = at.is_multiple_of(4);
        let grows = is_table && at == 20;
        let ns = if grows { 700_000 + ns } else { ns };
        let in_play = |play: u64| Some(if recurs || at % 3 == play { ns + 10 * play } else { 0 });
        let done = match at {
            _ if grows => Done {
                events: BTreeMap::from([(EventKind::TableAllocated, 1), (EventKind::TableFreed, 1)]),
                calls: 2,
                bytes: 1 << 20,
                met: Met { minor_faults: 257, ..Met::default() },
            },
            _ if recurs && at % 8 == seed % 2 * 4 => Done { calls: 4, bytes: 640, ..Done::default() },
            _ => Done::default(),
        };
        let index = LIVE + at * (CHURN / SLOW);
        SlowInPlays { index, kind: Kind::Insert, ns: (0..3).map(in_play).collect(), done }
    };
    let slow: Vec<SlowInPlays> = (0..SLOW).map(one).collect();
    let play = |number: usize| TailPlay {
        ops: 20_000,
        ns: 2_000_000,
        kept: slow.iter().filter(|slow| slow.ns_in(number) > 0).count() as u64,
        stretches: vec![Stretch {
            first_op: LIVE + CHURN / 4,
            ops: 1000,
            met: Met { switches: 1, delay_ns: 3_000_000, ..Met::default() },
        }],
    };
    let usual = UsualOfKind {
        kind: Kind::Insert,
        ops: CHURN,
        events: BTreeMap::from([(EventKind::TableAllocated, 1), (EventKind::TableFreed, 1)]),
        by_calls: vec![CHURN - 400, 0, 100, 0, 300],
        by_bytes: vec![CHURN - 400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 399, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    };
    let clock = Clock { name: "tsc".into(), hz: 2e9, read_ns: 9.0, granularity_ns: 10.0 };
    Tail { clock, plays: (0..3).map(play).collect(), slow, usual: vec![usual] }
}
