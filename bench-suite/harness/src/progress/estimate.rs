//! How long the passes that wait will take, learned from those that ran.
//!
//! A pass takes a start-up, the waits of its timetable, and for each operation what the map takes in a throughput pass
//! of this workload times a factor of the collector; a pass that samples takes as long as it samples. Start-ups and
//! factors begin as they are on an idle machine, and are held against what passes took: by how much they were off is
//! learned for each collector, and for each collector and workload.

use std::collections::HashMap;

use formats::observation::{Collector, Cost};

/// A pass by the numbers of its workload and map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    pub(super) workload: usize,
    pub(super) map: usize,
    pub(super) collector: Collector,
}

/// What is known of a pass before it runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load {
    /// Operations of the tape.
    pub(super) ops: f64,
    /// What it waits for operations to be due, s.
    pub(super) waits: f64,
}

/// Some passes, summed.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    seconds: f64,
    waits: f64,
    ops: f64,
    count: f64,
}

impl Sum {
    fn add(&mut self, seconds: f64, load: Load) {
        self.seconds += seconds;
        self.waits += load.waits;
        self.ops += load.ops;
        self.count += 1.0;
    }

    fn mean(self) -> f64 {
        self.seconds / self.count
    }

    /// Seconds an operation, once each pass has started.
    fn each(self, start: f64) -> f64 {
        let played = self.seconds - self.waits - self.count * start;
        (played / self.ops.max(1.0)).max(1e-9)
    }
}

/// What passes took.
#[derive(Debug, Default)]
pub(super) struct Costs {
    ran: HashMap<Cell, Sum>,
    /// Passes that failed: another round of the same takes as long, and others learn nothing from them.
    failed: HashMap<Cell, Sum>,
    loads: HashMap<Cell, Load>,
    /// The shortest pass of a collector that plays its tape once.
    shortest: Option<f64>,
}

impl Costs {
    /// A pass took so long.
    pub(super) fn learn(&mut self, cell: Cell, load: Load, seconds: f64, is_measured: bool) {
        let kept = if is_measured { &mut self.ran } else { &mut self.failed };
        kept.entry(cell).or_default().add(seconds, load);
        if !is_measured {
            return;
        }
        self.loads.insert(cell, load);
        let prior = cell.collector.info().cost;
        if prior.samples_for == 0.0 {
            let started = (seconds - load.waits - prior.start).max(0.0);
            self.shortest = Some(self.shortest.map_or(started, |shortest| shortest.min(started)));
        }
    }

    /// What all these passes will take; `None` before anything ran.
    pub(super) fn of(&self, waiting: impl Iterator<Item = (Cell, Load)>) -> Option<Vec<f64>> {
        if self.ran.is_empty() && self.failed.is_empty() {
            return None;
        }
        let model = Model::new(self);
        Some(waiting.map(|(cell, load)| model.seconds(cell, load)).collect())
    }
}

/// What follows from all that ran, at one moment.
struct Model<'a> {
    costs: &'a Costs,
    start: f64,
    by_map: HashMap<usize, f64>,
    any_map: f64,
    /// By how much operations of a workload are dearer than those maps' operations are in others.
    by_workload: HashMap<usize, f64>,
    off: HashMap<Collector, Off>,
    off_there: HashMap<(Collector, usize), Off>,
}

/// What passes took, and what was said that they would.
#[derive(Debug, Default, Clone, Copy)]
struct Off {
    took: f64,
    said: f64,
    count: f64,
}

impl Off {
    fn add(&mut self, took: f64, said: f64) {
        self.took += took;
        self.said += said;
        self.count += 1.0;
    }

    /// The ratio, with one more pass that took `usual` times what was said: few passes decide little.
    fn ratio(self, usual: f64) -> f64 {
        let one = self.said / self.count;
        (self.took + usual * one) / (self.said + one)
    }
}

