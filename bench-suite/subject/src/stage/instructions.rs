//! `instructions`: how many instructions each kind of operation takes.
//!
//! A simulated processor counts, which has started this program and knows its functions by their names. So there is a
//! function for each kind of operation, from which the map is called, and one that is called where the phases that
//! count begin.

use std::hint::black_box;

use formats::answer::Answer;
use formats::observation::{Answers, Instructions, KindInstructions, Reading};
use formats::tape::{KINDS, Kept, Kind};

use super::{Stage, answers};
use crate::driver::{Host, play_tape};
use crate::entry::Value;
use crate::map::Map;
use crate::tally::Tally;
use crate::watch::Boundary;
use crate::watch::untimed::Untimed;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn instructions<V: Value>(&self, host: &mut dyn Host<K, V>) -> (Answers, Reading) {
        host.recreate(self.prepared.room);
        let first = self.route.phases.iter().position(|phase| phase.counts);
        let mut boundary = |boundary: Boundary<'_>| {
            if let Boundary::PhaseStart(phase) = boundary
                && Some(phase) == first
            {
                load_begins();
            }
        };
        let mut watch = Untimed { boundary: &mut boundary, inject_work: 0 };
        let mut tally = Tally::default();
        host.with_map(0, &mut |map| {
            tally = play_tape(&mut ByKind { map, answered: 0 }, &self.route, self.prepared, 0, &mut watch);
        });
        let counts = self.counted_ops();
        let kinds = Kind::ALL.into_iter().zip(counts).filter(|(_, ops)| *ops > 0);
        let kinds = kinds.map(|(kind, ops)| KindInstructions { kind, ops, instructions: 0 }).collect();
        (answers(&[tally], host), Reading::Instructions(Instructions { kinds, ..Instructions::default() }))
    }

    /// Operations of each kind in phases that count.
    fn counted_ops(&self) -> [u64; KINDS] {
        let prepared = self.job.tape.header().preparing_ops_of(0);
        let prepared = usize::try_from(prepared).expect("a tape in memory");
        let mut counts = [0; KINDS];
        for op in &self.job.tape.thread(0)[prepared..] {
            counts[op.kind() as usize] += 1;
        }
        counts
    }
}

/// What has been counted so far was of preparation.
#[inline(never)]
fn load_begins() {
    static CALLED: &str = "load begins";
    black_box(CALLED);
}

/// Calls a map from a function for each kind of operation.
struct ByKind<'m, K, V> {
    map: &'m mut dyn Map<K, V>,
    answered: u64,
}

/// Writes these functions. Each does something after the map has answered, so that none of them jumps to the map instead
/// of calling it.
macro_rules! by_kind {
    ($($name:ident($($argument:ident: $Type:ty),*) -> $Answer:ty;)*) => {
        $(
            #[inline(never)]
            fn $name(&mut self $(, $argument: $Type)*) -> $Answer {
                let answer = self.map.$name($($argument),*);
                self.answered = self.answered.wrapping_add(1);
                answer
            }
        )*
    };
}

impl<K, V: Value> Map<K, V> for ByKind<'_, K, V> {
    by_kind! {
        insert(key: &K, value: V) -> Answer;
        remove(key: &K) -> Answer;
        get(key: &K) -> Answer;
        update(key: &K, value: V) -> Answer;
        iterate() -> Answer;
        clear() -> Answer;
        len() -> u64;
        remove_first() -> Answer;
        upsert(key: &K, value: V) -> Answer;
        retain(kept: Kept) -> Answer;
        shrink() -> ();
        reserve(more: usize) -> ();
        copy(reserve: bool) -> Answer;
        hold(key: &K) -> Answer;
        release() -> ();
    }
}
