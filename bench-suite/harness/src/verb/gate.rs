//! `gate`: the comparison that decides an exit code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use formats::gate::{Build, Conclusion, Gate, Rule};
use formats::observation::SCHEMA;
use formats::policy::Policy;
use formats::session::Manifest;

use crate::catalogue;
use crate::exit::ExitStatus;
use crate::gate::committed::CommittedFiles;
use crate::gate::conclusion::conclude;
use crate::gate::run::{GateRun, TimingOptions};
use crate::gate::session::GateSession;
use crate::gate::sides::Sides;
use crate::gate::{flames, history_entry};
use crate::interrupt::Interrupt;
use crate::output::{self, Format};
use crate::places::Places;
use crate::programs::Programs;
use crate::stderr::{self, tell};
use crate::turns::{InjectedWork, PairContext};
use crate::{folder, machine, noise};

/// What is compared with what.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Workloads, as names or globs [default: those of the policy]
    #[arg(short, long = "workload", value_name = "NAMES", value_delimiter = ',')]
    workloads: Vec<String>,
    /// Maps, as names or globs; canaries must be named [default: those of the policy]
    #[arg(short, long = "map", value_name = "NAMES", value_delimiter = ',')]
    maps: Vec<String>,
    /// Compare exact figures only, or times only, or judge only what the workloads expect
    #[arg(long, value_enum)]
    layer: Option<Layer>,
    /// Also compare with this old commit, for the history: many small slowdowns add up
    #[arg(long, value_name = "REF", requires = "base")]
    anchor: Option<String>,
    /// Seed for padding, order and CPU choice
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Kill a child process after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = super::seconds)]
    timeout: f64,
    /// Format of the verdict on stdout
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Repeat every timing comparison N times, without controls (for validating the gate)
    #[arg(long, value_name = "N", requires = "layer", hide_short_help = true)]
    repeat: Option<usize>,
    /// Slow the head down by STEPS multiplications for every 64 operations (for validating the gate)
    #[arg(long, value_name = "STEPS", default_value_t = 0, hide_short_help = true)]
    inject_work: u64,
    #[command(flatten)]
    sides: Sides,
    #[command(flatten)]
    committed: CommittedFiles,
}

/// What a gate compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layer {
    /// Figures that are the same whenever a map does the same work.
    Exact,
    /// Times, in pairs of processes.
    Timing,
    /// Counts and bytes of the head on whole tapes, against what the workloads say must hold.
    Expected,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let (interrupt, started, clock) = (Interrupt::listen()?, jiff::Timestamp::now(), Instant::now());
    let policy = args.policy(places)?;
    let catalogue = catalogue::read(&places.workloads()?)?;
    let (head_build, head) = args.sides.head()?;
    let baseline_file = args.committed.file(places);
    let compares = args.layer != Some(Layer::Expected);
    let (base_build, base) = args.sides.base(&baseline_file, compares, &interrupt)?;
    // Before anything is measured: one that does not build would cost all that was.
    let anchor =
        args.anchor.as_deref().map(|reference| args.sides.built(reference, &interrupt)).transpose()?;
    let mut gate = empty(&policy, started, head_build, base_build);
    let _held = interrupt.hold();
    let mut session = GateSession::begin(places, plan(started, &head))?;
    let time_limit = Duration::from_secs_f64(args.timeout);
    let context = PairContext { policy: &policy, seed: args.seed, time_limit, interrupt: &interrupt };
    let run = GateRun {
        context,
        catalogue: &catalogue,
        head: &head,
        base: &base,
        sides: &args.sides,
        baseline_file,
        narrowed: !args.workloads.is_empty() || !args.maps.is_empty(),
    };
    let (mut failed, mut pairs) = (false, Vec::new());
    if args.looks_at(Layer::Exact) {
        failed |= run.exact(&mut gate, &mut session)?;
    }
    if args.looks_at(Layer::Expected) && !interrupt.requested() {
        failed |= run.expected(&mut gate, &mut session)?;
    }
    if args.looks_at(Layer::Timing) && !interrupt.requested() {
        let options = TimingOptions { repeat: args.repeat, injected: InjectedWork(args.inject_work) };
        let (failed_too, measured) = run.timing(options, &mut gate, &mut session)?;
        failed |= failed_too;
        pairs = measured;
    }
    gate.conclusion = conclude(&gate, &policy, failed);
    let anchor = anchor.map(|(revision, old)| anyhow::Ok((revision, run.anchor(&old)?))).transpose()?;
    if gate.conclusion == Conclusion::Regressed && args.repeat.is_none() {
        explain(&run, &gate, &places.flamegraphs.join(session.id()))?;
    }
    if interrupt.requested() {
        session.discard()?;
        tell!("churnmark: interrupted; a gate has no verdict before its end");
        return Ok(ExitStatus::Interrupted);
    }
    gate.seconds = clock.elapsed().as_secs_f64();
    let page = session.finish(&gate, places)?;
    tell!("churnmark: {}", page.display());
    if !pairs.is_empty() && args.is_of_one_map() {
        history_entry::append(&places.reports, &gate, &pairs, anchor)?;
    }
    args.print(&gate, places, &history_entry::lasting(&places.reports, &policy)?)?;
    Ok(ExitStatus::Gated(gate.conclusion))
}

