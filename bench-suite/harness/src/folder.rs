//! The folder of a session: `<id>.partial` while it is measured, `<id>` when it is whole.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use formats::session::{Manifest, SESSION_FILE};

use crate::stderr::tell;

/// How the name of a folder ends that is not whole yet.
const PARTIAL: &str = "partial";
/// What the session of a gate has in the place of a suite.
pub(crate) const GATE_SUITE: &str = "gate";
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
    /// Makes the folder of a new session; `id` gets a number when others begin within the same second.
    pub(crate) fn create(reports: &Path, plan: &mut Manifest) -> Result<Self> {
        let cannot = || format!("{} cannot be written to (see --reports-in)", reports.display());
        fs::create_dir_all(reports).with_context(cannot)?;
        let first = plan.id.clone();
        for number in 2.. {
            let path = reports.join(format!("{}.{PARTIAL}", plan.id));
            match fs::create_dir(&path) {
                Ok(()) if reports.join(&plan.id).exists() => fs::remove_dir(&path).with_context(cannot)?,
                Ok(()) => {
                    let partial = Self::lock(path)?;
                    plan.write(partial.path())?;
                    return Ok(partial);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(cannot),
            }
            plan.id = format!("{first}-{number}");
        }
        bail!("no name is left for the session")
    }

    /// Opens a session that is not whole, and reads what was planned: the one named, or the newest.
    pub(crate) fn reopen(reports: &Path, named: Option<&Path>) -> Result<(Self, Manifest)> {
        match named {
            Some(path) => Self::resumable(path.into()),
            None => Self::newest(reports),
        }
    }

    /// The newest session that can be gone on with. Those that cannot are passed by and named.
    fn newest(reports: &Path) -> Result<(Self, Manifest)> {
        let mut passed_by = Vec::new();
        for path in sessions(reports, |path| is_partial(path))?.into_iter().rev() {
            match Self::resumable(path) {
                Ok(found) => {
                    for why in passed_by {
                        tell!("churnmark: passed by: {why}");
                    }
                    return Ok(found);
                }
                Err(why) => passed_by.push(format!("{why:#}")),
            }
        }
        let among = if passed_by.is_empty() { String::new() } else { format!(": {}", passed_by.join("; ")) };
        bail!("there is no interrupted session (*.{PARTIAL}) in {}{among}", reports.display())
    }

    fn resumable(path: PathBuf) -> Result<(Self, Manifest)> {
        ensure!(
            path.join(SESSION_FILE).is_file(),
            "{} is no session: it has no {SESSION_FILE}",
            path.display()
        );
        ensure!(is_partial(&path), "the session {} is whole: there is nothing to resume", path.display());
        let mut manifest = Manifest::read(&path)?;
        ensure!(
            manifest.suite != GATE_SUITE,
            "{} is of a gate, which has no verdict before its end: start it anew",
            path.display()
        );
        // It may have been renamed: the folder and what belongs to it are found by this name.
        if let Some(name) = path.file_stem() {
            manifest.id = name.to_string_lossy().into_owned();
        }
        Ok((Self::lock(path)?, manifest))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it still stands where it was made.
    pub(crate) fn is_there(&self) -> bool {
        self.path.join(SESSION_FILE).is_file()
    }

    /// Gives it its name, now that it is whole.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        let whole = self.path.with_extension("");
        fs::rename(&self.path, &whole)
            .with_context(|| format!("{} cannot be renamed to {}", self.path.display(), whole.display()))?;
        Ok(whole)
    }

    /// Removes it with all that is in it.
    pub(crate) fn discard(self) -> Result<()> {
        fs::remove_dir_all(&self.path).with_context(|| format!("{} cannot be removed", self.path.display()))
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

/// Whether a folder is of a session that goes on, by its name.
pub(crate) fn is_partial(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == PARTIAL)
}

/// Lets `latest` point to the newest whole session. What stands there and is no link is the user's, and stays.
pub(crate) fn link_latest(reports: &Path) -> Result<()> {
    let link = reports.join(LATEST);
    let newest = whole(reports)?.pop();
    let Some(name) = newest.as_deref().and_then(Path::file_name) else { return Ok(()) };
    if fs::read_link(&link).is_ok_and(|old| old == name) {
        return Ok(());
    }
    ensure!(
        link.is_symlink() || !link.exists(),
        "{} is no link: it stays as it is and does not point to the newest session",
        link.display()
    );
    // Hidden, and of one name only: what a kill leaves here is gone with the next link.
    let part = reports.join(format!(".{LATEST}"));
    let _ = fs::remove_file(&part);
    std::os::unix::fs::symlink(name, &part)
        .and_then(|()| fs::rename(&part, &link))
        .with_context(|| format!("{} cannot be made", link.display()))
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
