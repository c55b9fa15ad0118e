//! Experiments: which programs make them, and what came back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use formats::evidence::{Claims, Evidence, FailedExperiment, SCHEMA};

use crate::child::{self, End, Finished, Limits};
use crate::interrupt::Interrupt;
use crate::programs::ours;
use crate::stderr::tell;
use crate::surroundings;

/// A list needs no work.
const LIST_LIMITS: Limits = Limits { time: Duration::from_secs(20), stdout: 1 << 16 };
/// Evidence is a few lines.
const STDOUT: usize = 1 << 20;

/// A program and the experiments that it serves.
#[derive(Debug)]
pub(crate) struct ExperimentProgram {
    path: PathBuf,
    experiments: Vec<String>,
}

/// The programs that make experiments: those named first, then real Go, then the article's own. Where two have the same
/// figure of the same implementation, the first one's counts.
pub(crate) fn programs(named: &[PathBuf], real_go: &[PathBuf]) -> Result<Vec<ExperimentProgram>> {
    let mut found = named.iter().chain(real_go).map(|path| list(path)).collect::<Result<Vec<_>>>()?;
    match ours::article() {
        Ok(ours) => found.push(list(&ours)?),
        Err(error) if named.is_empty() => return Err(error),
        Err(_) => {}
    }
    Ok(found)
}

fn list(path: &Path) -> Result<ExperimentProgram> {
    let path = std::path::absolute(path).with_context(|| format!("`{}` has no place", path.display()))?;
    let mut command = surroundings::bare(&path);
    command.args(["experiment", "list"]);
    let answer = child::run(command, LIST_LIMITS, &Interrupt::default())?;
    let list = said(&answer, LIST_LIMITS);
    let list = list.map_err(|why| anyhow::anyhow!("`{} experiment list` {why}", path.display()))?;
    let experiments: Vec<String> = list.lines().map(|line| line.trim().to_owned()).collect();
    if let Some(strange) = experiments.iter().find(|name| name.is_empty() || name.contains(' ')) {
        bail!("`{} experiment list` printed `{strange}`, which is no name", path.display());
    }
    Ok(ExperimentProgram { path, experiments })
}

impl ExperimentProgram {
    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Makes one experiment.
    fn run(&self, experiment: &str, time: Duration, interrupt: &Interrupt) -> Result<Vec<Evidence>, String> {
        let limits = Limits { time, stdout: STDOUT };
        let mut command = surroundings::bare(&self.path);
        command.args(["experiment", experiment]);
        let finished = child::run(command, limits, interrupt).map_err(|error| crate::exit::told(&error))?;
        let line = |line: &str| {
            let evidence = Evidence::parse(line).map_err(|error| error.to_string())?;
            if evidence.experiment == experiment {
                Ok(evidence)
            } else {
                Err(format!("answered with the experiment `{}`", evidence.experiment))
            }
        };
        said(&finished, limits)?.lines().map(line).collect()
    }
}

/// What a child printed, or how it failed.
fn said(finished: &Finished, limits: Limits) -> Result<String, String> {
    match finished.end {
        End::Exited(status) if status.success() => Ok(String::from_utf8_lossy(&finished.stdout).into_owned()),
        End::Exited(status) => {
            let last = finished.stderr.trim().lines().last().unwrap_or("it said nothing");
            Err(format!("ended with {status}: {last}"))
        }
        End::TimedOut => Err(format!("hung: killed after {} s", limits.time.as_secs_f64())),
        End::OutputLimit => Err(format!("printed more than {} bytes and was killed", limits.stdout)),
        End::Interrupted => Err("interrupted".to_owned()),
    }
}

/// Makes these experiments in every program that serves them. One that fails is noted, and the others are made.
pub(crate) fn gather(
    programs: &[ExperimentProgram],
    wanted: impl Fn(&str) -> bool,
    time: Duration,
    interrupt: &Interrupt,
) -> Claims {
    let mut gathered = Claims { schema: SCHEMA, evidence: Vec::new(), failures: Vec::new() };
    for program in programs {
        for experiment in program.experiments.iter().filter(|name| wanted(name)) {
            if interrupt.requested() {
                return gathered;
            }
            tell!("{}: {experiment}", program.name());
            match program.run(experiment, time, interrupt) {
                Ok(evidence) => gathered.evidence.extend(evidence),
                Err(_) if interrupt.requested() => return gathered,
                Err(why) => gathered.failures.push(FailedExperiment {
                    program: program.name(),
                    experiment: experiment.clone(),
                    why,
                }),
            }
        }
    }
    gathered
}

/// What is known afterwards: the new evidence, and of the old what was not tried again.
pub(crate) fn merged(old: Option<Claims>, mut new: Claims, tried: impl Fn(&str) -> bool) -> Claims {
    let Some(old) = old else { return new };
    let known = |one: &Evidence| {
        let same = |other: &Evidence| {
            other.experiment == one.experiment && other.implementation == one.implementation
        };
        new.evidence.iter().any(same)
    };
    let kept: Vec<Evidence> = old.evidence.into_iter().filter(|one| !known(one)).collect();
    new.evidence.extend(kept);
    new.failures.extend(old.failures.into_iter().filter(|failure| !tried(&failure.experiment)));
    new
}
