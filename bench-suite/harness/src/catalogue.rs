//! The workloads of a folder.

use std::cell::Cell;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use formats::point::{base_name, split_scale};
use formats::suite::SUITES_FILE;
use formats::tape::Keep;
use formats::whole;
use formats::workload::{Act, Recipe, Source, Victim, Workload};

use crate::exit::ExitStatus;
use crate::pick::{self, Named};
use crate::stderr::tell;

/// Operations of one tape, as many as a workload may have without a scale.
const MOST: u64 = 1_000_000_000;

/// One workload as it stands in its file.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What it means.
    pub(crate) workload: Workload,
    /// Everything that its tape is made from but a recording, as bytes: the file's text, the scale.
    pub(crate) sources: Vec<u8>,
}

impl Named for Entry {
    fn name(&self) -> &str {
        &self.workload.name
    }

    fn of(&self) -> &str {
        self.workload.base_name()
    }
}

/// The workloads of a folder, as far as somebody asked for them. A file that is refused costs itself only.
#[derive(Debug)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
    refused: Vec<File>,
    /// Whether one of those that were refused was asked for by its name.
    lacks: Cell<bool>,
}

/// A file of a workload, which must have the workload's name.
#[derive(Debug)]
struct File {
    name: String,
    path: PathBuf,
}

impl Named for File {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Deref for Catalogue {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

impl Catalogue {
    /// Those of the folder that the patterns name, or all if there is no pattern. Nothing else is read. What is refused
    /// is told, unless nothing is left: then it is the error.
    pub(crate) fn read(folder: &Path, patterns: &[String]) -> Result<Self> {
        let files = files(folder)?;
        let named: Vec<&File> = match patterns {
            [] => files.iter().collect(),
            patterns => {
                // What stands behind an `@` is a point of what the file holds.
                let plain = |pattern: &String| base_name(pattern).to_owned();
                pick::pick("workload", &patterns.iter().map(plain).collect::<Vec<_>>(), &files)?
            }
        };
        let (mut entries, mut refused, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for File { name, path } in named {
            match read_entries(path) {
                Ok(points) => entries.extend(points),
                Err(fault) => {
                    refused.push(File { name: name.clone(), path: path.clone() });
                    faults.push(fault);
                }
            }
        }
        if entries.is_empty() {
            let others = faults.len().saturating_sub(1);
            let first = faults.into_iter().next().context("a folder of workloads holds one")?;
            return Err(if others == 0 {
                first
            } else {
                first.context(format!("{others} more are refused"))
            });
        }
        for fault in faults {
            tell!("churnmark: left out: {fault:#}");
        }
        let lacks = Cell::new(!patterns.is_empty() && !refused.is_empty());
        Ok(Self { entries, refused, lacks })
    }

    /// The same with every workload changed.
    pub(crate) fn map(self, change: impl Fn(Entry) -> Entry) -> Self {
        Self { entries: self.entries.into_iter().map(change).collect(), ..self }
    }

    /// Those that the patterns name (all, if there is no pattern), made larger or smaller by `scale`.
    pub(crate) fn choose(&self, patterns: &[String], scale: Option<f64>) -> Result<Vec<Entry>> {
        let left: Vec<String> = patterns.iter().filter(|pattern| !self.lacks(pattern)).cloned().collect();
        if left.is_empty() != patterns.is_empty() {
            return Ok(Vec::new());
        }
        choose(self, &left, scale)
    }

    /// Whether what this pattern names was refused, all of it: then somebody asked for what is not there.
    pub(crate) fn lacks(&self, pattern: &str) -> bool {
        let patterns = [pattern.to_owned()];
        let lacks = pick::pick("workload", &patterns, self).is_err()
            && pick::pick("workload", &patterns, &self.refused).is_ok();
        self.lacks.set(self.lacks.get() || lacks);
        lacks
    }

    /// How a command ended that did all it could: not well, if something that was asked for was refused.
    pub(crate) fn status(&self, status: ExitStatus) -> ExitStatus {
        if self.lacks.get() && status == ExitStatus::Success { ExitStatus::Refused } else { status }
    }
}

/// Every workload of the folder that can be read, by name; the others are told.
pub(crate) fn read(folder: &Path) -> Result<Catalogue> {
    Catalogue::read(folder, &[])
}

/// The files of workloads in a folder, by name.
fn files(folder: &Path) -> Result<Vec<File>> {
    let listing = std::fs::read_dir(folder).with_context(|| {
        format!("the folder of workloads `{}` cannot be read (see --workloads-in)", folder.display())
    })?;
    let mut files = Vec::new();
    for entry in listing {
        let path = entry.with_context(|| format!("{} cannot be listed", folder.display()))?.path();
        let is_workload = path.extension().is_some_and(|extension| extension == "toml");
        if is_workload && path.file_name().is_some_and(|name| name != SUITES_FILE) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push(File { name, path });
        }
    }
    ensure!(!files.is_empty(), "there is no workload (*.toml) in `{}`", folder.display());
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// What a file holds: a workload, or each of its points.
fn read_entries(file: &Path) -> Result<Vec<Entry>> {
    let points = Workload::read(file)?;
    let text = whole::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let entry = |workload: Workload| {
        let sources = [&text, workload.point.to_string().as_bytes()].concat();
        Entry { workload, sources }
    };
    Ok(points.into_iter().map(entry).collect())
}

/// Those that the patterns name (all, if there is no pattern), made larger or smaller by `scale`.
pub(crate) fn choose(all: &[Entry], patterns: &[String], scale: Option<f64>) -> Result<Vec<Entry>> {
    let chosen: Vec<&Entry> = match patterns {
        [] => all.iter().collect(),
        patterns => pick::pick("workload", patterns, all)?,
    };
    chosen.into_iter().map(|entry| entry.scaled(scale)).collect()
}

/// The entry for a name as a session keeps it: `fifo-window`, `fifo-window@0.05`, or `sizes@live=1000@0.05`.
pub(crate) fn recall(all: &[Entry], name: &str) -> Result<Entry> {
    let (plain, scale) = split_scale(name);
    let found = all.iter().find(|entry| entry.workload.name == plain);
    found.with_context(|| format!("there is no workload `{plain}` any more"))?.scaled(scale)
}

impl Entry {
    /// The same operations without a schedule, for passes that take no times.
    pub(crate) fn at_full_speed(mut self) -> Self {
        if self.workload.is_paced() {
            self.workload.unpace();
            self.sources.extend(b" at full speed");
        }
        self
    }

