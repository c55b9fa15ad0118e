//! Runs passes: those that are timed alone, or in turn with the reference map, the others side by side.

mod counted;
mod in_turn;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use anyhow::{Context, Result};
use formats::observation::Collector;
use formats::run::{KILLED_FOR_MEMORY, Outcome, Pass, Run};
use formats::subject::MapKind;

use self::in_turn::Turned;
use crate::child::{self, Limits};
use crate::interrupt::Interrupt;
use crate::judge;
use crate::machine;
use crate::programs::Programs;
use crate::progress::{Length, Progress};
use crate::room;
use crate::surroundings;
use crate::tapes::TapeFiles;

/// A line with every histogram of a long tape has some hundred KiB, of a script with ten thousand steps some MiB.
const STDOUT_LIMIT: usize = 64 << 20;
/// Passes that do not look at the clock run this many at a time.
const LANES: usize = 2;
/// Bytes of stack of what runs a pass, whatever the user has set for threads: readings are deep.
const STACK: usize = 4 << 20;

/// Everything that a pass needs.
#[derive(Debug)]
pub(crate) struct Runner<'a> {
    /// The programs.
    pub(crate) programs: &'a Programs,
    /// What they play.
    pub(crate) tapes: TapeFiles,
    /// How long a child may take, beyond the schedule of its tape.
    pub(crate) time: Duration,
    /// Whether times count: timed passes then run alone, or in turn with the reference map.
    pub(crate) timing: bool,
    /// The map with which each plays for throughput in turn, where both can; with none each plays alone.
    pub(crate) reference: Option<&'a str>,
    /// Whether the user asked to stop.
    pub(crate) interrupt: &'a Interrupt,
}

enum Event<'a> {
    Started(&'a Pass),
    Ended(Result<Box<Run>>),
}

/// Passes that wait for a lane.
struct Queue<'a> {
    passes: &'a [Pass],
    next: AtomicUsize,
    closed: AtomicBool,
}

impl<'a> Queue<'a> {
    fn take(&self) -> Option<&'a Pass> {
        if self.closed.load(Ordering::Relaxed) {
            return None;
        }
        self.passes.get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

impl Runner<'_> {
    /// Runs the passes in order and hands each run to `keep`. Ends early when the user asks to stop, or with
    /// the first error of `keep`.
    pub(crate) fn run(&self, passes: &[Pass], mut keep: impl FnMut(Run) -> Result<()>) -> Result<()> {
        let maps: BTreeSet<&str> = passes.iter().map(|pass| pass.map.as_str()).collect();
        let kinds: HashMap<String, MapKind> = maps
            .into_iter()
            .filter_map(|map| self.programs.info(map))
            .map(|map| (map.name, map.kind))
            .collect();
        let lengths = self.tapes.iter().map(|(name, (_, tape))| (name.clone(), Length::of(&tape.header)));
        let mut progress = Progress::new(passes, lengths.collect(), LANES, self.timing);
        let _held = self.interrupt.hold();
        let large: BTreeSet<&str> = self
            .tapes
            .iter()
            .filter(|(_, (_, tape))| room::for_one_only(&tape.header))
            .map(|(name, _)| name.as_str())
            .collect();
        let alone =
            |pass: &Pass| self.timing && pass.collector.is_timed() || large.contains(pass.workload.as_str());
        for batch in passes.chunk_by(|a, b| alone(a) == alone(b)) {
            let lanes = if alone(&batch[0]) { 1 } else { LANES };
            let done = self.batch(batch, lanes, &kinds, &mut progress, &mut keep);
            if done.is_err() || self.interrupt.requested() {
                progress.close();
                return done;
            }
        }
        progress.close();
        Ok(())
    }

