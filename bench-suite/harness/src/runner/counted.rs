//! A pass whose instructions are counted, on a simulated processor.
//!
//! That one is about fifty times slower than the real one, so of a long tape the beginning is played: as a tape of its
//! own, whose answers the model gives too.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use formats::observation::{Beginning, Reading};
use formats::run::{Failure, Outcome, Pass};
use formats::session::TapeInfo;
use formats::subject::MapKind;
use formats::tape::Tape;

use super::Runner;
use crate::callgrind::{self, Callgrind, CountsFile};
use crate::child::{self, Limits};
use crate::judge;
use crate::surroundings;

/// Operations in phases that count of which all are played: a second or two for most maps.
const MOST: u64 = 100_000;
/// Operations that only prepare beyond which nothing is played: a quarter of a minute for most maps.
const MOST_PREPARING: u64 = 2_000_000;

impl Runner<'_> {
    /// Runs a pass, and says for how many seconds; `None` when the user stopped it.
    pub(super) fn counted(
        &self,
        pass: &Pass,
        kind: MapKind,
        lane: usize,
        limits: Limits,
    ) -> Result<Option<(f64, Outcome)>> {
        let (file, whole) = self.tapes.get(&pass.workload).context("every planned workload has a tape")?;
        let unavailable = |why| Ok(Some((0.0, Outcome::Failed(Failure::Unavailable { why }))));
        let Some(callgrind) = Callgrind::find() else { return unavailable(callgrind::MISSING.into()) };
        let preparing = whole.header.preparing_ops();
        if preparing > MOST_PREPARING {
            let why = "operations before the load begins, which take minutes on a simulated processor";
            return unavailable(format!("the tape has {preparing} {why}"));
        }
        let begun = Begun::of(file, whole, pass)?;
        let (file, played) =
            begun.as_ref().map_or((file.as_path(), whole), |begun| (&begun.file, &begun.tape));
        let counts = CountsFile::new(&pass.to_string());
        let mut command = callgrind.around(&self.command(pass, file)?, &counts);
        surroundings::bind(&mut command, lane);
        let finished = child::run(command, limits, self.interrupt)?;
        let seconds = finished.lived.as_secs_f64();
        let Some(mut outcome) = judge::outcome(finished, pass, played, kind, limits.time) else {
            return Ok(None);
        };
        if let Outcome::Measured(observation) = &mut outcome
            && let Reading::Instructions(seen) = &mut observation.reading
        {
            if let Err(problem) = counts.read().add_to(seen) {
                return Ok(Some((seconds, Outcome::Failed(Failure::InvalidOutput { problem }))));
            }
            observation.tape = whole.id;
            seen.beginning = begun.as_ref().map(|begun| begun.of_whole(whole));
        }
        Ok(Some((seconds, outcome)))
    }
}

/// The beginning of a tape, in a file that is gone when this is.
struct Begun {
    file: PathBuf,
    tape: TapeInfo,
}

impl Begun {
    /// `None` where the whole tape can be played.
    fn of(file: &Path, whole: &TapeInfo, pass: &Pass) -> Result<Option<Self>> {
        let Some(tape) = generator::beginning(&Tape::read(file)?, MOST) else { return Ok(None) };
        let name = format!("churnmark-{}-{pass}.tape", std::process::id());
        let begun = Self {
            file: std::env::temp_dir().join(name),
            tape: TapeInfo { id: tape.id(), header: tape.header().clone(), ..whole.clone() },
        };
        tape.write(&begun.file)?;
        Ok(Some(begun))
    }

    fn of_whole(&self, whole: &TapeInfo) -> Beginning {
        let counted = |tape: &TapeInfo| tape.header.ops() - tape.header.preparing_ops();
        Beginning { tape: self.tape.id, ops: counted(&self.tape), of: counted(whole) }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        // It may not be there.
        let _ = std::fs::remove_file(&self.file);
    }
}
