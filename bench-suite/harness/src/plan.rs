//! From a suite and what the user named to the list of passes, and to what is left out.

use anyhow::{Result, bail};
use formats::observation::Collector;
use formats::run::Pass;
use formats::session::LeftOut;
use formats::subject::MapInfo;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::catalogue::{self, Entry};
use crate::programs::Programs;
use crate::select::{self, Selection};
use crate::suite::{self, Suite};

/// What decides about the passes. What the user named goes before what the suite says.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    /// What plays when nothing else is named.
    pub(crate) suite: &'static Suite,
    /// Workloads, maps and scale that were named.
    pub(crate) selection: &'a Selection,
    /// Collectors that were named.
    pub(crate) collectors: &'a [String],
    /// Rounds of timed figures, if named.
    pub(crate) rounds: Option<u32>,
    /// Where the shuffling of maps starts.
    pub(crate) seed: u64,
}

/// What will be played, in order, and what not.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The workloads that play.
    pub(crate) entries: Vec<Entry>,
    /// The maps that play.
    pub(crate) maps: Vec<MapInfo>,
    /// The passes, in order.
    pub(crate) passes: Vec<Pass>,
    /// What is not played, and why.
    pub(crate) left_out: Vec<LeftOut>,
}

impl Wish<'_> {
    /// Plans the passes.
    pub(crate) fn draft(&self, catalogue: &[Entry], programs: &Programs) -> Result<Draft> {
        let entries = self.entries(catalogue)?;
        let maps = self.maps(programs)?;
        let collectors = self.collectors()?;
        let mut draft = Draft { entries, maps, passes: Vec::new(), left_out: Vec::new() };
        for entry in &draft.entries {
            for map in &draft.maps {
                for &collector in &collectors {
                    match self.rounds(entry, map, collector, programs) {
                        Ok(rounds) => draft.passes.extend((0..rounds).map(|round| Pass {
                            workload: entry.workload.name.clone(),
                            map: map.name.clone(),
                            collector,
                            round,
                        })),
                        Err(why) => leave_out(&mut draft.left_out, entry, map, collector, why),
                    }
                }
            }
        }
        merge_collectors(&mut draft.left_out);
        self.order(&mut draft);
        if draft.passes.is_empty() {
            bail!("there is nothing to play\n{}", describe(&draft.left_out).join("\n"));
        }
        Ok(draft)
    }

    fn entries(&self, catalogue: &[Entry]) -> Result<Vec<Entry>> {
        let scale = self.selection.scale.or(self.suite.scale);
        if !self.selection.workloads.is_empty() {
            return catalogue::choose(catalogue, &self.selection.workloads, scale);
        }
        let known = |entry: &Entry| suite::any(self.suite.workloads, &entry.workload.name);
        if !catalogue.iter().any(known) {
            // A folder of the user's own: all of it is meant.
            return catalogue::choose(catalogue, &[], scale);
        }
        let names: Vec<String> = self.suite.workloads.iter().map(ToString::to_string).collect();
        catalogue::choose(catalogue, &names, scale)
            .map_err(|error| error.context(format!("suite {}: name workloads with -w", self.suite.name)))
    }

    fn maps(&self, programs: &Programs) -> Result<Vec<MapInfo>> {
        let all = programs.maps();
        let in_suite = |name: &str| suite::any(self.suite.maps, name) || programs.named(name);
        let maps: Vec<&MapInfo> = if self.selection.maps.is_empty() {
            all.iter().filter(|map| !map.canary && in_suite(&map.name)).collect()
        } else {
            select::pick("map", &self.selection.maps, &all)?
        };
        if maps.is_empty() {
            bail!("the programs hold none of the maps of suite {}: name maps with -m", self.suite.name);
        }
        Ok(maps.into_iter().cloned().collect())
    }

    fn collectors(&self) -> Result<Vec<Collector>> {
        if self.collectors.is_empty() {
            return Ok(Collector::ALL.to_vec());
        }
        Ok(select::pick("collector", self.collectors, &Collector::ALL)?.into_iter().copied().collect())
    }

    /// How often a map plays a workload for a collector, or why it does not.
    fn rounds(
        &self,
        entry: &Entry,
        map: &MapInfo,
        collector: Collector,
        programs: &Programs,
    ) -> Result<u32, String> {
        let threads = usize::from(entry.workload.threads.get());
        map.family.plays(threads, entry.workload.keys_shared).map_err(|misfit| misfit.to_string())?;
        collector.follows(threads)?;
        if collector.info().needs_keys && !map.family.has_keys() {
            return Err("the map has no keys whose calls could be counted".into());
        }
        if programs.serving(&map.name, collector).is_none() {
            return Err("no program that holds the map serves the collector".into());
        }
        let name = unscaled(&entry.workload.name);
        if self.selection.maps.is_empty()
            && let Some(why) = self.suite.skips(name, &map.name, collector)
        {
            return Err(why.into());
        }
        let meant = !self.selection.workloads.is_empty() || self.suite.paced;
        if !meant && entry.workload.pace.per_second().is_some() && suite::any(self.suite.workloads, name) {
            return Err(
                "it has a timetable; named with -w it plays, and suite soak has the shipped ones".into()
            );
        }
        // The table speaks of the suite's own workloads; any other gets every collector.
        let spoken_of = suite::any(self.suite.workloads, name);
        match (self.suite.rounds(collector, name), self.rounds) {
            (0, _) if self.collectors.is_empty() && spoken_of => {
                Err(format!("not in suite {}", self.suite.name))
            }
            (_, Some(rounds)) if collector == Collector::Throughput => Ok(rounds),
            (rounds, _) => Ok(rounds.max(1)),
        }
    }

    /// Collector by collector; within one, round by round; within a round the maps of a workload run next to
    /// each other in an order that differs from round to round, so that neither warmth nor drift favours one.
    fn order(&self, draft: &mut Draft) {
        let place = |name: &str| draft.entries.iter().position(|entry| entry.workload.name == name);
        draft.passes.sort_by_cached_key(|pass| {
            let text = format!("{} {} {}", pass.workload, pass.map, pass.round);
            (pass.collector, pass.round, place(&pass.workload), xxh3_64_with_seed(text.as_bytes(), self.seed))
        });
    }
}

