//! When the operations of a paced tape are due, and waiting for them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use formats::pace::{Bursts, Pace};
use formats::tape::{CHUNK, Header, Tape};

use crate::clock::Ticker;

const SECOND_NS: u64 = 1_000_000_000;
/// Waits end this long before the moment that is waited for, and the rest is spent looking at the clock: the
/// kernel wakes a thread some 50 µs late (its timer slack), and a processor needs time to wake too.
const EARLY_NS: u64 = 100_000;

/// When operations are due, over all threads, which take turns: at even distances, in bursts or all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Operations of all threads in a second, while they come.
    pub per_second: NonZeroU32,
    /// The threads.
    pub threads: u64,
    /// When they come; `None`: all the time.
    pub bursts: Option<Bursts>,
}

/// When the operations of each phase of a tape are due, and the clock that it goes by.
#[derive(Debug, Clone)]
pub struct Timetable {
    ticker: Ticker,
    /// `None`: each operation starts when the one before is done.
    phases: Vec<Option<Schedule>>,
    /// Of a recording, which is one phase, what each thread has to keep to.
    recorded: Option<Vec<Arc<[u64]>>>,
}

impl Timetable {
    /// The timetable of a tape; `None` where nothing has a schedule.
    #[must_use]
    pub fn of(tape: &Tape) -> Option<Self> {
        let recorded = || (0..tape.threads()).map(|thread| tape.due_ns(thread).into()).collect();
        let header = tape.header();
        header.is_paced().then(|| Self {
            ticker: Ticker::calibrate(),
            phases: schedules(header),
            recorded: header.is_recorded().then(recorded),
        })
    }

    /// The clock.
    #[must_use]
    pub fn ticker(&self) -> Ticker {
        self.ticker
    }

    /// Sends a thread on its way through a phase, now; `None` where the phase has no schedule.
    #[must_use]
    pub fn start(&self, phase: usize, thread: usize) -> Option<Pacer> {
        let due = match &self.recorded {
            Some(of_threads) => Due::Recorded(Arc::clone(of_threads.get(thread)?)),
            None => Due::InTurn((*self.phases.get(phase)?)?, thread as u64),
        };
        Some(Pacer { due, ticker: self.ticker, start: self.ticker.now() })
    }

    /// Operations of one thread in this many seconds, where all that has a schedule has the same one, of rates or bursts.
    #[must_use]
    pub fn ops_in(&self, seconds: u64) -> Option<u64> {
        let mut schedules = self.phases.iter().flatten();
        let first = schedules.next()?;
        schedules.all(|schedule| schedule == first).then(|| first.ops_in(seconds))
    }
}

fn schedules(tape: &Header) -> Vec<Option<Schedule>> {
    tape.phases.iter().map(|phase| Schedule::of(tape.pace_of(phase), phase.ops.len())).collect()
}

impl Schedule {
    /// The schedule of a pace that has one.
    #[must_use]
    pub fn of(pace: Pace, threads: usize) -> Option<Self> {
        let bursts = if let Pace::Bursts(bursts) = pace { Some(bursts) } else { None };
        Some(Self { per_second: pace.per_second()?, threads: threads as u64, bursts })
    }

    /// When an operation of a thread is due, ns after the phase began. Both are counted from 0.
    #[must_use]
    pub fn due_ns(self, thread: u64, index: u64) -> u64 {
        let turn = u128::from(index) * u128::from(self.threads) + u128::from(thread);
        let evenly = |turn: u128| turn * u128::from(SECOND_NS) / u128::from(self.per_second.get());
        let due = match self.bursts {
            None => evenly(turn),
            Some(bursts) => {
                let each = u128::from(bursts.ops());
                turn / each * u128::from(period_ns(bursts)) + evenly(turn % each)
            }
        };
        u64::try_from(due).unwrap_or(u64::MAX)
    }

    /// How many operations of a thread are due this long after the phase began.
    #[must_use]
    pub fn due_by(self, thread: u64, elapsed_ns: u64) -> u64 {
        let evenly = |elapsed_ns: u64| {
            let turns = (u128::from(elapsed_ns) + 1) * u128::from(self.per_second.get());
            u64::try_from(turns.div_ceil(u128::from(SECOND_NS))).unwrap_or(u64::MAX)
        };
        let turns = match self.bursts {
            None => evenly(elapsed_ns),
            Some(bursts) => {
                let (period, each) = (period_ns(bursts), bursts.ops());
                let before = (elapsed_ns / period).saturating_mul(each);
                before.saturating_add(evenly(elapsed_ns % period).min(each))
            }
        };
        turns.saturating_sub(thread).div_ceil(self.threads)
    }

