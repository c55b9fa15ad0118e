//! The history of gates on a branch of its own: what a machine that starts empty each time would forget.
//!
//! The branch has no files but the history. Nothing of the work tree, the index or the branches here is touched.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use formats::history::{HISTORY_FILE, History};

use crate::child::{self, End, Limits};
use crate::interrupt::Interrupt;
use crate::publish;

/// The branch where nobody names another.
pub(crate) const BRANCH: &str = "churnmark-history";
/// A push or a fetch over a slow line.
const LIMITS: Limits = Limits { time: Duration::from_mins(5), stdout: 64 << 20 };
/// Somebody else may have pushed in between: then theirs is taken in, and it is tried again.
const TRIES: usize = 5;

/// A branch of a remote repository.
#[derive(Debug, Clone)]
pub(crate) struct HistoryBranch {
    /// Its name.
    pub(crate) name: String,
    /// The remote that it is of.
    pub(crate) remote: String,
}

impl HistoryBranch {
    /// Takes the entries of the branch into the history in `file`, before those that only the file has; how many the
    /// branch has. A branch that is not there has none.
    pub(crate) fn restore(&self, file: &Path) -> Result<usize> {
        Ok(self.merge(file)?.1)
    }

    /// The same, and then puts the history on the branch.
    pub(crate) fn keep(&self, file: &Path) -> Result<()> {
        for _ in 0..TRIES {
            let (parent, _) = self.merge(file)?;
            if self.push(file, parent.as_deref())? {
                return Ok(());
            }
        }
        bail!(
            "the branch `{}` of `{}` takes no history: others pushed each time, or it is protected",
            self.name,
            self.remote
        )
    }

    /// The commit that the branch is at, and how many entries it has.
    fn merge(&self, file: &Path) -> Result<(Option<String>, usize)> {
        let reference = format!("refs/heads/{}", self.name);
        let there = git(&["ls-remote", &self.remote, &reference], None)?;
        if there.is_empty() {
            return Ok((None, 0));
        }
        git(&["fetch", "--quiet", "--no-tags", &self.remote, &reference], None)?;
        let parent = git(&["rev-parse", "FETCH_HEAD"], None)?;
        let kept = git(&["cat-file", "blob", &format!("{parent}:{HISTORY_FILE}")], None)?;
        let ours = fs::read_to_string(file).unwrap_or_default();
        let known: HashSet<&str> = kept.lines().collect();
        let new = ours.split_inclusive('\n').filter(|line| !known.contains(line.trim_end()));
        let mut all: String = kept.lines().flat_map(|line| [line, "\n"]).collect();
        all.extend(new);
        publish::write(file, all.as_bytes())?;
        // What is no history is said before it is pushed anywhere.
        History::read(file)?;
        Ok((Some(parent), known.len()))
    }

    /// Whether the branch took a commit with this file; it does not when somebody else was faster.
    fn push(&self, file: &Path, parent: Option<&str>) -> Result<bool> {
        let blob = git(&["hash-object", "-w", "--", &file.display().to_string()], None)?;
        let index =
            PathBuf::from(git(&["rev-parse", "--absolute-git-dir"], None)?).join("churnmark-history-index");
        let _ = fs::remove_file(&index);
        git(
            &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{HISTORY_FILE}")],
            Some(&index),
        )?;
        let tree = git(&["write-tree"], Some(&index))?;
        let _ = fs::remove_file(&index);
        let title = "Keep the history of gates";
        let mut arguments = vec!["commit-tree", &tree, "-m", title];
        arguments.extend(parent.into_iter().flat_map(|parent| ["-p", parent]));
        let commit = git(&arguments, None)?;
        let target = format!("{commit}:refs/heads/{}", self.name);
        Ok(git(&["push", "--quiet", &self.remote, &target], None).is_ok())
    }
}

/// What git answers in the repository of this folder, with another index if one is named.
fn git(arguments: &[&str], index: Option<&Path>) -> Result<String> {
    let mut command = Command::new("git");
    // A machine of a CI system has no name of its own.
    for name in ["GIT_AUTHOR", "GIT_COMMITTER"] {
        command.env(format!("{name}_NAME"), "churnmark").env(format!("{name}_EMAIL"), "churnmark@localhost");
    }
    command.args(arguments).env("GIT_TERMINAL_PROMPT", "0");
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let said = child::run(command, LIMITS, &Interrupt::default())?;
    let good = matches!(said.end, End::Exited(status) if status.success());
    ensure!(good, "`git {}` failed: {}", arguments.join(" "), said.stderr.trim());
    String::from_utf8(said.stdout).map(|text| text.trim_end().into()).context("git prints text")
}
