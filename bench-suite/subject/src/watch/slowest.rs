//! The slowest operations of one play, and what the thread met around them.

use formats::observation::{Met, Stretch, TailPlay};
use formats::tape::{Kind, PhaseMark};

use super::Boundary;
use super::thread_counters::ThreadCounters;
use super::timed::{Durations, Timed};
use crate::clock::Ticker;

/// Operations that are not timed after a look at the counters: the caches are full of what the kernel needed for it.
const COLD: u64 = 16;

/// Keeps the slowest operations of the load, and looks at the counters of the thread between operations, where the play
/// is cut.
pub struct Slowest<'a> {
    phases: &'a [PhaseMark],
    ticker: Ticker,
    counters: ThreadCounters,
    /// Whether the phase counts.
    counts: bool,
    played: u64,
    ops: u64,
    ticks: u64,
    /// How many are kept in the end.
    room: usize,
    /// Ticks, position and kind; up to twice as many as are kept.
    kept: Vec<(u64, u64, Kind)>,
    /// No operation that took less is among the slowest.
    bound: u64,
    /// Every stretch between two cuts.
    stretches: Vec<Stretch>,
    at_cut: Met,
}

/// What became of one play.
pub struct Kept {
    play: TailPlay,
    /// By position on the tape: its kind, and how long it took, ns.
    slow: Vec<(u64, Kind, u64)>,
    /// Where each stretch begins.
    cuts: Vec<u64>,
}

impl<'a> Slowest<'a> {
    /// For a play that is cut after so many operations at most, of which so many are kept. All memory is there before
    /// it starts. The calling thread must be the one that plays.
    #[must_use]
    pub fn new(phases: &'a [PhaseMark], ticker: Ticker, cut: usize, room: usize) -> Self {
        let cuts = |phase: &PhaseMark| usize::try_from(phase.ops[0]).unwrap_or(usize::MAX).div_ceil(cut);
        Self {
            phases,
            ticker,
            counters: ThreadCounters::of_this_thread(),
            counts: false,
            played: 0,
            ops: 0,
            ticks: 0,
            room,
            kept: Vec::with_capacity(2 * room),
            bound: 0,
            stretches: Vec::with_capacity(phases.iter().map(cuts).sum()),
            at_cut: Met::default(),
        }
    }

    fn keep(&mut self, ticks: u64, index: u64, kind: Kind) {
        self.kept.push((ticks, index, kind));
        if self.kept.len() == 2 * self.room {
            self.drop_fastest();
        }
    }

    fn drop_fastest(&mut self) {
        if self.kept.len() > self.room {
            let slowest = |&(ticks, index, _): &(u64, u64, Kind)| (std::cmp::Reverse(ticks), index);
            self.kept.select_nth_unstable_by_key(self.room - 1, slowest);
            self.kept.truncate(self.room);
            self.bound = self.kept[self.room - 1].0;
        }
    }

    /// What was kept of the play.
    #[must_use]
    pub fn finish(mut self) -> Kept {
        self.drop_fastest();
        let ticker = self.ticker;
        let mut slow: Vec<_> =
            self.kept.iter().map(|&(ticks, index, kind)| (index, kind, ticker.ns(ticks).max(1))).collect();
        slow.sort_unstable_by_key(|&(index, ..)| index);
        let cuts = self.stretches.iter().map(|stretch| stretch.first_op).collect();
        let has_slow = |stretch: &Stretch| {
            let from = slow.partition_point(|&(index, ..)| index < stretch.first_op);
            slow.get(from).is_some_and(|&(index, ..)| index < stretch.first_op + stretch.ops)
        };
        self.stretches.retain(|stretch| stretch.met.is_something() && has_slow(stretch));
        let play = TailPlay {
            ops: self.ops,
            ns: ticker.ns(self.ticks),
            kept: slow.len() as u64,
            stretches: self.stretches,
        };
        Kept { play, slow, cuts }
    }
}

