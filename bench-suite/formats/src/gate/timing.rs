//! Times compared in pairs of processes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Class, Verdict, Waiver};
use crate::named::named;
use crate::tape::TapeId;

named! {
    /// A time that is compared.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum TimeMetric {
        /// The median over slices of the ratio of CPU times: what an ordinary operation costs.
        MedianSlice = "median_slice",
        /// The ratio of all CPU time: what rare and expensive operations (a rehash) cost too.
        TotalCpu = "total_cpu",
        /// The ratio of wall times, for maps with threads.
        Wall = "wall",
        /// The 99th percentile of service time.
        P99 = "p99",
        /// The 99.9th percentile of service time.
        P999 = "p999",
    }
}

impl TimeMetric {
    /// What the policy makes of it where it says nothing: whether percentiles can be told apart on a machine
    /// must be shown there first.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::MedianSlice | Self::TotalCpu | Self::Wall => Class::Gated,
            Self::P99 | Self::P999 => Class::Advisory,
        }
    }
}

/// How two builds were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Two processes on one processor, slice by slice in turn: for maps of one thread.
    Turns,
    /// Whole short processes one after the other, in the order A B B A: for maps with threads.
    Abba,
}

/// One comparison of times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimingFinding {
    /// The workload.
    pub workload: String,
    /// The map.
    pub map: String,
    /// The time.
    pub metric: TimeMetric,
    /// How it was measured.
    pub design: Design,
    /// Pairs of processes behind it.
    pub pairs: u32,
    /// Head ÷ base, Hodges–Lehmann: 1.03 is 3 % slower.
    pub ratio: f64,
    /// The interval of the ratio that inverts the test, at this comparison's level; `None` where an end is not
    /// to be had from so few pairs.
    pub interval: Option<(f64, f64)>,
    /// Chance of such data if the head were not slower by more than the tolerance.
    pub p_slower: f64,
    /// Chance of such data if the head were not faster by more than the tolerance.
    pub p_faster: f64,
    /// The ratio less 1 that must be found.
    pub delta: f64,
    /// The ratio less 1 that is no difference.
    pub tolerance: f64,
    /// The smallest slowdown that so many pairs, as noisy as these, find nine times in ten; relative.
    pub detectable: Option<f64>,
    /// How long it was measured, s.
    pub seconds: f64,
    /// What the policy makes of it.
    pub class: Class,
    /// What is said of it.
    pub verdict: Verdict,
    /// Who accepted it for a while, if it regressed.
    pub waiver: Option<Waiver>,
}

/// One pair of processes: what a line of `pairs.jsonl` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The workload.
    pub workload: String,
    /// The digest of its tape, as in `session.json`.
    pub tape: TapeId,
    /// The map of the head.
    pub map: String,
    /// How it was measured.
    pub design: Design,
    /// Its number in the comparison, from 0.
    pub number: u32,
    /// Whether the base went first.
    pub base_first: bool,
    /// The natural logarithm of head ÷ base for each time that was taken.
    pub log_ratios: Vec<(TimeMetric, f64)>,
    /// How long the pair took, s: its part of the time in which it and others were measured.
    pub seconds: f64,
}
