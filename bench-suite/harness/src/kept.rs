//! A session as it was kept, judged again: what stands in its files is believed no more than what a child prints.

use std::collections::HashSet;
use std::path::Path;

use formats::observation::Collector;
use formats::run::{Pass, Run};
use formats::session::{Manifest, Session, SessionError, runs_file};
use formats::subject::MapKind;

use crate::judge;

/// Reads the session in a folder. A run that was not planned, that stands there twice, or that would have failed is
/// refused with its line.
pub(crate) fn read(folder: &Path) -> Result<Session, SessionError> {
    judged(folder, Session::read(folder)?, |_| true)
}

/// The same with the figures of one collector; of what the others saw nothing is read, and nothing judged.
pub(crate) fn read_figures_of(folder: &Path, collector: Collector) -> Result<Session, SessionError> {
    let session = Session::read_figures_of(folder, collector)?;
    judged(folder, session, |pass| pass.collector == collector)
}

fn judged(folder: &Path, session: Session, is_read: impl Fn(&Pass) -> bool) -> Result<Session, SessionError> {
    let planned: HashSet<&Pass> = session.manifest.passes.iter().collect();
    let mut seen = HashSet::new();
    for (index, run) in session.runs.iter().enumerate() {
        let judged = if !planned.contains(&run.pass) {
            Err(format!("{} is no pass of this session", run.pass))
        } else if !seen.insert(&run.pass) {
            Err(format!("{} stands here twice", run.pass))
        } else if is_read(&run.pass) {
            again(run, &session.manifest)
        } else {
            Ok(())
        };
        judged.map_err(|problem| SessionError::Damaged {
            file: runs_file(folder),
            line: index + 1,
            problem,
        })?;
    }
    Ok(session)
}

fn again(run: &Run, manifest: &Manifest) -> Result<(), String> {
    let tape = manifest.tapes.get(&run.pass.workload);
    let tape = tape.ok_or_else(|| format!("there is no tape of `{}`", run.pass.workload))?;
    let mut maps = manifest.programs.iter().flat_map(|program| &program.maps);
    let kind: MapKind = maps
        .find(|map| map.name == run.pass.map)
        .map(|map| map.kind)
        .ok_or_else(|| format!("there is no map `{}`", run.pass.map))?;
    judge::again(run, tape, kind)
}
