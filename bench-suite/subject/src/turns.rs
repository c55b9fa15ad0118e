//! Two processes that play on one processor in turn, stretch by stretch: what disturbs one disturbs the other.
//!
//! ```text
//! stretch      0      1      2      3
//! order      1st 2nd 2nd 1st 2nd 1st 1st 2nd …   (Thue–Morse: no drift of the machine favours a side)
//! token         →       ←       →       ←        (a byte, only when the runner changes)
//! ```
//!
//! A stretch is one slice, or several: the caches that the other side has filled belong to the map again after its first
//! ones.
//!
//! The token travels over the socket that is the standard input of both. Each side knows the sequence, so
//! nothing but a byte is ever said. Who is done first waits for the other: what a process does at its end
//! falls into nobody's slice.

use std::io::{self, Read, Write};
use std::num::NonZeroU64;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use clap::ValueEnum;
use formats::tape::PhaseMark;

use crate::watch::Boundary;

mod processors;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// Plays the first stretch first.
    First,
    /// Says that it is ready, and waits.
    Second,
}

impl Side {
    /// Who has the turn with this number; a stretch is two turns.
    #[must_use]
    pub const fn of(turn: u64) -> Self {
        if turn.count_ones().is_multiple_of(2) { Self::First } else { Self::Second }
    }
}

/// How turns are taken.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Turns {
    /// Take turns, stretch by stretch, with the process at the other end of the socket that is the standard input:
    /// as the one that plays the first stretch first, or as the other
    #[arg(id = "turn", long = "turn", value_name = "SIDE", required = false)]
    pub side: Side,
    /// Processors to play on, one after the other; without, the system chooses
    #[arg(long, value_delimiter = ',', requires = "turn")]
    pub cpus: Vec<usize>,
    /// Stretches after which the next of the processors is moved to
    #[arg(long, default_value = "16", requires = "turn")]
    pub hop: NonZeroU64,
    /// Slices that are played in one go
    #[arg(long, default_value = "1", requires = "turn")]
    pub stretch: NonZeroU64,
    /// Slices of which the first stretch is shorter
    #[arg(long, default_value = "0", requires = "turn")]
    pub offset: u64,
    /// How often the tape is played, each time into a new map that must answer alike; the times of a slice are summed
    #[arg(long, default_value = "1", requires = "turn")]
    pub plays: NonZeroU64,
}

/// Why turns cannot be taken, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// There is nobody to take turns with.
    #[error("no partner to take turns with: the standard input is no socket ({0})")]
    NoSocket(io::Error),
    /// The partner has ended before its time.
    #[error("the partner that turns are taken with is gone: {0}")]
    Gone(io::Error),
    /// The thread cannot be where it should.
    #[error("cannot move to processor {cpu}: {why}")]
    Processor {
        /// The number of the processor.
        cpu: usize,
        /// What the system said.
        why: io::Error,
    },
}

impl TurnError {
    fn processor((cpu, why): (usize, io::Error)) -> Self {
        Self::Processor { cpu, why }
    }
}

/// A thread that takes turns.
#[derive(Debug)]
pub struct Partner<'a, S = UnixStream> {
    turns: &'a Turns,
    socket: S,
    /// For each phase: whether it counts, so that its slices are played in turn.
    in_turn: Vec<bool>,
    phase: usize,
    /// Slices played in turn so far, and in all.
    slice: u64,
    slices: u64,
    /// Why no more turns are taken.
    lost: Option<TurnError>,
}

impl<'a> Partner<'a> {
    /// Meets the partner at the standard input and sees whether the processors can be had. `slice_ops` says
    /// into what slices the phases are cut.
    pub fn meet(turns: &'a Turns, phases: &[PhaseMark], slice_ops: usize) -> Result<Self, TurnError> {
        let stdin = io::stdin().as_fd().try_clone_to_owned().map_err(TurnError::NoSocket)?;
        let socket = UnixStream::from(stdin);
        socket.peer_addr().map_err(TurnError::NoSocket)?;
        processors::check(&turns.cpus).map_err(TurnError::processor)?;
        Ok(Self::new(turns, socket, phases, slice_ops))
    }
}

