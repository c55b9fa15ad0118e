//! What a map answered while a tape was played into it.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

use super::Told;
use crate::answer::Digest;

/// What a map answered over a whole tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The digest of each thread's answers.
    pub digests: Vec<Digest>,
    /// Inserts that added an entry, less entries taken out, over all threads.
    pub balance: i64,
    /// Entries that the map says it holds at the end.
    pub end_len: u64,
    /// What left and what is left, in passes of the throughput collector over tapes on which the map chooses which entry
    /// leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamps: Option<Stamps>,
    /// What threads that share keys were told, in passes of the throughput collector. Its calls are taken out once
    /// they were checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// What a bounded cache found in each phase, in passes of the throughput collector: counted in a play of its own that
    /// nobody times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Vec<Found>>,
}

/// How many gets and fetches there were, and how many of them found their entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Gets and fetches.
    pub asked: u64,
    /// Those that found their entry.
    pub found: u64,
}

impl Found {
    /// The share that found its entry; `None` where nothing was asked.
    #[must_use]
    pub fn hit_rate(self) -> Option<f64> {
        (self.asked > 0).then(|| self.found as f64 / self.asked as f64)
    }
}

/// Sums of the stamps of values, wrapping. Together they are what went in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stamps {
    /// Of the entries that the map chose to give away.
    pub taken: u64,
    /// Of those that a walk finds at the end.
    pub left: u64,
}

impl<'a> Sum<&'a Self> for Found {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            asked: sum.asked.saturating_add(one.asked),
            found: sum.found.saturating_add(one.found),
        })
    }
}