    /// Operations of one thread in this many seconds, at least one; of bursts the mean.
    #[must_use]
    pub fn ops_in(self, seconds: u64) -> u64 {
        let all = match self.bursts {
            None => u64::from(self.per_second.get()) * seconds,
            Some(bursts) => bursts.ops() * seconds * 1000 / bursts.period_ms(),
        };
        (all / self.threads).max(1)
    }
}

fn period_ns(bursts: Bursts) -> u64 {
    bursts.period_ms() * 1_000_000
}

/// What one thread has to keep to.
#[derive(Debug, Clone)]
enum Due {
    /// It takes turns with the others, and this is its number.
    InTurn(Schedule, u64),
    /// Each of its operations has a time, ns after the phase began; they do not fall.
    Recorded(Arc<[u64]>),
}

impl Due {
    /// When an operation is due, ns after the phase began.
    fn at_ns(&self, index: u64) -> u64 {
        match self {
            Self::InTurn(schedule, thread) => schedule.due_ns(*thread, index),
            Self::Recorded(times) => times[usize::try_from(index).unwrap_or(usize::MAX)],
        }
    }

    /// How many operations after the first `done` ones are due this long after the phase began; of a recording, up to
    /// as many as are played in one go.
    fn behind(&self, done: u64, elapsed_ns: u64) -> u64 {
        match self {
            Self::InTurn(schedule, thread) => schedule.due_by(*thread, elapsed_ns) - done,
            Self::Recorded(times) => {
                let done = usize::try_from(done).unwrap_or(usize::MAX);
                let next = &times[done..times.len().min(done + CHUNK)];
                next.partition_point(|due_ns| *due_ns <= elapsed_ns) as u64
            }
        }
    }
}

/// One thread on its way through a phase with a schedule.
#[derive(Debug, Clone)]
pub struct Pacer {
    due: Due,
    ticker: Ticker,
    start: u64,
}

impl Pacer {
    /// How long after it was due the operation with this index was done, ns: `end` is a tick.
    #[must_use]
    pub fn response_ns(&self, index: u64, end: u64) -> u64 {
        self.elapsed_ns(end).saturating_sub(self.due.at_ns(index))
    }

    /// Waits until the operation after the first `done` ones is due, and says how many are by then.
    #[must_use]
    pub fn wait(&self, done: u64) -> u64 {
        let due_ns = self.due.at_ns(done);
        loop {
            let elapsed_ns = self.elapsed_ns(self.ticker.now());
            if elapsed_ns >= due_ns {
                return self.due.behind(done, elapsed_ns);
            }
            let left_ns = due_ns - elapsed_ns;
            if left_ns > EARLY_NS {
                std::thread::sleep(Duration::from_nanos(left_ns - EARLY_NS));
            } else {
                std::hint::spin_loop();
            }
        }
    }

    fn elapsed_ns(&self, tick: u64) -> u64 {
        self.ticker.ns(tick.saturating_sub(self.start))
    }
}

#[cfg(test)]
mod tests {
    use formats::pace::Speed;
    use formats::tape::{Beside, Kind, Op, PhaseMark};
    use proptest::prelude::*;

    use super::*;

    /// A tape of gets with these phases.
    fn tape(header: Header) -> Tape {
        let ops: u64 = header.phases.iter().flat_map(|phase| &phase.ops).sum();
        Tape::new(header, vec![Op::new(Kind::Get, 0); usize::try_from(ops).unwrap()])
    }

    #[test]
    fn each_phase_has_its_own_schedule() {
        let rate = |rate| Some(Pace::PerSecond(NonZeroU32::new(rate).unwrap()));
        let mark = |counts, pace| PhaseMark { name: "phase".into(), ops: vec![9, 9], counts, pace };
        let phases =
            vec![mark(false, None), mark(true, None), mark(true, rate(500)), mark(true, Some(Pace::Closed))];
        let header = Header { phases, pace: rate(1000).unwrap(), ..Header::default() };
        let timetable = Timetable::of(&tape(header.clone())).unwrap();
        let rates = timetable.phases.iter().map(|phase| phase.map_or(0, |phase| phase.per_second.get()));
        assert_eq!(rates.collect::<Vec<_>>(), [0, 1000, 500, 0], "what prepares has no schedule");
        assert_eq!(timetable.start(2, 1).map(|pacer| pacer.due.at_ns(1)), Some(6_000_000));
        assert!(timetable.start(0, 0).is_none() && timetable.start(3, 0).is_none());
        assert_eq!(timetable.ops_in(5), None, "there is no one rate");
        let same = Header { phases: header.phases[..2].to_vec(), ..header.clone() };
        assert_eq!(Timetable::of(&tape(same)).unwrap().ops_in(5), Some(2500));
        let closed = Header { phases: header.phases[3..].to_vec(), ..header };
        assert!(Timetable::of(&tape(closed)).is_none(), "no phase has the pace of the tape");
    }