impl<'a, S: Read + Write> Partner<'a, S> {
    fn new(turns: &'a Turns, socket: S, phases: &[PhaseMark], slice_ops: usize) -> Self {
        let in_turn: Vec<bool> = phases.iter().map(|phase| phase.counts).collect();
        let slices =
            |phase: &PhaseMark| phase.ops.iter().map(|ops| ops.div_ceil(slice_ops as u64)).sum::<u64>();
        let slices =
            phases.iter().zip(&in_turn).filter(|(_, in_turn)| **in_turn).map(|(phase, _)| slices(phase));
        let slices = slices.sum::<u64>() * turns.plays.get();
        Self { turns, socket, slices, in_turn, phase: 0, slice: 0, lost: None }
    }

    /// Comes before the watch at every boundary: waits for the turn when a stretch starts.
    pub fn before(&mut self, boundary: &Boundary<'_>) {
        match boundary {
            Boundary::PhaseStart(phase) => self.phase = *phase,
            Boundary::SliceStart => self.attempt(Self::wait),
            Boundary::SliceEnd { .. } | Boundary::PhaseEnd => {}
        }
    }

    /// Comes after the watch at every boundary: hands the turn over when a stretch has ended.
    pub fn after(&mut self, boundary: &Boundary<'_>) {
        if let Boundary::SliceEnd { .. } = boundary {
            self.attempt(Self::hand_over);
        }
    }

    /// Tells whether turns were taken to the end.
    pub fn finish(self) -> Result<(), TurnError> {
        self.lost.map_or(Ok(()), Err)
    }

    /// Without a partner the rest is played alone, and what was measured is worth nothing.
    fn attempt(&mut self, act: impl FnOnce(&mut Self) -> Result<(), TurnError>) {
        if self.lost.is_none() && self.in_turn[self.phase] {
            self.lost = act(self).err();
        }
    }

    fn wait(&mut self) -> Result<(), TurnError> {
        if self.slice == 0 && self.turns.side == Side::Second {
            self.say()?;
        }
        if !self.is_border() {
            return Ok(());
        }
        let stretch = self.stretch_of(self.slice);
        if stretch.is_multiple_of(self.turns.hop.get()) {
            self.move_on(stretch)?;
        }
        match self.turn(stretch).checked_sub(1) {
            Some(before) if Side::of(before) == self.turns.side => Ok(()),
            // The first of all turns is taken when the other side is ready.
            _ => self.hear(),
        }
    }

    fn hand_over(&mut self) -> Result<(), TurnError> {
        let stretch = self.stretch_of(self.slice);
        self.slice += 1;
        let last = self.slice == self.slices;
        if !last && !self.is_border() {
            return Ok(());
        }
        let (next, turns) = (self.turn(stretch) + 1, 2 * (self.stretch_of(self.slices - 1) + 1));
        // After the last turn of all, whoever had it lets the other go.
        let other = last && next == turns || Side::of(next) != self.turns.side;
        if other {
            self.say()?;
        }
        if last && next < turns { self.hear() } else { Ok(()) }
    }

    /// Whether a stretch starts with the next slice.
    fn is_border(&self) -> bool {
        let Turns { stretch, offset, .. } = self.turns;
        self.slice == 0 || (self.slice + offset).is_multiple_of(stretch.get())
    }

    /// The stretch that a slice is in.
    fn stretch_of(&self, slice: u64) -> u64 {
        let Turns { stretch, offset, .. } = self.turns;
        (slice + offset) / stretch.get() - offset / stretch.get()
    }

    /// The number of this side's turn in a stretch.
    const fn turn(&self, stretch: u64) -> u64 {
        2 * stretch + (Side::of(2 * stretch) as u64 ^ self.turns.side as u64)
    }

