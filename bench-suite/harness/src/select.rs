//! Which workloads, maps and collectors the user means.

use std::path::PathBuf;

use anyhow::Result;

use crate::{programs, toolchains};

/// What the command line picks out. Names or globs, repeated or with commas between them.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// Workloads, as names or globs
    #[arg(short, long = "workload", value_name = "NAMES", value_delimiter = ',')]
    pub(crate) workloads: Vec<String>,
    /// Maps, as names or globs; canaries must be named
    #[arg(short, long = "map", value_name = "NAMES", value_delimiter = ',')]
    pub(crate) maps: Vec<String>,
    /// Add the maps of this subject program to those of churnmark, and with it PROGRAM-counted where that stands beside
    /// it; may be repeated
    #[arg(long = "subject", value_name = "PROGRAM")]
    pub(crate) subjects: Vec<PathBuf>,
    /// Add Go's own maps, built by each Go in `CHURNMARK_GO`, fetched by `make truth`, or on PATH
    #[arg(long)]
    pub(crate) real_go: bool,
    /// Multiply live entries and operations of recipes by this factor; their names then end in @FACTOR
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    pub(crate) scale: Option<f64>,
}

impl Selection {
    /// The programs that the user wants to play beside ours, those for Go's own maps built first.
    pub(crate) fn programs(&self) -> Result<Vec<PathBuf>> {
        let mut programs = programs::with_counted(&self.subjects);
        if self.real_go {
            programs.extend(toolchains::programs()?);
        }
        Ok(programs)
    }
}

pub(crate) fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor > 0.0 && factor <= 1000.0 => Ok(factor),
        _ => Err("allowed are factors above 0 up to 1000".into()),
    }
}