    /// The same story with other random choices, under a name of its own: it is another tape. A recording or a
    /// script chooses nothing.
    pub(crate) fn seeded(mut self, seed: u64) -> Self {
        self.workload.seed = seed;
        self.workload.name = format!("{}#{seed}", self.workload.name);
        self.sources.extend(format!(" with seed {seed}").as_bytes());
        self
    }

    /// The same story with `scale` times as many entries and operations, under a name of its own: it is
    /// another tape. A schedule keeps its rate. A recording or a script has the length it has and stays as
    /// it is.
    pub(crate) fn scaled(&self, scale: Option<f64>) -> Result<Self> {
        let mut entry = self.clone();
        let (Some(scale), Source::Recipe(recipe)) = (scale, &mut entry.workload.source) else {
            return Ok(entry);
        };
        scale_recipe(recipe, scale, u64::from(entry.workload.threads.get()))
            .with_context(|| format!("workload `{}` at scale {scale}", entry.workload.name))?;
        if let Some(live) = &mut entry.workload.point.live {
            *live = recipe.live;
        }
        if let Some(bound) = &mut entry.workload.bound {
            *bound = recipe.live;
        }
        let operations = generator::size(&entry.workload).unwrap_or_default().operations;
        ensure!(
            operations <= MOST,
            "workload `{}` at scale {scale} comes to {operations} operations; at most {MOST} are possible",
            entry.workload.name
        );
        let too_many =
            |problem| anyhow::anyhow!("workload `{}` at scale {scale}: keys: {problem}", self.workload.name);
        entry.workload.check_keys().map_err(too_many)?;
        entry.workload.name = format!("{}@{scale}", entry.workload.name);
        entry.sources.extend(entry.workload.name.as_bytes());
        Ok(entry)
    }
}

fn scale_recipe(recipe: &mut Recipe, scale: f64, threads: u64) -> Result<()> {
    let times = |count: u64| -> Result<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and checked against a bound far below 2^53"
        )]
        let scaled = (count as f64 * scale).round() as u64;
        ensure!(scaled <= MOST, "{scaled} of a thing; at most {MOST} are possible");
        Ok(if count == 0 { 0 } else { scaled.max(1) })
    };
    recipe.live = times(recipe.live)?.max(threads);
    if let Some(keyspace) = &mut recipe.keyspace {
        *keyspace = times(*keyspace)?.max(recipe.live + recipe.live / 32 + 2);
    }
    if let Some(capacity) = &mut recipe.capacity {
        *capacity = times(*capacity)?;
    }
    for phase in &mut recipe.phases {
        if let Victim::Ttl(ttl) = &mut phase.rules.remove {
            *ttl = times(*ttl)?;
        }
        if let Some(hold) = &mut phase.rules.hold {
            *hold = times(*hold)?;
        }
        if let Some(keep) = &mut phase.rules.keep {
            *keep = younger(*keep, times)?;
        }
        match &mut phase.act {
            Act::Fill(count) | Act::Churn(count) | Act::Drain(count) | Act::SameKey(count) => {
                *count = times(*count)?;
            }
            Act::Retain(keep) => *keep = younger(*keep, times)?,
            Act::Reserve(more) => *more = times(*more)?,
            Act::Clear | Act::Iterate | Act::Shrink | Act::Copy { .. } => {}
        }
    }
    Ok(())
}

