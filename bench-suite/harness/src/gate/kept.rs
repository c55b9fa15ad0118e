//! What is kept of a gate: a session with what was found in every form that others read.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use formats::gate::{Gate, PAIRS_FILE, Pair};
use formats::session::{Journal, Plan, Session};

use crate::cli::Places;
use crate::folder::Partial;
use crate::gate::exact::Measured;
use crate::publish;

/// The forms of what a gate found, beside `gate.json`.
const JUNIT: &str = "junit.xml";
const MARKDOWN: &str = "gate.md";

/// The folder of a gate's session, while it is measured.
#[derive(Debug)]
pub(crate) struct Kept {
    partial: Partial,
    plan: Plan,
}

impl Kept {
    /// Makes the folder.
    pub(crate) fn begin(places: &Places, mut plan: Plan) -> Result<Self> {
        let partial = Partial::create(&places.reports, &mut plan)?;
        Ok(Self { partial, plan })
    }

    /// Where it is for now.
    pub(crate) fn path(&self) -> &Path {
        self.partial.path()
    }

    /// Its name.
    pub(crate) fn id(&self) -> &str {
        &self.plan.id
    }

    /// Appends a pair.
    pub(crate) fn pair(&self, pair: &Pair) -> Result<()> {
        let file = self.path().join(PAIRS_FILE);
        let line = serde_json::to_string(pair).context("a pair is JSON")? + "\n";
        let append = || OpenOptions::new().create(true).append(true).open(&file)?.write_all(line.as_bytes());
        append().with_context(|| format!("{} cannot be written", file.display()))
    }

    /// Adds the passes that gave the head's exact figures.
    pub(crate) fn passes(&mut self, measured: Measured) -> Result<()> {
        self.plan.passes = measured.runs.iter().map(|run| run.pass.clone()).collect();
        self.plan.tapes = measured.tapes;
        self.plan.write(self.path())?;
        let mut journal = Journal::open(self.path())?;
        measured.runs.iter().try_for_each(|run| Ok(journal.append(run)?))
    }

    /// Writes what was found in every form, gives the folder its name, and says where the report is.
    pub(crate) fn finish(self, gate: &Gate, places: &Places) -> Result<PathBuf> {
        // A session has a list of runs, be it an empty one.
        Journal::open(self.path())?;
        gate.write(self.path())?;
        for (name, text) in [(JUNIT, report::gate::junit(gate)), (MARKDOWN, report::gate::markdown(gate))] {
            publish::write(&self.path().join(name), text.as_bytes())?;
        }
        let session = Session::read(self.path())?;
        publish::pages(self.path(), &session, places)?;
        let whole = self.partial.finish()?;
        publish::trends(&whole, places)?;
        Ok(whole.join(publish::INDEX))
    }
}
