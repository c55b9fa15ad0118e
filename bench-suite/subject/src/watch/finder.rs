//! What a bounded cache finds, and whether it is what was put.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use formats::observation::{Call, Found, KeyCalls};
use formats::tape::Kind;
use rustc_hash::FxHasher;

/// What a cache that keeps everything holds under a key, and a call that leaves just that.
#[derive(Debug, Clone, Copy)]
struct Known {
    held: Option<u64>,
    by: Call,
}

/// Counts what one thread finds. Of keys that are its own it knows what each call may answer: what the last write left, or
/// nothing, since the cache may have dropped it; what was not found once is gone for good.
#[derive(Debug, Default)]
pub struct Finder {
    /// The keys that were asked for, by their numbers, where they are this thread's own.
    own: Option<HashMap<u64, Known, BuildHasherDefault<FxHasher>>>,
    found: Vec<Found>,
    wrong: Option<KeyCalls>,
}

impl Finder {
    /// A finder for a thread that owns its keys, or shares them with others.
    #[must_use]
    pub fn new(keys_shared: bool) -> Self {
        Self { own: (!keys_shared).then(HashMap::default), ..Self::default() }
    }

    /// What was found in each phase, and the first key of which something wrong was: two calls that cannot both be true,
    /// the first of them written as the insert or the remove that it came to.
    #[must_use]
    pub fn seen(self) -> (Vec<Found>, Option<KeyCalls>) {
        (self.found, self.wrong)
    }

    pub(super) fn start_phase(&mut self) {
        self.found.push(Found::default());
    }

    pub(super) fn hear(&mut self, key: u64, call: Call) {
        if let (Kind::Get | Kind::Fetch, Some(found)) = (call.kind, self.found.last_mut()) {
            found.asked += 1;
            found.found += u64::from(call.answer.is_some());
        }
        let Some(own) = &mut self.own else { return };
        let before = own.get(&key).copied();
        let held = before.and_then(|known| known.held);
        if call.answer.is_some() && call.answer != held {
            let calls = before.map(|known| known.by).into_iter().chain([call]).collect();
            self.wrong.get_or_insert(KeyCalls { key, calls });
        }
        let left = match call.kind {
            Kind::Insert => Some(call.stamp),
            Kind::Fetch => call.answer.or(Some(call.stamp)),
            Kind::Update => call.answer.map(|_| call.stamp),
            Kind::Remove => None,
            _ => call.answer,
        };
        if before.is_none() || left != held {
            let kind = if left.is_some() { Kind::Insert } else { Kind::Remove };
            let by = Call { kind, stamp: left.unwrap_or(call.stamp), answer: None, ..call };
            own.insert(key, Known { held: left, by });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stamp of a call is its position.
    fn seen(calls: &[(u64, Kind, Option<u64>)]) -> (Vec<Found>, Option<(u64, Call)>) {
        let mut finder = Finder::new(false);
        finder.start_phase();
        for (stamp, &(key, kind, answer)) in (0..).zip(calls) {
            let call = Call { thread: 0, kind, stamp, answer, from: 2 * stamp, to: 2 * stamp + 1 };
            finder.hear(key, call);
        }
        let (found, wrong) = finder.seen();
        (found, wrong.map(|key| (key.key, *key.calls.last().expect("the wrong call"))))
    }

    #[test]
    fn a_cache_may_drop_what_it_holds_and_find_nothing_else() {
        let calls = [
            (7, Kind::Fetch, None),
            (7, Kind::Fetch, Some(0)),
            (7, Kind::Update, Some(0)),
            (7, Kind::Get, Some(2)),
            (7, Kind::Insert, None),
            (7, Kind::Get, Some(4)),
            (7, Kind::Get, None),
            (7, Kind::Update, None),
            (7, Kind::Fetch, None),
            (7, Kind::Remove, Some(8)),
            (8, Kind::Get, None),
        ];
        let (found, wrong) = seen(&calls);
        assert_eq!((found, wrong), (vec![Found { asked: 7, found: 3 }], None));
        for (ending, answer) in [
            (vec![(7, Kind::Insert, None), (7, Kind::Get, Some(0))], 0),
            (vec![(7, Kind::Remove, Some(8)), (7, Kind::Get, Some(8))], 8),
            (vec![(7, Kind::Get, None), (7, Kind::Fetch, Some(8))], 8),
            (vec![(7, Kind::Update, None), (7, Kind::Get, Some(9))], 9),
            (vec![(9, Kind::Get, Some(3))], 3),
        ] {
            let (_, wrong) = seen(&[&calls[..9], &ending].concat());
            let (key, call) = wrong.expect("it is no cache");
            assert_eq!((key, call.answer), (ending[0].0, Some(answer)));
        }
    }
}
