//! Whether what threads were told of the keys that they share can all be true.
//!
//! The calls of a map that is what it says have an order in which each does what it says and which puts no call before
//! one that was over when it began (linearizability: Herlihy and Wing 1990). Keys do not depend on each other, so each
//! is looked at alone. The search is that of Wing and Gong (1993): of the calls that can be next one is taken whose
//! answer fits; where none fits it goes back. What was tried is remembered (Lowe 2017).

use std::collections::HashSet;

use formats::observation::{Call, KeyCalls, Told};
use formats::run::WronglyTold;
use formats::tape::Kind;

/// What a map promises of what it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// Each call does what it says at one moment between its beginning and its end.
    AtOnce,
    /// Writes are seen later, and say nothing: what is read was once written.
    Later,
    /// The same as at once, of a bounded cache: what was written may be gone at any moment, and is gone for good then.
    Forgetting,
}

/// Positions that a search goes through before it is given up. Nothing is then said against the map.
const MOST_POSITIONS: usize = 1 << 20;

/// The first key, if any, of which not all can be true that was told.
#[must_use]
pub fn contradiction(told: &Told, promise: Promise) -> Option<WronglyTold> {
    told.keys.iter().find_map(|key| {
        let call = match promise {
            Promise::AtOnce => Search::of(key, told.until, after).unexplained(),
            Promise::Forgetting => Search::of(key, told.until, after_forgetting).unexplained(),
            Promise::Later => never_written(key, told.until),
        };
        call.map(|call| WronglyTold { key: key.key, call })
    })
}

/// A read of a value that no call had begun to write.
fn never_written(KeyCalls { calls, .. }: &KeyCalls, until: u64) -> Option<Call> {
    let writes = |call: &&Call| matches!(call.kind, Kind::Insert | Kind::Update | Kind::Upsert);
    let was_written = |stamp: u64, by: u64| {
        calls.iter().filter(writes).any(|write| write.stamp == stamp && write.from < by)
    };
    let read = |call: &&Call| {
        matches!(call.kind, Kind::Get | Kind::Hold)
            && call.answer.is_some_and(|stamp| !was_written(stamp, call.to))
    };
    calls.iter().filter(|call| call.to < until).find(read).copied()
}

/// How many calls of each thread are taken, and what the map then holds under the key.
type Position = (Box<[u32]>, Option<u64>);

struct Search {
    /// The calls of each thread that were over in time.
    threads: Vec<Vec<Call>>,
    /// For each thread, the call that was not, if there is one.
    open: Vec<Option<Call>>,
    /// What a call leaves.
    after: After,
}

/// What a call leaves under its key, if its answer fits what it finds there. One that is not over has told nobody.
type After = fn(call: &Call, held: Option<u64>, is_over: bool) -> Option<Option<u64>>;

impl Search {
    fn of(key: &KeyCalls, until: u64, after: After) -> Self {
        let threads = key.calls.iter().map(|call| call.thread as usize + 1).max().unwrap_or(0);
        let mut search = Self { threads: vec![Vec::new(); threads], open: vec![None; threads], after };
        for call in key.calls.iter().filter(|call| call.from < until) {
            let thread = call.thread as usize;
            if call.to < until {
                search.threads[thread].push(*call);
            } else {
                search.open[thread] = Some(*call);
            }
        }
        search
    }

    /// The call at which every order ends, if none explains all.
    fn unexplained(&self) -> Option<Call> {
        let all: usize = self.threads.iter().map(Vec::len).sum();
        let start: Position = (vec![0; self.threads.len()].into(), None);
        let (mut seen, mut waiting) = (HashSet::from([start.clone()]), vec![start]);
        let mut farthest = (0, None);
        while let Some(position) = waiting.pop() {
            let taken: usize = (0..self.threads.len()).map(|thread| self.taken(&position, thread)).sum();
            if taken == all || seen.len() > MOST_POSITIONS {
                return None;
            }
            // Who is over first must be explained first.
            let mut next = self.next(&position);
            next.sort_unstable_by_key(|(_, call)| std::cmp::Reverse(call.to));
            if farthest.1.is_none() || taken > farthest.0 {
                farthest = (taken, next.iter().rev().map(|(_, call)| *call).find(|call| self.is_over(call)));
            }
            for (thread, call) in next {
                if let Some(held) = (self.after)(&call, position.1, self.is_over(&call)) {
                    let mut taken = position.0.clone();
                    taken[thread] += 1;
                    if seen.insert((taken.clone(), held)) {
                        waiting.push((taken, held));
                    }
                }
            }
        }
        farthest.1
    }

