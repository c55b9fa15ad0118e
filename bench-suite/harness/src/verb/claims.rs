//! `claims`: what the article claims about Go's maps, and what is measured now.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use formats::evidence::{Claims, FailedExperiment};
use formats::session::Session;
use verdict::claims::{self, Ground, Judged, Verdict};

use crate::exit::ExitStatus;
use crate::interrupt::Interrupt;
use crate::output::{self, Format};
use crate::places::Places;
use crate::stderr::tell;
use crate::{experiment, folder, kept, publish, toolchains};

/// Which claims, tried with what.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only the claims with these numbers: 3, 3-5, or several separated by commas [default: all]
    #[arg(short, long = "number", value_name = "NUMBERS", value_delimiter = ',', value_parser = range)]
    numbers: Vec<RangeInclusive<u8>>,
    /// Your own program that makes experiments; its figures are preferred to ours; may be repeated
    #[arg(long = "subject", value_name = "PROGRAM")]
    subjects: Vec<PathBuf>,
    /// Test the ports of Go's maps only, even where Go is installed
    #[arg(long)]
    no_real_go: bool,
    /// Folder of the session that keeps the evidence [default: the newest finished one, if any]
    #[arg(long, value_name = "FOLDER")]
    session: Option<PathBuf>,
    /// Kill an experiment after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = super::seconds)]
    timeout: f64,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Said when there is no evidence from the real runtime.
const NO_GO: &str = "Real Go was not tested: `make truth` fetches and builds it.";

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let interrupt = Interrupt::listen()?;
    let numbers: Vec<u8> = args.numbers.iter().cloned().flatten().collect();
    let experiments = experiments(&numbers)?;
    let session = session(places, args)?;
    let real_go = if args.no_real_go { Vec::new() } else { toolchains::programs()? };
    let programs = experiment::programs(&args.subjects, &real_go)?;
    let wanted = |name: &str| experiments.contains(name);
    let time = Duration::from_secs_f64(args.timeout);
    let gathered = experiment::gather(&programs, wanted, time, &interrupt);
    output::print(&show(&gathered, &numbers, args.format)?)?;
    if interrupt.requested() {
        return Ok(ExitStatus::Interrupted);
    }
    let status = if gathered.failures.is_empty() { ExitStatus::Success } else { ExitStatus::Failed };
    if let Some((folder, mut session)) = session {
        let all = experiment::merged(session.claims.take(), gathered, wanted);
        all.write(&folder)?;
        session.claims = Some(all);
        publish::pages(&folder, &session, places)?;
        tell!(
            "churnmark: kept in {}; its pages are written again",
            folder.join(formats::evidence::CLAIMS_FILE).display()
        );
    }
    Ok(status)
}

/// `3`, or `3-5`.
fn range(text: &str) -> Result<RangeInclusive<u8>, String> {
    let number = |text: &str| text.parse::<u8>().ok();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = number(first).zip(number(last)).filter(|(first, last)| first <= last);
    range
        .map(|(first, last)| first..=last)
        .ok_or_else(|| "a number such as 3, or a range such as 3-5, is expected".into())
}

/// The experiments that decide these claims.
fn experiments(numbers: &[u8]) -> Result<BTreeSet<&'static str>> {
    let claims: Vec<_> = claims::all().collect();
    for number in numbers {
        let known = claims.iter().any(|claim| claim.number == *number);
        ensure!(known, "there is no claim {number}: they are numbered 1 to {}", claims.len());
    }
    let chosen = claims.iter().filter(|claim| numbers.is_empty() || numbers.contains(&claim.number));
    let of_ground = |ground: &Ground| match ground {
        Ground::Measured(rule) => rule.experiments,
        Ground::Source(_) => &[],
    };
    Ok(chosen.flat_map(|claim| of_ground(&claim.ground)).copied().collect())
}

/// The session that keeps the evidence.
fn session(places: &Places, args: &Args) -> Result<Option<(PathBuf, Session)>> {
    let folder = match &args.session {
        Some(folder) => folder.clone(),
        None if !places.reports.is_dir() => return Ok(None),
        None => match folder::whole(&places.reports)?.pop() {
            Some(folder) => folder,
            None => return Ok(None),
        },
    };
    let session = kept::read(&folder)?;
    Ok(Some((folder, session)))
}

fn show(gathered: &Claims, numbers: &[u8], format: Format) -> Result<String> {
    let chosen = |judged: &Judged| numbers.is_empty() || numbers.contains(&judged.number);
    let judged: Vec<Judged> = claims::judge(&gathered.evidence).into_iter().filter(chosen).collect();
    match format {
        Format::Json => {
            let document = serde_json::json!({
                "schema": gathered.schema,
                "claims": judged,
                "evidence": gathered.evidence,
                "failures": gathered.failures,
            });
            Ok(serde_json::to_string(&document).context("claims are JSON")? + "\n")
        }
        Format::Markdown => Ok(markdown(&judged) + &rest(gathered, &judged, format)),
        Format::Text => Ok(judged.iter().map(text).collect::<String>() + &rest(gathered, &judged, format)),
    }
}

/// A claim, and below it a line for each implementation.
fn text(judged: &Judged) -> String {
    let head = format!("{:>2}  {:12}  {}\n", judged.number, judged.verdict, judged.claim);
    let width = judged.cells.iter().map(|cell| cell.implementation.len()).max().unwrap_or(0);
    let cells = judged.cells.iter().map(|cell| {
        let (name, word) = (&cell.implementation, cell.finding.word());
        format!("      {name:width$}  {word:13}  {}\n", cell.figure)
    });
    let why = judged.why.iter().map(|why| format!("      {why}\n"));
    std::iter::once(head).chain(cells).chain(why).collect()
}

fn markdown(judged: &[Judged]) -> String {
    let row = |judged: &Judged| {
        let cells = judged.cells.iter();
        let figures: Vec<String> = cells
            .map(|cell| format!("{}: {} ({})", cell.implementation, cell.finding.word(), cell.figure))
            .chain(judged.why.clone())
            .collect();
        let number = judged.number.to_string();
        vec![number, judged.claim.to_owned(), judged.verdict.word().to_owned(), figures.join("; ")]
    };
    let rows: Vec<Vec<String>> = judged.iter().map(row).collect();
    output::table(Format::Markdown, &["#", "claim", "verdict", "measured"], &rows)
}

/// How many of each verdict, what failed, and what was not tried.
fn rest(gathered: &Claims, judged: &[Judged], format: Format) -> String {
    let count = |verdict: Verdict| {
        let count = judged.iter().filter(|judged| judged.verdict == verdict).count();
        format!("{count} {}", verdict.word())
    };
    let counts = Verdict::ALL.map(count).join(", ");
    let failed = |failure: &FailedExperiment| {
        format!("failed: {} in {}: {}", failure.experiment, failure.program, failure.why)
    };
    let mut text = format!("\n{} claims: {counts}\n", judged.len());
    text += &output::bullets(format, gathered.failures.iter().map(failed));
    if !gathered.evidence.iter().any(|one| one.implementation.starts_with("go1.")) {
        text.extend(["\n", NO_GO, "\n"]);
    }
    text
}
