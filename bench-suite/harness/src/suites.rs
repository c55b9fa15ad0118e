//! The suites to choose from: those built in, and those of a file of the user's.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use formats::suite::{SUITES_FILE, Suite, Suites};

use crate::places::Places;

/// The file of suites as it is shipped: a folder of workloads without one has these.
const BUILT_IN: &str = include_str!("../workloads/suites.toml");

/// Names the suites that are built in, for help texts.
pub(crate) static NAMES: LazyLock<String> =
    LazyLock::new(|| built_in().map_or_else(|_| String::new(), |suites| names(&suites)));

/// Where suites of one's own are.
#[derive(Debug, clap::Args)]
pub(crate) struct SuitesFile {
    /// A file of suites, which go before those built in [default: suites.toml among the workloads, if there is one]
    #[arg(id = "suites", long = "suites", value_name = "FILE", help_heading = "Selection")]
    file: Option<PathBuf>,
}

impl SuitesFile {
    /// Every suite there is: those built in, and those of the file.
    pub(crate) fn read(&self, places: &Places) -> Result<Suites> {
        let usual = places.workloads()?.join(SUITES_FILE);
        let own = match &self.file {
            Some(file) => Suites::read(file)?,
            None if usual.is_file() => Suites::read(&usual)?,
            None => Suites::default(),
        };
        Ok(built_in()?.and(own))
    }
}

fn built_in() -> Result<Suites> {
    Ok(Suites::parse(BUILT_IN, Path::new(SUITES_FILE))?)
}

/// The suite of this name.
pub(crate) fn choose<'a>(suites: &'a Suites, name: &str) -> Result<&'a Suite> {
    suites.get(name).with_context(|| format!("there is no suite `{name}`; there is {}", names(suites)))
}

fn names(suites: &Suites) -> String {
    suites.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suites_that_are_built_in_can_be_read() {
        assert_eq!(*NAMES, "smoke, standard, full, article, soak, truth");
        let suites = built_in().unwrap();
        assert_eq!(choose(&suites, "soak").unwrap().name, "soak");
        let error = choose(&suites, "x").unwrap_err().to_string();
        assert_eq!(error, "there is no suite `x`; there is smoke, standard, full, article, soak, truth");
    }
}
