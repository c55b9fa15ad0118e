//! The two sides of a gate: the build that is judged, and what it is compared with.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use formats::baseline::Baseline;
use formats::gate::Build;
use formats::policy::Policy;

use crate::folder;
use crate::gate::base::{self, BuildCommand};
use crate::gate::exact::ExactMeasurement;
use crate::interrupt::Interrupt;
use crate::programs::{Programs, with_counted};

/// The options that name the two sides. Without a base, the committed baseline is one.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Sides {
    /// Compare with this commit, tag or branch; its programs are built like those of the head, and kept
    #[arg(help_heading = "Builds", long, value_name = "REF", conflicts_with = "base_programs")]
    base: Option<String>,
    /// Compare with this subject program, already built, and with PROGRAM-counted beside it; may be repeated
    #[arg(help_heading = "Builds", long = "base-program", value_name = "PROGRAM")]
    base_programs: Vec<PathBuf>,
    /// Command that builds your own programs in the checked-out base; run by a shell with `CARGO_TARGET_DIR` set
    #[arg(help_heading = "Builds", long, value_name = "COMMAND", requires = "base", requires = "subjects")]
    base_build: Option<String>,
    /// Put this folder of the work tree into the checked-out base before it is built: a crate with your programs that the
    /// base does not have yet, or has otherwise
    #[arg(help_heading = "Builds", long, value_name = "FOLDER", requires = "base_build", value_parser = inner_folder)]
    base_with: Option<PathBuf>,
    /// Compare two maps: the map that the base plays, if it is not the head's
    #[arg(help_heading = "Builds", long, value_name = "MAP")]
    pub(crate) base_map: Option<String>,
    /// Subject program of the head, and with it PROGRAM-counted where that stands beside it; may be repeated [default:
    /// those built with this command]
    #[arg(help_heading = "Builds", long = "subject", value_name = "PROGRAM")]
    subjects: Vec<PathBuf>,
}

/// What the head is compared with.
#[derive(Debug)]
pub(crate) enum Base {
    /// Programs that are measured now.
    Programs(Programs),
    /// Figures that were committed.
    Stored(Box<Baseline>),
    /// Nothing: what workloads expect is judged in the head alone.
    Nothing,
}

impl Sides {
    /// The programs of the head.
    pub(crate) fn head(&self) -> Result<(Build, Programs)> {
        let programs = Programs::of_head(&self.subjects)?;
        let name = self.subjects.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let name = if name.is_empty() { "this build".into() } else { name };
        Ok((build(name, folder::revision(), &programs), programs))
    }

    /// The programs of a commit, built as those of the head were, and its full name.
    pub(crate) fn built(&self, reference: &str, interrupt: &Interrupt) -> Result<(String, Programs)> {
        let how = BuildCommand::like(
            &with_counted(&self.subjects),
            self.base_build.as_deref(),
            self.base_with.as_deref(),
        )?;
        let made = base::build(reference, &how, interrupt)?;
        Ok((made.revision, Programs::exactly(&made.programs)?))
    }

    /// The base: a commit that is built, programs that were named, or else the baseline in `file`, where one is wanted.
    pub(crate) fn base(&self, file: &Path, wanted: bool, interrupt: &Interrupt) -> Result<(Build, Base)> {
        if let Some(reference) = &self.base {
            let (revision, programs) = self.built(reference, interrupt)?;
            return Ok((build(reference.clone(), revision, &programs), Base::Programs(programs)));
        }
        if !self.base_programs.is_empty() {
            let programs = Programs::exactly(&with_counted(&self.base_programs))?;
            let name = self.base_programs.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
            return Ok((build(name.join(", "), String::new(), &programs), Base::Programs(programs)));
        }
        if !wanted {
            let build = Build { name: "nothing".into(), revision: String::new(), programs: Vec::new() };
            return Ok((build, Base::Nothing));
        }
        let baseline = Baseline::read(file)?;
        let revision = baseline.updates.last().map_or(String::new(), |update| update.revision.clone());
        let build = Build { name: file.display().to_string(), revision, programs: Vec::new() };
        Ok((build, Base::Stored(Box::new(baseline))))
    }

    /// The policy by which the base plays: its own map, if it has one.
    pub(crate) fn of_base(&self, policy: &Policy) -> Policy {
        let mut policy = policy.clone();
        if let Some(map) = &self.base_map {
            policy.maps = vec![map.clone()];
        }
        policy
    }

    /// What was measured of the base's map under the name of the head's, if there are two names.
    pub(crate) fn as_head(&self, mut base: ExactMeasurement, map: &str) -> ExactMeasurement {
        let Some(base_map) = &self.base_map else { return base };
        for figures in [Some(&mut base.figures), base.again.as_mut()].into_iter().flatten() {
            for maps in figures.values_mut() {
                *maps = maps.remove(base_map).into_iter().map(|of_map| (map.into(), of_map)).collect();
            }
        }
        base
    }
}

/// A folder by its path from the root of the repository.
pub(crate) fn inner_folder(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    let leads_inside =
        folder.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if leads_inside {
        Ok(folder)
    } else {
        Err("allowed are paths from the root of the repository, without ..".into())
    }
}

fn build(name: String, revision: String, programs: &Programs) -> Build {
    let recorded = programs.record(&[]);
    Build { name, revision, programs: recorded.into_iter().map(|one| (one.name, one.digest)).collect() }
}