/// The rule with a time to live that is scaled; a share stays what it is.
fn younger(keep: Keep, times: impl Fn(u64) -> Result<u64>) -> Result<Keep> {
    Ok(match keep {
        Keep::Younger(ops) => Keep::Younger(times(ops)?),
        share @ Keep::Share(_) => share,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const GOOD: &str = "why = \"A test.\"\nlive = 10\nops = 100\nmix = { insert = 50, remove = 50 }\n";

    /// A folder with two workloads that are right and two that are not.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, rest) in [("a", GOOD), ("b", GOOD), ("bad", "live = 1\n"), ("odd", "[")] {
            fs::write(folder.path().join(format!("{name}.toml")), format!("name = \"{name}\"\n{rest}"))
                .unwrap();
        }
        folder
    }

    fn names(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(Named::name).collect()
    }

    #[test]
    fn a_bad_file_costs_itself_only() {
        let folder = folder();
        let read = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            let catalogue = Catalogue::read(folder.path(), &patterns)?;
            let chosen = catalogue.choose(&patterns, None)?;
            let status = catalogue.status(ExitStatus::Success);
            anyhow::Ok((names(&chosen).join(" "), status))
        };
        assert_eq!(read(&[]).unwrap(), ("a b".into(), ExitStatus::Success));
        assert_eq!(read(&["b"]).unwrap(), ("b".into(), ExitStatus::Success));
        assert_eq!(read(&["b", "bad"]).unwrap(), ("b".into(), ExitStatus::Refused));
        assert_eq!(read(&["*"]).unwrap(), ("a b".into(), ExitStatus::Refused));
        assert!(read(&["bad"]).unwrap_err().to_string().contains("bad.toml: why: is missing"));
        assert_eq!(
            read(&["c"]).unwrap_err().to_string(),
            "there is no workload `c`; there is a, b, bad, odd"
        );
    }

    #[test]
    fn a_suite_lacks_what_was_refused() {
        let folder = folder();
        let catalogue = read(folder.path()).unwrap();
        assert!(!catalogue.lacks("a") && !catalogue.lacks("b*") && !catalogue.lacks("nowhere"));
        assert_eq!(catalogue.status(ExitStatus::Success), ExitStatus::Success);
        assert!(catalogue.lacks("odd"));
        assert_eq!(catalogue.status(ExitStatus::Success), ExitStatus::Refused);
        assert_eq!(catalogue.status(ExitStatus::Failed), ExitStatus::Failed);
    }
}
