//! The gate's own proof: what it calls unchanged code, known slowdowns, another link order, and faults that only
//! one of its layers can see; and what criterion and tango call the same, in the same session.
//!
//! `make gate-proof` builds what it needs and runs it: it wants a quiet machine for most of an hour. The table goes
//! to stdout and, whole, to `reports/gate-proof.md`.

mod gate;
mod peers;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::gate::{Judged, Play, Programs};
use crate::table::Row;

/// Workloads and map on which the gate is proved.
const WORKLOADS: [&str; 2] = ["fifo-window", "steady-uniform"];
const MAP: &str = "hashbrown";
/// Its table is rebuilt in the middle of its churn.
const REBUILT: &str = "load-48";

/// How often each case is judged.
#[derive(Debug, Clone, Copy)]
struct Repeats {
    same: u32,
    three: u32,
    eight: u32,
    layouts: u32,
    rehash: u32,
    criterion: u32,
    tango: u32,
}

const WHOLE: Repeats =
    Repeats { same: 300, three: 100, eight: 50, layouts: 20, rehash: 10, criterion: 12, tango: 100 };
/// To see that the proof itself works.
const QUICK: Repeats = Repeats { same: 4, three: 4, eight: 2, layouts: 2, rehash: 2, criterion: 2, tango: 4 };

fn main() -> ExitCode {
    match prove() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("gate-proof: a target is missed; the table says which");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("gate-proof: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn prove() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let repeats = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => WHOLE,
        ["--quick"] => QUICK,
        _ => anyhow::bail!("usage: gate-proof [--quick]"),
    };
    let programs = Programs::beside(&place()?)?;
    let mut rows = Vec::new();
    let mut push = |row: Row| {
        eprintln!("{row}");
        rows.push(row);
    };

    let mut same = Judged::default();
    for workload in WORKLOADS {
        same.rounds.extend(programs.gate(&Play::of(workload, MAP).times(repeats.same / 2))?.rounds);
    }
    push(Row::same("gate", "same program", &same, repeats.same / 100));
    for (percent, times, share) in [(3, repeats.three, 0.95), (8, repeats.eight, 1.0)] {
        let toil = programs.calibrate(WORKLOADS[0], MAP, f64::from(percent) / 100.0)?;
        let judged = programs.gate(&Play::of(WORKLOADS[0], MAP).times(times).toil(toil))?;
        push(Row::slower("gate", &format!("{percent} % of work added"), &judged, share));
    }
    let layout = Play::of(WORKLOADS[0], MAP).times(repeats.layouts);
    push(Row::same("gate", "two link orders of one source", &programs.between_layouts(&layout)?, 0));
    let rehash = Play::of(REBUILT, "canary-slow-rehash").against("canary-even-rehash").times(repeats.rehash);
    push(Row::rehash(&programs.gate(&rehash)?));
    push(Row::oversized(&programs.exact(REBUILT, "canary-oversized", "canary-fitting")?));

    for row in peers::rows(&place()?, repeats)? {
        push(row);
    }
    let text = table::whole(&rows, &gate::machine()?);
    let file = PathBuf::from("reports/gate-proof.md");
    if repeats.same == WHOLE.same {
        std::fs::write(&file, &text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    print!("{text}");
    Ok(rows.iter().all(|row| row.met != Some(false)))
}

/// The folder of the release programs.
fn place() -> Result<PathBuf> {
    let here = std::env::current_exe().context("the place of this program is unknown")?;
    let folder = here.ancestors().nth(2).context("this program stands in target/<profile>/examples")?;
    ensure!(
        folder.join("churnmark").is_file(),
        "there is no churnmark in {}: make gate-proof",
        folder.display()
    );
    Ok(folder.to_path_buf())
}
