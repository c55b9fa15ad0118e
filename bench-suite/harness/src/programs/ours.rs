//! The suite's own programs: beside this one, or, where it was installed alone, built once from the sources that are
//! part of it and kept.
//!
//! They are built by themselves, as everywhere: no feature that this program wants of a crate reaches the measured code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::child::{self, End, Limits};
use crate::interrupt::Interrupt;
use crate::stderr::tell;
use crate::{cache, embedded};

// `PROGRAM_SOURCES`: path and text of every file that they are built from.
include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// The programs of the suite's own maps: each looks at a map with another allocator.
const MAPS: [&str; 2] = ["churnmark-maps", "churnmark-maps-counted"];
/// The programs of the same maps on other allocators.
pub(super) const ON_ALLOCATORS: [&str; 2] = ["churnmark-maps-mimalloc", "churnmark-maps-system"];
/// The program of the article.
const ARTICLE: &str = "churnmark-article";
/// The packages that they are in.
const PACKAGES: [&str; 2] = ["churnmark-maps", "churnmark-article"];

/// Compiling every dependency on a slow machine.
const BUILD_LIMITS: Limits = Limits { time: Duration::from_hours(2), stdout: 1 << 20 };

/// The programs of the suite's own maps.
pub(crate) fn maps() -> Result<Vec<PathBuf>> {
    MAPS.iter().map(|name| ours(name, ", or give a program with --subject")).collect()
}

/// Those on other allocators that are there.
pub(super) fn on_allocators() -> Vec<PathBuf> {
    ON_ALLOCATORS.iter().filter_map(|name| ours(name, "").ok()).collect()
}

/// The program that makes the article's experiments, replays recordings and shows tables.
pub(crate) fn article() -> Result<PathBuf> {
    ours(ARTICLE, "")
}

fn ours(name: &str, or: &str) -> Result<PathBuf> {
    let here = std::env::current_exe().context("the place of this program is unknown")?;
    let folder = here.parent().unwrap_or(Path::new("."));
    let beside = folder.join(name);
    if beside.is_file() {
        return Ok(beside);
    }
    let missing = || format!("there is no `{name}` in {}", folder.display());
    // A build for tests has no sources with it.
    let in_place = cache::build_folder().is_some() || cfg!(debug_assertions);
    if in_place {
        bail!("{}: build it (cargo build --release){or}", missing());
    }
    let built = built().with_context(|| format!("{}, and it cannot be built{or}", missing()))?;
    Ok(built.join(name))
}

/// The folder of the programs that were built for an installed churnmark.
fn built() -> Result<PathBuf> {
    let digest = if PROGRAM_SOURCES.is_empty() {
        env!("CARGO_PKG_VERSION").into()
    } else {
        embedded::digest(&PROGRAM_SOURCES)
    };
    // Another compiler makes other programs.
    let compiler = env!("CHURNMARK_RUSTC").replace(|mark: char| !mark.is_ascii_alphanumeric(), "-");
    embedded::kept("programs", &format!("{digest}-{compiler}"), |folder| {
        same_compiler()?;
        tell!("churnmark: building its measured programs, once: this takes minutes");
        if PROGRAM_SOURCES.is_empty() { from_registry(folder) } else { from_sources(folder) }
    })
}

/// A session says of the compiler of this program that it built the measured ones.
fn same_compiler() -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.arg("--version");
    let said = run(rustc, "`rustc --version`")?;
    let ours = env!("CHURNMARK_RUSTC");
    ensure!(said == ours, "this churnmark was built by {ours}, and here is {said}: install it again");
    Ok(())
}

/// Builds the sources that are part of this program, with the versions of their lock file.
fn from_sources(folder: &Path) -> Result<()> {
    let (source, target) = (folder.join("source"), folder.join("target"));
    embedded::write(&PROGRAM_SOURCES, &source)?;
    for package in PACKAGES {
        let mut cargo = cargo(&target);
        cargo.args(["build", "--release", "--package", package]).current_dir(&source);
        run(cargo, &format!("building {package}"))?;
    }
    for name in MAPS.iter().chain(&ON_ALLOCATORS).chain([&ARTICLE]) {
        let (from, to) = (target.join("release").join(name), folder.join(name));
        fs::rename(&from, &to).with_context(|| format!("`{}` cannot be kept", from.display()))?;
    }
    // Some hundred MiB that nobody needs again.
    for left in [source, target] {
        fs::remove_dir_all(&left).with_context(|| format!("`{}` cannot be removed", left.display()))?;
    }
    Ok(())
}

/// Installs the packages of the same version, where this one came from a registry.
fn from_registry(folder: &Path) -> Result<()> {
    let target = folder.join("target");
    for package in PACKAGES {
        let mut cargo = cargo(&target);
        cargo.args(["install", "--locked", "--no-track", "--root"]).arg(folder);
        cargo.arg(format!("{package}@={}", env!("CARGO_PKG_VERSION")));
        run(cargo, &format!("installing {package}"))?;
    }
    for name in MAPS.iter().chain(&ON_ALLOCATORS).chain([&ARTICLE]) {
        let from = folder.join("bin").join(name);
        fs::rename(&from, folder.join(name))
            .with_context(|| format!("`{}` cannot be kept", from.display()))?;
    }
    fs::remove_dir_all(&target).with_context(|| format!("`{}` cannot be removed", target.display()))
}

/// Cargo, whatever the user has set for the builds of his own.
fn cargo(target: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.env("CARGO_TARGET_DIR", target).env_remove("CARGO_BUILD_TARGET");
    cargo
}

/// Runs a command to its end and gives what it printed.
fn run(command: Command, what: &str) -> Result<String> {
    let finished = child::run(command, BUILD_LIMITS, &Interrupt::default())?;
    let good = matches!(finished.end, End::Exited(status) if status.success());
    ensure!(good, "{what} failed: {}", finished.stderr.trim());
    Ok(String::from_utf8_lossy(&finished.stdout).trim().into())
}
