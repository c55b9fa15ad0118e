//! `evidence`: measures a finding and writes what an issue at the home of a library needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use formats::finding::{FINDINGS_FOLDER, Finding};
use formats::observation::Collector;
use formats::session::{Journal, RUNS_FILE, Session};
use formats::workload::Workload;

use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::stderr::tell;
use crate::{folder, kept, publish};

/// The raw passes, beside the page.
const SESSION: &str = "session";

/// Which finding, and what to do with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of the finding; without one, all are listed
    finding: Option<String>,
    /// Folder of the evidence, one folder in it for each finding [default: evidence in the folder of sessions]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Measure nothing: write the page again from the passes that are kept beside it
    #[arg(long)]
    pages: bool,
    /// Number of rounds in which maps are compared: of throughput, of latency where a load has a schedule
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Program with maps that are not churnmark's; may be repeated
    #[arg(long = "subject", value_name = "PROGRAM")]
    subjects: Vec<PathBuf>,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let workloads = places.workloads_with(FINDINGS_FOLDER)?;
    let findings = findings(&workloads.join(FINDINGS_FOLDER))?;
    let Some(name) = &args.finding else {
        let rows: Vec<Vec<String>> = findings
            .into_iter()
            .map(|one| vec![one.name, one.library, one.workload, one.figure.name().into(), one.title])
            .collect();
        output::print(&output::table(
            Format::Text,
            &["finding", "library", "workload", "figure", "what"],
            &rows,
        ))?;
        return Ok(ExitStatus::Success);
    };
    let names: Vec<&str> = findings.iter().map(|one| one.name.as_str()).collect();
    let finding = findings.iter().find(|one| one.name == *name);
    let finding =
        finding.with_context(|| format!("there is no finding `{name}`; there is {}", names.join(", ")))?;
    let home = args.out.clone().unwrap_or_else(|| places.reports.join("evidence")).join(&finding.name);
    let session = if args.pages {
        kept::read(&home.join(SESSION)).context("no passes are kept: leave --pages out")?
    } else {
        measured(finding, &workloads, args, &home)?
    };
    for (name, bytes) in report::evidence::files(&session, finding, env!("CARGO_PKG_VERSION")) {
        publish::write(&home.join(name), &bytes)?;
    }
    output::print(&format!("{}\n", home.join(report::evidence::PAGE).display()))?;
    let judged = report::evidence::judgements(&session);
    Ok(if report::evidence::is_broken(&judged) { ExitStatus::Broken } else { ExitStatus::of(&session.runs) })
}

/// The findings of a folder, by name.
fn findings(folder: &Path) -> Result<Vec<Finding>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("there are no findings: `{}`", folder.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "toml"));
    let mut findings = files.map(|file| Finding::read(&file)).collect::<Result<Vec<_>, _>>()?;
    findings.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(findings)
}

/// Measures in a folder beside the evidence, and keeps what was measured without the name of the machine.
fn measured(finding: &Finding, workloads: &Path, args: &Args, home: &Path) -> Result<Session> {
    let file = workloads.join(format!("{}.toml", finding.workload));
    let text = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let points = Workload::read(&file)?;
    let scratch = home.with_added_extension("part");
    let cleared = if scratch.exists() { fs::remove_dir_all(&scratch) } else { Ok(()) };
    cleared.with_context(|| format!("{} cannot be removed", scratch.display()))?;
    let mut measure = Command::new(std::env::current_exe().context("the place of this program is unknown")?);
    measure.args(["measure", "-w", &finding.workload, "-m", &finding.maps.join(",")]);
    measure.args(["-c", &collectors(finding, &points).join(","), "--rounds", &args.rounds.to_string()]);
    for subject in &args.subjects {
        measure.arg("--subject").arg(subject);
    }
    if finding.go.is_some() {
        measure.arg("--real-go");
    }
    measure.arg("--workloads-in").arg(workloads).arg("--reports-in").arg(&scratch);
    measure.arg("--flamegraphs-in").arg(scratch.join("flamegraphs"));
    let status = measure.stdout(std::process::Stdio::null()).status().context("measure")?;
    // An expectation that is broken is told by the page.
    if !matches!(status.code(), Some(0 | 3)) {
        bail!("the finding was not measured: {status}; what was is in {}", scratch.display());
    }
    let measured = folder::whole(&scratch)?.into_iter().next().context("measure leaves a session")?;
    let mut session = kept::read(&measured)?;
    ensure!(!session.runs.is_empty(), "no pass was made");
    session.manifest.id.clone_from(&finding.name);
    session.manifest.machine.host.clear();
    session.manifest.arguments = ["churnmark", "evidence", &finding.name].map(String::from).into();
    keep(&session, &home.join(SESSION))?;
    publish::write(&home.join(format!("{}.toml", finding.workload)), &text)?;
    fs::remove_dir_all(&scratch).with_context(|| format!("{} cannot be removed", scratch.display()))?;
    tell!("churnmark: measured `{}`", finding.name);
    Ok(session)
}

fn keep(session: &Session, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let runs = folder.join(RUNS_FILE);
    if runs.exists() {
        fs::remove_file(&runs).with_context(|| format!("{} cannot be removed", runs.display()))?;
    }
    session.manifest.write(folder)?;
    let mut journal = Journal::open(folder)?;
    session.runs.iter().try_for_each(|run| Ok(journal.append(run)?))
}

/// What looks at the figure, at those of the expectations, and at the heap for a chart.
fn collectors(finding: &Finding, points: &[Workload]) -> Vec<&'static str> {
    let expected = points.iter().flat_map(|point| &point.expectations).map(|one| one.figure);
    let figures = std::iter::once(finding.figure).chain(expected);
    let mut collectors: Vec<Collector> =
        figures.filter_map(|figure| figure.collectors().last().copied()).collect();
    collectors.push(Collector::Heap);
    let mut names: Vec<&str> = collectors.into_iter().map(Collector::name).collect();
    names.sort_unstable();
    names.dedup();
    names
}
