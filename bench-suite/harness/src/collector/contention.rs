//! `contention`: how threads stand in each other's way. The map's locks count in this pass only.

use formats::observation::Contention;
use formats::tape::{Header, Kind};

pub(super) const ARGUMENTS: &[&str] = &[];

/// Every operation must have been played, and what was counted must add up.
pub(super) fn check(reading: &Contention, tape: &Header) -> Result<(), String> {
    super::equal("operations", reading.ops, super::all_ops(tape))?;
    let threads = tape.phases.first().map_or(0, |phase| phase.ops.len());
    if !reading.threads.is_empty() {
        super::equal("threads", reading.threads.len(), threads)?;
    }
    if reading.threads.iter().any(|waits| waits.longest_wait_ns > waits.wait_ns) {
        return Err("one wait is longer than all together".into());
    }
    let (Some(tracked), Some(hits)) = (reading.tracked, tape.executed.hits) else { return Ok(()) };
    let insert = Kind::Insert as usize;
    super::equal("slots handed out", tracked.taken, tape.executed.kinds[insert] - hits[insert])
}

#[cfg(test)]
mod tests {
    use formats::observation::{Tracked, Waits};

    use super::super::tests::tape;
    use super::*;

    #[test]
    fn what_was_counted_must_add_up() {
        let tracked = Some(Tracked { taken: 7, reused: 3 });
        let whole =
            Contention { threads: vec![Waits::NONE], tracker: None, ops: 10, tracked, consistency: None };
        assert_eq!(check(&whole, &tape()), Ok(()));
        let lost = Contention { ops: 9, ..whole.clone() };
        assert_eq!(check(&lost, &tape()), Err("9 operations, must be 10".into()));
        let untracked = Contention { tracked: Some(Tracked::default()), ..whole.clone() };
        assert_eq!(check(&untracked, &tape()), Err("0 slots handed out, must be 7".into()));
        let waits = Waits { longest_wait_ns: 2, wait_ns: 1, ..Waits::NONE };
        assert!(check(&Contention { threads: vec![waits], ..whole.clone() }, &tape()).is_err());
        assert!(check(&Contention { threads: vec![Waits::NONE; 2], ..whole }, &tape()).is_err());
    }
}
