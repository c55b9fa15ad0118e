//! What threads that share keys are told of them: the tape's beginning once more, untimed, into a new map.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::AtomicU64;

use formats::observation::{Call, Found, KeyCalls, Told};
use formats::tape::{Kind, PhaseMark};

use super::Stage;
use crate::driver::{Driver, Route};
use crate::entry::Value;
use crate::watch::finder::Finder;
use crate::watch::listener::Listener;

/// Calls that are kept, of all threads.
const CALLS: usize = 1 << 15;
/// Keys that are listened to at most.
const KEYS: usize = 1 << 10;
/// Operations of each thread that are played at most.
const OPS: u64 = 1 << 18;

impl<K: Sync> Stage<'_, K> {
    /// What the threads are told of the keys that they contend for most; `None` where nothing is shared, or where
    /// entries leave that are not named.
    pub(super) fn told<V: Value>(&self, driver: &mut dyn Driver<K, V>) -> Option<Told> {
        let tape = &self.job.tape;
        let kinds = Kind::ALL.into_iter().zip(tape.header().executed.kinds);
        let clears = kinds.filter(|(_, count)| *count > 0).any(|(kind, _)| kind.takes_unnamed());
        if self.job.turns.is_some() || !tape.header().keys_shared || tape.threads() < 2 || clears {
            return None;
        }
        let phases = beginning(self.route.phases);
        let chosen = self.most_shared(&phases);
        Some(self.listened(driver, &phases, &chosen, || None).0)
    }

    /// What the threads are told by a bounded cache, and what they find in each phase. Where a thread owns its keys each
    /// answer is looked at, and of what was wrong the first is told; where they are shared, those of the keys that the
    /// threads contend for most.
    pub(super) fn found<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> (Option<Told>, Option<Vec<Found>>) {
        if self.job.turns.is_some() {
            return (None, None);
        }
        let (phases, keys_shared) = (self.route.phases, self.job.tape.header().keys_shared);
        let chosen = if keys_shared { self.most_shared(phases) } else { Vec::new() };
        let (mut told, finders) = self.listened(driver, phases, &chosen, || Some(Finder::new(keys_shared)));
        let (by_thread, wrong): (Vec<_>, Vec<_>) = finders.into_iter().map(Finder::seen).unzip();
        told.keys.extend(wrong.into_iter().flatten());
        let of_phase = |phase: usize| by_thread.iter().filter_map(|found| found.get(phase)).sum();
        let found = (0..phases.len()).map(of_phase).collect();
        (Some(told), Some(found))
    }

    /// Plays so much into a new map, untimed: the calls to the chosen keys, and what each thread's finder saw, if it has one.
    fn listened<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
        phases: &[PhaseMark],
        chosen: &[bool],
        finder: impl Fn() -> Option<Finder>,
    ) -> (Told, Vec<Finder>) {
        let (tape, clock) = (&self.job.tape, AtomicU64::new(0));
        let gate = Barrier::new(tape.threads());
        let route = Route { phases, slice_ops: self.route.slice_ops, timetable: None, gate };
        let listener = |thread| {
            let number = u32::try_from(thread).unwrap_or(u32::MAX);
            let room = CALLS / tape.threads();
            Listener::new(number, tape.thread(thread), chosen, &clock, room).with(finder())
        };
        let mut listeners: Vec<_> = (0..tape.threads()).map(listener).collect();
        driver.recreate(self.prepared.room);
        driver.play_listened(&route, self.prepared, &mut listeners);
        let (mut told, mut finders) = (Told { until: u64::MAX, keys: Vec::new() }, Vec::new());
        let mut keys: BTreeMap<u64, Vec<Call>> = BTreeMap::new();
        for (full, calls, finder) in listeners.into_iter().map(Listener::heard) {
            told.until = told.until.min(full);
            finders.extend(finder);
            for (key, call) in calls {
                keys.entry(key).or_default().push(call);
            }
        }
        told.keys = keys.into_iter().map(|(key, calls)| KeyCalls { key, calls }).collect();
        (told, finders)
    }

    /// Which keys, by number, are those that most operations are about beside one thread's.
    fn most_shared(&self, phases: &[PhaseMark]) -> Vec<bool> {
        let tape = &self.job.tape;
        let keys = usize::try_from(tape.header().distinct).unwrap_or(usize::MAX);
        // The first thread that a key is met in, and how often it is met in others.
        let mut met = vec![(u32::MAX, 0_u32); keys];
        for (thread, number) in (0..tape.threads()).zip(0_u32..) {
            let ops = phases.iter().map(|phase| phase.ops[thread]).sum::<u64>();
            for op in tape.thread(thread).iter().take(usize::try_from(ops).unwrap_or(usize::MAX)) {
                let key = usize::try_from(op.key()).unwrap_or(usize::MAX);
                if let Some((first, others)) = met.get_mut(key).filter(|_| op.kind().names_key()) {
                    *first = number.min(*first);
                    *others += u32::from(*first != number);
                }
            }
        }
        let mut shared: Vec<usize> = (0..keys).filter(|key| met[*key].1 > 0).collect();
        shared.sort_by_key(|key| std::cmp::Reverse(met[*key].1));
        let mut chosen = vec![false; keys];
        for key in shared.into_iter().take(KEYS) {
            chosen[key] = true;
        }
        chosen
    }
}

/// The phases, cut off where a thread has played enough.
fn beginning(phases: &[PhaseMark]) -> Vec<PhaseMark> {
    let mut left = vec![OPS; phases.first().map_or(0, |phase| phase.ops.len())];
    let cut = |phase: &PhaseMark| {
        let mut phase = phase.clone();
        for (ops, left) in phase.ops.iter_mut().zip(&mut left) {
            *ops = (*ops).min(*left);
            *left -= *ops;
        }
        phase
    };
    phases.iter().map(cut).collect()
}