impl Args {
    /// Whether this is to be looked at.
    fn looks_at(&self, layer: Layer) -> bool {
        self.layer.is_none_or(|only| only == layer)
    }

    /// The policy, with what was named on the command line in the place of its own workloads and maps.
    fn policy(&self, places: &Places) -> Result<Policy> {
        let mut policy = self.committed.policy(places)?;
        if !self.workloads.is_empty() {
            policy.workloads.clone_from(&self.workloads);
        }
        if !self.maps.is_empty() {
            policy.maps.clone_from(&self.maps);
        }
        let one =
            !policy.maps.is_empty() && policy.maps.len() == 1 && !policy.maps[0].contains(['*', '?', '[']);
        ensure!(
            self.sides.base_map.is_none() || one,
            "--base-map compares one map with another: name one with -m"
        );
        Ok(policy)
    }

    /// Whether what is measured is a map's own change: no injected work, no other map, no validation of the gate.
    fn is_of_one_map(&self) -> bool {
        self.inject_work == 0 && self.repeat.is_none() && self.sides.base_map.is_none()
    }

    /// Prints the verdict on stdout, and for GitHub where it runs there; in Markdown with what lasted over many gates.
    fn print(&self, gate: &Gate, places: &Places, lasting: &str) -> Result<()> {
        match self.format {
            Format::Text => output::print(&report::gate::text(gate, output::coloured())),
            Format::Markdown => output::print(&(report::gate::markdown(gate) + lasting)),
            Format::Json => output::print(&(serde_json::to_string(gate).context("a gate is JSON")? + "\n")),
        }?;
        if std::env::var_os("GITHUB_ACTIONS").is_some() {
            let folder = (!places.are_built_in()).then(|| places.workloads()).transpose()?;
            let folder = folder.map(|folder| folder.display().to_string());
            stderr::write(&report::gate::annotations(gate, folder.as_deref()));
        }
        if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from) {
            let append = || {
                let mut out = std::fs::OpenOptions::new().create(true).append(true).open(&file)?;
                std::io::Write::write_all(&mut out, (report::gate::markdown(gate) + lasting).as_bytes())
            };
            append().with_context(|| format!("{} cannot be written", file.display()))?;
        }
        Ok(())
    }
}

/// Draws what a head that became slower does more of, and says how to find the commit.
fn explain(run: &GateRun<'_>, gate: &Gate, folder: &Path) -> Result<()> {
    let (tapes, _) = run.comparisons()?;
    for file in flames::draw(run, &tapes, gate, folder)? {
        tell!("churnmark: {}", file.display());
    }
    if let Some(slower) = flames::slower(gate).next().filter(|_| !gate.base.revision.is_empty()) {
        tell!(
            "churnmark: the commit is found by: churnmark bisect {}..HEAD -w {} -m {}",
            gate.base.revision,
            slower.workload,
            slower.map
        );
    }
    Ok(())
}

fn empty(policy: &Policy, started: jiff::Timestamp, head: Build, base: Build) -> Gate {
    Gate {
        schema: SCHEMA,
        started: started.to_string(),
        seconds: 0.0,
        head,
        base,
        rule: Rule {
            alpha: policy.alpha,
            delta: policy.delta,
            tolerance: policy.tolerance,
            comparisons: 0,
            looks: Vec::new(),
            slices: policy.slices,
            discarded: policy.discarded,
            seeds: policy.seeds.clone(),
        },
        controls: Vec::new(),
        exact: Vec::new(),
        timing: Vec::new(),
        not_compared: Vec::new(),
        expectations: Vec::new(),
        conclusion: Conclusion::NothingCompared,
    }
}

/// The session of a gate, before its passes are known.
fn plan(started: jiff::Timestamp, head: &Programs) -> Manifest {
    let (machine, revision) = (machine::describe(), folder::revision());
    Manifest {
        schema: SCHEMA,
        id: folder::id(started, &machine.host, &revision),
        started: started.to_string(),
        revision,
        suite: folder::GATE_SUITE.into(),
        arguments: std::iter::once("churnmark".into()).chain(std::env::args().skip(1)).collect(),
        machine,
        toolchain: env!("CHURNMARK_RUSTC").into(),
        programs: head.record(&head.maps()),
        reference: String::new(),
        tapes: BTreeMap::new(),
        passes: Vec::new(),
        comparisons: Vec::new(),
        left_out: Vec::new(),
        noise: vec![noise::measure(super::measure::NOISE_TIME)],
    }
}
