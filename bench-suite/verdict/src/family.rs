//! Many tests at once: what one may say of all of them together.
//!
//! Of thirty tests at 1 % each, one in four runs would call something *regressed* that is not. So all tests of a
//! run share one chance of a false verdict, for each verdict:
//!
//! ```text
//! alpha / tests ─▶ one plan for all ─▶ each test stops by itself ─▶ Holm: what was spent on a rejection is freed
//! ```
//!
//! A rejection frees its share for the others: after `k` of `m` hypotheses are rejected, each of the rest may
//! spend `alpha / (m - k)`. The level of the same looks is computed anew, and compared with the p-values that were
//! recorded at them. Holm, *A simple sequentially rejective multiple test procedure* (1979); for planned
//! looks: Ye, Li, Liu and Yao, *A group sequential Holm procedure with multiple primary endpoints* (2013).
//!
//! The hypotheses "not worse", "not better" and "differs by delta" are three families with an `alpha` each.

use formats::gate::Verdict;
use serde::Serialize;
use thiserror::Error;

use crate::sequential::{Look, Plan, PlanError, Thresholds};

/// The tests of one run, and the plan that each of them follows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Family {
    alpha: f64,
    tests: usize,
    plan: Plan,
}

/// What one test saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestRecord {
    /// What matters in this test.
    pub thresholds: Thresholds,
    /// Every planned look that it reached, in order. Nothing else: no description of pairs between looks.
    pub looks: Vec<Look>,
}

/// What a test comes to in its family.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TestConclusion {
    /// The verdict.
    pub verdict: Verdict,
    /// Pairs at the look that decided; nothing if none did.
    pub pairs: Option<usize>,
    /// The level at which that look decided, or the last that was tried.
    pub level: f64,
    /// Its own share did not suffice: what other tests freed decided.
    pub by_holm: bool,
}

/// Why a family makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum FamilyError {
    /// No test.
    #[error("a family of no tests: nothing would be compared")]
    Empty,
    /// More tests were recorded than share the chance.
    #[error("{records} tests were recorded and the chance of a false verdict was shared among {tests}")]
    TooMany {
        /// Tests that were planned.
        tests: usize,
        /// Tests that were recorded.
        records: usize,
    },
    /// A look was recorded that was not planned.
    #[error("test {test} was looked at with {pairs} pairs, which was not planned")]
    NotALook {
        /// The position of the test, from 0.
        test: usize,
        /// Pairs at that look.
        pairs: usize,
    },
    /// There is no plan for the share of one test.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Family {
    /// Shares `alpha` among as many tests, each with at most `max_pairs` pairs.
    pub fn new(alpha: f64, tests: usize, max_pairs: usize) -> Result<Self, FamilyError> {
        if tests == 0 {
            return Err(FamilyError::Empty);
        }
        Ok(Self { alpha, tests, plan: Plan::new(alpha / tests as f64, max_pairs)? })
    }

    /// What each test follows.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How many tests share the chance.
    #[must_use]
    pub const fn tests(&self) -> usize {
        self.tests
    }

    /// The verdicts, in the order of the records, once all tests have stopped. Tests that were planned and not
    /// run keep their share.
    ///
    /// What a test said by its own share stands. Only an inconclusive one is looked at again.
    pub fn conclude(&self, records: &[TestRecord]) -> Result<Vec<TestConclusion>, FamilyError> {
        self.check(records)?;
        let mut conclusions = vec![TestConclusion::none(self.plan.level()); records.len()];
        loop {
            let levels = self.levels_after(&conclusions);
            let mut decided = false;
            for (record, conclusion) in records.iter().zip(&mut conclusions) {
                if conclusion.verdict == Verdict::Inconclusive {
                    *conclusion =
                        record.at(&levels).unwrap_or_else(|| TestConclusion::none(levels.largest()));
                    conclusion.by_holm = conclusion.pairs.is_some() && conclusion.level > self.plan.level();
                    decided |= conclusion.pairs.is_some();
                }
            }
            if !decided {
                return Ok(conclusions);
            }
        }
    }

    fn check(&self, records: &[TestRecord]) -> Result<(), FamilyError> {
        if records.len() > self.tests {
            return Err(FamilyError::TooMany { tests: self.tests, records: records.len() });
        }
        let planned = self.plan.looks();
        for (test, record) in records.iter().enumerate() {
            let stray =
                record.looks.iter().enumerate().find(|(at, look)| planned.get(*at) != Some(&look.pairs));
            if let Some((_, look)) = stray {
                return Err(FamilyError::NotALook { test, pairs: look.pairs });
            }
        }
        Ok(())
    }

    /// The levels for the rest after these.
    fn levels_after(&self, conclusions: &[TestConclusion]) -> Levels {
        let level = |verdict| {
            let rejected = conclusions.iter().filter(|one| one.verdict == verdict).count();
            let rest = self.tests.saturating_sub(rejected).max(1);
            if rejected == 0 { self.plan.level() } else { self.plan.level_for(self.alpha / rest as f64) }
        };
        Levels {
            regressed: level(Verdict::Regressed),
            improved: level(Verdict::Improved),
            unchanged: level(Verdict::Unchanged),
        }
    }
}

/// The level of each verdict, as far as rejections have freed it.
struct Levels {
    regressed: f64,
    improved: f64,
    unchanged: f64,
}

impl Levels {
    const fn of(&self, verdict: Verdict) -> f64 {
        match verdict {
            Verdict::Regressed => self.regressed,
            Verdict::Improved => self.improved,
            Verdict::Unchanged => self.unchanged,
            Verdict::Inconclusive => 0.0,
        }
    }

    const fn largest(&self) -> f64 {
        self.regressed.max(self.improved).max(self.unchanged)
    }
}

impl TestRecord {
    /// The first look that says something, each verdict at its own level.
    fn at(&self, levels: &Levels) -> Option<TestConclusion> {
        let says = |look: &Look| {
            [Verdict::Regressed, Verdict::Improved, Verdict::Unchanged]
                .into_iter()
                .find(|verdict| look.says(levels.of(*verdict), &self.thresholds) == Some(*verdict))
        };
        self.looks.iter().find_map(|look| {
            let verdict = says(look)?;
            Some(TestConclusion {
                verdict,
                pairs: Some(look.pairs),
                level: levels.of(verdict),
                by_holm: false,
            })
        })
    }
}

impl TestConclusion {
    const fn none(level: f64) -> Self {
        Self { verdict: Verdict::Inconclusive, pairs: None, level, by_holm: false }
    }
}

/// Which of many p-values to believe, if at most a share `rate` of those believed may be false on average: for
/// exploring many series, where one more false alarm costs a look. Benjamini and Hochberg, *Controlling the
/// false discovery rate* (1995).
///
/// Returns the largest p-value to believe: all at most as large are. Nothing if none is.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64], rate: f64) -> Option<f64> {
    let mut sorted = p_values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let tests = sorted.len() as f64;
    sorted.iter().zip(1..).filter(|(p, rank)| **p <= rate * f64::from(*rank) / tests).map(|(p, _)| *p).last()
}

#[cfg(test)]
mod tests;
