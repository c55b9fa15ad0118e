//! `bisect`: the first commit that made a map slower, by the test of the gate.

mod search;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use formats::gate::{Class, TimeMetric, TimingFinding, Verdict};
use formats::policy::{Policy, PolicyRule, Scope};
use glob::Pattern;

use self::search::{Known, Search};
use crate::catalogue;
use crate::exit::{ExitStatus, NoBase};
use crate::gate::base::{self, BuildCommand};
use crate::gate::sides::inner_folder;
use crate::gate::timing::{Builds, Comparison, Timing};
use crate::interrupt::Interrupt;
use crate::output;
use crate::places::Places;
use crate::programs::{Programs, with_counted};
use crate::stderr::tell;
use crate::tapes::{self, TapeFiles};
use crate::turns::{InjectedWork, PairContext};

/// Which commits, and by what they are judged.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Commits to search: after GOOD, up to BAD
    #[arg(value_name = "GOOD..BAD", value_parser = range)]
    range: (String, String),
    /// Name of the workload
    #[arg(short, long, value_name = "NAME")]
    workload: String,
    /// Name of the map
    #[arg(short, long, value_name = "NAME")]
    map: String,
    /// Multiply live entries and operations by this factor
    #[arg(long, value_name = "FACTOR", value_parser = crate::select::scale)]
    scale: Option<f64>,
    /// Time that became longer [default: `median_slice`, or `wall` for a workload with threads]
    #[arg(long, value_enum)]
    metric: Option<Time>,
    /// Your own subject program that holds the map; may be repeated
    #[arg(long = "subject", value_name = "PROGRAM", requires = "base_build")]
    subjects: Vec<PathBuf>,
    /// Command that builds your program in a checked-out commit; run by a shell with `CARGO_TARGET_DIR` set
    #[arg(long, value_name = "COMMAND")]
    base_build: Option<String>,
    /// Put this folder of the work tree into each commit before it is built
    #[arg(long, value_name = "FOLDER", requires = "base_build", value_parser = inner_folder)]
    base_with: Option<PathBuf>,
    /// Seed for padding, order and CPU choice
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Kill a child process after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = super::seconds)]
    timeout: f64,
}

/// A time as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Time {
    #[value(name = "median_slice")]
    MedianSlice,
    #[value(name = "total_cpu")]
    TotalCpu,
    Wall,
}

impl Time {
    const fn metric(self) -> TimeMetric {
        match self {
            Self::MedianSlice => TimeMetric::MedianSlice,
            Self::TotalCpu => TimeMetric::TotalCpu,
            Self::Wall => TimeMetric::Wall,
        }
    }
}

fn range(text: &str) -> Result<(String, String), String> {
    match text.split_once("..") {
        Some((good, bad)) if !good.is_empty() && !bad.is_empty() && !bad.starts_with('.') => {
            Ok((good.into(), bad.into()))
        }
        _ => Err("a range of commits is written GOOD..BAD".into()),
    }
}

/// What one commit came to against the good one.
enum CommitOutcome {
    Finding(Box<TimingFinding>),
    Skipped(String),
    Interrupted,
}

/// Everything that judging a commit needs.
struct Bisection<'a> {
    args: &'a Args,
    comparison: Comparison,
    metric: TimeMetric,
    tapes: TapeFiles,
    build: BuildCommand,
    good: Programs,
    interrupt: &'a Interrupt,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let interrupt = Interrupt::listen()?;
    let commits = commits(args, &interrupt)?;
    let bisection = Bisection::new(places, args, &interrupt)?;
    let last = &commits[commits.len() - 1];
    let usual = Policy::default();
    let effect = match bisection.judge(last, usual.delta, usual.threads_delta)? {
        CommitOutcome::Interrupted => return Ok(ExitStatus::Interrupted),
        CommitOutcome::Skipped(why) => bail!("{} cannot be judged: {why}", args.range.1),
        CommitOutcome::Finding(finding) if finding.verdict == Verdict::Regressed => finding.ratio - 1.0,
        CommitOutcome::Finding(finding) => {
            let (good, bad) = &args.range;
            let shown = match finding.verdict {
                Verdict::Inconclusive => "cannot be distinguished from",
                _ => "is not slower than",
            };
            output::print(&format!("{bad} {shown} {good}: {}\n", said(&finding)))?;
            return Ok(ExitStatus::Failed);
        }
    };
    let mut search = Search::new(commits.len());
    while let Some(at) = search.next() {
        let known = match bisection.judge(&commits[at], effect / 2.0, effect / 2.0)? {
            CommitOutcome::Interrupted => return Ok(ExitStatus::Interrupted),
            CommitOutcome::Skipped(_) => Known::Skipped,
            CommitOutcome::Finding(finding) => match finding.verdict {
                Verdict::Regressed => Known::Bad,
                Verdict::Improved | Verdict::Unchanged => Known::Good,
                Verdict::Inconclusive => Known::Skipped,
            },
        };
        search.note(at, known);
    }
    output::print(&report(&search, &commits, effect, &interrupt)?)?;
    Ok(ExitStatus::Success)
}

/// The commits of the range on the line of first parents, the oldest first.
fn commits(args: &Args, interrupt: &Interrupt) -> Result<Vec<String>> {
    let (good, bad) = &args.range;
    let (from, to) = (base::commit(good, interrupt)?, base::commit(bad, interrupt)?);
    let list = ["rev-list", "--first-parent", "--reverse", &format!("{from}..{to}")];
    let commits: Vec<String> = base::git_answer(&list, interrupt)?.lines().map(Into::into).collect();
    ensure!(!commits.is_empty(), "there is no commit in {good}..{bad}: {bad} does not come after {good}");
    Ok(commits)
}

