//! Pairs: two builds play the same tape side by side, and what is kept is the ratio of their times.
//!
//! ```text
//! one thread:  base  ▮ ▮ ▮ ▮   slice by slice in turn, on one processor that both leave together;
//!              head ▮ ▮ ▮ ▮    another such pair plays beside it on the other processors
//! threads:     base ▮▮▮▮ ▮▮▮▮ head, whole passes in the order A B B A
//! ```
//!
//! What decides about a time is which processor a process is on and what its neighbours do there. Two processes
//! that share a processor share that too, so it drops out of the ratio. What a process draws for its life (the
//! addresses of stack and heap, the seeds of its hashes) is drawn anew for each pair.

mod chance;
mod ratio;
#[cfg(test)]
pub(crate) mod small;
#[cfg(test)]
mod tests;

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use formats::gate::Design;
use formats::observation::{Collector, Observation, Reading};
use formats::run::{Failure, Outcome, Pass};
use formats::session::TapeInfo;
use formats::subject::MapKind;

pub(crate) use self::chance::Chance;
use self::chance::Place;
pub(crate) use self::ratio::{Discard, LogRatios};
use crate::child::{self, Limits};
use crate::interrupt::Interrupt;
use crate::judge;

/// How often each process plays the tape. To start a process and to make the keys of a tape takes longer than to play
/// it; and each new map has its table in other pages.
const PLAYS: u32 = 3;
/// Slices after which both children move to the next processor.
const HOP: u32 = 16;
/// Pairs that play at the same time, each on processors of its own: what they do to each other, they do to both sides
/// of a pair. With two, each side is first in one of them.
const LANES: usize = 2;
/// The exit code of a child that began to play and was left alone by its partner.
const LOST: i32 = 1;
/// A line with every slice or histogram of a long tape has some hundred KiB.
const STDOUT_LIMIT: usize = 256 << 20;
/// The variable that makes the environment of a child larger.
const PADDING: &str = "CHURNMARK_PADDING";

/// Multiplications that a child does for every 64 operations, inside the clock: a slowdown of known make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Toil(pub(crate) u64);

/// One side of a pair: a map in a program, and the work that is added to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Player<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// The map.
    pub(crate) map: &'a str,
    /// How the map can be used.
    pub(crate) kind: MapKind,
    /// Work that is added.
    pub(crate) toil: Toil,
}

/// Two sides over one tape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting<'a> {
    /// What is judged.
    pub(crate) head: Player<'a>,
    /// What it is held against.
    pub(crate) base: Player<'a>,
    /// The tape.
    pub(crate) tape: &'a TapeInfo,
    /// Where it is.
    pub(crate) file: &'a Path,
    /// About how many slices count.
    pub(crate) slices: u32,
    /// How many of the first do not.
    pub(crate) discarded: u32,
    /// How long a child may take.
    pub(crate) time: Duration,
    /// Whether the user asked to stop.
    pub(crate) interrupt: &'a Interrupt,
}

/// Which side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Head,
    Base,
}

impl Which {
    /// Its name as people read it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Base => "base",
        }
    }
}

/// What came of pairs that played at the same time.
#[derive(Debug)]
pub(crate) enum Met {
    /// Both sides of each answered every operation rightly.
    Measured(Vec<Measured>),
    /// One side did not: this one, or the one that was the first to fail.
    Broken(Which, Failure),
    /// The user asked to stop.
    Interrupted,
}

/// The ratios of one pair.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Whether the base went first.
    pub(crate) base_first: bool,
    /// Logarithms of head ÷ base.
    pub(crate) log_ratios: LogRatios,
    /// How long the pair took, s: its part of the time in which it and others were measured.
    pub(crate) seconds: f64,
}

/// A child that has ended.
struct Ended {
    /// How, or `None` when the user stopped it.
    outcome: Option<Outcome>,
    /// When.
    at: Instant,
}

