//! `gate`: the comparison that decides an exit code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use formats::gate::{Conclusion, Gate, Rule, Side};
use formats::history::Ratio;
use formats::observation::SCHEMA;
use formats::policy::Policy;
use formats::session::Plan;

use crate::catalogue;
use crate::ending::Ending;
use crate::gate::baseline::Committed;
use crate::gate::conclusion::conclude;
use crate::gate::kept::Kept;
use crate::gate::layers::{Layers, Manner};
use crate::gate::sides::Against;
use crate::gate::{flames, remembered};
use crate::interrupt::Interrupt;
use crate::output::{self, Format};
use crate::places::Places;
use crate::programs::Programs;
use crate::turns::Toil;
use crate::{folder, machine, noise};

/// What is compared, and with what.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    against: Against,
    /// Workloads, as names or globs [default: those of the policy]
    #[arg(short, long = "workload", value_name = "NAMES", value_delimiter = ',')]
    workloads: Vec<String>,
    /// Maps, as names or globs; canaries must be named [default: those of the policy]
    #[arg(short, long = "map", value_name = "NAMES", value_delimiter = ',')]
    maps: Vec<String>,
    #[command(flatten)]
    committed: Committed,
    /// One layer only: exact figures or times
    #[arg(long, value_enum)]
    layer: Option<Layer>,
    /// An old commit that the head is held against as well, for the history: small steps add up
    #[arg(long, value_name = "REF", requires = "base")]
    anchor: Option<String>,
    /// Where chance starts: pads, orders, processors
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Seconds after which a child is killed
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = super::seconds)]
    timeout: f64,
    /// The form of the verdict on stdout
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Judges each comparison of times so often, from fresh pairs, without controls: to prove the gate itself
    #[arg(long, value_name = "N", requires = "layer", hide_short_help = true)]
    repeat: Option<usize>,
    /// Steps of work that the head does for each 64 operations: to prove the gate itself
    #[arg(long, value_name = "STEPS", default_value_t = 0, hide_short_help = true)]
    toil: u64,
}

/// What a gate compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layer {
    /// Figures that are the same whenever a map does the same work.
    Exact,
    /// Times, in pairs of processes.
    Timing,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<Ending> {
    let (interrupt, started, clock) = (Interrupt::listen()?, jiff::Timestamp::now(), Instant::now());
    let policy = args.policy(places)?;
    let catalogue = catalogue::read(&places.workloads)?;
    let (head_side, head) = args.against.head()?;
    let file = args.committed.file(places);
    let (base_side, base) = args.against.base(&file, &interrupt)?;
    let mut gate = empty(&policy, started, head_side, base_side);
    let mut kept = Kept::begin(places, plan(started, &head))?;
    let layers = Layers {
        policy: &policy,
        catalogue: &catalogue,
        head: &head,
        base: &base,
        against: &args.against,
        file,
        named: !args.workloads.is_empty() || !args.maps.is_empty(),
        seed: args.seed,
        time_limit: Duration::from_secs_f64(args.timeout),
        interrupt: &interrupt,
    };
    let (mut failed, mut pairs) = (false, Vec::new());
    if args.layer != Some(Layer::Timing) {
        failed |= layers.exact(&mut gate, &mut kept)?;
    }
    if args.layer != Some(Layer::Exact) && !interrupt.asked() {
        let manner = Manner { repeat: args.repeat, toil: Toil(args.toil) };
        let (broken, measured) = layers.timing(manner, &mut gate, &kept)?;
        failed |= broken;
        pairs = measured;
    }
    gate.conclusion = conclude(&gate, &policy, failed);
    let anchor = args.anchor(&layers)?;
    if gate.conclusion == Conclusion::Regressed && args.repeat.is_none() {
        explain(&layers, &gate, &places.flamegraphs.join(kept.id()))?;
    }
    if interrupt.asked() {
        eprintln!("churnmark: interrupted; a gate has no verdict before its end");
        return Ok(Ending::Interrupted);
    }
    gate.seconds = clock.elapsed().as_secs_f64();
    let page = kept.finish(&gate, places)?;
    eprintln!("churnmark: {}", page.display());
    if !pairs.is_empty() && args.is_of_one_map() {
        remembered::append(&places.reports, &gate, &pairs, anchor)?;
    }
    args.tell(&gate)?;
    Ok(Ending::Gated(gate.conclusion))
}