    fn batch(
        &self,
        passes: &[Pass],
        lanes: usize,
        kinds: &HashMap<String, MapKind>,
        progress: &mut Progress,
        keep: &mut impl FnMut(Run) -> Result<()>,
    ) -> Result<()> {
        let queue = Queue { passes, next: AtomicUsize::new(0), closed: AtomicBool::new(false) };
        std::thread::scope(|scope| {
            let (events, happened) = mpsc::channel();
            for lane in 0..lanes {
                let (events, queue) = (events.clone(), &queue);
                let work = move || self.lane(lane, queue, kinds, &events);
                std::thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, work)
                    .context("no thread can be started")?;
            }
            drop(events);
            for event in happened {
                match event {
                    Event::Started(pass) => progress.start(pass),
                    Event::Ended(run) => {
                        let kept = run.and_then(|run| {
                            let line = progress.end(&run);
                            keep(*run)?;
                            // What was measured is kept before anybody is told of it.
                            progress.say(line);
                            Ok(())
                        });
                        if kept.is_err() {
                            queue.closed.store(true, Ordering::Relaxed);
                            return kept;
                        }
                    }
                }
            }
            Ok(())
        })
    }

    /// Takes pass after pass until there is none, or until nobody wants more.
    fn lane<'a>(
        &self,
        lane: usize,
        queue: &Queue<'a>,
        kinds: &HashMap<String, MapKind>,
        events: &Sender<Event<'a>>,
    ) {
        while let Some(pass) = queue.take() {
            // The receiver is gone only after an error, and then the queue is closed.
            let _ = events.send(Event::Started(pass));
            match self.one(pass, kinds, lane).transpose() {
                Some(run) => drop(events.send(Event::Ended(run.map(Box::new)))),
                None => return,
            }
        }
    }

    /// Runs one pass; `None` when the user stopped it.
    fn one(&self, pass: &Pass, kinds: &HashMap<String, MapKind>, lane: usize) -> Result<Option<Run>> {
        let (file, tape) = self.tapes.get(&pass.workload).context("every planned workload has a tape")?;
        let kind = *kinds.get(&pass.map).context("every planned map is in a program")?;
        let schedule = Length::of(&tape.header).waits(pass.collector);
        let limits = Limits { time: self.time + Duration::from_secs_f64(schedule), stdout: STDOUT_LIMIT };
        let started = jiff::Timestamp::now().to_string();
        let run = |(seconds, outcome): (f64, Outcome)| Run::new(pass.clone(), started, seconds, outcome);
        if let Some(turns) = self.turns(pass, tape) {
            match turns.play(limits)? {
                Turned::Played(seconds, outcome) => return Ok(Some(run((seconds, *outcome)))),
                Turned::Interrupted => return Ok(None),
                Turned::Not => {}
            }
        }
        if pass.collector == Collector::Instructions {
            return Ok(self.counted(pass, kind, lane, limits)?.map(run));
        }
        let mut command = self.command(pass, file)?;
        if pass.collector.needs_counting() && tape.header.threads() == 1 {
            surroundings::bind(&mut command, lane);
        }
        let killed = machine::kills_for_memory();
        let mut finished = child::run_player(command, Stdio::null(), limits, self.interrupt)?;
        if finished.was_killed() && machine::kills_for_memory() > killed {
            finished.stderr += KILLED_FOR_MEMORY;
        }
        let seconds = finished.lived.as_secs_f64();
        let outcome = judge::outcome(finished, pass, tape, kind, limits.time);
        Ok(outcome.map(|outcome| run((seconds, outcome))))
    }

    /// What plays a pass.
    fn command(&self, pass: &Pass, tape: &Path) -> Result<Command> {
        let program = self.programs.serving(&pass.map, pass.collector);
        let program = program.with_context(|| format!("no program serves {pass}"))?;
        let mut command = surroundings::of_pass(&program.path, pass.collector);
        self.programs.surround(&mut command, &pass.map);
        command.arg("play").arg("--tape").arg(tape).args(["--map", &pass.map]);
        command.args(["--collector", pass.collector.name()]).args(pass.collector.info().arguments);
        Ok(command)
    }
}
