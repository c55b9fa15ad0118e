//! `baseline`: renews or shows the exact figures that the gate compares with.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use formats::baseline::{Baseline, Figures, Fingerprint, Moved, moved};
use formats::gate::NotCompared;

use crate::catalogue;
use crate::exit::ExitStatus;
use crate::gate::committed::{self, CommittedFiles};
use crate::gate::exact;
use crate::interrupt::Interrupt;
use crate::output::{self, Format};
use crate::places::Places;
use crate::programs::Programs;
use crate::stderr::tell;

/// What to do with the baseline.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Measure the exact figures anew, keep them, and say which changed
    Update {
        /// Why the figures may change; kept with them
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Subject program, as the gate is given it, and with it PROGRAM-counted where that stands beside it; may be
        /// repeated [default: those built with this command]
        #[arg(long = "subject", value_name = "PROGRAM")]
        subjects: Vec<PathBuf>,
        #[command(flatten)]
        files: CommittedFiles,
    },
    /// Show the committed figures, what they depend on, and why they were renewed
    Show {
        #[command(flatten)]
        files: CommittedFiles,
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    match &args.action {
        Action::Update { reason, subjects, files } => update(places, reason.trim(), subjects, files),
        Action::Show { files, format } => show(places, files, *format),
    }
}

fn update(places: &Places, reason: &str, subjects: &[PathBuf], files: &CommittedFiles) -> Result<ExitStatus> {
    ensure!(!reason.is_empty(), "--reason is empty; say in a sentence why the figures may move");
    let interrupt = Interrupt::listen()?;
    let policy = files.policy(places)?;
    let file = files.file(places);
    let previous = committed::previous(&file)?;
    let programs = Programs::of_head(subjects)?;
    let catalogue = catalogue::read(&places.workloads()?)?;
    let Some(measured) = exact::measure(&programs, &policy, &catalogue, &interrupt, 2)? else {
        tell!("churnmark: interrupted; the baseline stays as it was");
        return Ok(ExitStatus::Interrupted);
    };
    for NotCompared { workload, map, why, .. } in &measured.left_out {
        let place = [workload, map].into_iter().filter(|name| !name.is_empty());
        let place: Vec<&str> = place.map(String::as_str).collect();
        tell!("churnmark: left out: {}: {why}", place.join(" "));
    }
    if !measured.failed.is_empty() {
        tell!("churnmark: {} passes failed; the baseline stays as it was", measured.failed.len());
        return Ok(ExitStatus::Failed);
    }
    ensure!(
        measured.unknown.is_empty(),
        "the policy names maps that no program holds: {}",
        measured.unknown.join(", ")
    );
    let (figures, others) = committed::repeated(&measured, &policy);
    for sentence in others {
        tell!("churnmark: not deterministic, left out: {sentence}");
    }
    ensure!(
        !figures.is_empty(),
        "there is no figure to keep: exact figures are those of workloads for one thread, and of a program that counts"
    );
    let rows = rows(previous.as_ref(), &figures);
    if rows.is_empty() && previous.as_ref().is_some_and(|old| old.fingerprint == measured.fingerprint) {
        tell!("churnmark: nothing moved; {} stays as it was", file.display());
        return Ok(ExitStatus::Success);
    }
    let baseline = committed::renewed(previous.as_ref(), measured, figures, &policy, reason);
    baseline.write(&file)?;
    output::print(&output::table(Format::Text, &["workload", "map", "figure", "old", "new"], &rows))?;
    tell!("churnmark: {} figures moved; {} is renewed", rows.len(), file.display());
    Ok(ExitStatus::Success)
}

/// What moved, from nothing where there was none.
fn rows(previous: Option<&Baseline>, figures: &Figures) -> Vec<Vec<String>> {
    let none = Figures::new();
    let old = previous.map_or(&none, |previous| &previous.figures);
    let shown = |values: Option<&[u64]>| values.map_or_else(|| "-".into(), numbers);
    let row = |row: Moved| {
        vec![row.workload.into(), row.map.into(), row.metric.name(), shown(row.old), shown(row.new)]
    };
    moved(old, figures).into_iter().map(row).collect()
}

/// The figures of all seeds.
fn numbers(values: &[u64]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn show(places: &Places, files: &CommittedFiles, format: Format) -> Result<ExitStatus> {
    let baseline = Baseline::read(&files.file(places))?;
    if format == Format::Json {
        output::print(&baseline.text())?;
        return Ok(ExitStatus::Success);
    }
    let Fingerprint { compiler, target, allocator, maps, .. } = &baseline.fingerprint;
    let maps: Vec<String> = maps.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let conditions = [
        ("compiler", compiler.clone()),
        ("target", target.clone()),
        ("allocator", allocator.clone()),
        ("maps", maps.join(", ")),
        ("seeds", numbers(&baseline.seeds)),
    ];
    let conditions = conditions.map(|(name, value)| vec![name.into(), value]);
    let updates = baseline.updates.iter();
    let updates =
        updates.map(|update| vec![update.when.clone(), update.revision.clone(), update.reason.clone()]);
    let mut figures = Vec::new();
    for (workload, maps) in &baseline.figures {
        for (map, metrics) in maps {
            figures.extend(
                metrics.iter().map(|(metric, values)| {
                    vec![workload.clone(), map.clone(), metric.name(), numbers(values)]
                }),
            );
        }
    }
    let text = [
        output::table(format, &["condition", ""], &conditions),
        output::table(format, &["renewed", "revision", "reason"], &updates.collect::<Vec<_>>()),
        output::table(format, &["workload", "map", "figure", "for each seed"], &figures),
    ];
    output::print(&text.join("\n"))?;
    Ok(ExitStatus::Success)
}
