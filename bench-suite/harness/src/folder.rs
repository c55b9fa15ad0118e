//! The folder of a session: `<id>.partial` while it is measured, `<id>` when it is whole.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use formats::session::{Manifest, SESSION_FILE};

/// How the name of a folder ends that is not whole yet.
const PARTIAL: &str = "partial";
/// The link to the newest whole session.
pub(crate) const LATEST: &str = "latest";

/// A folder that this process alone writes to.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Partial {
    /// Makes the folder of a new session; `id` gets a number when two begin within one second.
    pub(crate) fn create(reports: &Path, plan: &mut Manifest) -> Result<Self> {
        let cannot = || format!("{} cannot be written to (see --reports-in)", reports.display());
        fs::create_dir_all(reports).with_context(cannot)?;
        let first = plan.id.clone();
        for number in 2.. {
            let path = reports.join(format!("{}.{PARTIAL}", plan.id));
            if reports.join(&plan.id).exists() || path.exists() {
                plan.id = format!("{first}-{number}");
                continue;
            }
            fs::create_dir(&path).with_context(cannot)?;
            plan.write(&path)?;
            return Self::lock(path);
        }
        bail!("no name is left for the session")
    }

    /// Opens a session that is not whole: the one named, or the newest.
    pub(crate) fn reopen(reports: &Path, named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(path) => path.to_path_buf(),
            None => newest(reports)?,
        };
        ensure!(
            path.join(SESSION_FILE).is_file(),
            "{} is no session: it has no {SESSION_FILE}",
            path.display()
        );
        ensure!(
            path.extension().is_some_and(|extension| extension == PARTIAL),
            "the session {} is whole: there is nothing to resume",
            path.display()
        );
        Self::lock(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, now that it is whole, and lets `latest` point to it.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        let whole = self.path.with_extension("");
        fs::rename(&self.path, &whole)
            .with_context(|| format!("{} cannot be renamed to {}", self.path.display(), whole.display()))?;
        let (Some(reports), Some(name)) = (whole.parent(), whole.file_name()) else { return Ok(whole) };
        let (link, part) =
            (reports.join(LATEST), reports.join(format!("{LATEST}.part{}", std::process::id())));
        std::os::unix::fs::symlink(name, &part)
            .and_then(|()| fs::rename(&part, &link))
            .with_context(|| format!("{} cannot be made", link.display()))?;
        Ok(whole)
    }

    fn lock(path: PathBuf) -> Result<Self> {
        let lock = File::open(&path).with_context(|| format!("{} cannot be opened", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("{} is being measured by another churnmark", path.display())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }
}

fn newest(reports: &Path) -> Result<PathBuf> {
    let partial = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == PARTIAL) && path.join(SESSION_FILE).is_file()
    };
    let none = || format!("there is no interrupted session (*.{PARTIAL}) in {}", reports.display());
    sessions(reports, partial)?.pop().with_context(none)
}

/// The whole sessions, oldest first: their names start with the time.
pub(crate) fn whole(reports: &Path) -> Result<Vec<PathBuf>> {
    sessions(reports, |path| {
        path.extension().is_none() && !path.is_symlink() && path.join(SESSION_FILE).is_file()
    })
}

/// The session that was named, or the newest whole one.
pub(crate) fn named_or_latest(reports: &Path, named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(folder) => Ok(folder.to_path_buf()),
        None => {
            whole(reports)?.pop().with_context(|| format!("there is no session in {}", reports.display()))
        }
    }
}

fn sessions(reports: &Path, fits: impl Fn(&PathBuf) -> bool) -> Result<Vec<PathBuf>> {
    let cannot = || format!("{} cannot be read (see --reports-in)", reports.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(reports).with_context(cannot)? {
        found.push(entry.with_context(cannot)?.path());
    }
    found.retain(fits);
    found.sort();
    Ok(found)
}

/// `<utc>-<host>-<rev>`: sorts by time, and says where and what.
pub(crate) fn id(started: jiff::Timestamp, host: &str, revision: &str) -> String {
    let host: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    let host = if host.is_empty() { "nohost" } else { &host };
    let revision = if revision.is_empty() { "norev" } else { revision };
    format!("{}-{host}-{revision}", started.strftime("%Y%m%dT%H%M%SZ"))
}

/// The revision of the source in this folder, with `+` when files were changed; empty outside git.
pub(crate) fn revision() -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--exclude=*", "--dirty=+"]).stdin(Stdio::null()).stderr(Stdio::null());
    match git.output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().into(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_file_name_that_sorts_by_time() {
        let started = "2026-11-23T16:15:00.5Z".parse().unwrap();
        assert_eq!(id(started, "my.host/x", "abc1234+"), "20261123T161500Z-my-host-x-abc1234+");
        assert_eq!(id(started, "", ""), "20261123T161500Z-nohost-norev");
    }
}
