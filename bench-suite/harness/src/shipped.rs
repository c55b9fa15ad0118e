//! The workloads that are part of this program: those of its repository, with their recordings.

use std::path::PathBuf;

use anyhow::Result;

use crate::embedded;

// `WORKLOADS`: every workload, the suites, the recordings and whose they are.
include!(concat!(env!("OUT_DIR"), "/workloads.rs"));

/// A folder with them, in the cache.
pub(crate) fn workloads() -> Result<PathBuf> {
    embedded::kept("workloads", &embedded::digest(&WORKLOADS), |folder| embedded::write(&WORKLOADS, folder))
}