    /// How many calls of this thread are taken that were over in time.
    fn taken(&self, (taken, _): &Position, thread: usize) -> usize {
        (taken[thread] as usize).min(self.threads[thread].len())
    }

    fn is_over(&self, call: &Call) -> bool {
        self.open[call.thread as usize] != Some(*call)
    }

    /// The calls that can be next: none that is left was over before they began.
    fn next(&self, (taken, _): &Position) -> Vec<(usize, Call)> {
        let call = |thread: usize| {
            let (at, over) = (taken[thread] as usize, &self.threads[thread]);
            over.get(at).copied().or_else(|| self.open[thread].filter(|_| at == over.len()))
        };
        let left: Vec<(usize, Call)> =
            (0..taken.len()).filter_map(|thread| Some((thread, call(thread)?))).collect();
        let first_over = left.iter().map(|(_, call)| call.to).min().unwrap_or(u64::MAX);
        left.into_iter().filter(|(_, call)| call.from < first_over).collect()
    }
}

/// [`After`] in a map that keeps what it is given.
#[expect(
    clippy::option_option,
    reason = "a call that does not fit leaves nothing, one that does may leave no value"
)]
fn after(call: &Call, held: Option<u64>, is_over: bool) -> Option<Option<u64>> {
    if is_over && call.answer != held {
        return None;
    }
    Some(match call.kind {
        Kind::Insert | Kind::Upsert => Some(call.stamp),
        Kind::Update => held.map(|_| call.stamp),
        Kind::Remove => None,
        Kind::Fetch => held.or(Some(call.stamp)),
        // The others name no key and are no calls to one.
        _ => held,
    })
}

