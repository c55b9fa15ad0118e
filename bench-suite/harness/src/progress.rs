//! What a person sees on stderr while passes run: how far, and how long still.

use std::collections::HashMap;
use std::time::Duration;

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
    costs: Costs,
}

impl Progress {
    /// Before the first pass. `lengths` tells how long each workload's tape is; untimed passes run in `lanes`
    /// at a time.
    pub(crate) fn new(passes: &[Pass], lengths: HashMap<String, Length>, lanes: usize) -> Self {
        let bar = ProgressBar::new(passes.len() as u64);
        let style = ProgressStyle::with_template("{bar:24.green} {pos}/{len}  {msg}");
        bar.set_style(style.expect("the template is a constant"));
        Self {
            plain: bar.is_hidden(),
            bar,
            waiting: passes.to_vec(),
            total: passes.len(),
            lanes,
            costs: Costs { lengths, ..Costs::default() },
        }
    }

    /// A pass starts.
    pub(crate) fn start(&self, pass: &Pass) {
        let left = self.left().map_or_else(String::new, |left| format!("{} left  ", clock(left)));
        self.bar.set_message(format!("{left}{pass}"));
    }

    /// A pass is over; the line that tells of it, where one does.
    pub(crate) fn end(&mut self, run: &Run) -> Option<String> {
        self.waiting.retain(|pass| *pass != run.pass);
        self.costs.learn(&run.pass, run.seconds);
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

    fn left(&self) -> Option<Duration> {
        let seconds = |timed: bool| -> Option<f64> {
            let passes = self.waiting.iter().filter(|pass| pass.collector.is_timed() == timed);
            passes.map(|pass| self.costs.of(pass)).sum()
        };
        Duration::try_from_secs_f64(seconds(true)? + seconds(false)? / self.lanes as f64).ok()
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

/// What passes cost, learned from those that ran.
#[derive(Debug, Default)]
struct Costs {
    lengths: HashMap<String, Length>,
    exact: HashMap<(String, String, Collector), Mean>,
    by_map: HashMap<(String, Collector), Mean>,
    by_collector: HashMap<Collector, Mean>,
    over_all: Mean,
}

#[derive(Debug, Default, Clone, Copy)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn get(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

impl Costs {
    fn learn(&mut self, pass: &Pass, seconds: f64) {
        let each = (seconds - self.waits(pass)).max(0.0) / self.ops(pass);
        let key = (pass.workload.clone(), pass.map.clone(), pass.collector);
        self.exact.entry(key).or_default().add(seconds);
        self.by_map.entry((pass.map.clone(), pass.collector)).or_default().add(each);
        self.by_collector.entry(pass.collector).or_default().add(each);
        self.over_all.add(each);
    }

    /// Seconds that a pass will take: as in another round, or its waits and what the map takes for an
    /// operation of another tape, or what any map takes; `None` before anything ran.
    fn of(&self, pass: &Pass) -> Option<f64> {
        let key = (pass.workload.clone(), pass.map.clone(), pass.collector);
        if let Some(seconds) = self.exact.get(&key).and_then(|mean| mean.get()) {
            return Some(seconds);
        }
        let by_map = self.by_map.get(&(pass.map.clone(), pass.collector)).and_then(|mean| mean.get());
        let by_collector = || self.by_collector.get(&pass.collector).and_then(|mean| mean.get());
        let each = by_map.or_else(by_collector).or_else(|| self.over_all.get())?;
        Some(self.waits(pass) + each * self.ops(pass))
    }

    fn ops(&self, pass: &Pass) -> f64 {
        self.lengths.get(&pass.workload).map_or(1.0, |length| length.ops.max(1.0))
    }

    fn waits(&self, pass: &Pass) -> f64 {
        self.lengths.get(&pass.workload).map_or(0.0, |length| length.waits(pass.collector))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(workload: &str, map: &str) -> Pass {
        Pass { workload: workload.into(), map: map.into(), collector: Collector::Throughput, round: 0 }
    }

    #[test]
    fn costs_are_learned_for_each_map() {
        let length = |ops| Length { ops, timetable_s: 0.0 };
        let lengths =
            HashMap::from([("small".to_string(), length(10.0)), ("large".to_string(), length(100.0))]);
        let mut costs = Costs { lengths, ..Costs::default() };
        assert_eq!(costs.of(&pass("small", "slow")), None);
        costs.learn(&pass("small", "slow"), 5.0);
        costs.learn(&pass("small", "fast"), 1.0);
        assert_eq!(costs.of(&pass("small", "slow")), Some(5.0));
        assert_eq!(costs.of(&pass("large", "slow")), Some(50.0));
        assert_eq!(costs.of(&pass("large", "unseen")), Some(30.0));
    }

    #[test]
    fn a_timetable_is_waited_for() {
        let lengths = HashMap::from([
            ("short".to_string(), Length { ops: 10.0, timetable_s: 0.0 }),
            ("paced".to_string(), Length { ops: 100.0, timetable_s: 60.0 }),
        ]);
        let mut costs = Costs { lengths, ..Costs::default() };
        costs.learn(&pass("short", "m"), 1.0);
        assert_eq!(costs.of(&pass("paced", "m")), Some(70.0));
        let slots = |workload| Pass { collector: Collector::Slots, ..pass(workload, "m") };
        costs.learn(&slots("short"), 1.0);
        assert_eq!(costs.of(&slots("paced")), Some(10.0));
        // What a pass took beyond its waits tells about the map.
        costs.learn(&pass("paced", "other"), 60.5);
        assert_eq!(costs.of(&pass("short", "other")), Some(0.05));
    }

    #[test]
    fn time_is_shown_in_minutes() {
        assert_eq!(clock(Duration::from_secs(125)), "2:05");
    }
}