fn report(search: &Search, commits: &[String], effect: f64, interrupt: &Interrupt) -> Result<String> {
    let title =
        |at: usize| base::git_answer(&["show", "--no-patch", "--format=%h %s", &commits[at]], interrupt);
    let left = search.left();
    let slower = format!("{:.1} % slower", effect * 100.0);
    if left.start() == left.end() {
        return Ok(format!("{}\n  is the first that is {slower}\n", title(*left.start())?.trim()));
    }
    let mut text = format!("The first that is {slower} is one of these:\n");
    for at in left {
        let skipped = if search.known(at) == Known::Skipped { " (skipped)" } else { "" };
        text += "  ";
        text += title(at)?.trim();
        text += skipped;
        text.push('\n');
    }
    Ok(text)
}

fn said(finding: &TimingFinding) -> String {
    let interval =
        finding.interval.map_or_else(String::new, |(low, high)| format!(" ({low:.3} to {high:.3})"));
    format!("{}, {:.3}{interval}, {} pairs", finding.verdict.name(), finding.ratio, finding.pairs)
}

impl<'a> Bisection<'a> {
    fn new(places: &Places, args: &'a Args, interrupt: &'a Interrupt) -> Result<Self> {
        let entries = catalogue::choose(
            &catalogue::read(&places.workloads()?)?,
            std::slice::from_ref(&args.workload),
            args.scale,
        )?;
        let [entry] = &entries[..] else {
            bail!("`{}` names {} workloads; one is judged", args.workload, entries.len())
        };
        let comparison = Comparison {
            workload: entry.workload.name.clone(),
            map: args.map.clone(),
            base_map: args.map.clone(),
        };
        let usual = if entry.workload.threads.get() > 1 { TimeMetric::Wall } else { TimeMetric::MedianSlice };
        let metric = args.metric.map_or(usual, Time::metric);
        let build = BuildCommand::like(
            &with_counted(&args.subjects),
            args.base_build.as_deref(),
            args.base_with.as_deref(),
        )?;
        let good = base::build(&args.range.0, &build, interrupt)?;
        let good = Programs::exactly(&good.programs)?;
        Ok(Self { args, comparison, metric, tapes: tapes::of(&entries)?, build, good, interrupt })
    }

    /// Compares a commit with the good one.
    fn judge(&self, commit: &str, delta: f64, threads_delta: f64) -> Result<CommitOutcome> {
        let judged = self.try_out(commit, delta, threads_delta);
        if self.interrupt.requested() {
            return Ok(CommitOutcome::Interrupted);
        }
        let short = &commit[..commit.len().min(12)];
        let judged = match judged {
            Err(error) if error.chain().any(<dyn std::error::Error>::is::<NoBase>) => {
                CommitOutcome::Skipped(crate::exit::told(&error))
            }
            other => other?,
        };
        match &judged {
            CommitOutcome::Finding(finding) => tell!("churnmark: {short}: {}", said(finding)),
            CommitOutcome::Skipped(why) => tell!("churnmark: {short}: skipped: {why}"),
            CommitOutcome::Interrupted => {}
        }
        Ok(judged)
    }

    fn try_out(&self, commit: &str, delta: f64, threads_delta: f64) -> Result<CommitOutcome> {
        let built = base::build(commit, &self.build, self.interrupt)?;
        let head = Programs::exactly(&built.programs)?;
        let policy = policy(self.metric, delta, threads_delta)?;
        let context = PairContext {
            policy: &policy,
            seed: self.args.seed,
            time_limit: Duration::from_secs_f64(self.args.timeout),
            interrupt: self.interrupt,
        };
        let builds = Builds { head: &head, base: &self.good, tapes: &self.tapes };
        let timing = Timing::new(context, builds, std::slice::from_ref(&self.comparison))?;
        let mut results = timing.run(InjectedWork::default(), 0, &mut |_| Ok(()))?;
        Ok(match (results.findings.pop(), results.failed.pop(), results.not_compared.pop()) {
            (Some(finding), ..) => CommitOutcome::Finding(Box::new(finding)),
            (_, Some(failed), _) => {
                CommitOutcome::Skipped(format!("{} failed: {}", failed.side.name(), failed.failure))
            }
            (_, _, Some(row)) => CommitOutcome::Skipped(row.why),
            _ => bail!("{} is not measured on {}", self.metric.name(), self.comparison),
        })
    }
}

/// The usual policy for one time, and no other.
fn policy(metric: TimeMetric, delta: f64, threads_delta: f64) -> Result<Policy> {
    let any = Pattern::new("*").context("any name")?;
    let rule = |metric: &str, class| -> Result<PolicyRule> {
        let metric = Pattern::new(metric).context("the name of a time")?;
        let scope = Scope { workload: any.clone(), map: any.clone(), metric };
        Ok(PolicyRule { scope, class: Some(class), delta: None, tolerance: None })
    };
    let usual = Policy::default();
    Ok(Policy {
        delta,
        threads_delta,
        // A small step needs a smaller tolerance, or nothing would be between the two.
        tolerance: usual.tolerance.min(delta.min(threads_delta) / 4.0),
        rules: vec![rule("*", Class::Off)?, rule(metric.name(), Class::Gated)?],
        ..usual
    })
}
