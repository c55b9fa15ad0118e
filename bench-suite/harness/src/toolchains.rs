//! The Go toolchains of this machine, and the subject program for Go's own maps that each of them builds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::child::{self, End, Limits};
use crate::interrupt::Interrupt;
use crate::stderr::tell;
use crate::{cache, embedded};

// `SOURCES`: name and text of every file that the program is made of.
include!(concat!(env!("OUT_DIR"), "/real_go.rs"));

/// Names toolchains: paths of `go` programs with `:` between them.
const VARIABLE: &str = "CHURNMARK_GO";

/// The folder in which `churnmark truth` keeps the toolchains that it fetched, one folder for each release.
pub(crate) const FETCHED: &str = "go";

/// The first build of a release compiles its standard library.
const BUILD_LIMITS: Limits = Limits { time: Duration::from_mins(10), stdout: 1 << 20 };

/// A `go` program that works.
#[derive(Debug)]
pub(crate) struct Toolchain {
    /// Where it is.
    pub(crate) go: PathBuf,
    /// As Go writes it: `go1.23.9`.
    pub(crate) version: String,
}

/// The subject programs for Go's own maps, one for each release of Go that is found, built if they are not yet.
/// Without Go there is none, and stderr says so in one line.
pub(crate) fn programs() -> Result<Vec<PathBuf>> {
    let toolchains = found()?;
    if toolchains.is_empty() {
        tell!(
            "churnmark: there is no Go here, so its own maps do not play: `make truth` fetches it, or name one in \
             {VARIABLE}"
        );
    }
    toolchains.iter().map(Toolchain::build).collect()
}

/// The toolchains of this machine, one for each release: those that are named, that were fetched, and the one on PATH.
pub(crate) fn found() -> Result<Vec<Toolchain>> {
    let mut toolchains: Vec<Toolchain> = Vec::new();
    for go in named() {
        add(&mut toolchains, Toolchain::of(&go).with_context(|| format!("{VARIABLE} names a Go"))?);
    }
    for go in fetched().into_iter().chain(on_path()) {
        match Toolchain::of(&go) {
            Ok(toolchain) => add(&mut toolchains, toolchain),
            Err(error) => tell!("churnmark: a Go is skipped: {}", crate::exit::told(&error)),
        }
    }
    Ok(toolchains)
}

/// Adds a toolchain unless there is one of its release.
fn add(toolchains: &mut Vec<Toolchain>, new: Toolchain) {
    if toolchains.iter().all(|known| known.version != new.version) {
        toolchains.push(new);
    }
}

fn named() -> Vec<PathBuf> {
    let named = std::env::var_os(VARIABLE).unwrap_or_default();
    std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// The toolchains that were fetched, by name of their folder.
fn fetched() -> Vec<PathBuf> {
    let Some(releases) = cache::folder(FETCHED).and_then(|folder| folder.read_dir().ok()) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> =
        releases.flatten().map(|release| release.path().join("bin/go")).filter(|go| go.is_file()).collect();
    found.sort();
    found
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("go")).find(|go| go.is_file())
}

/// A command of this toolchain that fetches nothing and leaves nothing outside of `folder`.
pub(crate) fn command(go: &Path, folder: &Path) -> Command {
    let mut command = Command::new(go);
    command.envs([("GOFLAGS", "-mod=mod"), ("GOTOOLCHAIN", "local"), ("GOENV", "off"), ("GOWORK", "off")]);
    command.env("CGO_ENABLED", "0").env("GO111MODULE", "on");
    command.env("GOCACHE", folder.join("cache")).env("GOPATH", folder.join("path"));
    command
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn run(command: Command, what: &str) -> Result<String> {
    let finished = child::run(command, BUILD_LIMITS, &Interrupt::default())?;
    let good = matches!(finished.end, End::Exited(status) if status.success());
    ensure!(good, "{what} failed: {}", finished.stderr.trim());
    Ok(String::from_utf8_lossy(&finished.stdout).trim().into())
}

/// The folder of what Go builds.
pub(crate) fn workshop() -> Result<PathBuf> {
    cache::folder("real-go")
        .context("there is no place to build Go programs: neither a build folder nor a cache")
}

impl Toolchain {
    fn of(go: &Path) -> Result<Self> {
        let mut asked = command(go, &workshop()?);
        asked.args(["env", "GOVERSION"]);
        let version = run(asked, &format!("`{} env GOVERSION`", go.display()))?;
        let is_one = version.strip_prefix("go1.").is_some_and(|rest| rest.starts_with(char::is_numeric));
        ensure!(is_one, "`{}` says that it is `{version}`; wanted is Go 1.19 or later", go.display());
        let version = version.split(' ').next().unwrap_or_default().into();
        Ok(Self { go: go.into(), version })
    }

    /// The second part of its version: 23 of `go1.23.9`.
    pub(crate) fn minor(&self) -> u32 {
        let rest = self.version.strip_prefix("go1.").unwrap_or_default();
        let digits = rest.find(|mark: char| !mark.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().unwrap_or(0)
    }

    /// The program, built by this toolchain from the sources in this binary.
    fn build(&self) -> Result<PathBuf> {
        let folder = workshop()?;
        let digest = embedded::digest(&SOURCES);
        let program = folder.join(format!("{}-{digest}", self.version));
        if program.is_file() {
            return Ok(program);
        }
        let sources = folder.join(format!("source-{digest}"));
        embedded::write(&SOURCES, &sources)?;
        tell!("churnmark: {} builds the program for its maps", self.version);
        // Renamed when whole: another churnmark may build the same.
        let part = folder.join(format!("{}-{digest}.part{}", self.version, std::process::id()));
        let mut build = command(&self.go, &folder);
        build.current_dir(&sources).args(["build", "-o"]).arg(&part).arg(".");
        run(build, &format!("building with {}", self.version))?;
        std::fs::rename(&part, &program)
            .with_context(|| format!("`{}` cannot be kept", program.display()))?;
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told_by_its_second_number() {
        let minor = |version: &str| Toolchain { go: PathBuf::new(), version: version.into() }.minor();
        assert_eq!(["go1.19", "go1.23.9", "go1.27rc2"].map(minor), [19, 23, 27]);
    }

    #[test]
    fn the_sources_are_whole() {
        let names: Vec<&str> = SOURCES.iter().map(|(name, _)| *name).collect();
        for name in ["go.mod", "main.go", "play.go", "ticks_amd64.s"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert!(!names.iter().any(|name| name.ends_with("_test.go")), "{names:?}");
    }
}
