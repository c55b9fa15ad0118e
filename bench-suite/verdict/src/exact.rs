//! The exact rule: figures that are the same whenever the same work is done.
//!
//! Allocations, bytes, rehashed entries and their like are whole numbers that depend on the tape and the seed of
//! the hasher alone. They are compared as such, seed by seed, without statistics: a difference beyond the
//! tolerance is a difference. Every seed counts, for a fault that shows with one seed only is a fault.
//!
//! A figure that base itself does not repeat is no such figure. It is taken out and the reason is said.

use formats::gate::Verdict;
use serde::Serialize;
use thiserror::Error;

/// Which way a figure gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    /// More is worse: allocations, bytes, rehashed entries, equality calls, dead slots, instructions.
    Up,
    /// Less is worse: reused slots.
    Down,
}

/// What became of a figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactJudgement {
    /// Over all seeds: regressed if any of them is worse beyond the tolerance, improved if none is and any is
    /// better beyond it. Inconclusive only if demoted.
    pub verdict: Verdict,
    /// The position of the seed that decided: the one that got worst, or if all are the same or better, the
    /// one that got best.
    pub seed: usize,
    /// Its change, relative to base: 0.5 is half as much again, -0.5 is half. Absent where base was 0 and head
    /// is not: that is no ratio.
    pub change: Option<f64>,
    /// How many seeds got worse beyond the tolerance.
    pub worse_seeds: usize,
    /// How many got better beyond it.
    pub better_seeds: usize,
    /// Why the figure was taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demoted: Option<String>,
}

/// Why figures cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ExactError {
    /// There is none.
    #[error("no figure to compare")]
    Empty,
    /// One side measured more seeds than the other.
    #[error("base has figures of {base} seeds and {side} of {other}")]
    Seeds {
        /// Seeds of base.
        base: usize,
        /// Which side differs.
        side: &'static str,
        /// Seeds of that side.
        other: usize,
    },
    /// The tolerance is negative, infinite or no number.
    #[error("a tolerance of {0} makes no sense")]
    Tolerance(f64),
}

/// Compares the figures of head with those of base, one for each seed in the same order. `again` is base
/// measured a second time; absent where base was stored. `tolerance` is relative to base.
pub fn judge(
    base: &[u64],
    again: Option<&[u64]>,
    head: &[u64],
    worse: Worse,
    tolerance: f64,
) -> Result<ExactJudgement, ExactError> {
    if !(tolerance >= 0.0 && tolerance.is_finite()) {
        return Err(ExactError::Tolerance(tolerance));
    }
    let as_many = |side, other: &[u64]| {
        let (base, other) = (base.len(), other.len());
        if base == other { Ok(()) } else { Err(ExactError::Seeds { base, side, other }) }
    };
    as_many("head", head)?;
    as_many("base measured again", again.unwrap_or(base))?;

    let changes: Vec<Change> =
        base.iter().zip(head).map(|(base, head)| Change::of(*base, *head, worse)).collect();
    let count = |way: f64| {
        changes.iter().filter(|change| change.beyond(tolerance) && change.worsening * way > 0.0).count()
    };
    let (worse_seeds, better_seeds) = (count(1.0), count(-1.0));
    let by_worsening = |a: &(usize, &Change), b: &(usize, &Change)| a.1.worsening.total_cmp(&b.1.worsening);
    // Of equal seeds the first.
    let most = changes.iter().enumerate().rev().max_by(by_worsening).ok_or(ExactError::Empty)?;
    let least = changes.iter().enumerate().min_by(by_worsening).ok_or(ExactError::Empty)?;
    let (seed, decided) = if most.1.worsening > 0.0 { most } else { least };
    let demoted = again.and_then(|again| difference(base, again));
    let verdict = match (&demoted, worse_seeds, better_seeds) {
        (Some(_), _, _) => Verdict::Inconclusive,
        (None, 1.., _) => Verdict::Regressed,
        (None, 0, 1..) => Verdict::Improved,
        (None, 0, 0) => Verdict::Unchanged,
    };
    Ok(ExactJudgement { verdict, seed, change: decided.relative(), worse_seeds, better_seeds, demoted })
}

/// One seed's figure, before and after.
struct Change {
    base: u64,
    head: u64,
    /// Relative to base, positive if worse; infinite where base was 0.
    worsening: f64,
}

impl Change {
    fn of(base: u64, head: u64, worse: Worse) -> Self {
        let size = match head.abs_diff(base) {
            0 => 0.0,
            difference => difference as f64 / base as f64,
        };
        let is_worse = match worse {
            Worse::Up => head > base,
            Worse::Down => head < base,
        };
        Self { base, head, worsening: if is_worse { size } else { -size } }
    }

    fn beyond(&self, tolerance: f64) -> bool {
        self.head != self.base && self.worsening.abs() > tolerance
    }

