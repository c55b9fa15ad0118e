//! The session of a gate: what was played, what was measured, and what was found in every form that others read.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use formats::expectation::Judgement;
use formats::gate::{Gate, PAIRS_FILE, Pair};
use formats::run::Run;
use formats::session::{Journal, Manifest, Session, TapeInfo, TimedComparison};

use crate::folder::Partial;
use crate::places::Places;
use crate::tapes::TapeFiles;
use crate::{kept, publish};

/// What a gate found, for people; as test results it is in the file of the expectations.
const MARKDOWN: &str = "gate.md";

/// The folder of a gate's session, while it is measured.
#[derive(Debug)]
pub(crate) struct GateSession {
    partial: Partial,
    plan: Manifest,
}

impl GateSession {
    /// Makes the folder.
    pub(crate) fn begin(places: &Places, mut plan: Manifest) -> Result<Self> {
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

    /// Adds passes of the head, and the tapes that they played.
    pub(crate) fn passes(&mut self, runs: &[Run], tapes: BTreeMap<String, TapeInfo>) -> Result<()> {
        self.plan.passes.extend(runs.iter().map(|run| run.pass.clone()));
        self.plan.tapes.extend(tapes);
        self.plan.write(self.path())?;
        let mut journal = Journal::open(self.path())?;
        runs.iter().try_for_each(|run| Ok(journal.append(run)?))
    }

    /// What becomes of the expectations by these runs of it.
    pub(crate) fn judged(&self, runs: Vec<Run>) -> Vec<Judgement> {
        let manifest = self.plan.clone();
        report::expected::judge(&Session { manifest, runs, cut: false, claims: None, gate: None })
    }

    /// Adds maps that are compared in time, and the tapes that they play.
    pub(crate) fn comparisons(&mut self, comparisons: Vec<TimedComparison>, tapes: &TapeFiles) -> Result<()> {
        for one in &comparisons {
            let tape = tapes.get(&one.workload).map(|(_, tape)| (one.workload.clone(), tape.clone()));
            self.plan.tapes.extend(tape);
        }
        self.plan.comparisons.extend(comparisons);
        Ok(self.plan.write(self.path())?)
    }

    /// Removes the folder: half of a gate is of no use.
    pub(crate) fn discard(self) -> Result<()> {
        self.partial.discard()
    }

    /// Writes what was found in every form, gives the folder its name, and says where the report is.
    pub(crate) fn finish(self, gate: &Gate, places: &Places) -> Result<PathBuf> {
        // A session has a list of runs, be it an empty one.
        Journal::open(self.path())?;
        gate.write(self.path())?;
        for (name, text) in
            [(publish::JUNIT, report::gate::junit(gate)), (MARKDOWN, report::gate::markdown(gate))]
        {
            publish::write(&self.path().join(name), text.as_bytes())?;
        }
        let session = kept::read(self.path())?;
        publish::pages(self.path(), &session, places)?;
        let whole = self.partial.finish()?;
        publish::pack(&whole);
        publish::trends(&whole, places)?;
        Ok(whole.join(publish::INDEX))
    }
}
