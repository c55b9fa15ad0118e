//! The workloads of a folder.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use formats::suite::SUITES_FILE;
use formats::workload::{Act, Pace, Recipe, Source, Victim, Workload};

use crate::select::{self, Named};

/// One workload as it stands in its file.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What it means.
    pub(crate) workload: Workload,
    /// Everything that its tape is made from, as bytes: the file's text, the scale, the trace.
    pub(crate) sources: Vec<u8>,
}

impl Named for Entry {
    fn name(&self) -> &str {
        &self.workload.name
    }
}

/// Every workload of the folder, by name. One bad file refuses them all.
pub(crate) fn read(folder: &Path) -> Result<Vec<Entry>> {
    let listing = std::fs::read_dir(folder).with_context(|| {
        format!("the folder of workloads `{}` cannot be read (see --workloads-in)", folder.display())
    })?;
    let mut files = Vec::new();
    for entry in listing {
        let path = entry.with_context(|| format!("{} cannot be listed", folder.display()))?.path();
        let is_workload = path.extension().is_some_and(|extension| extension == "toml");
        if is_workload && path.file_name().is_some_and(|name| name != SUITES_FILE) {
            files.push(path);
        }
    }
    ensure!(!files.is_empty(), "there is no workload (*.toml) in `{}`", folder.display());
    files.sort();
    files.iter().map(|file| read_entry(file)).collect()
}

fn read_entry(file: &Path) -> Result<Entry> {
    let workload = Workload::read(file)?;
    let bytes =
        |file: &Path| std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()));
    let mut sources = bytes(file)?;
    if let Source::Trace(trace) = &workload.source {
        sources.extend(bytes(&trace.file)?);
    }
    Ok(Entry { workload, sources })
}

/// Those that the patterns name (all, if there is no pattern), made larger or smaller by `scale`.
pub(crate) fn choose(all: &[Entry], patterns: &[String], scale: Option<f64>) -> Result<Vec<Entry>> {
    let chosen: Vec<&Entry> = match patterns {
        [] => all.iter().collect(),
        patterns => select::pick("workload", patterns, all)?,
    };
    chosen.into_iter().map(|entry| entry.scaled(scale)).collect()
}

/// The entry for a name as a session keeps it: `fifo-window`, or `fifo-window@0.05`.
pub(crate) fn recall(all: &[Entry], name: &str) -> Result<Entry> {
    let (plain, scale) = match name.split_once('@') {
        Some((plain, scale)) => match scale.parse() {
            Ok(scale) => (plain, Some(scale)),
            Err(_) => bail!("`{name}` does not end in a scale"),
        },
        None => (name, None),
    };
    let found = all.iter().find(|entry| entry.workload.name == plain);
    found.with_context(|| format!("there is no workload `{plain}` any more"))?.scaled(scale)
}

impl Entry {
    /// The same operations without a schedule, for passes that take no times.
    pub(crate) fn at_full_speed(mut self) -> Self {
        if !self.workload.pace.is_closed() {
            self.workload.pace = Pace::Closed;
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
        ensure!(scaled <= 1_000_000_000, "{scaled} of a thing; at most 1000000000 are possible");
        Ok(if count == 0 { 0 } else { scaled.max(1) })
    };
    recipe.live = times(recipe.live)?.max(threads);
    if let Some(keyspace) = &mut recipe.keyspace {
        *keyspace = times(*keyspace)?.max(recipe.live + recipe.live / 32 + 2);
    }
    for phase in &mut recipe.phases {
        if let Victim::Ttl(ttl) = &mut phase.rules.remove {
            *ttl = times(*ttl)?;
        }
        match &mut phase.act {
            Act::Fill(count) | Act::Churn(count) | Act::Drain(count) | Act::SameKey(count) => {
                *count = times(*count)?;
            }
            Act::Clear => {}
        }
    }
    Ok(())
}