/// The name that suites know a workload by.
fn unscaled(name: &str) -> &str {
    name.split_once('@').map_or(name, |(plain, _)| plain)
}

fn leave_out(rows: &mut Vec<LeftOut>, entry: &Entry, map: &MapInfo, collector: Collector, why: String) {
    let workload = &entry.workload.name;
    let collectors = [collector];
    match rows
        .iter_mut()
        .find(|row| row.workload == *workload && row.collectors == collectors && row.why == why)
    {
        Some(row) => row.maps.push(map.name.clone()),
        None => rows.push(LeftOut {
            workload: workload.clone(),
            maps: vec![map.name.clone()],
            collectors: collectors.into(),
            why,
        }),
    }
}

/// Rows that differ in the collector only become one.
fn merge_collectors(rows: &mut Vec<LeftOut>) {
    let mut merged: Vec<LeftOut> = Vec::new();
    for row in rows.drain(..) {
        let same = |kept: &&mut LeftOut| {
            (&kept.workload, &kept.maps, &kept.why) == (&row.workload, &row.maps, &row.why)
        };
        match merged.iter_mut().find(same) {
            Some(kept) => kept.collectors.extend(row.collectors),
            None => merged.push(row),
        }
    }
    *rows = merged;
}

/// What is left out, in a few lines: rows that differ in the workload only become one.
pub(crate) fn describe(rows: &[LeftOut]) -> Vec<String> {
    let mut grouped: Vec<(Vec<&str>, &LeftOut)> = Vec::new();
    for row in rows {
        let same = |kept: &LeftOut| {
            (&kept.maps, &kept.collectors, &kept.why) == (&row.maps, &row.collectors, &row.why)
        };
        match grouped.iter_mut().find(|(_, kept)| same(kept)) {
            Some((workloads, _)) => workloads.push(&row.workload),
            None => grouped.push((vec![&row.workload], row)),
        }
    }
    let line = |(workloads, row): (Vec<&str>, &LeftOut)| {
        let collectors: Vec<&str> = row.collectors.iter().map(|collector| collector.name()).collect();
        let what = if collectors.len() == Collector::ALL.len() {
            "everything".into()
        } else {
            collectors.join(", ")
        };
        format!("{}: {what} of {}: {}", workloads.join(", "), row.maps.join(", "), row.why)
    };
    grouped.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(workload: &str, maps: &[&str], collectors: &[Collector]) -> LeftOut {
        let maps = maps.iter().map(ToString::to_string).collect();
        LeftOut { workload: workload.into(), maps, collectors: collectors.into(), why: "slow".into() }
    }

    #[test]
    fn what_is_left_out_is_said_once() {
        let mut rows = vec![
            row("a", &["m"], &[Collector::Slots]),
            row("a", &["m"], &[Collector::Heap]),
            row("b", &["m"], &[Collector::Slots, Collector::Heap]),
            row("b", &["m", "n"], &Collector::ALL),
        ];
        merge_collectors(&mut rows);
        assert_eq!(rows.len(), 3);
        assert_eq!(describe(&rows), ["a, b: slots, heap of m: slow", "b: everything of m, n: slow"]);
    }
}
