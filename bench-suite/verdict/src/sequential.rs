//! The planned looks: how a comparison of head with base may stop early and still keep its word.
//!
//! ```text
//! log ratios of pairs ─▶ at each planned look: four signed-rank tests at one level ─▶ a verdict, or more pairs
//! ```
//!
//! Looking several times gives chance several chances. So each look uses a nominal level `c` below the `alpha`
//! that the test may spend: `c` is such that a centre of zero crosses at **any** of the looks with a chance of
//! at most `alpha`. Given the distances from the centre, their signs are fair coins; so `c` depends on the list
//! of looks alone, and one table holds for every machine and every benchmark: see `levels.rs`. Pocock,
//! *Group sequential methods* (1977) is the same for normal data.
//!
//! A look can only reject if it has enough pairs: the smallest p-value of `n` pairs is `2^-n`. A plan whose
//! looks could never reject is refused.

mod levels;

use formats::gate::Verdict;
use serde::Serialize;
use thiserror::Error;

use crate::signed_rank::{self, Interval};

/// Most pairs that a plan may have; a plan uses the largest of these that it is given.
pub const BUDGETS: [usize; 12] = [8, 10, 12, 16, 20, 24, 28, 32, 36, 40, 48, 64];

/// How many levels were calibrated.
pub const STEPS: usize = 129;

/// The calibrated levels, from `2^-4` to `2^-20`, each an eighth of a power of 2 below the one before.
#[must_use]
pub fn step_level(step: usize) -> f64 {
    libm::exp2(-4.0 - step as f64 / 8.0)
}

/// The fewest pairs that can reject at `level`: the smallest `n` with `2^-n <= level`.
#[must_use]
pub fn first_look(level: f64) -> usize {
    if level.is_nan() || level <= 0.0 {
        return usize::MAX;
    }
    // The level is at least 2^(exponent - 1) and less than 2^exponent.
    let (_, exponent) = libm::frexp(level);
    usize::try_from(1 - i64::from(exponent)).unwrap_or(0)
}

/// Numbers of pairs at which is looked: `first`, each a fifth more than the one before, and at last `budget`.
/// None if `first` is beyond `budget`.
#[must_use]
pub fn looks(first: usize, budget: usize) -> Vec<usize> {
    let fifth_more = |n: &usize| Some((12 * n + 5) / 10).filter(|next| next > n);
    // A look with hardly fewer pairs than the last would cost it level and find nothing.
    let worth_it = |n: &usize| *n < budget && (*n == first || 11 * n <= 10 * budget);
    let growing = std::iter::successors(Some(first), fifth_more).take_while(worth_it);
    growing.chain((first <= budget).then_some(budget)).collect()
}

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PlanError {
    /// The chance of a false verdict is no chance.
    #[error("a chance of a false verdict of {0} makes no sense: it must be above 0 and at most 0.2")]
    Level(f64),
    /// No look could ever reject.
    #[error(
        "{max_pairs} pairs can never decide at a chance of a false verdict of {alpha:.3e}: {}",
        needed.map_or_else(
            || format!("{} pairs would not do either", BUDGETS[BUDGETS.len() - 1]),
            |pairs| format!("at least {pairs} pairs are needed"),
        )
    )]
    Unreachable {
        /// What the test may spend.
        alpha: f64,
        /// How many pairs there may be.
        max_pairs: usize,
        /// The smallest budget that can decide, if any can.
        needed: Option<usize>,
    },
}

/// When a test looks, and how small a p-value must be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    alpha: f64,
    level: f64,
    looks: Vec<usize>,
}

impl Plan {
    /// Plans a test that says *regressed* of a head that is not with a chance of at most `alpha`, and so for
    /// *improved* and *unchanged*, and that sees at most `max_pairs` pairs. It sees as many as the largest of
    /// [`BUDGETS`] that is not above it.
    pub fn new(alpha: f64, max_pairs: usize) -> Result<Self, PlanError> {
        if !(alpha > 0.0 && alpha <= 0.2) {
            return Err(PlanError::Level(alpha));
        }
        Self::within(alpha, max_pairs).ok_or_else(|| {
            let needed = BUDGETS.into_iter().find(|budget| Self::within(alpha, *budget).is_some());
            PlanError::Unreachable { alpha, max_pairs, needed }
        })
    }