impl<'a> Model<'a> {
    fn new(costs: &'a Costs) -> Self {
        let start = costs.shortest.unwrap_or(0.0);
        let mut model = Self {
            costs,
            start,
            by_map: HashMap::new(),
            any_map: 1e-7,
            by_workload: HashMap::new(),
            off: HashMap::new(),
            off_there: HashMap::new(),
        };
        model.learn_maps();
        for (&cell, ran) in &costs.ran {
            let (took, said) = (ran.mean(), model.said(cell, costs.loads[&cell]));
            model.off.entry(cell.collector).or_default().add(took, said);
            model.off_there.entry((cell.collector, cell.workload)).or_default().add(took, said);
        }
        model
    }

    /// What an operation of each map takes in a throughput pass, and how dear each workload is.
    fn learn_maps(&mut self) {
        let bases = self.costs.ran.keys().filter_map(|&cell| Some((cell, self.base(cell)?)));
        let bases: Vec<(Cell, f64, f64)> =
            bases.map(|(cell, each)| (cell, each, self.costs.loads[&cell].ops)).collect();
        let mut maps: HashMap<usize, (f64, f64)> = HashMap::new();
        let mut all = (0.0, 0.0);
        for &(cell, each, ops) in &bases {
            let map = maps.entry(cell.map).or_default();
            for sum in [map, &mut all] {
                *sum = (sum.0 + each * ops, sum.1 + ops);
            }
        }
        if all.1 > 0.0 {
            self.any_map = all.0 / all.1;
        }
        self.by_map = maps.into_iter().map(|(map, (seconds, ops))| (map, seconds / ops)).collect();
        let mut workloads: HashMap<usize, (f64, f64)> = HashMap::new();
        for &(cell, each, ops) in &bases {
            let usual = self.by_map.get(&cell.map).copied().unwrap_or(self.any_map);
            let workload = workloads.entry(cell.workload).or_default();
            *workload = (workload.0 + each * ops, workload.1 + usual * ops);
        }
        self.by_workload =
            workloads.into_iter().map(|(workload, (took, usual))| (workload, took / usual)).collect();
    }

    /// What an operation takes in a throughput pass, from the first collector that showed it.
    fn base(&self, cell: Cell) -> Option<f64> {
        let first = Collector::ALL.into_iter().find(|&collector| {
            collector.info().cost.samples_for == 0.0
                && self.costs.ran.contains_key(&Cell { collector, ..cell })
        })?;
        let prior = first.info().cost;
        let ran = self.costs.ran[&Cell { collector: first, ..cell }];
        (first == cell.collector).then(|| ran.each(self.start + prior.start) / prior.factor)
    }

    fn each(&self, cell: Cell) -> f64 {
        let seen = Collector::ALL.into_iter().find_map(|collector| self.base(Cell { collector, ..cell }));
        seen.unwrap_or_else(|| {
            let map = self.by_map.get(&cell.map).copied().unwrap_or(self.any_map);
            map * self.by_workload.get(&cell.workload).copied().unwrap_or(1.0)
        })
    }

    /// What a pass takes by what its collector takes on an idle machine.
    fn said(&self, cell: Cell, load: Load) -> f64 {
        let Cost { start, factor, samples_for } = cell.collector.info().cost;
        let once = self.each(cell) * factor * load.ops;
        // The repetition in which the time is up is played to its end.
        let played = if samples_for > 0.0 { samples_for.max(once) + once / 2.0 } else { once };
        self.start + start + load.waits + played
    }

    fn seconds(&self, cell: Cell, load: Load) -> f64 {
        let same = self.costs.failed.get(&cell).or(self.costs.ran.get(&cell));
        if let Some(same) = same {
            return same.mean();
        }
        let of_collector = self.off.get(&cell.collector).map_or(1.0, |off| off.ratio(1.0));
        let there = self.off_there.get(&(cell.collector, cell.workload));
        self.said(cell, load) * there.map_or(of_collector, |off| off.ratio(of_collector))
    }
}

#[cfg(test)]
mod tests;
