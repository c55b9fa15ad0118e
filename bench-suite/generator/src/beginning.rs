//! The beginning of a tape as a tape of its own, for whoever is too slow to play the whole.

use formats::tape::{Beside, Header, Kind, SizeMark, Tape};

use crate::play_model;

/// The first operations of a tape for one thread: all that only prepare, and so many of the others. A walk over the map
/// counts as as many as the most entries that live at once. `None` where that is the whole tape.
#[must_use]
pub fn beginning(tape: &Tape, most: u64) -> Option<Tape> {
    let (header, ops) = (tape.header(), tape.thread(0));
    let prepared = usize::try_from(header.preparing_ops()).unwrap_or(usize::MAX).min(ops.len());
    let walk = header.executed.peak_live.unwrap_or(1).max(1);
    let mut left = most;
    let takes = |kind: Kind| if kind.sees_all() && kind != Kind::Len { walk } else { 1 };
    let played = ops[prepared..].iter().take_while(|op| {
        let more = left > 0;
        left = left.saturating_sub(takes(op.kind()));
        more
    });
    let length = prepared + played.count();
    (length < ops.len()).then(|| first(tape, length))
}

/// The first operations of a tape for one thread.
fn first(tape: &Tape, length: usize) -> Tape {
    let ops = tape.thread(0)[..length].to_vec();
    let due_ns: Vec<u64> = tape.due_ns(0).iter().take(length).copied().collect();
    let mut header: Header = tape.header().clone();
    let mut left = length as u64;
    header.phases.retain_mut(|phase| {
        let is_begun = left > 0;
        phase.ops[0] = phase.ops[0].min(left);
        left -= phase.ops[0];
        is_begun
    });
    header.recorded_ns = due_ns.last().copied();
    let brought = ops.iter().filter(|op| op.kind().brings_value()).count();
    let sizes: Vec<u32> = tape.sizes(0).iter().take(brought).copied().collect();
    header.sizes = header.sizes.map(|_| SizeMark::of(&sizes));
    header.executed = play_model(header.distinct, header.keys_shared, &[&ops]);
    Tape::with(header, ops, Beside { due_ns, sizes })
}

#[cfg(test)]
mod tests {
    use formats::tape::Op;

    use super::*;

    /// Four entries, then a walk among gets.
    fn tape() -> Tape {
        let fill = (0..4).map(|key| Op::new(Kind::Insert, key)).collect();
        let get = |key| Op::new(Kind::Get, key);
        let churn = vec![get(0), get(1), Op::new(Kind::Iterate, 0), get(2), Op::new(Kind::Remove, 3)];
        let phases = [("fill", fill), ("churn", churn), ("drain", vec![Op::new(Kind::Remove, 0)])];
        let header = Tape::of_one_thread(Header::default(), &phases).header().clone();
        let ops: Vec<Op> = phases.into_iter().flat_map(|(_, ops)| ops).collect();
        let executed = play_model(header.distinct, false, &[&ops]);
        Tape::new(Header { executed, ..header }, ops)
    }

    fn counts(tape: &Tape) -> Vec<(&str, u64)> {
        tape.header().phases.iter().map(|phase| (phase.name.as_str(), phase.ops[0])).collect()
    }

    #[test]
    fn all_that_prepares_is_there_and_so_much_of_the_load() {
        let tape = tape();
        let begun = beginning(&tape, 2).unwrap();
        assert_eq!(counts(&begun), [("fill", 4), ("churn", 2)]);
        assert_eq!(begun.thread(0), &tape.thread(0)[..6]);
        let header = begun.header();
        assert_eq!((header.executed.end_live, header.ops(), header.preparing_ops()), (Some(4), 6, 4));
        assert_ne!(begun.id(), tape.id());
    }

    #[test]
    fn a_walk_counts_as_the_entries_that_it_meets() {
        let tape = tape();
        // Two gets and the walk over four entries; then there is room for no more.
        for most in 3..=6 {
            assert_eq!(counts(&beginning(&tape, most).unwrap()), [("fill", 4), ("churn", 3)], "{most}");
        }
        assert_eq!(counts(&beginning(&tape, 8).unwrap()), [("fill", 4), ("churn", 5)]);
    }

    #[test]
    fn a_tape_that_is_short_enough_stays_whole() {
        assert_eq!(beginning(&tape(), 9), None);
    }
}