    fn move_on(&self, stretch: u64) -> Result<(), TurnError> {
        let hops = usize::try_from(stretch / self.turns.hop.get()).unwrap_or(0);
        let Some(at) = hops.checked_rem(self.turns.cpus.len()) else { return Ok(()) };
        processors::move_to(self.turns.cpus[at]).map_err(TurnError::processor)
    }

    fn say(&mut self) -> Result<(), TurnError> {
        self.socket.write_all(&[0]).map_err(TurnError::Gone)
    }

    fn hear(&mut self) -> Result<(), TurnError> {
        match self.socket.read_exact(&mut [0]) {
            Ok(()) => Ok(()),
            Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => {
                Err(TurnError::Gone(io::Error::new(end.kind(), "it has closed its socket")))
            }
            Err(error) => Err(TurnError::Gone(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread;

    use super::*;
    use crate::tally::Tally;

    /// A filling that prepares, and what follows it.
    fn phases(filling: u64, load: &[(&str, u64)]) -> Vec<PhaseMark> {
        let mark =
            |name: &str, ops, counts| PhaseMark { name: name.into(), ops: vec![ops], counts, pace: None };
        let load = load.iter().map(|&(name, ops)| mark(name, ops, true));
        std::iter::once(mark("fill", filling, false)).chain(load).collect()
    }

    fn turns(side: Side) -> Turns {
        let one = NonZeroU64::MIN;
        Turns { side, cpus: Vec::new(), hop: one, stretch: one, offset: 0, plays: one }
    }

    /// Leads a partner over all boundaries of its tape, `act` at each slice.
    fn travel(
        partner: &mut Partner<'_>,
        phases: &[PhaseMark],
        slice_ops: usize,
        mut act: impl FnMut(&PhaseMark, u64),
    ) {
        let tally = Tally::default();
        for (index, phase) in phases.iter().enumerate() {
            partner.before(&Boundary::PhaseStart(index));
            for slice in 0..phase.ops[0].div_ceil(slice_ops as u64) {
                partner.before(&Boundary::SliceStart);
                act(phase, slice);
                let end = Boundary::SliceEnd { ops: 0, tally: &tally };
                partner.before(&end);
                partner.after(&end);
            }
            partner.after(&Boundary::PhaseEnd);
        }
    }

    /// Who played which slice of the phases that are played in turn, in the order in which it was.
    fn played(
        phases: &[PhaseMark],
        slice_ops: usize,
        as_said: impl Fn(Turns) -> Turns + Sync,
    ) -> Vec<(Side, u64)> {
        let order = Mutex::new(Vec::new());
        let (one, other) = UnixStream::pair().expect("a pair of sockets");
        thread::scope(|scope| {
            for (side, socket) in [(Side::First, one), (Side::Second, other)] {
                let (order, as_said) = (&order, &as_said);
                scope.spawn(move || {
                    let turns = as_said(turns(side));
                    let mut partner = Partner::new(&turns, socket, phases, slice_ops);
                    travel(&mut partner, phases, slice_ops, |phase, slice| {
                        if phase.counts {
                            order.lock().expect("no panic").push((side, slice));
                        }
                    });
                    partner.finish().expect("both played to the end");
                });
            }
        });
        order.into_inner().expect("no panic")
    }

    #[test]
    fn turns_follow_thue_and_morse() {
        // Each half is the one before with the sides swapped.
        let mut sequence = vec![Side::First];
        while sequence.len() < 64 {
            let swapped = |side: &Side| if *side == Side::First { Side::Second } else { Side::First };
            sequence.extend(sequence.iter().map(swapped).collect::<Vec<_>>());
        }
        assert_eq!((0..64).map(Side::of).collect::<Vec<_>>(), sequence);
        // Seven slices of 100 and one of 60, one of the phase behind, and two of a filling that is load.
        let order = played(&phases(1000, &[("churn", 760), ("drain", 1), ("fill", 200)]), 100, |turns| turns);
        let sides: Vec<Side> = order.iter().map(|(side, _)| *side).collect();
        assert_eq!(sides, &sequence[..22]);
        let slices: Vec<u64> = order.iter().map(|(_, slice)| *slice).collect();
        assert_eq!(slices, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn a_stretch_is_played_in_one_go() {
        // Ten slices in stretches of four, of which the first has three.
        let stretches = |turns| Turns { stretch: NonZeroU64::new(4).expect("not 0"), offset: 1, ..turns };
        let order = played(&phases(100, &[("churn", 800), ("drain", 200)]), 100, stretches);
        let (first, second) = (Side::First, Side::Second);
        let expected = [(first, 3), (second, 3), (second, 4), (first, 4), (second, 3), (first, 3)];
        let expected: Vec<Side> =
            expected.into_iter().flat_map(|(side, slices)| std::iter::repeat_n(side, slices)).collect();
        assert_eq!(order.iter().map(|(side, _)| *side).collect::<Vec<_>>(), expected);
        // A tape that ends before its first stretch does.
        let long = |turns| Turns { stretch: NonZeroU64::new(50).expect("not 0"), offset: 120, ..turns };
        let order = played(&phases(100, &[("churn", 200)]), 100, long);
        assert_eq!(order.iter().map(|(side, _)| *side).collect::<Vec<_>>(), [first, first, second, second]);
    }

    #[test]
    fn every_phase_that_counts_is_played_in_turn() {
        let (one, other) = UnixStream::pair().expect("a pair of sockets");
        let teeth = phases(300, &[("drain", 290), ("fill", 290)]);
        let turns = turns(Side::Second);
        let partner = Partner::new(&turns, one, &teeth, 100);
        assert_eq!((partner.slices, &*partner.in_turn), (6, &[false, true, true][..]));
        drop(other);
    }

    #[test]
    fn a_partner_that_is_gone_stops_the_turns_and_not_the_tape() {
        for side in [Side::First, Side::Second] {
            let (socket, gone) = UnixStream::pair().expect("a pair of sockets");
            drop(gone);
            let (turns, phases) = (turns(side), phases(1000, &[("churn", 800)]));
            let mut partner = Partner::new(&turns, socket, &phases, 100);
            let mut slices = 0;
            travel(&mut partner, &phases, 100, |_, _| slices += 1);
            assert_eq!(slices, 18);
            let error = partner.finish().expect_err("there is nobody");
            assert!(error.to_string().starts_with("the partner that turns are taken with is gone: "));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_moves_on_each_time_the_slices_are_over() {
        use rustix::thread::{CpuSet, sched_getaffinity};

        let allowed = sched_getaffinity(None).expect("a thread is somewhere");
        let cpus: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu)).take(2).collect();
        assert!(processors::check(&cpus).is_ok());
        let (socket, mut far) = UnixStream::pair().expect("a pair of sockets");
        far.write_all(&[0; 64]).expect("the socket holds a few bytes");
        let turns = Turns {
            side: Side::First,
            cpus: cpus.clone(),
            hop: NonZeroU64::new(3).expect("not 0"),
            ..super::tests::turns(Side::First)
        };
        let phases = phases(0, &[("churn", 1200)]);
        let mut partner = Partner::new(&turns, socket, &phases, 100);
        let mut been = Vec::new();
        travel(&mut partner, &phases, 100, |_, _| {
            let now = sched_getaffinity(None).expect("a thread is somewhere");
            been.push((now.count(), cpus.iter().position(|&cpu| now.is_set(cpu))));
        });
        partner.finish().expect("the bytes were there");
        let expected = (0..12).map(|slice| (1, Some(slice / 3 % cpus.len())));
        assert_eq!(been, expected.collect::<Vec<_>>());
        let error = processors::check(&[CpuSet::MAX_CPU]).expect_err("no such processor");
        let error = TurnError::processor(error);
        assert!(error.to_string().starts_with("cannot move to processor 1024: "), "{error}");
    }
}
