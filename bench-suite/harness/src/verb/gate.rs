//! `gate`: the comparison that decides an exit code.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use formats::gate::{Conclusion, Gate, NotCompared, Pair, Rule, Side};
use formats::observation::SCHEMA;
use formats::policy::Policy;
use formats::run::{Outcome, Run};
use formats::session::Plan;
use formats::subject::MapInfo;

use crate::catalogue::{self, Entry};
use crate::cli::Places;
use crate::ending::Ending;
use crate::gate::baseline::{self, Committed};
use crate::gate::conclusion::conclude;
use crate::gate::kept::Kept;
use crate::gate::sides::{Against, Base};
use crate::gate::timing::{self, Arena, Comparison, Timed, Timing};
use crate::gate::{controls, exact};
use crate::interrupt::Interrupt;
use crate::output::{self, Format};
use crate::programs::Programs;
use crate::turns::Toil;
use crate::{folder, machine, noise, select, tapes};

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

/// Everything that is known before anything is measured.
struct Ready {
    policy: Policy,
    catalogue: Vec<Entry>,
    head: Programs,
    base: Base,
    /// Where the committed figures are.
    file: PathBuf,
    interrupt: Interrupt,
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
    let ready = Ready { policy, catalogue, head, base, file, interrupt };
    let mut failed = false;
    if args.layer != Some(Layer::Timing) {
        failed |= args.exact(&ready, &mut gate, &mut kept)?;
    }
    if args.layer != Some(Layer::Exact) && !ready.interrupt.asked() {
        failed |= args.timing(&ready, &mut gate, &kept)?;
    }
    if ready.interrupt.asked() {
        eprintln!("churnmark: interrupted; a gate has no verdict before its end");
        return Ok(Ending::Interrupted);
    }
    gate.conclusion = conclude(&gate, &ready.policy, failed);
    gate.seconds = clock.elapsed().as_secs_f64();
    let page = kept.finish(&gate, places)?;
    eprintln!("churnmark: {}", page.display());
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

    /// Compares exact figures; whether a pass failed.
    fn exact(&self, ready: &Ready, gate: &mut Gate, kept: &mut Kept) -> Result<bool> {
        let Ready { policy, catalogue, head, base, file, interrupt } = ready;
        let Some(head) = exact::measure(head, policy, catalogue, interrupt, 1)? else { return Ok(false) };
        let mut failures = head.failed.clone();
        let (findings, others) = match base {
            Base::Programs(base) => {
                let policy_of_base = self.against.of_base(policy);
                let base = exact::measure(base, &policy_of_base, catalogue, interrupt, 2)?;
                let Some(base) = base else { return Ok(false) };
                let base = self.against.as_head(base, &policy.maps[0]);
                failures.extend(base.failed.iter().cloned());
                exact::against(&base, &head, policy)?
            }
            Base::Stored(stored) if self.workloads.is_empty() && self.maps.is_empty() => {
                baseline::compare(stored, file, &head, policy)?
            }
            Base::Stored(stored) => baseline::compare(&stored.narrowed(&head.figures), file, &head, policy)?,
        };
        gate.exact = findings;
        gate.not_compared.extend(others);
        kept.passes(head)?;
        Ok(said(&failures))
    }

    /// Compares times; whether a pass failed.
    fn timing(&self, ready: &Ready, gate: &mut Gate, kept: &Kept) -> Result<bool> {
        let Base::Programs(base) = &ready.base else {
            let why =
                "times are never held against stored ones: name a base with --base or --base-program".into();
            gate.not_compared.push(NotCompared {
                workload: String::new(),
                map: String::new(),
                why,
                fails: self.layer == Some(Layer::Timing),
            });
            return Ok(false);
        };
        let entries = catalogue::choose(&ready.catalogue, &ready.policy.workloads, None)?;
        let tapes = tapes::of(&entries)?;
        let comparisons = self.comparisons(ready, &entries)?;
        let arena = Arena {
            head: &ready.head,
            base,
            tapes: &tapes,
            policy: &ready.policy,
            seed: self.seed,
            time_limit: Duration::from_secs_f64(self.timeout),
            interrupt: &ready.interrupt,
        };
        let mut sink = |pair: &Pair| kept.pair(pair);
        let all = match self.repeat {
            Some(times) => {
                let mut all = Vec::new();
                for comparison in &comparisons {
                    all.extend(timing::repeat(arena, comparison, times, Toil(self.toil), &mut sink)?);
                }
                all
            }
            None => {
                let timing = Timing::new(arena, &comparisons)?;
                gate.controls = controls::run(&timing)?;
                if let Ok(family) = timing.family() {
                    gate.rule.comparisons = u32::try_from(family.tests()).unwrap_or(u32::MAX);
                    gate.rule.looks =
                        family.plan().looks().iter().filter_map(|&look| u32::try_from(look).ok()).collect();
                }
                let timed = timing.run(Toil(self.toil), 0, &mut sink)?;
                gate.controls.push(controls::same_work(&timed));
                vec![timed]
            }
        };
        let mut failed = false;
        for Timed { findings, broken, not_compared, .. } in all {
            gate.timing.extend(findings);
            gate.not_compared.extend(not_compared);
            failed |= !broken.is_empty();
        }
        Ok(failed)
    }

    /// Every map of the head under every workload that it can play.
    fn comparisons(&self, ready: &Ready, entries: &[Entry]) -> Result<Vec<Comparison>> {
        let all = ready.head.maps();
        let maps = select::pick("map", &ready.policy.maps, &all)?;
        let mut comparisons = Vec::new();
        for entry in entries {
            let workload = &entry.workload;
            let plays = |map: &&&MapInfo| {
                map.family.plays(usize::from(workload.threads.get()), workload.keys_shared).is_ok()
            };
            comparisons.extend(maps.iter().filter(plays).map(|map| Comparison {
                workload: workload.name.clone(),
                map: map.name.clone(),
                base_map: self.against.base_map.clone().unwrap_or_else(|| map.name.clone()),
            }));
        }
        Ok(comparisons)
    }

    /// Says the verdict on stdout, and to GitHub where it runs there.
    fn tell(&self, gate: &Gate) -> Result<()> {
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
        match self.format {
            Format::Text => output::print(&report::gate::text(gate, output::coloured())),
            Format::Markdown => output::print(&report::gate::markdown(gate)),
            Format::Json => output::print(&(serde_json::to_string(gate).context("a gate is JSON")? + "\n")),
        }
    }
}

/// Names the passes that failed; whether there is one.
fn said(failures: &[Run]) -> bool {
    for run in failures {
        if let Outcome::Failed(failure) = &run.outcome {
            eprintln!("churnmark: {}: {failure}", run.pass);
        }
    }
    !failures.is_empty()
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
