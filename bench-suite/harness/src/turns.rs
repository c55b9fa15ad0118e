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

mod randomization;
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
use formats::policy::Policy;
use formats::run::{Failure, Outcome, Pass};
use formats::session::TapeInfo;
use formats::subject::MapKind;

use self::randomization::Layout;
pub(crate) use self::randomization::Randomization;
pub(crate) use self::ratio::{Discard, LogRatios};
use crate::child::{self, Limits};
use crate::interrupt::Interrupt;
use crate::judge;
use crate::surroundings;

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

/// Work that is added to a side, inside the clock: so many multiplications for every 64 operations. A slowdown of
/// known make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct InjectedWork(pub(crate) u64);

/// What all pairs of a gate have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairContext<'a> {
    /// How the tapes are cut, what is compared and how sure the verdict must be.
    pub(crate) policy: &'a Policy,
    /// The seed of everything that is randomized.
    pub(crate) seed: u64,
    /// How long a child may take.
    pub(crate) time_limit: Duration,
    /// Whether the user asked to stop.
    pub(crate) interrupt: &'a Interrupt,
}

/// One side of a pair: a map in a program, and the work that is injected into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contestant<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// The map.
    pub(crate) map: &'a str,
    /// How the map can be used.
    pub(crate) kind: MapKind,
    /// Work that is added.
    pub(crate) injected: InjectedWork,
}

/// Runs pairs: two contestants over one tape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairRunner<'a> {
    /// What is judged.
    pub(crate) head: Contestant<'a>,
    /// What it is compared with.
    pub(crate) base: Contestant<'a>,
    /// The tape.
    pub(crate) tape: &'a TapeInfo,
    /// Where it is.
    pub(crate) file: &'a Path,
    /// What it has in common with all others.
    pub(crate) context: PairContext<'a>,
}

/// A side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Head,
    Base,
}

impl Side {
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
pub(crate) enum PairOutcome {
    /// Both sides of each answered every operation rightly.
    Measured(Vec<MeasuredPair>),
    /// One side did not: this one, or the one that was the first to fail.
    Failed(Side, Failure),
    /// The user asked to stop.
    Interrupted,
}

/// The ratios of one pair.
#[derive(Debug)]
pub(crate) struct MeasuredPair {
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

impl PairRunner<'_> {
    /// The same with work injected into the head.
    pub(crate) const fn injecting(mut self, work: InjectedWork) -> Self {
        self.head.injected = work;
        self
    }

    /// The base compared with itself, with work injected into one of the two.
    pub(crate) const fn base_with_itself(mut self, work: InjectedWork) -> Self {
        self.head = self.base;
        self.injecting(work)
    }

    /// How this tape is played in pairs.
    pub(crate) fn design(&self) -> Design {
        if self.tape.header.threads() > 1 { Design::Abba } else { Design::Turns }
    }

    /// Pairs of fresh processes that play at the same time, compared by their times.
    pub(crate) fn pairs(&self, randomization: &mut Randomization) -> Result<PairOutcome> {
        match self.design() {
            Design::Turns => self.turns(randomization),
            Design::Abba => self.passes(Collector::Throughput, randomization),
        }
    }

    /// Two fresh processes one after the other, compared by the percentiles of their service times.
    pub(crate) fn latencies(&self, randomization: &mut Randomization) -> Result<PairOutcome> {
        self.passes(Collector::Latency, randomization)
    }

