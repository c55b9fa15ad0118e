//! What a gate found: one document, `gate.json`, from which every other output is made.

mod exact;
mod timing;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::exact::{ExactFinding, Metric};
pub use self::timing::{Design, Pair, TimeMetric, TimingFinding};
use crate::expectation::Judgement;

/// Name of the file that holds what a gate found, in the folder of its session.
pub const GATE_FILE: &str = "gate.json";
/// Name of the file that holds every measured pair, one [`Pair`] a line.
pub const PAIRS_FILE: &str = "pairs.jsonl";

/// What is said of one figure, or of a whole gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Worse than the base, beyond what is tolerated.
    Regressed,
    /// Better than the base, beyond what is tolerated.
    Improved,
    /// Shown to be no different by as much as matters.
    Unchanged,
    /// Nothing is shown: neither a difference nor that there is none.
    Inconclusive,
}

impl Verdict {
    /// Its name as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What the policy makes of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A regression decides the exit code.
    Gated,
    /// A regression is reported and decides nothing.
    Advisory,
    /// The figure is not looked at.
    Off,
}

/// A regression that somebody has accepted for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Why.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: String,
}

/// One gate: two sides, the rule in force, what was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Version of this format.
    pub schema: u32,
    /// When it started, UTC, RFC 3339.
    pub started: String,
    /// How long it took, s.
    pub seconds: f64,
    /// What is judged.
    pub head: Build,
    /// What it is compared with.
    pub base: Build,
    /// The rule in force.
    pub rule: Rule,
    /// Checks of the session itself. One that failed makes the session invalid, never green.
    pub controls: Vec<Control>,
    /// Deterministic figures, compared exactly.
    pub exact: Vec<ExactFinding>,
    /// Times, compared in pairs.
    pub timing: Vec<TimingFinding>,
    /// What one side has and the other has not, and what could not be compared, a sentence each.
    pub not_compared: Vec<NotCompared>,
    /// What became of the expectations of the workloads, in the head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Judgement>,
    /// How it ended.
    pub conclusion: Conclusion,
}

/// The build on one side of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// As the user named it: a git reference, a program, or the file of a baseline.
    pub name: String,
    /// The commit, with `+` when files were changed; empty where none is known.
    pub revision: String,
    /// The programs' file names and the digests of their code and data, in hex; empty for a baseline.
    pub programs: Vec<(String, String)>,
}

/// What a session can see and how sure it wants to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The chance that any of all comparisons is called regressed although nothing differs; the same again
    /// for improved.
    pub alpha: f64,
    /// The relative difference in time that must be found: 0.03 is 3 %.
    pub delta: f64,
    /// The relative difference in time that is no difference: code layout alone makes some.
    pub tolerance: f64,
    /// Comparisons of time that share `alpha`.
    pub comparisons: u32,
    /// Interim analyses: the numbers of pairs after which a comparison is judged.
    pub looks: Vec<u32>,
    /// Slices in which two processes take turns.
    pub slices: u32,
    /// First slices that do not count for the median: caches fill.
    pub discarded: u32,
    /// Seeds for which exact figures are measured.
    pub seeds: Vec<u64>,
}

/// A check of the session itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What was checked.
    pub kind: ControlKind,
    /// Whether it passed.
    #[serde(alias = "held")]
    pub passed: bool,
    /// What was seen, in a sentence.
    pub said: String,
}

/// What a control checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// Both sides gave the same answers to the same operations.
    SameWork,
    /// The base compared with itself is not called different.
    Negative,
    /// The base with injected work, compared with itself without, is called slower.
    Positive,
    /// There are enough pairs: the first look can decide at all.
    #[serde(alias = "reachable")]
    EnoughPairs,
}

impl ControlKind {
    /// Its name as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameWork => "same work",
            Self::Negative => "negative control",
            Self::Positive => "positive control",
            Self::EnoughPairs => "enough pairs",
        }
    }
}

/// Something that has no verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotCompared {
    /// The workload; empty where all are meant.
    pub workload: String,
    /// The map; empty where all are meant.
    pub map: String,
    /// Why, in a sentence.
    pub why: String,
    /// Whether that alone makes the gate fail: what the base had is gone.
    pub fails: bool,
}

/// How a gate ended, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// A pass crashed, hung or answered wrongly.
    Failed,
    /// A control failed: the session shows nothing.
    Invalid,
    /// Something regressed that no waiver covers.
    Regressed,
    /// An expectation of a workload is broken.
    Broken,
    /// Nothing could be compared, or what the base has is missing.
    NothingCompared,
    /// An exact figure improved and the policy wants its baseline renewed.
    Outdated,
    /// The policy demands a verdict and there is none.
    Inconclusive,
    /// All is well.
    Passed,
}

impl Conclusion {
    /// The exit code that tells it.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Regressed | Self::Broken => 3,
            Self::Inconclusive => 4,
            Self::NothingCompared | Self::Outdated => 5,
            Self::Invalid => 6,
        }
    }

    /// The word for it, as the last line of a gate says it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
            Self::Regressed => "REGRESSED",
            Self::Broken => "EXPECTATION BROKEN",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::NothingCompared => "NOTHING COMPARED",
            Self::Outdated => "BASELINE OUTDATED",
            Self::Invalid => "INVALID",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_conclusion_comes_first() {
        let mut all = [Conclusion::Passed, Conclusion::Regressed, Conclusion::Invalid, Conclusion::Failed];
        all.sort_unstable();
        assert_eq!(all.map(Conclusion::code), [1, 6, 3, 0]);
    }

    #[test]
    fn controls_of_older_versions_are_read() {
        let old = r#"{"kind":"reachable","held":true,"said":"12 pairs"}"#;
        let read: Control = serde_json::from_str(old).unwrap();
        assert_eq!(read, Control { kind: ControlKind::EnoughPairs, passed: true, said: "12 pairs".into() });
    }
}
