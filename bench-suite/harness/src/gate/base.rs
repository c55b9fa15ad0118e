//! The programs of another commit: checked out, built as this one was, and kept.

mod inputs;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use xxhash_rust::xxh3::Xxh3;

use crate::cache;
use crate::child::{self, End, Finished, Limits};
use crate::exit::NoBase;
use crate::interrupt::Interrupt;
use crate::programs::ours;
use crate::stderr::tell;

/// A build from nothing compiles every dependency.
const BUILD_LIMITS: Limits = Limits { time: Duration::from_hours(1), stdout: 64 << 20 };
/// Everything else that is asked of git and the compiler is quick.
const QUICK: Limits = Limits { time: Duration::from_mins(5), stdout: 1 << 20 };

/// So many bases are kept: those that were used last.
const KEPT: usize = 16;

/// How the programs of a commit are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildCommand {
    /// Run by a shell in the checked-out commit, with `CARGO_TARGET_DIR` set.
    command: String,
    /// The programs, as paths within `CARGO_TARGET_DIR`.
    programs: Vec<PathBuf>,
    /// A folder of the head that is put into the commit before it is built.
    with: Option<PathBuf>,
}

/// The programs of a commit.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    /// Where they are.
    pub(crate) programs: Vec<PathBuf>,
    /// The commit, in full.
    pub(crate) revision: String,
}

impl BuildCommand {
    /// As the programs of the head were built: ours beside this one, or `subjects` by a command of the user's.
    pub(crate) fn like(subjects: &[PathBuf], command: Option<&str>, with: Option<&Path>) -> Result<Self> {
        let heads = if subjects.is_empty() { ours::maps()? } else { subjects.to_vec() };
        let programs = heads.iter().map(|head| within_target(head)).collect::<Result<Vec<_>>>()?;
        let command = match command {
            Some(command) => command.into(),
            None if subjects.is_empty() => {
                format!("cargo build --profile {} --locked --package churnmark-maps", profile(&programs[0]))
            }
            None => bail!(
                "how the base of `{}` is built is not known: say it with --base-build 'cargo build --release ...'",
                subjects[0].display()
            ),
        };
        Ok(Self { command, programs, with: with.map(Path::to_path_buf) })
    }
}

/// The path of a program within the folder that cargo builds in, which cargo marks as a cache.
fn within_target(program: &Path) -> Result<PathBuf> {
    let real = fs::canonicalize(program)
        .with_context(|| format!("the subject program `{}` cannot be read", program.display()))?;
    let target = real.ancestors().skip(1).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let within = target.and_then(|target| real.strip_prefix(target).ok());
    within.map(Path::to_path_buf).with_context(|| {
        format!(
            "`{}` stands in no folder that cargo builds in, so its base cannot be built alike: \
             build it yourself and give it with --base-program",
            program.display()
        )
    })
}

/// The profile by the folder that cargo keeps its programs in.
fn profile(program: &Path) -> String {
    match program.iter().next().map(|folder| folder.to_string_lossy()) {
        Some(folder) if folder == "debug" => "dev".into(),
        Some(folder) => folder.into_owned(),
        None => "release".into(),
    }
}

/// The full name of the commit that `reference` means, in the repository of this folder.
pub(crate) fn commit(reference: &str, interrupt: &Interrupt) -> Result<String> {
    let wanted = format!("{reference}^{{commit}}");
    let answer =
        git(Path::new("."), &["rev-parse", "--verify", "--end-of-options", &wanted], &[], interrupt)?;
    ensure!(succeeded(&answer), "there is no commit `{reference}` here: {}", answer.stderr.trim());
    Ok(line(&answer))
}

/// What git answers in the repository of this folder.
pub(crate) fn git_answer(arguments: &[&str], interrupt: &Interrupt) -> Result<String> {
    let answer = git(Path::new("."), arguments, &[], interrupt)?;
    ensure!(succeeded(&answer), "`git {}` failed: {}", arguments.join(" "), answer.stderr.trim());
    Ok(line(&answer))
}

/// The programs of a commit, from the cache or built now.
pub(crate) fn build(reference: &str, build: &BuildCommand, interrupt: &Interrupt) -> Result<Built> {
    let revision = commit(reference, interrupt)
        .map_err(|error| NoBase(format!("{error:#} (a shallow clone holds its newest commits only)")))?;
    let bases = cache::folder("bases").context("there is no place to build a base in: set XDG_CACHE_HOME")?;
    fs::create_dir_all(&bases).with_context(|| format!("{} cannot be made", bases.display()))?;
    let lock = File::create(bases.join("lock")).and_then(|lock| lock.lock().map(|()| lock));
    let _lock = lock.with_context(|| format!("{} cannot be locked", bases.display()))?;
    let kept = bases.join(key(&revision, build, interrupt)?);
    if !inputs::are_as_they_were(&kept) {
        drop(Scratch::new(kept.clone())?);
        make(&revision, build, &bases, &kept, interrupt)
            .with_context(|| format!("the base `{reference}` has no programs"))?;
    }
    prune(&bases, &kept)?;
    let programs = build.programs.iter().map(|program| kept.join(program.file_name().unwrap_or_default()));
    Ok(Built { programs: programs.collect(), revision })
}

