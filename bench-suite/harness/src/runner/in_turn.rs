//! A pass of throughput in turn with the reference map.
//!
//! ```text
//! map        ▮▮▮▮▮       ▮▮▮▮▮ ▮▮▮▮▮       ▮▮ …     stretches of about 80,000 operations, on one processor
//! reference        ▮▮▮▮▮             ▮▮▮▮▮    ▮▮
//! ```
//!
//! How fast a processor is changes by a quarter within a tenth of a second where machines are shared; two maps that play
//! one after the other are compared by that. Of two that take turns every millisecond or so it drops out. The price is
//! that each finds caches full of what is the other's, and has not got all of its own back when its stretch ends.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};
use formats::observation::{Collector, InTurn, Observation, PhaseTimes, Reading};
use formats::run::{Failure, Outcome, Pass};
use formats::session::TapeInfo;
use formats::subject::{Demand, MapInfo};
use xxhash_rust::xxh3::xxh3_64;

use super::Runner;
use crate::child::{self, Finished, Limits};
use crate::judge;
use crate::room;
use crate::surroundings;

/// The exit code of a child that began to play and was left alone.
const LOST: i32 = 1;

/// What came of a pass in turn.
pub(super) enum Turned {
    /// The map played, for so many seconds; its times stand beside those of the reference map, unless it failed.
    Played(f64, Box<Outcome>),
    /// The user asked to stop.
    Interrupted,
    /// They took no turns to the end, and it was not the map that failed: it plays alone.
    Not,
}

/// A map and the reference map, about to take turns.
pub(super) struct Turns<'a> {
    runner: &'a Runner<'a>,
    pass: &'a Pass,
    tape: &'a TapeInfo,
    map: MapInfo,
    reference: MapInfo,
}

impl Runner<'_> {
    /// How a pass takes turns; `None` where it does not: of another collector, of threads, by a schedule, with a map or
    /// a program that cannot, or where memory is too small for two.
    pub(super) fn turns<'a>(&'a self, pass: &'a Pass, tape: &'a TapeInfo) -> Option<Turns<'a>> {
        let header = &tape.header;
        let plain = pass.collector == Collector::Throughput && header.threads() == 1 && !header.is_paced();
        if !self.timing || !plain || room::for_one_only(header) {
            return None;
        }
        let [map, reference] = [self.programs.info(&pass.map)?, self.programs.info(self.reference?)?];
        let can = |map: &MapInfo| self.programs.taking_turns(map).is_some();
        let plays = reference.supports(&Demand::from(header), Collector::Throughput).is_ok();
        (plays && can(&map) && can(&reference)).then_some(Turns { runner: self, pass, tape, map, reference })
    }
}

impl Turns<'_> {
    /// Plays both, each in a process of its own.
    pub(super) fn play(&self, limits: Limits) -> Result<Turned> {
        let Self { runner, pass, tape, .. } = self;
        let beside = Pass { map: self.reference.name.clone(), ..(*pass).clone() };
        let (file, _) = runner.tapes.get(&pass.workload).context("every planned workload has a tape")?;
        let turns = InTurn::of_round(&beside.map, &tape.header, pass.round);
        // One processor a round: to move between them takes longer to make up for in the caches than a stretch lasts.
        let processors = surroundings::processors();
        let processor = processors.get(pass.round as usize % processors.len().max(1)).copied();
        // Each is first in about half of the rounds.
        let first = (xxh3_64(pass.map.as_bytes()) ^ u64::from(pass.round)) & 1 == 0;
        let mut commands = [runner.command(pass, file)?, runner.command(&beside, file)?];
        for (command, side) in
            commands.iter_mut().zip(if first { ["first", "second"] } else { ["second", "first"] })
        {
            take_turns(command, side, &turns, processor);
        }
        let [map, reference] = self.run(commands, limits)?;
        let seconds = map.lived.as_secs_f64();
        let map = judge::outcome(map, pass, tape, self.map.kind, limits.time);
        let reference = judge::outcome(reference, &beside, tape, self.reference.kind, limits.time);
        Ok(match (map, reference) {
            (None, _) | (_, None) => Turned::Interrupted,
            (Some(Outcome::Measured(mut map)), Some(Outcome::Measured(reference))) => {
                put_beside(&mut map, turns, &reference);
                Turned::Played(seconds, Box::new(Outcome::Measured(map)))
            }
            (Some(Outcome::Failed(failure)), _) if is_its_own(&failure) => {
                Turned::Played(seconds, Box::new(Outcome::Failed(failure)))
            }
            _ => Turned::Not,
        })
    }

    /// Both children, joined by a socket.
    fn run(&self, commands: [Command; 2], limits: Limits) -> Result<[Finished; 2]> {
        let (one, other) = UnixStream::pair().context("two children cannot be joined by a socket")?;
        let interrupt = self.runner.interrupt;
        let run =
            |command, end| child::run_player(command, Stdio::from(OwnedFd::from(end)), limits, interrupt);
        let [map, reference] = commands;
        thread::scope(|scope| {
            // A child dies with the thread that started it, so the other has one of its own.
            let reference = scope.spawn(move || run(reference, other));
            let map = run(map, one);
            let reference = reference.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok([map?, reference?])
        })
    }
}

fn take_turns(command: &mut Command, side: &str, turns: &InTurn, processor: Option<usize>) {
    command.args(["--turn", side]);
    command.args(["--stretch", &turns.stretch.to_string(), "--offset", &turns.offset.to_string()]);
    if let Some(processor) = processor {
        command.args(["--cpus", &processor.to_string()]);
    }
}

/// Whether a failure is the map's, and not that of the turns: those it has lost, or cannot take.
const fn is_its_own(failure: &Failure) -> bool {
    !matches!(failure, Failure::Crash { code: Some(LOST), .. } | Failure::Unavailable { .. })
}

/// Keeps what the reference map took with what the map took.
fn put_beside(map: &mut Observation, turns: InTurn, reference: &Observation) {
    if let (Reading::Throughput(map), Reading::Throughput(reference)) = (&mut map.reading, &reference.reading)
    {
        let slices = |phase: &PhaseTimes| {
            phase.threads.iter().flatten().map(|slice| (slice.wall_ns, slice.cpu_ns)).collect()
        };
        map.turns = Some(InTurn { slices: reference.phases.iter().map(slices).collect(), ..turns });
    }
}
