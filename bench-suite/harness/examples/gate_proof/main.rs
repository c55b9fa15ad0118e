//! The gate's own proof: what it calls unchanged code, known slowdowns, another link order, and faults that only
//! one of its layers can see; and what criterion and tango call the same, in the same session.
//!
//! `make gate-proof` builds what it needs and runs it: it wants a quiet machine for most of an hour. The table goes
//! to stdout and, whole, to `reports/gate-proof.md`.

mod gate;
mod peers;
mod table;

use std::path::{Path, PathBuf};
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
    Repeats { same: 300, three: 100, eight: 50, layouts: 20, rehash: 10, criterion: 5, tango: 100 };
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

/// The two halves of the proof. Each keeps its rows beside the programs; the page is made when both are there.
const STAGES: [&str; 2] = ["gate", "peers"];

fn prove() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (quick, rest): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|argument| *argument == "--quick");
    ensure!(
        rest.len() < 2 && rest.iter().all(|stage| STAGES.contains(stage)),
        "usage: gate-proof [--quick] [gate|peers]"
    );
    let repeats = if quick.is_empty() { WHOLE } else { QUICK };
    let programs = Programs::beside(&place()?)?;
    let mut met = true;
    for stage in STAGES.into_iter().filter(|stage| rest.is_empty() || rest.contains(stage)) {
        let mut text = String::new();
        let mut push = |row: Row| {
            eprintln!("{row}");
            met &= row.met != Some(false);
            text = format!("{text}{row}\n");
        };
        if stage == "gate" {
            of_gate(&programs, repeats, &mut push)?;
        } else {
            peers::rows(&place()?, repeats, &mut push)?;
        }
        write(&programs.rows(stage), &text)?;
    }
    let rows: Option<String> =
        STAGES.iter().map(|stage| std::fs::read_to_string(programs.rows(stage)).ok()).collect();
    let text = table::whole(&rows.unwrap_or_default(), &gate::machine()?);
    if quick.is_empty() {
        write(Path::new("reports/gate-proof.md"), &text)?;
    }
    print!("{text}");
    Ok(met)
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

fn of_gate(programs: &Programs, repeats: Repeats, push: &mut impl FnMut(Row)) -> Result<()> {
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
    Ok(())
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
