//! On a regression of time: what the head does more of than its base, as a flamegraph.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use formats::gate::{Class, Gate, TimingFinding, Verdict};
use formats::observation::{Collector, Observation, Reading};

use crate::child::{self, Limits};
use crate::exit;
use crate::gate::run::GateRun;
use crate::gate::sides::Base;
use crate::programs::Programs;
use crate::publish;
use crate::stderr::tell;
use crate::surroundings;
use crate::tapes::TapeFiles;

/// A profile covers some seconds of CPU time.
const LIMITS: Limits = Limits { time: Duration::from_mins(5), stdout: 64 << 20 };

/// Times for whose sake the gate fails.
pub(crate) fn slower(gate: &Gate) -> impl Iterator<Item = &TimingFinding> {
    gate.timing.iter().filter(|finding| {
        finding.class == Class::Gated && finding.verdict == Verdict::Regressed && finding.waiver.is_none()
    })
}

/// Profiles both sides of every map that regressed in time and draws the difference into `folder`. Says which files
/// it wrote. A side that cannot be profiled is named and has none.
pub(crate) fn draw(run: &GateRun<'_>, tapes: &TapeFiles, gate: &Gate, folder: &Path) -> Result<Vec<PathBuf>> {
    let Base::Programs(base) = run.base else { return Ok(Vec::new()) };
    let mut slower: Vec<(&str, &str)> =
        slower(gate).map(|finding| (finding.workload.as_str(), finding.map.as_str())).collect();
    slower.dedup();
    let mut written = Vec::new();
    for (workload, map) in slower {
        let (tape, _) = tapes.get(workload).context("every comparison has a tape")?;
        let base_map = run.sides.base_map.as_deref().unwrap_or(map);
        let profiles =
            [(base, base_map), (run.head, map)].map(|(programs, map)| profile(run, programs, map, tape));
        let [Ok(before), Ok(after)] = profiles else {
            let why =
                profiles.into_iter().find_map(Result::err).map_or_else(String::new, |why| exit::told(&why));
            tell!("churnmark: no differential flamegraph of {map} on {workload}: {why}");
            continue;
        };
        let title = format!("{map} on {workload}");
        let Some(drawn) = report::flame::differential(&title, &before, &after) else { continue };
        for (ending, text) in [("diff.svg", drawn.svg), ("diff.folded", drawn.folded)] {
            let file = folder.join(workload).join(format!("{map}.{ending}"));
            publish::write(&file, text.as_bytes())?;
            written.push(file);
        }
    }
    Ok(written)
}

/// The folded stacks of a map on a tape.
fn profile(run: &GateRun<'_>, programs: &Programs, map: &str, tape: &Path) -> Result<String> {
    let program = programs.serving(map, Collector::Stacks).context("no program of it serves stacks")?;
    let mut command = surroundings::of_pass(&program.path, Collector::Stacks);
    command.arg("play").arg("--tape").arg(tape).args(["--map", map]);
    command.args(["--collector", Collector::Stacks.name()]).args(Collector::Stacks.info().arguments);
    let finished = child::run(command, LIMITS, run.context.interrupt)?;
    let observation: Observation =
        serde_json::from_slice(&finished.stdout).with_context(|| finished.stderr.trim().to_string())?;
    match observation.reading {
        Reading::Stacks(stacks) => Ok(stacks.folded),
        other => anyhow::bail!("it observed {} instead of stacks", other.collector().name()),
    }
}
