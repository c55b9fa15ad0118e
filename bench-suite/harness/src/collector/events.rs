//! `events`: structural changes inside a map. Runs in the program whose allocator tells of tables.

use formats::observation::Events;
use formats::tape::{Header, Kind};

pub(super) const ARGUMENTS: &[&str] = &["--samples", "100"];

/// The windows must hold every operation and every event, and a map that tells of its inserts all of them.
pub(super) fn check(reading: &Events, tape: &Header) -> Result<(), String> {
    super::equal("operations", reading.windows.iter().map(|window| window.ops).sum(), super::all_ops(tape))?;
    let mut listable = 0;
    for seen in &reading.kinds {
        let in_windows = reading.windows.iter().filter_map(|window| window.counts.get(&seen.kind)).sum();
        super::equal(&format!("events of kind `{}` in windows", seen.kind.name()), in_windows, seen.count)?;
        listable += if seen.kind.is_of_one_entry() { 0 } else { seen.count };
    }
    super::equal("events listed or dropped", reading.listed.len() as u64 + reading.dropped, listable)?;
    if !reading.listed.is_sorted_by_key(|event| event.op) {
        return Err("listed events are out of order".into());
    }
    let Some(hits) = tape.executed.hits.filter(|_| !reading.decisions.is_empty()) else { return Ok(()) };
    let insert = Kind::Insert as usize;
    let decided = reading.decisions.iter().map(|decision| decision.count).sum();
    super::equal("inserts that took a slot", decided, tape.executed.kinds[insert] - hits[insert])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use formats::observation::{
        DecisionCount, EventCount, EventKind, EventSource, EventWindow, Follows, ListedEvent, Taken,
    };

    use super::super::tests::tape;
    use super::*;

    fn events() -> Events {
        let kind = EventKind::Grow;
        let counts = BTreeMap::from([(kind, 2)]);
        Events {
            source: EventSource::Map,
            kinds: vec![EventCount { kind, count: 2, size: 48, first_op: 1, last_op: 3 }],
            windows: vec![EventWindow { phase: "fill".into(), first_op: 0, ops: 10, live: 4, counts }],
            listed: vec![ListedEvent { op: 1, kind, size: 16 }],
            dropped: 1,
            decisions: vec![DecisionCount {
                taken: Taken::EndOfChain,
                growing: false,
                overflow: false,
                follows: Follows::EmptyRest,
                count: 7,
            }],
        }
    }

    #[test]
    fn counts_must_agree_with_each_other_and_with_the_tape() {
        assert_eq!(check(&events(), &tape()), Ok(()));
        let lost = Events { dropped: 0, ..events() };
        assert_eq!(check(&lost, &tape()), Err("1 events listed or dropped, must be 2".into()));
        let mut undecided = events();
        undecided.decisions[0].count = 6;
        assert_eq!(check(&undecided, &tape()), Err("6 inserts that took a slot, must be 7".into()));
        let mut silent = events();
        silent.windows[0].counts.clear();
        assert!(check(&silent, &tape()).is_err());
        silent = events();
        silent.windows[0].ops = 9;
        assert!(check(&silent, &tape()).is_err());
    }

    #[test]
    fn a_map_that_does_not_tell_of_its_inserts_is_not_asked_for_them() {
        assert_eq!(check(&Events { decisions: vec![], ..events() }, &tape()), Ok(()));
    }
}
