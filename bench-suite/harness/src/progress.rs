//! What a person sees on stderr while passes run: how far, and how long still.

mod estimate;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use self::estimate::{Cell, Costs, Load};
use crate::stderr::tell;
use formats::observation::Collector;
use formats::run::{Outcome, Pass, Run};
use formats::tape::Header;
use indicatif::{ProgressBar, ProgressStyle};

/// Passes that wait, passes that ran, and what they cost.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    plain: bool,
    waiting: Vec<Pass>,
    total: usize,
    lanes: usize,
    /// Whether timed passes run alone.
    timing: bool,
    lengths: HashMap<String, Length>,
    workloads: Numbers,
    maps: Numbers,
    costs: Costs,
    began: Instant,
    /// What the passes that ran took, those side by side together.
    busy: f64,
}

/// Numbers for names.
#[derive(Debug, Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of<'a>(names: impl Iterator<Item = &'a String>) -> Self {
        let mut numbers = HashMap::new();
        for name in names {
            let next = numbers.len();
            numbers.entry(name.clone()).or_insert(next);
        }
        Self(numbers)
    }

    fn get(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(usize::MAX)
    }
}

impl Progress {
    /// Before the first pass. `lengths` tells how long each workload's tape is; passes run in `lanes` at a time, but for
    /// those that are timed where `timing` matters.
    pub(crate) fn new(passes: &[Pass], lengths: HashMap<String, Length>, lanes: usize, timing: bool) -> Self {
        let bar = ProgressBar::new(passes.len() as u64);
        let style = ProgressStyle::with_template("{bar:24.green} {pos}/{len}  {msg}");
        bar.set_style(style.expect("the template is a constant"));
        Self {
            plain: bar.is_hidden(),
            bar,
            waiting: passes.to_vec(),
            total: passes.len(),
            lanes,
            timing,
            lengths,
            workloads: Numbers::of(passes.iter().map(|pass| &pass.workload)),
            maps: Numbers::of(passes.iter().map(|pass| &pass.map)),
            costs: Costs::default(),
            began: Instant::now(),
            busy: 0.0,
        }
    }

    /// A pass starts.
    pub(crate) fn start(&self, pass: &Pass) {
        if self.plain {
            return;
        }
        let left = self.left().map_or_else(String::new, |left| format!("{} left  ", clock(left)));
        self.bar.set_message(format!("{left}{pass}"));
    }

    /// A pass is over; the line that tells of it, where one does.
    pub(crate) fn end(&mut self, run: &Run) -> Option<String> {
        self.waiting.retain(|pass| *pass != run.pass);
        let (cell, load) = self.place(&run.pass);
        self.costs.learn(cell, load, run.seconds, run.observation().is_some());
        self.busy += run.seconds / self.side_by_side(run.pass.collector);
        self.bar.inc(1);
        let done = self.total - self.waiting.len();
        let line = |what: &str| format!("[{done}/{}] {}  {:.2} s{what}", self.total, run.pass, run.seconds);
        match &run.outcome {
            Outcome::Failed(failure) => Some(line(&format!("  {failure}"))),
            Outcome::Measured(_) if self.plain => {
                let left = self.left().map_or_else(String::new, |left| format!("  {} left", clock(left)));
                Some(line(&left))
            }
            Outcome::Measured(_) => None,
        }
    }

    /// No pass is left, or nobody wants to wait for it.
    pub(crate) fn close(&self) {
        self.bar.finish_and_clear();
    }

    /// Tells a line.
    pub(crate) fn say(&self, line: Option<String>) {
        let Some(line) = line else { return };
        if self.plain {
            tell!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// The time until the last pass is over: what they take, and what lies between passes.
    fn left(&self) -> Option<Duration> {
        let seconds = self.costs.of(self.waiting.iter().map(|pass| self.place(pass)))?;
        let passes = self.waiting.iter().zip(seconds);
        let busy: f64 = passes.map(|(pass, seconds)| seconds / self.side_by_side(pass.collector)).sum();
        let done = (self.total - self.waiting.len()).max(1) as f64;
        let between = (self.began.elapsed().as_secs_f64() - self.busy).max(0.0) / done;
        Duration::try_from_secs_f64(busy + between * self.waiting.len() as f64).ok()
    }

    /// How many passes of a collector run at a time.
    fn side_by_side(&self, collector: Collector) -> f64 {
        if self.timing && collector.is_timed() { 1.0 } else { self.lanes as f64 }
    }

    fn place(&self, pass: &Pass) -> (Cell, Load) {
        let (workload, map) = (self.workloads.get(&pass.workload), self.maps.get(&pass.map));
        let length = self.lengths.get(&pass.workload);
        let load = Load {
            ops: length.map_or(1.0, |length| length.ops.max(1.0)),
            waits: length.map_or(0.0, |length| length.waits(pass.collector)),
        };
        (Cell { workload, map, collector: pass.collector }, load)
    }
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// How long a tape is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Length {
    ops: f64,
    timetable_s: f64,
}

impl Length {
    /// The length of this tape.
    pub(crate) fn of(tape: &Header) -> Self {
        let ops: u64 = tape.executed.kinds.iter().sum();
        Self { ops: ops as f64, timetable_s: tape.scheduled_seconds() }
    }

    /// How long a pass with this collector waits for operations to be due, s: at most, and with any map that
    /// keeps up nearly all of its time.
    pub(crate) fn waits(self, collector: Collector) -> f64 {
        if collector.keeps_pace() { self.timetable_s } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_in_minutes() {
        assert_eq!(clock(Duration::from_secs(125)), "2:05");
    }
}
