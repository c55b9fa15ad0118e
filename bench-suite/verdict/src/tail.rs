//! What made the slowest operations of a tape slow.
//!
//! The tape was played several times, each time into a new map of the same hash. An operation that is among the slowest
//! of at least two plays is slow because of the map; what it took in the fastest of these plays is the map's, what it took
//! longer in another is the machine's. An operation that was slow once and fast at another time is slow because of the
//! machine, whatever the map did in it.
//!
//! What the map did is taken from a play without a clock in which every operation was looked at. It counts as a cause
//! only where few operations of the same kind do it: what nine of ten do not do. Of several causes the first of
//! [`Cause`] is told.

use std::collections::BTreeMap;

use formats::observation::{Done, EventKind, Met, SlowInPlays, Stretch, Tail, TailPlay, UsualOfKind};
use formats::tape::Kind;

/// What made an operation slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The map changed its structure.
    Event(EventKind),
    /// The map called the allocator more often, or for more bytes, than it usually does.
    Allocator,
    /// The map wrote to memory that had no page yet.
    Faults,
    /// The thread gave the processor away to wait: for a lock, or for another thread.
    Wait,
    /// It was asked of all entries.
    AllEntries,
    /// The map: slow at the same place again, and nothing was seen that explains it.
    Map,
    /// The machine: the processor was taken from the thread.
    Preempted,
    /// The machine: slow once, and nothing was counted that explains it, such as an interrupt.
    Machine,
    /// Slow once, and timed in too few plays to tell whether it would be again.
    Untold,
}

impl Cause {
    /// Whether it says why: not only whose it was.
    #[must_use]
    pub const fn explains(self) -> bool {
        !matches!(self, Self::Map | Self::Machine | Self::Untold)
    }
}

/// An operation that was among the slowest of a play, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its position on the tape.
    pub index: u64,
    /// What it was.
    pub kind: Kind,
    /// In how many plays it was among the slowest.
    pub recurs_in: usize,
    /// What made it slow, where it was in more than one; else what made it slow in the one.
    pub cause: Cause,
    /// What it took in the fastest of the plays in which it was slow, ns.
    pub ns: u64,
    /// For each play in which it was slow: the play, and what it took there, by cause.
    pub parts: Vec<(usize, Vec<(Cause, u64)>)>,
}

/// Where the time of the slowest operations went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// How many operations that were, all plays together.
    pub ops: u64,
    /// What they took, ns.
    pub ns: u64,
    /// The same by cause, the largest first.
    pub by_cause: Vec<(Cause, u64)>,
}

impl Shares {
    /// The share of the time of which it is known why, 0 to 1.
    #[must_use]
    pub fn explained(&self) -> f64 {
        let known = self.by_cause.iter().filter(|(cause, _)| cause.explains()).map(|(_, ns)| ns);
        known.fold(0, |sum: u64, ns| sum.saturating_add(*ns)) as f64 / self.ns.max(1) as f64
    }
}

/// Plays in which an operation must be slow to be the map's.
const RECURS: usize = 2;
/// What one operation of so many of a kind does, or more of them, makes none of them slow.
const USUAL: u64 = 10;

/// Judges every operation that was among the slowest of a play, in the order of the tape.
#[must_use]
pub fn judge(tail: &Tail) -> Vec<Judged> {
    let preempted: Vec<BTreeMap<u64, bool>> =
        tail.plays.iter().enumerate().map(|(number, play)| preempted(tail, number, play)).collect();
    let judged = |slow: &SlowInPlays| {
        let plays: Vec<usize> = (0..tail.plays.len()).filter(|&play| slow.ns_in(play) > 0).collect();
        let own = own_ns(slow);
        let in_play = |play: usize| {
            let machine = match preempted[play].get(&slow.index) {
                Some(true) => Cause::Preempted,
                _ => Cause::Machine,
            };
            let more = slow.ns_in(play) - own;
            let mut parts = vec![];
            parts.extend((own > 0).then(|| (cause(tail, slow, &plays), own)));
            parts.extend((more > 0).then_some((machine_or_untold(slow, own, machine), more)));
            (play, parts)
        };
        let parts: Vec<(usize, Vec<(Cause, u64)>)> = plays.iter().map(|&play| in_play(play)).collect();
        Judged {
            index: slow.index,
            kind: slow.kind,
            recurs_in: plays.len(),
            cause: parts.first().and_then(|(_, parts)| parts.first()).map_or(Cause::Untold, |part| part.0),
            ns: plays.iter().map(|&play| slow.ns_in(play)).min().unwrap_or(0),
            parts,
        }
    };
    tail.slow.iter().map(judged).collect()
}

/// Where the time of the slowest operations went: of one in so many of each play. `None` where there are too few
/// operations for that, or fewer were kept.
#[must_use]
pub fn shares(tail: &Tail, judged: &[Judged], one_in: u64) -> Option<Shares> {
    let mut shares = Shares { ops: 0, ns: 0, by_cause: Vec::new() };
    let mut by_cause: BTreeMap<Cause, u64> = BTreeMap::new();
    for (number, play) in tail.plays.iter().enumerate() {
        let wanted = play.ops / one_in.max(1);
        if wanted == 0 || wanted > play.kept {
            return None;
        }
        let of_play = |one: &Judged| {
            let (_, parts) = one.parts.iter().find(|(of, _)| *of == number)?.clone();
            Some((parts.iter().fold(0_u64, |sum, (_, ns)| sum.saturating_add(*ns)), one.index, parts))
        };
        let mut slow: Vec<_> = judged.iter().filter_map(of_play).collect();
        slow.sort_by_key(|&(ns, index, _)| (std::cmp::Reverse(ns), index));
        slow.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        for (ns, _, parts) in slow {
            shares.ops += 1;
            shares.ns = shares.ns.saturating_add(ns);
            for (cause, ns) in parts {
                let sum = by_cause.entry(cause).or_default();
                *sum = sum.saturating_add(ns);
            }
        }
    }
    shares.by_cause = by_cause.into_iter().collect();
    shares.by_cause.sort_by_key(|&(cause, ns)| (std::cmp::Reverse(ns), cause));
    (shares.ops > 0).then_some(shares)
}