impl Durations for Slowest<'_> {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        if let Boundary::PhaseStart(phase) = boundary {
            self.counts = self.phases[phase].counts;
            self.at_cut = self.counters.read();
        }
    }

    fn take(&mut self, operations: &[Timed], _end: u64) {
        let (first_op, ops) = (self.played, operations.len() as u64);
        self.played += ops;
        if !self.counts {
            return;
        }
        let met = self.counters.read().since(self.at_cut);
        for (at, operation) in (0..).zip(operations).skip_while(|(at, _)| *at < COLD) {
            let ticks = operation.ticks();
            self.ops += 1;
            self.ticks += ticks;
            if ticks > self.bound {
                self.keep(ticks, first_op + at, operation.kind());
            }
        }
        self.stretches.push(Stretch { first_op, ops, met });
        self.at_cut = self.counters.read();
    }
}

impl Kept {
    /// The play, to be told.
    #[must_use]
    pub fn into_play(self) -> TailPlay {
        self.play
    }

    /// Position and kind of every operation that was kept.
    pub fn slow(&self) -> impl Iterator<Item = (u64, Kind)> + '_ {
        self.slow.iter().map(|&(index, kind, _)| (index, kind))
    }

    /// What an operation took, as [`SlowInPlays::ns`](formats::observation::SlowInPlays::ns) tells it.
    #[must_use]
    pub fn ns(&self, index: u64) -> Option<u64> {
        if let Ok(at) = self.slow.binary_search_by_key(&index, |&(index, ..)| index) {
            return Some(self.slow[at].2);
        }
        let before = self.cuts.partition_point(|&cut| cut <= index);
        let is_timed = before.checked_sub(1).is_some_and(|at| index - self.cuts[at] >= COLD);
        is_timed.then_some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(ticks: &[u64]) -> Vec<Timed> {
        ticks.iter().map(|&ticks| Timed::new(ticks, Kind::Get)).collect()
    }

    /// A filling of 20 operations, then 60 in stretches of 20.
    fn played(room: usize, load: impl Fn(u64) -> u64) -> Kept {
        let mark =
            |name: &str, ops, counts| PhaseMark { name: name.into(), ops: vec![ops], counts, pace: None };
        let phases = [mark("fill", 20, false), mark("churn", 60, true)];
        let ticker = Ticker::calibrate();
        let mut slowest = Slowest::new(&phases, ticker, 20, room);
        slowest.boundary(Boundary::PhaseStart(0));
        slowest.take(&timed(&[1 << 40; 20]), 0);
        slowest.boundary(Boundary::PhaseStart(1));
        for stretch in 0..3 {
            let ticks: Vec<u64> = (0..20).map(|at| load(20 + 20 * stretch + at)).collect();
            slowest.take(&timed(&ticks), 0);
        }
        slowest.finish()
    }

    #[test]
    fn the_slowest_of_the_load_are_kept_and_none_behind_a_cut() {
        // Two of each four timed operations grow slower along the tape; the slowest of all follow a cut.
        let kept = played(3, |index| if index % 20 < 16 { 1 << 30 } else { 1_000_000 * index });
        assert_eq!(kept.slow().map(|(index, _)| index).collect::<Vec<_>>(), [77, 78, 79]);
        assert!(kept.ns(79).is_some_and(|ns| ns > 0));
        assert_eq!([kept.ns(76), kept.ns(39)], [Some(0); 2], "timed, and faster");
        assert_eq!([kept.ns(60), kept.ns(75), kept.ns(20)], [None; 3], "behind a cut");
        assert_eq!(kept.ns(19), None, "of the filling");
        let play = kept.into_play();
        assert_eq!((play.ops, play.kept), (12, 3));
        assert!(play.stretches.iter().all(|stretch| stretch.first_op == 60), "{:?}", play.stretches);
    }

    #[test]
    fn a_short_load_is_kept_whole() {
        let kept = played(64, |_| 5000);
        assert_eq!(kept.slow().count(), 12);
        assert_eq!(kept.into_play().kept, 12);
    }
}
