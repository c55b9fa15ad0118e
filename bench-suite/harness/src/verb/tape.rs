//! `tape`: what a child gets to play.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use formats::tape::{Header, Kind, Tape};

use crate::catalogue::Catalogue;
use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::tapes::Tapes;

/// What to show of which tape.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of the workload, or a glob
    name: String,
    /// Number of operations to show for each thread
    #[arg(long, value_name = "N", default_value_t = 20)]
    ops: usize,
    /// Write the tape itself to this file, as child processes read it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Multiply live entries and operations by this factor
    #[arg(long, value_name = "FACTOR", value_parser = crate::select::scale)]
    scale: Option<f64>,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let patterns = std::slice::from_ref(&args.name);
    let catalogue = Catalogue::read(&places.workloads()?, patterns)?;
    let entries = catalogue.choose(patterns, args.scale)?;
    let tapes = Tapes::open()?;
    tapes.have_room(&entries)?;
    for entry in entries {
        let (_, tape) = tapes.get(&entry)?;
        if let Some(file) = &args.out {
            tape.write(file)?;
        }
        let text = match args.format {
            Format::Json => serde_json::to_string(tape.header()).context("a header is JSON")? + "\n",
            Format::Text | Format::Markdown => describe(&tape, args),
        };
        output::print(&text)?;
    }
    Ok(catalogue.status(ExitStatus::Success))
}

/// Live entries at some places of the tape, the most among them.
fn live(header: &Header) -> Vec<Vec<String>> {
    /// As many as are read at a glance.
    const PLACES: usize = 9;
    let live = &header.executed.live;
    let last = live.len().saturating_sub(1);
    let mut places: BTreeSet<usize> = (0..PLACES).map(|at| at * last / (PLACES - 1)).collect();
    places.extend((0..live.len()).max_by_key(|at| live[*at]));
    let after = |at: usize| header.ops() as f64 * at as f64 / last.max(1) as f64;
    let row = |at: usize| Some(vec![format!("{:.0}", after(at)), live.get(at)?.to_string()]);
    places.into_iter().filter_map(row).collect()
}

fn describe(tape: &Tape, args: &Args) -> String {
    let header = tape.header();
    let mut text = format!("{}  {} operations  id {}\n", header.workload, tape.len(), tape.id());
    if let Some(schedule) = header.schedule() {
        let _ = writeln!(text, "{schedule}: {:.1} s", header.scheduled_seconds());
    }
    if let Some(bound) = header.bound {
        let _ = writeln!(text, "bounded to {bound} entries: which of them live, each cache decides");
    }
    let mut threads = 0..;
    for role in &header.roles {
        let numbers: Vec<String> =
            threads.by_ref().take(role.threads as usize).map(|thread: usize| thread.to_string()).collect();
        let _ = writeln!(text, "{}: thread {}", role.name, numbers.join(", "));
    }
    let phases = header.phases.iter().map(|phase| {
        let counts = if phase.counts { "yes" } else { "no" };
        let mut row = vec![phase.name.clone(), counts.into(), format!("{:?}", phase.ops)];
        row.extend(header.paces_differ().then(|| header.pace_of(phase).to_string()));
        row
    });
    let mut of_phase = vec!["phase", "counts", "operations of each thread"];
    of_phase.extend(header.paces_differ().then_some("pace"));
    let executed = &header.executed;
    let rows: Vec<Vec<String>> = Kind::ALL
        .iter()
        .zip(executed.kinds)
        .enumerate()
        .filter(|(_, (_, count))| *count > 0)
        .map(|(index, (kind, count))| {
            let hits = executed.hits.map_or("?".into(), |hits| hits[index].to_string());
            vec![kind.name().into(), count.to_string(), hits]
        })
        .collect();
    let tables = [
        output::table(args.format, &of_phase, &phases.collect::<Vec<_>>()),
        output::table(args.format, &["kind", "operations", "of a live entry"], &rows),
        output::table(args.format, &["after operations", "live entries"], &live(header)),
    ];
    for table in tables {
        // Markdown ends a table with a blank line; columns of text are told apart by one too.
        text += "\n";
        text += &table;
    }
    text += "\n";
    for thread in 0..tape.threads() {
        let ops = tape.thread(thread);
        let _ = writeln!(text, "thread {thread}: the first {} of {}", args.ops.min(ops.len()), ops.len());
        for op in ops.iter().take(args.ops) {
            let _ = writeln!(text, "  {op:?}");
        }
    }
    text
}
