//! Instructions: how many a map's tape takes, as callgrind counts them. They see what no other exact figure
//! sees, but neither a cache miss nor a stall: where the policy says nothing they only warn.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use formats::baseline::Figures;
use formats::gate::{Class, Metric, NotCompared};
use formats::observation::Collector;
use formats::policy::Policy;
use formats::run::{Outcome, Pass};
use formats::subject::{MapInfo, MapKind};

use super::exact::{self, ExactMeasurement};
use crate::callgrind::{self, Callgrind, CountsFile};
use crate::catalogue::Entry;
use crate::child::{self, Limits};
use crate::interrupt::Interrupt;
use crate::judge;
use crate::programs::Programs;
use crate::surroundings;
use crate::tapes::{self, TapeFiles};

/// Callgrind is some fifty times slower than the processor.
const LIMITS: Limits = Limits { time: Duration::from_mins(5), stdout: 16 << 20 };
/// Counting takes no times: this many run at once.
const LANES: usize = 2;

/// Adds the instructions of each map under each workload for the policy's first seed to what was measured,
/// counted as often. Without callgrind, or where it fails, what was measured says so instead.
pub(crate) fn add(
    measured: &mut ExactMeasurement,
    programs: &Programs,
    policy: &Policy,
    catalogue: &[Entry],
    interrupt: &Interrupt,
) -> Result<()> {
    let Some(callgrind) = Callgrind::find() else {
        measured.left_out.push(NotCompared {
            workload: String::new(),
            map: String::new(),
            why: format!("instructions are not counted: {}", callgrind::MISSING),
            fails: false,
        });
        return Ok(());
    };
    let (entries, _) = exact::followed(policy, catalogue, &policy.seeds[..1])?;
    let counter = Counter { callgrind, tapes: tapes::of(&entries)?, programs, interrupt };
    let undisturbed = |map: &MapInfo| programs.serving(&map.name, Collector::Throughput).is_some();
    let (maps, others): (Vec<_>, Vec<_>) = exact::maps(programs, policy).0.into_iter().partition(undisturbed);
    measured.left_out.extend(others.into_iter().map(|map| NotCompared {
        workload: String::new(),
        map: map.name,
        why: "instructions: no program that holds it plays it undisturbed".into(),
        fails: false,
    }));
    let mut passes = Vec::new();
    for entry in &entries {
        for map in &maps {
            let workload = entry.workload.name.clone();
            if policy.exact(&workload, &map.name, Metric::Instructions).class != Class::Off {
                let collector = Collector::Throughput;
                passes.push((Pass { workload, map: map.name.clone(), collector, round: 0 }, map.kind));
            }
        }
    }
    counter.count(&passes, &mut measured.figures, &mut measured.left_out)?;
    if let Some(again) = &mut measured.again {
        counter.count(&passes, again, &mut Vec::new())?;
    }
    Ok(())
}

struct Counter<'a> {
    callgrind: Callgrind,
    tapes: TapeFiles,
    programs: &'a Programs,
    interrupt: &'a Interrupt,
}

impl Counter<'_> {
    fn count(
        &self,
        passes: &[(Pass, MapKind)],
        figures: &mut Figures,
        left_out: &mut Vec<NotCompared>,
    ) -> Result<()> {
        let next = AtomicUsize::new(0);
        let lane = |lane| {
            let mut counts = Vec::new();
            while let Some((pass, kind)) = passes.get(next.fetch_add(1, Ordering::Relaxed)) {
                match self.one(pass, *kind, lane) {
                    Ok(None) => break,
                    Ok(Some(count)) => counts.push((pass, count)),
                    Err(error) => return Err(error),
                }
            }
            Ok(counts)
        };
        let lanes: Vec<Result<Vec<_>>> = std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..LANES).map(|number| scope.spawn(move || lane(number))).collect();
            lanes.into_iter().map(|lane| lane.join().expect("a lane does not panic")).collect()
        });
        for counts in lanes {
            for (Pass { workload, map, .. }, count) in counts? {
                let workload = exact::unseeded(workload).map_or(workload.as_str(), |(plain, _)| plain);
                match count {
                    Ok(count) => {
                        let maps = figures.entry(workload.into()).or_default();
                        maps.entry(map.clone()).or_default().insert(Metric::Instructions, vec![count]);
                    }
                    Err(why) => left_out.push(NotCompared {
                        workload: workload.into(),
                        map: map.clone(),
                        why: format!("instructions: {why}"),
                        fails: false,
                    }),
                }
            }
        }
        Ok(())
    }

    /// The instructions of one pass, or why there are none; `None` when the user stopped it.
    fn one(&self, pass: &Pass, kind: MapKind, lane: usize) -> Result<Option<Result<u64, String>>> {
        let (tape, info) = self.tapes.get(&pass.workload).context("every planned workload has a tape")?;
        let program =
            self.programs.serving(&pass.map, pass.collector).context("only maps that play are here")?;
        let mut player = Command::new(&program.path);
        player.arg("play").arg("--tape").arg(tape);
        player.args(["--map", &pass.map, "--collector", pass.collector.name(), "--samples", "1"]);
        let counts = CountsFile::new(&pass.to_string());
        let mut command = self.callgrind.around(&player, &counts);
        surroundings::bind(&mut command, lane);
        let finished = child::run(command, LIMITS, self.interrupt)?;
        Ok(match judge::outcome(finished, pass, info, kind, LIMITS.time) {
            None => None,
            Some(Outcome::Failed(failure)) => Some(Err(format!("under callgrind it {failure}"))),
            Some(Outcome::Measured(_)) => Some(counts.read().total()),
        })
    }
}