    #[test]
    fn a_recording_says_when_each_thread_does_what() {
        let mark = PhaseMark { name: "trace".into(), ops: vec![3, 2], counts: true, pace: None };
        let pace = Pace::Recorded(Speed(NonZeroU32::new(1000).unwrap()));
        let header = Header { phases: vec![mark], pace, recorded_ns: Some(90), ..Header::default() };
        let tape = Tape::with(
            header,
            vec![Op::new(Kind::Get, 0); 5],
            Beside { due_ns: vec![0, 10, 10, 5, 90], ..Beside::default() },
        );
        let timetable = Timetable::of(&tape).unwrap();
        let due = |thread| timetable.start(0, thread).unwrap().due;
        assert_eq!([0, 1, 2].map(|index| due(0).at_ns(index)), [0, 10, 10]);
        assert_eq!([(0, 0), (0, 9), (1, 9), (1, 10)].map(|(done, ns)| due(0).behind(done, ns)), [1, 1, 0, 2]);
        assert_eq!((due(1).at_ns(1), due(1).behind(0, 90)), (90, 2));
        assert_eq!(timetable.ops_in(5), None, "there is no rate");
    }

    fn schedule(per_second: u32, threads: u64) -> Schedule {
        Schedule { per_second: NonZeroU32::new(per_second).unwrap(), threads, bursts: None }
    }

    #[test]
    fn threads_take_turns() {
        let two = schedule(1000, 2);
        let due: Vec<u64> = (0..3).flat_map(|index| [two.due_ns(0, index), two.due_ns(1, index)]).collect();
        assert_eq!(due, [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000]);
        assert_eq!((two.due_by(0, 0), two.due_by(1, 0)), (1, 0));
        assert_eq!((two.due_by(0, 1_999_999), two.due_by(1, 1_999_999)), (1, 1));
        assert_eq!((two.due_by(0, 2_000_000), two.due_by(1, 2_000_000)), (2, 1));
    }

    fn in_bursts(per_second: u32, threads: u64, on_ms: u32, off_ms: u32) -> Schedule {
        let [on_ms, off_ms] = [on_ms, off_ms].map(|ms| NonZeroU32::new(ms).unwrap());
        let plain = schedule(per_second, threads);
        Schedule { bursts: Some(Bursts { per_second: plain.per_second, on_ms, off_ms }), ..plain }
    }

    #[test]
    fn operations_come_in_bursts() {
        // Two operations in 2 ms, then nothing for 8 ms.
        let two = in_bursts(1000, 1, 2, 8);
        let due: Vec<u64> = (0..5).map(|index| two.due_ns(0, index) / 1_000_000).collect();
        assert_eq!(due, [0, 1, 10, 11, 20]);
        assert_eq!([500_000, 1_000_000, 9_999_999, 10_000_000].map(|ns| two.due_by(0, ns)), [1, 2, 2, 3]);
        assert_eq!(two.ops_in(5), 1000);
    }

    #[test]
    fn a_day_does_not_drift() {
        let thirds = schedule(3, 1);
        assert_eq!(thirds.due_ns(0, 3 * 86_400), 86_400 * SECOND_NS);
        assert_eq!(thirds.due_by(0, 86_400 * SECOND_NS), 3 * 86_400 + 1);
    }

    #[test]
    fn seconds_are_told_in_operations() {
        assert_eq!(schedule(700, 1).ops_in(5), 3500);
        assert_eq!(schedule(1000, 4).ops_in(5), 1250);
        assert_eq!(schedule(1, 256).ops_in(5), 1);
    }

    proptest! {
        #[test]
        fn what_is_due_and_when_agree(
            per_second in 1u32..=1_000_000, threads in 1u64..=256, thread in 0u64..256, index in 0u64..1 << 24,
            on_ms in 0u32..5000, off_ms in 1u32..5000,
        ) {
            let thread = thread % threads;
            let schedule = match on_ms {
                0 => schedule(per_second, threads),
                on_ms => in_bursts(per_second, threads, on_ms, off_ms),
            };
            let due = schedule.due_ns(thread, index);
            prop_assert_eq!(schedule.due_by(thread, due), schedule.due_by(thread, due).max(index + 1));
            prop_assert!(due == 0 || schedule.due_by(thread, due - 1) <= index);
            // Of operations that are due at the same ns all count.
            let last = schedule.due_by(thread, due) - 1;
            prop_assert_eq!(schedule.due_ns(thread, last), due);
        }
    }
}