/// What of an operation's time is the map's, ns: nothing where it was slow once only.
fn own_ns(slow: &SlowInPlays) -> u64 {
    let times = slow.ns.iter().copied().flatten().filter(|ns| *ns > 0);
    if times.clone().count() < RECURS { 0 } else { times.min().unwrap_or(0) }
}

/// Whose it is what was not the map's: an operation that was slow once and never fast may have been the map's.
fn machine_or_untold(slow: &SlowInPlays, own: u64, machine: Cause) -> Cause {
    let was_fast = slow.ns.contains(&Some(0));
    if own > 0 || was_fast || machine == Cause::Preempted { machine } else { Cause::Untold }
}

/// Why an operation is slow that was in these plays.
fn cause(tail: &Tail, slow: &SlowInPlays, plays: &[usize]) -> Cause {
    let done = &slow.done;
    let usual = tail.usual.iter().find(|usual| usual.kind == slow.kind);
    if let Some(event) = usual.and_then(|usual| rare_event(done, usual)) {
        return Cause::Event(event);
    }
    if usual.is_some_and(|usual| asks_for_more(done, usual)) {
        return Cause::Allocator;
    }
    // The timed plays have to have met it too, where the operation was slow.
    let met_again = |what: fn(&Met) -> u64| {
        let met =
            |play: &&usize| stretch(&tail.plays[**play], slow.index).is_some_and(|one| what(&one.met) > 0);
        what(&done.met) > 0 && plays.iter().filter(met).count() >= RECURS
    };
    if met_again(Met::faults) {
        return Cause::Faults;
    }
    if met_again(|met| met.waits) {
        return Cause::Wait;
    }
    let of_all = slow.kind.sees_all() || matches!(slow.kind, Kind::Shrink | Kind::Reserve);
    if of_all && !matches!(slow.kind, Kind::RemoveFirst | Kind::Len) { Cause::AllEntries } else { Cause::Map }
}

/// The structural change that fewest operations of the kind have. What the map told itself goes before what its
/// allocator showed, and a new table before the old one, which goes because of it.
fn rare_event(done: &Done, usual: &UsualOfKind) -> Option<EventKind> {
    let ops_with = |kind: &EventKind| usual.events.get(kind).copied().unwrap_or(0);
    let place = |kind: EventKind| match kind {
        EventKind::TableFreed => 2,
        EventKind::TableAllocated => 1,
        _ => 0,
    };
    let rare = done.events.keys().filter(|kind| is_rare(ops_with(kind), usual.ops));
    rare.copied().min_by_key(|kind| (place(*kind), ops_with(kind), *kind))
}

fn asks_for_more(done: &Done, usual: &UsualOfKind) -> bool {
    let as_much = |bin: usize, counts: &[u64]| {
        counts.iter().skip(bin).fold(0_u64, |sum, count| sum.saturating_add(*count))
    };
    done.calls > 0 && is_rare(as_much(done.calls_bin(), &usual.by_calls), usual.ops)
        || done.bytes > 0 && is_rare(as_much(done.bytes_bin(), &usual.by_bytes), usual.ops)
}

const fn is_rare(ops: u64, of: u64) -> bool {
    ops.saturating_mul(USUAL) <= of
}

/// What the thread met around an operation of a play, if it met anything.
fn stretch(play: &TailPlay, index: u64) -> Option<&Stretch> {
    let behind = play.stretches.partition_point(|stretch| stretch.first_op <= index);
    let stretch = &play.stretches[behind.checked_sub(1)?];
    (index - stretch.first_op < stretch.ops).then_some(stretch)
}

/// Of the operations of a play that lie where the processor was taken from the thread: whether it was in this one. As
/// often as it was taken in a stretch, as many of its operations are, those that took longest beyond what is the map's.
fn preempted(tail: &Tail, number: usize, play: &TailPlay) -> BTreeMap<u64, bool> {
    let mut found = BTreeMap::new();
    for stretch in play.stretches.iter().filter(|stretch| stretch.met.switches > 0) {
        let end = stretch.first_op.saturating_add(stretch.ops);
        let from = tail.slow.partition_point(|slow| slow.index < stretch.first_op);
        let inside = tail.slow[from..].iter().take_while(|slow| slow.index < end);
        let mut beyond: Vec<(u64, u64)> = inside
            .filter(|slow| slow.ns_in(number) > 0)
            .map(|slow| (slow.ns_in(number) - own_ns(slow), slow.index))
            .collect();
        beyond.sort_unstable_by_key(|&(ns, index)| (std::cmp::Reverse(ns), index));
        let taken = usize::try_from(stretch.met.switches).unwrap_or(usize::MAX);
        found.extend(beyond.into_iter().enumerate().map(|(at, (ns, index))| (index, at < taken && ns > 0)));
    }
    found
}

#[cfg(test)]
mod tests;