    fn within(alpha: f64, max_pairs: usize) -> Option<Self> {
        let column = BUDGETS.iter().rposition(|budget| *budget <= max_pairs)?;
        let budget = BUDGETS[column];
        let calibrated = |step: usize| {
            let level = step_level(step);
            let first = first_look(level);
            let bound = level * f64::from(levels::OWN[step][column]) / 1000.0;
            (first <= budget && bound <= alpha).then(|| Self { alpha, level, looks: looks(first, budget) })
        };
        // Beyond the table each look gets its share: less power, and no less safe.
        let shared = |first: usize| {
            let looks = looks(first, budget);
            let level = alpha / looks.len() as f64;
            (first_look(level) <= first).then_some(Self { alpha, level, looks })
        };
        (0..STEPS).find_map(calibrated).or_else(|| (first_look(alpha)..=budget).find_map(shared))
    }

    /// The chance of a false verdict that this test may spend, for each verdict.
    #[must_use]
    pub const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// A p-value at most this small at any one look decides.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// Numbers of pairs at which is looked, ascending. There is at least one.
    #[must_use]
    pub fn looks(&self) -> &[usize] {
        &self.looks
    }

    /// The first look; it can reject.
    #[must_use]
    pub fn first(&self) -> usize {
        self.looks[0]
    }

    /// The last look: no verdict by then is *inconclusive*.
    #[must_use]
    pub fn last(&self) -> usize {
        self.looks[self.looks.len() - 1]
    }

    /// The level of the same looks when the test may spend `alpha`: for Holm's procedure, which has more to
    /// spend after each rejection. Never below the level of the plan if `alpha` is not below the plan's.
    #[must_use]
    pub fn level_for(&self, alpha: f64) -> f64 {
        let column = BUDGETS.iter().position(|budget| *budget == self.last());
        // The table knows the lists that begin at the first look of a level, or later, up to that of the last.
        let known = |level: f64| {
            first_look(level) <= self.first() && self.first() <= first_look(step_level(STEPS - 1))
        };
        let bound =
            |step: usize, column: usize| step_level(step) * f64::from(levels::LATER[step][column]) / 1000.0;
        let calibrated = column.and_then(|column| {
            (0..STEPS).find(|step| known(step_level(*step)) && bound(*step, column) <= alpha).map(step_level)
        });
        let shared = alpha / self.looks.len() as f64;
        let planned = if alpha >= self.alpha { self.level } else { 0.0 };
        calibrated.unwrap_or(0.0).max(shared).max(planned)
    }
}

/// What a difference must be to matter, as natural logarithms of head over base: larger is worse.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    tolerance: f64,
    delta: f64,
}

/// Why thresholds make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error(
    "the tolerance {tolerance} and the difference to detect {delta} make no sense: 0 <= tolerance < difference"
)]
pub struct ThresholdsError {
    tolerance: f64,
    delta: f64,
}

impl Thresholds {
    /// `tolerance` is what the layout of the program alone may do; `delta` what must be detected.
    pub fn new(tolerance: f64, delta: f64) -> Result<Self, ThresholdsError> {
        let sensible = tolerance >= 0.0 && tolerance < delta && delta.is_finite();
        sensible.then_some(Self { tolerance, delta }).ok_or(ThresholdsError { tolerance, delta })
    }

    /// A centre within this of zero is no difference.
    #[must_use]
    pub const fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// A centre beyond this of zero must be found; one within it may be called *unchanged*.
    #[must_use]
    pub const fn delta(&self) -> f64 {
        self.delta
    }

    /// What an estimate must exceed to be called a difference, however sure it is.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.delta / 2.0
    }
}