impl Args {
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
            self.against.base_map.is_none() || one,
            "--base-map sets one map against another: name one with -m"
        );
        Ok(policy)
    }

    /// Whether what is measured is a map's own change: not added work, not another map, not the gate's own proof.
    fn is_of_one_map(&self) -> bool {
        self.toil == 0 && self.repeat.is_none() && self.against.base_map.is_none()
    }

    /// The head against the anchor, if one was named.
    fn anchor(&self, layers: &Layers<'_>) -> Result<Option<(String, Vec<Ratio>)>> {
        let Some(reference) = &self.anchor else { return Ok(None) };
        let (revision, anchor) = self.against.built(reference, layers.interrupt)?;
        Ok(Some((revision, layers.anchor(&anchor)?)))
    }

    /// Says the verdict on stdout, and to GitHub where it runs there.
    fn tell(&self, gate: &Gate) -> Result<()> {
        match self.format {
            Format::Text => output::print(&report::gate::text(gate, output::coloured())),
            Format::Markdown => output::print(&report::gate::markdown(gate)),
            Format::Json => output::print(&(serde_json::to_string(gate).context("a gate is JSON")? + "\n")),
        }?;
        if std::env::var_os("GITHUB_ACTIONS").is_some() {
            eprint!("{}", report::gate::annotations(gate));
        }
        if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from) {
            let append = || {
                let mut out = std::fs::OpenOptions::new().create(true).append(true).open(&file)?;
                std::io::Write::write_all(&mut out, report::gate::markdown(gate).as_bytes())
            };
            append().with_context(|| format!("{} cannot be written", file.display()))?;
        }
        Ok(())
    }
}

/// Draws what a head that became slower does more of, and says how to find the commit.
fn explain(layers: &Layers<'_>, gate: &Gate, folder: &Path) -> Result<()> {
    let (tapes, _) = layers.comparisons()?;
    for file in flames::draw(layers, &tapes, gate, folder)? {
        eprintln!("churnmark: {}", file.display());
    }
    if let Some(slower) = flames::slower(gate).next().filter(|_| !gate.base.revision.is_empty()) {
        eprintln!(
            "churnmark: the commit is found by: churnmark bisect {}..HEAD -w {} -m {}",
            gate.base.revision, slower.workload, slower.map
        );
    }
    Ok(())
}

fn empty(policy: &Policy, started: jiff::Timestamp, head: Side, base: Side) -> Gate {
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
        conclusion: Conclusion::NothingCompared,
    }
}

/// The session of a gate, before its passes are known.
fn plan(started: jiff::Timestamp, head: &Programs) -> Plan {
    let (machine, revision) = (machine::describe(), folder::revision());
    let maps = head.maps();
    let names: Vec<&str> = maps.iter().map(|map| map.name.as_str()).collect();
    Plan {
        schema: SCHEMA,
        id: folder::id(started, &machine.host, &revision),
        started: started.to_string(),
        revision,
        suite: "gate".into(),
        arguments: std::iter::once("churnmark".into()).chain(std::env::args().skip(1)).collect(),
        machine,
        toolchain: env!("CHURNMARK_RUSTC").into(),
        programs: head.record(&names),
        reference: String::new(),
        tapes: BTreeMap::new(),
        passes: Vec::new(),
        left_out: Vec::new(),
        noise: vec![noise::measure(super::measure::NOISE_TIME)],
    }
}
