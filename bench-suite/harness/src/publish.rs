//! Writes what the report crate makes of a session.

use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use formats::expectation::Outcome;
use formats::observation::Collector;
use formats::session::{self, Session};
use formats::whole;
use report::Report;
use report::answer::Answer;
use report::export::Form;

use crate::places::Places;
use crate::stderr::tell;
use crate::{folder, kept};

/// The page of a session, and of all sessions.
pub(crate) const INDEX: &str = "index.html";
/// The folder of data files in that of a session.
pub(crate) const DATA: &str = "data";
/// The summary for a pull request.
const SUMMARY: &str = "summary.md";
/// The same as test results.
pub(crate) const JUNIT: &str = "junit.xml";

/// What the pages of a session say first, for a terminal and an exit code.
pub(crate) struct Said {
    /// Which map to take for which load, and what to know.
    pub(crate) answer: Answer,
    /// Whether a map breaks what a workload expects of it.
    pub(crate) is_broken: bool,
}

/// Writes page, summary, data files and flamegraphs of a session.
pub(crate) fn pages(folder: &Path, session: &Session, places: &Places) -> Result<Said> {
    let mut report = Report::of(session);
    let data = folder.join(DATA);
    for written in [folder, &data] {
        whole::sweep(written);
    }
    write_flamegraphs(&report, &session.manifest.id, &places.flamegraphs)?;
    for (name, bytes) in report.data_files() {
        write(&data.join(name), &bytes)?;
    }
    renew_exports(&report, &data)?;
    write(&folder.join(SUMMARY), report.summary().as_bytes())?;
    let judged = report.judgements();
    // What a gate found is in its own, with what was expected.
    if session.gate.is_none() && !judged.is_empty() {
        write(&folder.join(JUNIT), report::expected::junit(&judged).as_bytes())?;
    }
    let flamegraphs = from_page(folder, &places.flamegraphs.join(&session.manifest.id))?;
    write(&folder.join(INDEX), report.page(flamegraphs.as_deref()).as_bytes())?;
    let is_broken = judged.iter().any(|one| one.outcome == Outcome::Broken);
    Ok(Said { answer: report.answer(), is_broken })
}

/// Writes the exports of a session in these forms into a folder.
pub(crate) fn exports(session: &Session, forms: &[Form], folder: &Path) -> Result<()> {
    let report = Report::of(session);
    report.exports(forms).try_for_each(|(name, bytes)| write(&folder.join(name), &bytes))
}

/// Writes again what was exported before, so that it is of the same runs as the page.
fn renew_exports(report: &Report<'_>, data: &Path) -> Result<()> {
    let is_export = |entry: &fs::DirEntry| {
        entry.file_name() == "trace.json" || entry.file_name() == "metrics.prom" || entry.path().is_dir()
    };
    if !fs::read_dir(data).is_ok_and(|entries| entries.flatten().any(|entry| is_export(&entry))) {
        return Ok(());
    }
    let exported = report.exports(&Form::ALL).filter(|(name, _)| data.join(name).exists());
    exported.into_iter().try_for_each(|(name, bytes)| write(&data.join(name), &bytes))
}

/// Packs the runs of a session that is whole. Where that fails they stay as they are, and nothing is lost.
pub(crate) fn pack(folder: &Path) {
    if let Err(why) = session::pack(folder) {
        tell!("churnmark: the runs stay unpacked: {why}");
    }
}

/// The way from the folder of a session to that of its flamegraphs, wherever both are; `None` where there is none.
fn from_page(folder: &Path, flamegraphs: &Path) -> Result<Option<PathBuf>> {
    // A browser takes `..` off the text of an address, whatever is a link there: names are compared, not places.
    let goes_up = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    let place = |path: &Path| match fs::canonicalize(path) {
        Ok(real) if goes_up(path) => Ok(real),
        _ => std::path::absolute(path),
    };
    let cannot = || format!("the way from {} to {} is unknown", folder.display(), flamegraphs.display());
    let (from, to) = (place(folder).with_context(cannot)?, place(flamegraphs).with_context(cannot)?);
    Ok(pathdiff::diff_paths(to, from))
}

/// The summary of a session in Markdown.
pub(crate) fn summary(session: &Session) -> String {
    report::summary(session)
}

/// The plan and the runs of a session as one JSON document.
pub(crate) fn json(session: &Session) -> Result<String> {
    let document =
        serde_json::json!({ "manifest": session.manifest, "runs": session.runs, "cut": session.cut });
    Ok(serde_json::to_string(&document).context("a session is JSON")? + "\n")
}

/// Writes the flamegraphs of a session and says which files they are.
pub(crate) fn flamegraphs(session: &Session, flamegraphs: &Path) -> Result<Vec<PathBuf>> {
    write_flamegraphs(&Report::of(session), &session.manifest.id, flamegraphs)
}

fn write_flamegraphs(report: &Report<'_>, id: &str, flamegraphs: &Path) -> Result<Vec<PathBuf>> {
    let folder = flamegraphs.join(id);
    let mut written = Vec::new();
    for (name, bytes) in report.flamegraphs() {
        let file = folder.join(name);
        if let Some(folder) = file.parent() {
            whole::sweep(folder);
        }
        write(&file, &bytes)?;
        written.push(file);
    }
    Ok(written)
}

/// Writes the page of all whole sessions and lets `latest` point to the newest, if this one is among them. A session
/// that cannot be read is left out and named.
pub(crate) fn trends(session: &Path, places: &Places) -> Result<()> {
    let real = |folder: &Path| fs::canonicalize(folder).ok();
    let home = real(session).and_then(|session| session.parent().map(Path::to_path_buf));
    if home.is_none() || home != real(&places.reports) {
        return Ok(());
    }
    whole::sweep(&places.reports);
    if let Err(why) = folder::link_latest(&places.reports) {
        tell!("churnmark: {why:#}");
    }
    let mut sessions = Vec::new();
    for folder in folder::whole(&places.reports)? {
        match kept::read_figures_of(&folder, Collector::Throughput) {
            Ok(mut session) => {
                // The page leads to the folder, whatever it was called when it was measured.
                if let Some(name) = folder.file_name() {
                    session.manifest.id = name.to_string_lossy().into_owned();
                }
                sessions.push(session);
            }
            Err(error) => tell!("churnmark: left out of the page of all sessions: {error}"),
        }
    }
    write(&places.reports.join(INDEX), report::trends(&sessions).as_bytes())
        .with_context(|| format!("{} is whole, but not on the page of all sessions", session.display()))
}

/// Writes whole or not at all: a reader never sees half a page.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| whole::write(file, |out| out.write_all(bytes)))
        .with_context(|| format!("{} cannot be written", file.display()))
}
