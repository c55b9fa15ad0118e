//! What the suite itself costs: prints each figure beside its target. `cargo bench -p churnmark --bench
//! own_cost`, after `cargo build --release -p churnmark-maps`.
//!
//! Everything is measured as a user measures it: by child processes that play tapes. Passes that are compared
//! take turns; a figure is the median over the rounds, in brackets the range, which covers the true median
//! with 1 - 2^(1-rounds).

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use formats::observation::{Observation, PhaseTimes, Reading};
use formats::workload::Workload;

const ROUNDS: usize = 7;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<()> {
    let bench = Bench::new()?;
    println!("{:<64} {:>8}  {:<18} target", "", "median", "range");
    bench.null()?;
    bench.latency()?;
    bench.slots()
}

/// The subject programs, and a folder for tapes.
struct Bench {
    programs: PathBuf,
    tapes: tempfile::TempDir,
}

/// One child's pass.
struct Seen {
    observation: Observation,
    /// Life of the child, s.
    seconds: f64,
}

impl Bench {
    fn new() -> Result<Self> {
        let deps = std::env::current_exe()?;
        let programs = deps.ancestors().nth(2).context("a bench lies in target/release/deps")?.to_owned();
        let program = programs.join("churnmark-maps");
        ensure!(
            program.is_file(),
            "{}: not built; cargo build --release -p churnmark-maps",
            program.display()
        );
        Ok(Self { programs, tapes: tempfile::tempdir()? })
    }

    /// The loop around a map that does nothing.
    fn null(&self) -> Result<()> {
        let paired = self.tape("paired", 100_000, 4_000_000, "insert = 50, remove = 50", "paired")?;
        let random = self.tape(
            "random",
            100_000,
            4_000_000,
            "insert = 25, remove = 25, get = 25, update = 25",
            "random",
        )?;
        let mut figures = [vec![], vec![]];
        for _ in 0..ROUNDS {
            for (tape, figures) in [&paired, &random].into_iter().zip(&mut figures) {
                figures.push(self.churn_ns("null", "throughput", tape)?);
            }
        }
        let mispredicted = differences(&figures[1], &figures[0]);
        print("null, throughput pass, paired churn: ns an operation", &figures[0], Some(3.0));
        print("  what a random mix adds by mispredicted branches", &mispredicted, None);
        Ok(())
    }

    /// What taking the time of every operation adds.
    fn latency(&self) -> Result<()> {
        for (map, live) in
            [("null", 100_000), ("hashbrown", 1_000), ("hashbrown", 10_000), ("hashbrown", 100_000)]
        {
            let tape = self.tape("steady", live, 2_000_000, "insert = 50, remove = 50", "paired")?;
            let (mut with, mut without) = (vec![], vec![]);
            for _ in 0..ROUNDS {
                with.push(self.churn_ns(map, "latency", &tape)?);
                without.push(self.churn_ns(map, "throughput", &tape)?);
            }
            let text = format!("latency pass over throughput pass, {map}, {live} live: ns");
            print(&text, &differences(&with, &without), Some(15.0));
        }
        Ok(())
    }

    /// What watching slots adds to the whole pass, and what memory it takes.
    fn slots(&self) -> Result<()> {
        for (live, ops, rounds, target) in
            [(100_000, 4_000_000, ROUNDS, 150.0), (10_000_000, 10_000_000, 3, 300.0)]
        {
            let tape = self.tape("slots", live, ops, "insert = 50, remove = 50", "paired")?;
            let (mut cost, mut memory) = (vec![], vec![]);
            for _ in 0..rounds {
                let with = self.play("hashbrown", "slots", &tape)?;
                let without = self.play("hashbrown", "throughput", &tape)?;
                cost.push((with.seconds - without.seconds) * 1e9 / (live + ops) as f64);
                let Reading::Slots(slots) = with.observation.reading else { continue };
                memory.push(slots.shadow_bytes as f64 / slots.map_bytes as f64);
            }
            print(
                &format!("slots pass over throughput pass, hashbrown, {live} live: ns"),
                &cost,
                Some(target),
            );
            print("  its memory, as a share of the map's", &memory, Some(0.1));
        }
        Ok(())
    }

    fn tape(&self, name: &str, live: u64, ops: u64, mix: &str, order: &str) -> Result<PathBuf> {
        let text = format!(
            "name = \"{name}\"\nwhy = \"The suite's own cost.\"\nlive = {live}\nops = {ops}\nmix = {{ {mix} }}\norder = \"{order}\"\n"
        );
        let file = self.tapes.path().join(format!("{name}-{live}.tape"));
        if !file.is_file() {
            generator::generate(&Workload::parse(&text, Path::new(name))?)?.write(&file)?;
        }
        Ok(file)
    }

    fn play(&self, map: &str, collector: &str, tape: &Path) -> Result<Seen> {
        let program = if collector == "slots" { "churnmark-maps-counted" } else { "churnmark-maps" };
        let start = Instant::now();
        let output = Command::new(self.programs.join(program))
            .args(["play", "--map", map, "--collector", collector, "--tape"])
            .arg(tape)
            .output()?;
        let seconds = start.elapsed().as_secs_f64();
        ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(Seen { observation: serde_json::from_slice(&output.stdout)?, seconds })
    }

    /// The median slice of the churn, ns an operation.
    fn churn_ns(&self, map: &str, collector: &str, tape: &Path) -> Result<f64> {
        let times = match self.play(map, collector, tape)?.observation.reading {
            Reading::Throughput(throughput) => throughput.phases,
            Reading::Latency(latency) => latency.times,
            other => anyhow::bail!("{:?} takes no times", other.collector()),
        };
        let churn = times.iter().filter(|phase: &&PhaseTimes| phase.phase == "churn");
        let slices: Vec<f64> = churn
            .flat_map(|phase| phase.threads.iter().flatten())
            .map(|slice| slice.wall_ns as f64 / slice.ops as f64)
            .collect();
        Ok(median(&slices))
    }
}

/// Differences of figures that were taken in turns.
fn differences(with: &[f64], without: &[f64]) -> Vec<f64> {
    with.iter().zip(without).map(|(with, without)| with - without).collect()
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

fn print(what: &str, figures: &[f64], target: Option<f64>) {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = format!("[{least:.2}, {most:.2}]");
    let verdict = target.map_or(String::new(), |target| {
        let verdict = if median(figures) <= target { "met" } else { "missed" };
        format!("<= {target:.2}: {verdict}")
    });
    println!("{what:<64} {:>8.2}  {range:<18} {verdict}", median(figures));
}