impl Meeting<'_> {
    /// The same with work added to the head.
    pub(crate) const fn with_toil(mut self, toil: Toil) -> Self {
        self.head.toil = toil;
        self
    }

    /// The base against itself, with work added to one of the two.
    pub(crate) const fn base_against_itself(mut self, toil: Toil) -> Self {
        self.head = self.base;
        self.with_toil(toil)
    }

    /// How this tape is played in pairs.
    pub(crate) fn design(&self) -> Design {
        let threads = self.tape.header.phases.iter().map(|phase| phase.ops.len()).max();
        if threads.unwrap_or(1) > 1 { Design::Abba } else { Design::Turns }
    }

    /// Pairs of fresh processes that play at the same time, compared by their times.
    pub(crate) fn pairs(&self, chance: &mut Chance) -> Result<Met> {
        match self.design() {
            Design::Turns => self.turns(chance),
            Design::Abba => self.passes(Collector::Throughput, chance),
        }
    }

    /// Two fresh processes one after the other, compared by the percentiles of their service times.
    pub(crate) fn latencies(&self, chance: &mut Chance) -> Result<Met> {
        self.passes(Collector::Latency, chance)
    }

    /// Two children in each lane that take turns slice by slice.
    fn turns(&self, chance: &mut Chance) -> Result<Met> {
        let started = Instant::now();
        let lanes: Vec<_> = lanes(&processors()).iter().map(|cpus| self.lane(cpus, chance)).collect();
        let ends = thread::scope(|scope| {
            let start = |(base_first, commands): (bool, [Command; 2])| {
                let (ours, theirs) =
                    UnixStream::pair().context("two children cannot be joined by a socket")?;
                let children = order(base_first).into_iter().zip(commands).zip([ours, theirs]);
                let children = children.map(|((which, command), end)| {
                    // A child dies with the thread that started it, so each has one.
                    scope.spawn(move || {
                        self.play(which, Collector::Throughput, command, OwnedFd::from(end).into())
                    })
                });
                Ok((base_first, children.collect::<Vec<_>>()))
            };
            let lanes = lanes.into_iter().map(start).collect::<Result<Vec<_>>>()?;
            let end = |(base_first, children): (bool, Vec<_>)| {
                Ok((base_first, children.into_iter().map(join).collect::<Result<Vec<_>>>()?))
            };
            lanes.into_iter().map(end).collect::<Result<Vec<_>>>()
        })?;
        let seconds = started.elapsed().as_secs_f64() / ends.len() as f64;
        let mut all = Vec::with_capacity(ends.len());
        for (base_first, ends) in ends {
            match self.met(base_first, seconds, ends)? {
                Met::Measured(measured) => all.extend(measured),
                other => return Ok(other),
            }
        }
        Ok(Met::Measured(all))
    }

    /// The two commands of a lane, in the order in which they go, and whether the base is first.
    fn lane(&self, cpus: &str, chance: &mut Chance) -> (bool, [Command; 2]) {
        let base_first = chance.base_first();
        let command = |which| {
            let mut command = self.command(which, Collector::Throughput, chance.place());
            let first = base_first == (which == Which::Base);
            command.args(["--turn", if first { "first" } else { "second" }, "--hop", &HOP.to_string()]);
            command.args(["--plays", &PLAYS.to_string()]);
            if !cpus.is_empty() {
                command.args(["--cpus", cpus]);
            }
            command
        };
        (base_first, order(base_first).map(command))
    }

    /// Two children one after the other. With a coin for every two pairs this makes A B B A.
    fn passes(&self, collector: Collector, chance: &mut Chance) -> Result<Met> {
        let base_first = chance.base_first();
        let started = Instant::now();
        let mut ends = Vec::new();
        for which in order(base_first) {
            let command = self.command(which, collector, chance.place());
            ends.push(self.play(which, collector, command, Stdio::null())?);
        }
        self.met(base_first, started.elapsed().as_secs_f64(), ends)
    }

    fn player(&self, which: Which) -> Player<'_> {
        match which {
            Which::Head => self.head,
            Which::Base => self.base,
        }
    }

    fn command(&self, which: Which, collector: Collector, place: Place) -> Command {
        let player = self.player(which);
        let mut command = Command::new(player.program);
        command.arg("play").arg("--tape").arg(self.file).args(["--map", player.map]);
        command.args(["--collector", collector.name()]);
        command.args(["--samples", &self.tape.header.samples_for(self.slices).to_string()]);
        command.args(["--pad", &place.pad.to_string()]);
        if player.toil != Toil::default() {
            command.args(["--toil", &player.toil.0.to_string()]);
        }
        command.env(PADDING, "x".repeat(place.environment));
        command
    }

    fn play(&self, which: Which, collector: Collector, command: Command, stdin: Stdio) -> Result<Ended> {
        let player = self.player(which);
        let pass =
            Pass { workload: self.tape.header.workload.clone(), map: player.map.into(), collector, round: 0 };
        let limits = Limits { time: self.time, stdout: STDOUT_LIMIT };
        let finished = child::run_with(command, stdin, limits, self.interrupt)?;
        let at = Instant::now();
        Ok(Ended { outcome: judge::outcome(finished, &pass, self.tape, player.kind, self.time), at })
    }

    /// What two children come to, given in the order in which they went.
    fn met(&self, base_first: bool, seconds: f64, ends: Vec<Ended>) -> Result<Met> {
        let (mut observations, mut failures) = (Vec::new(), Vec::new());
        for (which, Ended { outcome, at }) in order(base_first).into_iter().zip(ends) {
            match outcome {
                None => return Ok(Met::Interrupted),
                Some(Outcome::Measured(observation)) => observations.push(*observation),
                Some(Outcome::Failed(failure)) => failures.push((left_alone(&failure), at, which, failure)),
            }
        }
        // Where one fails, the other has lost its partner: that is not the one to name.
        if let Some((.., which, failure)) = failures.into_iter().min_by_key(|failure| (failure.0, failure.1))
        {
            return Ok(Met::Broken(which, failure));
        }
        if base_first {
            observations.reverse();
        }
        let [head, base] = &observations[..] else { anyhow::bail!("a pair is two observations") };
        Ok(match self.ratios(head, base) {
            Ok(log_ratios) => Met::Measured(vec![Measured { base_first, log_ratios, seconds }]),
            Err(problem) => Met::Broken(Which::Head, Failure::Garbled { problem }),
        })
    }

    fn ratios(&self, head: &Observation, base: &Observation) -> Result<LogRatios, String> {
        let tape = &self.tape.header;
        match (&head.reading, &base.reading, self.design()) {
            (Reading::Throughput(head), Reading::Throughput(base), Design::Turns) => {
                let discard = Discard { first: self.discarded, of: self.slices };
                ratio::of_turns(head, base, tape, discard)
            }
            (Reading::Throughput(head), Reading::Throughput(base), Design::Abba) => {
                ratio::of_passes(head, base, tape)
            }
            (Reading::Latency(head), Reading::Latency(base), _) => ratio::of_latencies(head, base),
            (head, _, _) => Err(format!("{} cannot be compared in pairs", head.collector().name())),
        }
    }
}

/// Whether a child says that it lost its partner.
const fn left_alone(failure: &Failure) -> bool {
    matches!(failure, Failure::Crash { code: Some(LOST), .. })
}

const fn order(base_first: bool) -> [Which; 2] {
    if base_first { [Which::Base, Which::Head] } else { [Which::Head, Which::Base] }
}

fn join(child: ScopedJoinHandle<'_, Result<Ended>>) -> Result<Ended> {
    child.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The processors of each lane, with commas between them. There are no more lanes than processors; where there are
/// none to choose from, there is one lane.
fn lanes(processors: &[usize]) -> Vec<String> {
    let lanes = processors.len().clamp(1, LANES);
    let of = |lane| processors.iter().skip(lane).step_by(lanes).map(usize::to_string).collect::<Vec<_>>();
    (0..lanes).map(|lane| of(lane).join(",")).collect()
}

/// The processors that this process may use; none where a process cannot be bound to one.
fn processors() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity};
        let Ok(allowed) = sched_getaffinity(None) else { return Vec::new() };
        (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu)).collect()
    }
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}
