//! A made-up session of 30 maps, 12 workloads and all collectors, and what its report costs beside what it may:
//! `large write FOLDER`, then `large report FOLDER`, each in a process of its own so that the memory is that of the
//! report. `large flame` draws the flamegraph of a made-up profile of a million samples.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use formats::observation::Stacks;
use formats::session::{PACKED_RUNS_FILE, RUNS_FILE, Session, pack};
use report::Report;
use report::export::Form;

/// What the report of such a session may take.
const SECONDS: f64 = 2.0;
const MEMORY_MIB: f64 = 400.0;
const PAGE_MB: f64 = 6.0;
/// What the flamegraph of a million samples may take.
const FLAME_SECONDS: f64 = 0.5;
/// What a session may take on the disk, with its report.
const DISK_MB: f64 = 25.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", folder] => write(Path::new(folder)),
        ["report", folder] => measure(Path::new(folder)),
        ["flame"] => flame(),
        _ => Err("wanted is `write FOLDER`, `report FOLDER` or `flame`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("large: {error}");
            ExitCode::from(2)
        }
    }
}

fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    let maps: Vec<String> = (1..=30).map(|at| format!("map-{at}")).collect();
    let loads: Vec<String> = (1..=12).map(|at| format!("load-{at}")).collect();
    let maps: Vec<&str> = maps.iter().map(String::as_str).collect();
    let loads: Vec<&str> = loads.iter().map(String::as_str).collect();
    let session = sample::sized(&maps, &loads, 5, 60);
    fs::create_dir_all(folder)?;
    session.manifest.write(folder)?;
    let lines: String = session.runs.iter().map(formats::run::Run::line).collect();
    fs::write(folder.join(RUNS_FILE), lines)?;
    Ok(pack(folder)?)
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (start, mut last) = (Instant::now(), Instant::now());
    let mut step = |what: &str| {
        println!("{what:24} {:6.2} s", last.elapsed().as_secs_f64());
        last = Instant::now();
    };
    let session = Session::read(folder)?;
    step("read");
    let mut report = Report::of(&session);
    step("arrange");
    let page = report.page(None);
    step("page");
    let data = report.data_files();
    step("data files");
    let flamegraphs = report.flamegraphs();
    step("flamegraphs");
    let summary = report.summary();
    step("summary");
    let memory = peak_mib()?;
    let time = start.elapsed().as_secs_f64();
    let bytes = |files: &[(String, Vec<u8>)]| files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    let runs = usize::try_from(fs::metadata(folder.join(PACKED_RUNS_FILE))?.len())?;
    let disk = runs + page.len() + summary.len() + bytes(&data);
    println!(
        "{} files of flamegraphs; runs {:.1} MB, page {:.1} MB, data {:.1} MB",
        flamegraphs.len(),
        mb(runs),
        mb(page.len()),
        mb(bytes(&data))
    );
    against("time", time, SECONDS, "s");
    against("memory", memory, MEMORY_MIB, "MiB");
    against("page", mb(page.len()), PAGE_MB, "MB");
    against("session on disk", mb(disk), DISK_MB, "MB");
    let (mut files, mut exported) = (0, 0);
    for (_, bytes) in report.exports(&Form::ALL) {
        (files, exported) = (files + 1, exported + bytes.len());
    }
    step("exports");
    println!(
        "{files} exports of {:.1} MB, when asked for; memory with them {:.1} MiB",
        mb(exported),
        peak_mib()?
    );
    Ok(())
}

/// Twenty thousand different stacks, 8 to 40 frames deep, fifty samples each.
fn flame() -> Result<(), Box<dyn Error>> {
    use std::fmt::Write;
    let mut folded = String::new();
    for stack in 0_u64..20_000 {
        folded.push_str("play::play");
        for depth in 1..8 + stack % 33 {
            // Frames near the root are shared by many stacks, those near the end by few.
            let function = stack.wrapping_mul(0x9E37_79B9) >> (33 - depth.min(24));
            write!(folded, ";maps::table::Table<u64, [u8; 8]>::step{}", function % 4001)?;
        }
        writeln!(folded, " 50")?;
    }
    let (hz, cpu_ns, profile) = (199, 5_025_125_628_141, String::new());
    let stacks = Stacks { hz, samples: 1_000_000, outside: 0, cpu_ns, plays: 1, folded, profile };
    let start = Instant::now();
    let files = report::flame::of("load", "map", &stacks);
    against("flamegraph", start.elapsed().as_secs_f64(), FLAME_SECONDS, "s");
    println!("{:.1} MB of stacks, a drawing of {:.1} MB", mb(files.folded.len()), mb(files.svg.len()));
    Ok(())
}

fn mb(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn against(what: &str, figure: f64, target: f64, unit: &str) {
    let verdict = if figure <= target { "within" } else { "ABOVE" };
    println!("{what:24} {figure:6.1} {unit}, {verdict} the {target} {unit} that it may take");
}

/// The most memory that this process had, MiB.
fn peak_mib() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    let kib: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
    Ok(kib / 1024.0)
}
