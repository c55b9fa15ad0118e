//! The gate's own proof: what it calls unchanged code, known slowdowns, another link order, and faults that only
//! one of its layers can see; and what criterion and tango call the same, in the same session.
//!
//! `make gate-proof` builds what it needs and runs it: it wants a quiet machine for some hours; one part brings its own
//! noise. The table goes to stdout and, whole, to `reports/gate-proof.md`.

mod gate;
mod neighbours;
mod peers;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::gate::{Judged, Play, Programs};
use crate::neighbours::{NEIGHBOUR, Neighbours};
use crate::table::{Expected, Row};

/// Workloads and map on which the gate is proved.
const WORKLOADS: [&str; 2] = ["fifo-window", "steady-uniform"];
const MAP: &str = "hashbrown";
/// Maps that are judged beside neighbours: one without allocations, one with many, one that never uses a slot again.
const BESIDE_NEIGHBOURS: [&str; 3] = [MAP, "go-hash-trie", "go-classic-no-reuse"];
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
    neighbours: u32,
    criterion: u32,
    tango: u32,
}

const WHOLE: Repeats = Repeats {
    same: 300,
    three: 100,
    eight: 50,
    layouts: 20,
    rehash: 10,
    neighbours: 300,
    criterion: 10,
    tango: 100,
};
/// To see that the proof itself works.
const QUICK: Repeats =
    Repeats { same: 4, three: 4, eight: 2, layouts: 2, rehash: 2, neighbours: 6, criterion: 2, tango: 4 };

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

/// The parts of the proof. Each keeps its rows beside the programs; the page is made of all that are there.
const PARTS: [&str; 7] = ["same", "three", "eight", "layouts", "faults", "neighbours", "peers"];

fn prove() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [NEIGHBOUR, kind, folder] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        neighbours::behave(kind, Path::new(folder));
    }
    let (quick, named): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|argument| *argument == "--quick");
    let parts = PARTS.join("|");
    ensure!(named.iter().all(|part| PARTS.contains(part)), "usage: gate-proof [--quick] [{parts}]...");
    let repeats = if quick.is_empty() { WHOLE } else { QUICK };
    let programs = Programs::beside(&place()?)?;
    let mut met = true;
    for part in PARTS.into_iter().filter(|part| named.is_empty() || named.contains(part)) {
        let mut text = String::new();
        for row in judge(part, &programs, repeats)? {
            eprintln!("{row}");
            met &= row.met != Some(false);
            text = format!("{text}{row}\n");
        }
        write(&programs.rows(part), &text)?;
    }
    let rows: String =
        PARTS.iter().filter_map(|part| std::fs::read_to_string(programs.rows(part)).ok()).collect();
    let text = table::whole(&rows, &gate::machine()?);
    if quick.is_empty() {
        write(Path::new("reports/gate-proof.md"), &text)?;
    }
    print!("{text}");
    Ok(met)
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

fn judge(part: &str, programs: &Programs, repeats: Repeats) -> Result<Vec<Row>> {
    let slower = |percent: u32, times: u32, share: f64| {
        let work = programs.calibrate(WORKLOADS[0], MAP, f64::from(percent) / 100.0)?;
        let judged = programs.gate(&Play::of(WORKLOADS[0], MAP).times(times).inject_work(work))?;
        Ok(vec![Row::slower("gate", &format!("{percent} % of work added"), &judged, share)])
    };
    match part {
        "same" => {
            let mut same = Judged::default();
            for workload in WORKLOADS {
                same.rounds.extend(programs.gate(&Play::of(workload, MAP).times(repeats.same / 2))?.rounds);
            }
            Ok(vec![Row::same("gate", "same program", &same, repeats.same / 100)])
        }
        "three" => slower(3, repeats.three, 0.95),
        "eight" => slower(8, repeats.eight, 1.0),
        "layouts" => {
            let layout = Play::of(WORKLOADS[0], MAP).times(repeats.layouts);
            Ok(vec![Row::same(
                "gate",
                "two link orders of one source",
                &programs.between_layouts(&layout)?,
                0,
            )])
        }
        "faults" => {
            let rehash = Play::of(REBUILT, "canary-slow-rehash").against("canary-even-rehash");
            let oversized = programs.exact(REBUILT, "canary-oversized", "canary-fitting")?;
            let rehash = programs.gate(&rehash.times(repeats.rehash))?;
            Ok(vec![Row::rehash(&rehash), Row::oversized(&oversized)])
        }
        "neighbours" => beside_neighbours(programs, repeats.neighbours),
        _ => peers::rows(&place()?, repeats),
    }
}

/// The same program on maps of many kinds, and 3 % of work added, while other work comes and goes.
fn beside_neighbours(programs: &Programs, times: u32) -> Result<Vec<Row>> {
    // Calibrated while nobody else is here: what is added must be known.
    let work = programs.calibrate(WORKLOADS[0], MAP, 0.03)?;
    let _neighbours = Neighbours::invite(&place()?.join("gate-proof"), 1)?;
    let mut same = Judged::default();
    let cases = u32::try_from(WORKLOADS.len() * BESIDE_NEIGHBOURS.len()).unwrap_or(u32::MAX);
    for workload in WORKLOADS {
        for map in BESIDE_NEIGHBOURS {
            let play = Play::of(workload, map).times(times / cases);
            same.rounds.extend(programs.gate(&play)?.rounds);
        }
    }
    let slower = programs.gate(&Play::of(WORKLOADS[0], MAP).times(times / 3).inject_work(work))?;
    let beside = |case: &str| format!("{case}, beside neighbours");
    Ok(vec![
        Row::beside("gate", &beside("same program"), &same, Expected::Same(times.div_ceil(100))),
        Row::beside("gate", &beside("3 % of work added"), &slower, Expected::Slower(0.9)),
    ])
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