/// What a look saw. P-values are one-sided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Look {
    /// Pairs so far.
    pub pairs: usize,
    /// Against "at most `tolerance`": small if head is worse.
    pub p_regressed: f64,
    /// Against "at least `-tolerance`": small if head is better.
    pub p_improved: f64,
    /// Against "at least `delta`": small if head is not much worse.
    pub p_below_delta: f64,
    /// Against "at most `-delta`": small if head is not much better.
    pub p_above_minus_delta: f64,
    /// Hodges–Lehmann estimate of the log ratio.
    pub estimate: f64,
    /// Where the log ratio lies, at the level of the plan on each side.
    pub interval: Interval,
}

impl Look {
    /// What this look says at `level`.
    #[must_use]
    pub fn says(&self, level: f64, thresholds: &Thresholds) -> Option<Verdict> {
        if self.p_regressed <= level && self.estimate > thresholds.floor() {
            Some(Verdict::Regressed)
        } else if self.p_improved <= level && self.estimate < -thresholds.floor() {
            Some(Verdict::Improved)
        } else if self.p_below_delta.max(self.p_above_minus_delta) <= level {
            Some(Verdict::Unchanged)
        } else {
            None
        }
    }
}

/// How it goes on after a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Nothing is decided: measure until there are this many pairs.
    Continue(usize),
    /// The test is over.
    Stop(Verdict),
}

/// A look and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct JudgedLook {
    /// What it saw.
    pub look: Look,
    /// What follows.
    pub next: Next,
}

/// Why nothing may be judged.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum JudgeError {
    /// Judging between looks would be one more chance for chance.
    #[error("{pairs} pairs are no planned look")]
    NotALook {
        /// Pairs there are.
        pairs: usize,
    },
    /// A ratio is infinite or no number.
    #[error("the log ratio {ratio} of pair {pair} is no number")]
    NotANumber {
        /// The position of the pair, from 0.
        pair: usize,
        /// What stands there.
        ratio: f64,
    },
}

/// Judges log ratios of head over base at a planned look.
pub fn judge(pairs: &[f64], plan: &Plan, thresholds: &Thresholds) -> Result<JudgedLook, JudgeError> {
    let not_a_look = JudgeError::NotALook { pairs: pairs.len() };
    let position = plan.looks.binary_search(&pairs.len()).map_err(|_| not_a_look)?;
    let look = describe(pairs, plan, thresholds)?.ok_or(not_a_look)?;
    let next = match (look.says(plan.level, thresholds), plan.looks.get(position + 1)) {
        (Some(verdict), _) => Next::Stop(verdict),
        (None, Some(pairs)) => Next::Continue(*pairs),
        (None, None) => Next::Stop(Verdict::Inconclusive),
    };
    Ok(JudgedLook { look, next })
}

/// Describes pairs without judging them, for a test whose time ran out between two looks: it is
/// *inconclusive*, and this is the estimate and interval to print. Must not be given to `family` as a look.
/// Nothing if there are no pairs.
pub fn describe(pairs: &[f64], plan: &Plan, thresholds: &Thresholds) -> Result<Option<Look>, JudgeError> {
    if let Some(pair) = pairs.iter().position(|ratio| !ratio.is_finite()) {
        return Err(JudgeError::NotANumber { pair, ratio: pairs[pair] });
    }
    let centre = signed_rank::centre(pairs, signed_rank::critical(pairs.len(), plan.level));
    Ok(centre.map(|(estimate, interval)| Look {
        pairs: pairs.len(),
        p_regressed: signed_rank::p_greater(pairs, thresholds.tolerance),
        p_improved: signed_rank::p_less(pairs, -thresholds.tolerance),
        p_below_delta: signed_rank::p_less(pairs, thresholds.delta),
        p_above_minus_delta: signed_rank::p_greater(pairs, -thresholds.delta),
        estimate,
        interval,
    }))
}

#[cfg(test)]
mod tests;