/// [`After`] in a bounded cache: whatever a call does not find may have been dropped just before it.
#[expect(
    clippy::option_option,
    reason = "a call that does not fit leaves nothing, one that does may leave no value"
)]
fn after_forgetting(call: &Call, held: Option<u64>, is_over: bool) -> Option<Option<u64>> {
    let dropped = is_over && call.answer.is_none();
    after(call, if dropped { None } else { held }, is_over)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(thread: u32, kind: Kind, answer: Option<u64>, from: u64, to: u64) -> Call {
        Call { thread, kind, stamp: from, answer, from, to }
    }

    fn told(calls: &[Call]) -> Told {
        Told { until: 1000, keys: vec![KeyCalls { key: 7, calls: calls.to_vec() }] }
    }

    fn wrong(calls: &[Call]) -> Option<Call> {
        contradiction(&told(calls), Promise::AtOnce).map(|wrong| wrong.call)
    }

    #[test]
    fn calls_side_by_side_have_any_order_and_others_theirs() {
        let insert = call(0, Kind::Insert, None, 0, 5);
        for (answer, from, explained) in
            [(None, 1, true), (Some(0), 1, true), (Some(3), 1, false), (None, 6, false), (Some(0), 6, true)]
        {
            let get = call(1, Kind::Get, answer, from, 9);
            assert_eq!(wrong(&[insert, get]), (!explained).then_some(get), "{answer:?} {from}");
        }
    }

    #[test]
    fn an_entry_is_given_to_one_thread() {
        let insert = call(0, Kind::Insert, None, 0, 1);
        let removes = [call(0, Kind::Remove, Some(0), 2, 8), call(1, Kind::Remove, Some(0), 3, 7)];
        assert!(wrong(&[insert, removes[0], removes[1]]).is_some());
        let second = Call { answer: None, ..removes[1] };
        assert_eq!(wrong(&[insert, removes[0], second]), None);
    }

    #[test]
    fn a_write_that_is_lost_is_found_out() {
        // Both say that they replaced the first value.
        let calls = [
            call(0, Kind::Insert, None, 0, 1),
            call(0, Kind::Update, Some(0), 2, 6),
            call(1, Kind::Update, Some(0), 3, 7),
        ];
        assert!(wrong(&calls).is_some());
    }

    #[test]
    fn a_call_that_was_not_over_may_have_been_or_not() {
        let insert = call(0, Kind::Insert, None, 0, 1);
        let open = Call { to: 2000, ..call(1, Kind::Remove, Some(99), 2, 3) };
        for answer in [None, Some(0)] {
            assert_eq!(wrong(&[insert, open, call(0, Kind::Get, answer, 4, 5)]), None);
        }
        let back = [call(0, Kind::Get, None, 4, 5), call(0, Kind::Get, Some(0), 6, 7)];
        assert_eq!(wrong(&[insert, open, back[0], back[1]]), Some(back[1]));
    }

    #[test]
    fn a_bounded_cache_drops_entries_for_good() {
        let forgetting =
            |calls: &[Call]| contradiction(&told(calls), Promise::Forgetting).map(|wrong| wrong.call);
        let fetch = call(0, Kind::Fetch, None, 0, 1);
        let dropped = call(1, Kind::Get, None, 2, 3);
        for (calls, answer, right) in [
            (&[fetch] as &[Call], Some(0), true),
            (&[fetch], None, true),
            (&[fetch, dropped], None, true),
            (&[fetch, dropped], Some(0), false),
            (&[fetch, call(1, Kind::Insert, None, 2, 3)], Some(2), true),
            (&[fetch, call(1, Kind::Insert, None, 2, 3)], Some(0), false),
            (&[fetch, call(1, Kind::Remove, Some(0), 2, 3)], Some(0), false),
            (&[fetch, call(1, Kind::Update, None, 2, 3)], Some(2), false),
            // Not over before it began.
            (&[fetch, call(1, Kind::Remove, Some(0), 2, 9)], Some(0), true),
        ] {
            let last = call(0, Kind::Fetch, answer, 5, 6);
            let wrong = forgetting(&[calls, &[last]].concat());
            assert_eq!(wrong.is_none(), right, "{calls:?} {answer:?}");
        }
        assert!(contradiction(&told(&[fetch, dropped]), Promise::AtOnce).is_some());
    }

    #[test]
    fn what_is_seen_later_was_written_before() {
        let later = |calls: &[Call]| contradiction(&told(calls), Promise::Later).map(|wrong| wrong.call);
        let insert = call(0, Kind::Insert, None, 0, 1);
        for (answer, from, right) in [(None, 5, true), (Some(0), 5, true), (Some(77), 5, false)] {
            let get = call(1, Kind::Get, answer, from, from + 1);
            assert_eq!(later(&[insert, get]), (!right).then_some(get));
        }
        // What was written after a thread had no more room is not known.
        assert_eq!(later(&[insert, call(1, Kind::Get, Some(77), 999, 1001)]), None);
    }

    proptest! {
        /// Calls that were made one after the other at moments within their times are always explained; and one
        /// answer that was never a value is not.
        #[test]
        fn what_a_map_did_is_explained(
            steps in prop::collection::vec((0u32..4, 0usize..4, 0u64..12, 0u64..12), 1..60), lie in 0usize..60,
        ) {
            let kinds = [Kind::Insert, Kind::Remove, Kind::Get, Kind::Update];
            let (mut held, mut calls, mut last) = (None, Vec::<Call>::new(), [0u64; 4]);
            for (at, (thread, kind, before, behind)) in (0u64..).zip(steps) {
                // It takes effect at 20 × at + 20, and no thread is in two calls at once.
                let moment = 20 * at + 20;
                let from = (moment - before).max(last[thread as usize] + 1);
                let made = Call { thread, kind: kinds[kind], stamp: moment, answer: held, from, to: moment + behind + 1 };
                last[thread as usize] = made.to;
                held = after(&made, held, true).unwrap();
                calls.push(made);
            }
            let whole = Told { until: u64::MAX, keys: vec![KeyCalls { key: 1, calls: calls.clone() }] };
            prop_assert_eq!(contradiction(&whole, Promise::AtOnce), None);
            let cut = Told { until: 500, ..whole.clone() };
            prop_assert_eq!(contradiction(&cut, Promise::AtOnce), None);
            let at = lie % calls.len();
            calls[at].answer = Some(u64::MAX / 2);
            let lied = Told { until: u64::MAX, keys: vec![KeyCalls { key: 1, calls }] };
            prop_assert!(contradiction(&lied, Promise::AtOnce).is_some());
        }
    }
}
