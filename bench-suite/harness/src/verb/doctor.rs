//! `doctor`: whether this machine can be trusted with timings, and what is missing.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use formats::history::{HISTORY_FILE, History};
use formats::session::{Machine, Noise};
use formats::shown::shown;
use rustix::time::{ClockId, clock_getres};
use serde::Serialize;

use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::{machine, noise};

/// How to show it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Seconds for which the noise floor is watched
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = super::seconds)]
    time: f64,
}

/// What the suite can make use of, and how to get it.
const TOOLS: [(&str, &str, &str); 4] = [
    ("git", "names the revision in a session", "apt-get install git"),
    ("chromium", "the tests look at the report through it", "apt-get install chromium"),
    ("go", "`go tool pprof` reads flamegraphs/*.pb.gz", "apt-get install golang-go, or https://go.dev/dl"),
    ("valgrind", "counts instructions", "apt-get install valgrind"),
];

/// Free space below which a session may not fit.
const DISK_NEEDED: u64 = 2 << 30;

/// Everything that was looked at.
#[derive(Debug, Serialize)]
struct Diagnosis {
    machine: Machine,
    /// Whether the time stamp counter runs at one rate and never stops.
    invariant_tsc: bool,
    /// Ticks of the kernel a second, as its coarse clock shows them.
    tick_hz: f64,
    /// What decides the processor's frequency; empty when the machine does not show it.
    governor: String,
    /// Processes that wanted to run in the last minute.
    load: f64,
    noise: Noise,
    /// Where the history of gates is, and how much there is of it.
    history: String,
    /// Bytes free where sessions are kept.
    free_disk: u64,
    /// Tools that are not there, and how to get them.
    missing: Vec<String>,
    /// Reasons not to trust timings; none is good.
    doubts: Vec<String>,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let diagnosis = Diagnosis::make(places, Duration::from_secs_f64(args.time));
    output::print(&match args.format {
        Format::Json => serde_json::to_string(&diagnosis).context("a diagnosis is JSON")? + "\n",
        format => diagnosis.show(format),
    })?;
    Ok(ExitStatus::Success)
}

impl Diagnosis {
    fn make(places: &Places, time: Duration) -> Self {
        let flags = machine::colon_field("/proc/cpuinfo", "flags");
        let has = |flag: &str| flags.split(' ').any(|known| known == flag);
        let tick = clock_getres(ClockId::MonotonicCoarse);
        let load = machine::line("/proc/loadavg");
        let mut diagnosis = Self {
            machine: machine::describe(),
            invariant_tsc: has("constant_tsc") && has("nonstop_tsc"),
            tick_hz: 1e9 / (tick.tv_sec as f64 * 1e9 + tick.tv_nsec as f64),
            governor: machine::line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            load: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
            noise: noise::measure(time),
            history: history(&places.reports.join(HISTORY_FILE)),
            free_disk: free_disk(&places.reports),
            missing: TOOLS.iter().filter(|(tool, ..)| !on_path(tool)).map(missing).collect(),
            doubts: Vec::new(),
        };
        diagnosis.doubts = diagnosis.doubts();
        diagnosis
    }

    fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let noise = &self.noise;
        if noise.lost_percent > 1.0 {
            doubts.push(format!("{:.1} % of a busy thread's time is lost in pauses", noise.lost_percent));
        }
        if noise.longest_us > 2_000.0 {
            doubts.push(format!("a busy thread was paused for {:.1} ms", noise.longest_us / 1e3));
        }
        if self.load > self.machine.cores as f64 * 0.5 {
            doubts.push(format!("{} processes want to run on {} cores", self.load, self.machine.cores));
        }
        if !self.governor.is_empty() && self.governor != "performance" {
            doubts.push(format!("the frequency governor is `{}`, not `performance`", self.governor));
        }
        if !self.invariant_tsc {
            doubts.push(
                "the time stamp counter is not invariant: latencies are read from the slower clock".into(),
            );
        }
        if self.machine.cores < 2 {
            doubts.push("with one core, threads take turns instead of contending".into());
        }
        doubts
    }

    fn show(&self, format: Format) -> String {
        let Self { machine, noise, .. } = self;
        let unknown =
            |text: &str| if text.is_empty() { "not shown by this machine".into() } else { text.to_string() };
        let rows = [
            ("processor", format!("{}, {} cores", unknown(&machine.cpu), machine.cores)),
            ("memory", format!("{:.1} GiB", machine.memory as f64 / f64::from(1 << 30))),
            ("kernel", format!("{}, {:.0} ticks a second", machine.kernel, self.tick_hz)),
            ("clock source", unknown(&machine.clock)),
            ("invariant TSC", if self.invariant_tsc { "yes" } else { "no" }.into()),
            ("governor", unknown(&self.governor)),
            ("load", format!("{}", self.load)),
            ("pauses above 10 µs", format!("{:.0} a second", noise.pauses_per_second)),
            ("longest pause", format!("{:.0} µs", noise.longest_us)),
            ("lost in pauses", format!("{:.2} %", noise.lost_percent)),
            ("history of gates", self.history.clone()),
            ("free disk", format!("{:.1} GiB", self.free_disk as f64 / f64::from(1 << 30))),
        ];
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
        let table = output::table(format, &["what", "found"], &rows);
        [table, self.missing_tools(format), self.verdict(format)].join("\n")
    }

    fn missing_tools(&self, format: Format) -> String {
        match self.missing.as_slice() {
            [] => "Every tool that the suite can make use of is installed.\n".into(),
            missing => format!("Not installed:\n{}", output::bullets(format, missing.to_vec())),
        }
    }

    fn verdict(&self, format: Format) -> String {
        let full = if self.free_disk < DISK_NEEDED {
            "The disk is almost full: a session and its tapes may not fit.\n"
        } else {
            ""
        };
        let trust = match self.doubts.as_slice() {
            [] => "Timings of this machine can be trusted, as far as this shows.\n".into(),
            doubts => format!(
                "Do not trust timings of this machine now; counts and bytes are not affected:\n{}",
                output::bullets(format, doubts.to_vec())
            ),
        };
        format!("{full}{trust}")
    }
}

/// Git forgets what it ignores: a machine that starts empty finds no history, unless a branch keeps it.
fn history(file: &Path) -> String {
    let place = shown(&file.display().to_string());
    let kept = "a branch keeps it: churnmark history --keep";
    match History::read(file) {
        Ok(history) => format!("{place}, {} gates; {kept}", history.entries.len()),
        Err(_) if !file.exists() => format!("{place}, none yet; {kept}, --restore"),
        Err(error) => format!("{place}, which cannot be read: {error}"),
    }
}

fn missing((tool, what_for, how): &(&str, &str, &str)) -> String {
    format!("{tool} ({what_for}): {how}")
}

fn on_path(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// Bytes free in the folder, or in the nearest one above that exists.
fn free_disk(folder: &Path) -> u64 {
    let folder = std::path::absolute(folder).unwrap_or_default();
    let found = folder.ancestors().find_map(|folder| rustix::fs::statvfs(folder).ok());
    found.map_or(0, |disk| disk.f_bavail * disk.f_frsize)
}