    fn relative(&self) -> Option<f64> {
        let size = self.worsening.abs();
        size.is_finite().then_some(if self.head < self.base { -size } else { size })
    }
}

/// The sentence that takes a figure out, if base does not repeat it.
fn difference(base: &[u64], again: &[u64]) -> Option<String> {
    let seed = base.iter().zip(again).position(|(first, second)| first != second)?;
    let differing = base.iter().zip(again).filter(|(first, second)| first != second).count();
    Some(format!(
        "not deterministic: base itself gave {} and then {} for seed {} ({differing} of {} seeds differ)",
        base[seed],
        again[seed],
        seed + 1,
        base.len(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn up(base: &[u64], head: &[u64], tolerance: f64) -> ExactJudgement {
        judge(base, Some(base), head, Worse::Up, tolerance).unwrap()
    }

    #[test]
    fn one_more_allocation_is_one_too_many() {
        let judged = up(&[100, 100, 100], &[100, 101, 100], 0.0);
        assert_eq!((judged.verdict, judged.seed, judged.worse_seeds), (Verdict::Regressed, 1, 1));
        assert!((judged.change.unwrap() - 0.01).abs() < 1e-12);
        assert_eq!(up(&[7, 8, 9], &[7, 8, 9], 0.0).verdict, Verdict::Unchanged);
    }

    #[test]
    fn a_worse_seed_is_not_made_good_by_better_ones() {
        let judged = up(&[100, 100, 100], &[50, 50, 101], 0.0);
        assert_eq!((judged.verdict, judged.worse_seeds, judged.better_seeds), (Verdict::Regressed, 1, 2));
        assert_eq!(up(&[100, 100, 100], &[50, 100, 100], 0.0).verdict, Verdict::Improved);
    }

    #[test]
    fn within_the_tolerance_is_unchanged() {
        assert_eq!(up(&[1000], &[1010], 0.01).verdict, Verdict::Unchanged);
        assert_eq!(up(&[1000], &[1011], 0.01).verdict, Verdict::Regressed);
        assert_eq!(up(&[1000], &[989], 0.01).verdict, Verdict::Improved);
    }

    #[test]
    fn fewer_reused_slots_are_worse() {
        let judged = judge(&[90], None, &[80], Worse::Down, 0.0).unwrap();
        assert_eq!(judged.verdict, Verdict::Regressed);
        assert!(judged.change.unwrap() < 0.0);
        assert_eq!(judge(&[90], None, &[91], Worse::Down, 0.0).unwrap().verdict, Verdict::Improved);
    }

    #[test]
    fn something_out_of_nothing_has_no_ratio() {
        let judged = up(&[0], &[1], 0.5);
        assert_eq!((judged.verdict, judged.change), (Verdict::Regressed, None));
        assert_eq!(up(&[0], &[0], 0.0).change, Some(0.0));
        assert_eq!(up(&[5], &[0], 0.0).change, Some(-1.0));
    }

    #[test]
    fn what_base_does_not_repeat_is_taken_out() {
        let judged = judge(&[5, 6, 7], Some(&[5, 8, 7]), &[50, 60, 70], Worse::Up, 0.0).unwrap();
        assert_eq!(judged.verdict, Verdict::Inconclusive);
        assert_eq!(
            judged.demoted.unwrap(),
            "not deterministic: base itself gave 6 and then 8 for seed 2 (1 of 3 seeds differ)"
        );
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        assert_eq!(judge(&[], None, &[], Worse::Up, 0.0), Err(ExactError::Empty));
        let error = judge(&[1, 2], None, &[1], Worse::Up, 0.0).unwrap_err();
        assert_eq!(error.to_string(), "base has figures of 2 seeds and head of 1");
        assert!(judge(&[1, 2], Some(&[1]), &[1, 2], Worse::Up, 0.0).is_err());
        assert!(matches!(judge(&[1], None, &[1], Worse::Up, f64::NAN), Err(ExactError::Tolerance(_))));
        assert!(judge(&[1], None, &[1], Worse::Up, -0.1).is_err());
    }

    proptest! {
        #[test]
        fn up_and_down_mirror(figures in prop::collection::vec((0..50_u64, 0..50_u64), 1..5), tolerance in 0.0..0.5_f64) {
            let (base, head): (Vec<u64>, Vec<u64>) = figures.into_iter().unzip();
            let up = judge(&base, None, &head, Worse::Up, tolerance).unwrap();
            let down = judge(&base, None, &head, Worse::Down, tolerance).unwrap();
            prop_assert_eq!((up.worse_seeds, up.better_seeds), (down.better_seeds, down.worse_seeds));
            let any_worse = base.iter().zip(&head).any(|(base, head)| *head as f64 > *base as f64 * (1.0 + tolerance) + 1e-9);
            prop_assert!(!any_worse || up.verdict == Verdict::Regressed);
            prop_assert!(base != head || up.verdict == Verdict::Unchanged);
        }
    }
}