    /// Two children in each lane that take turns slice by slice.
    fn turns(&self, randomization: &mut Randomization) -> Result<PairOutcome> {
        let started = Instant::now();
        let lanes: Vec<_> =
            lanes(&surroundings::processors()).iter().map(|cpus| self.lane(cpus, randomization)).collect();
        let ends = thread::scope(|scope| {
            let start = |(base_first, commands): (bool, [Command; 2])| {
                let (ours, theirs) =
                    UnixStream::pair().context("two children cannot be joined by a socket")?;
                let children = order(base_first).into_iter().zip(commands).zip([ours, theirs]);
                let children = children.map(|((side, command), end)| {
                    // A child dies with the thread that started it, so each has one.
                    scope.spawn(move || {
                        self.play(side, Collector::Throughput, command, OwnedFd::from(end).into())
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
            match self.outcome(base_first, seconds, ends)? {
                PairOutcome::Measured(measured) => all.extend(measured),
                other => return Ok(other),
            }
        }
        Ok(PairOutcome::Measured(all))
    }

    /// The two commands of a lane, in the order in which they go, and whether the base is first.
    fn lane(&self, cpus: &str, randomization: &mut Randomization) -> (bool, [Command; 2]) {
        let base_first = randomization.base_first();
        let command = |side| {
            let mut command = self.command(side, Collector::Throughput, randomization.layout());
            let first = base_first == (side == Side::Base);
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
    fn passes(&self, collector: Collector, randomization: &mut Randomization) -> Result<PairOutcome> {
        let base_first = randomization.base_first();
        let started = Instant::now();
        let mut ends = Vec::new();
        for side in order(base_first) {
            let command = self.command(side, collector, randomization.layout());
            ends.push(self.play(side, collector, command, Stdio::null())?);
        }
        self.outcome(base_first, started.elapsed().as_secs_f64(), ends)
    }

    fn contestant(&self, side: Side) -> Contestant<'_> {
        match side {
            Side::Head => self.head,
            Side::Base => self.base,
        }
    }

    fn command(&self, side: Side, collector: Collector, layout: Layout) -> Command {
        let contestant = self.contestant(side);
        let mut command = surroundings::of_pass(contestant.program, collector);
        command.arg("play").arg("--tape").arg(self.file).args(["--map", contestant.map]);
        command.args(["--collector", collector.name()]);
        command.args(["--samples", &self.tape.header.samples_for(self.context.policy.slices).to_string()]);
        command.args(["--pad", &layout.padding.to_string()]);
        if contestant.injected != InjectedWork::default() {
            command.args(["--inject-work", &contestant.injected.0.to_string()]);
        }
        command.env(PADDING, "x".repeat(layout.environment));
        command
    }

    fn play(&self, side: Side, collector: Collector, command: Command, stdin: Stdio) -> Result<Ended> {
        let PairContext { time_limit, interrupt, .. } = self.context;
        let contestant = self.contestant(side);
        let pass = Pass {
            workload: self.tape.header.workload.clone(),
            map: contestant.map.into(),
            collector,
            round: 0,
        };
        let limits = Limits { time: time_limit, stdout: STDOUT_LIMIT };
        let finished = child::run_with(command, stdin, limits, interrupt)?;
        let at = Instant::now();
        Ok(Ended { outcome: judge::outcome(finished, &pass, self.tape, contestant.kind, time_limit), at })
    }

    /// What two children come to, given in the order in which they went.
    fn outcome(&self, base_first: bool, seconds: f64, ends: Vec<Ended>) -> Result<PairOutcome> {
        let (mut observations, mut failures) = (Vec::new(), Vec::new());
        for (side, Ended { outcome, at }) in order(base_first).into_iter().zip(ends) {
            match outcome {
                None => return Ok(PairOutcome::Interrupted),
                Some(Outcome::Measured(observation)) => observations.push(*observation),
                Some(Outcome::Failed(failure)) => failures.push((left_alone(&failure), at, side, failure)),
            }
        }
        // Where one fails, the other has lost its partner: that is not the one to name.
        if let Some((.., side, failure)) = failures.into_iter().min_by_key(|failure| (failure.0, failure.1)) {
            return Ok(PairOutcome::Failed(side, failure));
        }
        if base_first {
            observations.reverse();
        }
        let [head, base] = &observations[..] else { anyhow::bail!("a pair is two observations") };
        Ok(match self.ratios(head, base) {
            Ok(log_ratios) => PairOutcome::Measured(vec![MeasuredPair { base_first, log_ratios, seconds }]),
            Err(problem) => PairOutcome::Failed(Side::Head, Failure::InvalidOutput { problem }),
        })
    }

    fn ratios(&self, head: &Observation, base: &Observation) -> Result<LogRatios, String> {
        let tape = &self.tape.header;
        match (&head.reading, &base.reading, self.design()) {
            (Reading::Throughput(head), Reading::Throughput(base), Design::Turns) => {
                let discard =
                    Discard { first: self.context.policy.discarded, of: self.context.policy.slices };
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

const fn order(base_first: bool) -> [Side; 2] {
    if base_first { [Side::Base, Side::Head] } else { [Side::Head, Side::Base] }
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