/// Notes that a base is used, and removes those that were not for longest.
fn prune(bases: &Path, used: &Path) -> Result<()> {
    let cannot = || format!("{} cannot be cleared", bases.display());
    File::open(used).and_then(|folder| folder.set_modified(SystemTime::now())).with_context(cannot)?;
    let mut kept = Vec::new();
    for folder in fs::read_dir(bases).with_context(cannot)?.flatten().map(|entry| entry.path()) {
        let is_base = folder.join(inputs::INPUTS_FILE).is_file();
        if let Some(modified) =
            fs::metadata(&folder).and_then(|about| about.modified()).ok().filter(|_| is_base)
        {
            kept.push((modified, folder));
        }
    }
    kept.sort();
    let surplus = kept.len().saturating_sub(KEPT);
    for (_, folder) in kept.into_iter().take(surplus) {
        fs::remove_dir_all(&folder).with_context(cannot)?;
    }
    Ok(())
}

/// Checks a commit out, builds it and keeps its programs in `kept`, which appears when it is whole.
fn make(
    revision: &str,
    build: &BuildCommand,
    bases: &Path,
    kept: &Path,
    interrupt: &Interrupt,
) -> Result<()> {
    let source = Scratch::new(bases.join(format!("source-{revision}")))?;
    check_out(revision, &source.0, interrupt)?;
    if let Some(folder) = &build.with {
        inputs::copy(&top(interrupt)?.join(folder), &source.0.join(folder))?;
    }
    let target = bases.join("target");
    // All commits are built in one folder. What another left there would be taken for the base.
    for program in &build.programs {
        let left = target.join(program);
        if left.exists() {
            fs::remove_file(&left).with_context(|| format!("{} cannot be removed", left.display()))?;
        }
    }
    tell!("churnmark: building {} ({})", &revision[..revision.len().min(12)], build.command);
    let mut command = Command::new("sh");
    command.args(["-c", &build.command]).current_dir(&source.0).env("CARGO_TARGET_DIR", &target);
    let answer = child::run(command, BUILD_LIMITS, interrupt)?;
    if !succeeded(&answer) {
        ensure!(answer.end != End::Interrupted, "the build was interrupted");
        let said = answer.stderr.trim_end();
        let why = inputs::missed(said, &source.0).map_or_else(String::new, |manifest| {
            format!(
                "\n`{}` is not there: from the checked-out commit a `path` that leads out of the repository must be absolute",
                manifest.display()
            )
        });
        bail!(NoBase(format!("{revision} does not build by `{}`:\n{said}{why}", build.command)));
    }
    let part = Scratch::new(kept.with_added_extension("part"))?;
    for program in &build.programs {
        let made = target.join(program);
        if !made.is_file() {
            let (made, command) = (program.display(), &build.command);
            bail!(NoBase(format!("{revision} builds, but `{command}` makes no `{made}`")));
        }
        let to = part.0.join(program.file_name().unwrap_or_default());
        fs::copy(&made, &to).with_context(|| format!("{} cannot be kept", made.display()))?;
    }
    let made: Vec<PathBuf> = build.programs.iter().map(|program| target.join(program)).collect();
    inputs::keep(&made, [&source.0, &target], &part.0)?;
    fs::rename(&part.0, kept).with_context(|| format!("{} cannot be made", kept.display()))
}

/// Writes the files of a commit into `folder`, without touching the index or the work tree of the repository.
fn check_out(revision: &str, folder: &Path, interrupt: &Interrupt) -> Result<()> {
    let top = top(interrupt)?;
    let index = folder.join(".base-index").display().to_string();
    let prefix = format!("--prefix={}/", folder.display());
    let steps: [&[&str]; 2] = [&["read-tree", revision], &["checkout-index", "--all", "--force", &prefix]];
    for step in steps {
        let answer = git(&top, step, &[("GIT_INDEX_FILE", &index)], interrupt)?;
        ensure!(succeeded(&answer), "{revision} cannot be checked out: {}", answer.stderr.trim());
    }
    Ok(())
}

/// The root of the repository that this folder is in.
fn top(interrupt: &Interrupt) -> Result<PathBuf> {
    Ok(PathBuf::from(git_answer(&["rev-parse", "--show-toplevel"], interrupt)?))
}

/// What decides the bytes of the programs and is known before they are built; [`inputs`] knows the rest.
fn key(revision: &str, build: &BuildCommand, interrupt: &Interrupt) -> Result<String> {
    let mut rustc = Command::new("rustc");
    rustc.arg("-vV");
    let compiler = child::run(rustc, QUICK, interrupt)?;
    let mut hash = Xxh3::new();
    hash.update(&compiler.stdout);
    hash.update(build.command.as_bytes());
    if let Some(folder) = &build.with {
        hash.update(folder.as_os_str().as_encoded_bytes());
        hash.update(&inputs::of_folder(&top(interrupt)?.join(folder))?);
    }
    for program in &build.programs {
        hash.update(program.as_os_str().as_encoded_bytes());
    }
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        hash.update(name.as_bytes());
        hash.update(std::env::var_os(name).unwrap_or_default().as_encoded_bytes());
    }
    Ok(format!("{revision}-{:016x}", hash.digest()))
}

fn git(
    folder: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
    interrupt: &Interrupt,
) -> Result<Finished> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder).envs(settings.iter().copied());
    child::run(command, QUICK, interrupt)
}

fn succeeded(answer: &Finished) -> bool {
    matches!(answer.end, End::Exited(status) if status.success())
}

fn line(answer: &Finished) -> String {
    String::from_utf8_lossy(&answer.stdout).trim_end().into()
}

/// A folder that is empty at first and gone in the end, unless it was renamed.
struct Scratch(PathBuf);

impl Scratch {
    fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        }
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed before the next build of this commit.
        let _ = fs::remove_dir_all(&self.0);
    }
}
