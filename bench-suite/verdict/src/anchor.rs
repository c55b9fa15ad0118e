//! Slow drift: each commit so little slower than its parent that the gate lets it pass, and all of them together
//! not.
//!
//! Every now and then head is compared with a fixed old commit, the anchor, in pairs like any other base. The
//! drift is what lies between them, whatever the steps were.

use formats::gate::Verdict;
use serde::Serialize;
use thiserror::Error;

use crate::{normal, sequential::Thresholds, signed_rank::Interval};

/// One commit, compared with the anchor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Natural logarithm of commit over anchor; larger is worse.
    pub ratio: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// How far the newest commit has drifted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// Regressed or improved: the whole interval lies beyond delta. Unchanged: the whole interval lies within.
    /// Else inconclusive.
    pub verdict: Verdict,
    /// Natural logarithm of the newest commit over the anchor.
    pub ratio: f64,
    /// Where it lies, at the level on each side: normal, for a ratio is an average of many pairs.
    pub interval: Interval,
    /// The index of the commit from which on the verdict has been the same. For a drift, nobody's fault: it
    /// is where the sum of small steps became visible.
    pub since: usize,
}

/// Why nothing can be said of drift.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DriftError {
    /// No commit was compared with the anchor.
    #[error("no commit was compared with the anchor")]
    Empty,
    /// A ratio is no number, or its error is negative or no number.
    #[error(
        "commit {index} has a log ratio of {ratio} with a standard error of {standard_error}, which is no measurement"
    )]
    NotAMeasurement {
        /// The position of the commit, from 0.
        index: usize,
        /// Its ratio.
        ratio: f64,
        /// Its standard error.
        standard_error: f64,
    },
    /// The chance of a false alarm is no chance.
    #[error("a chance of a false alarm of {0} makes no sense: it must be above 0 and below 0.5")]
    Level(f64),
}

/// Judges the newest of the commits, given oldest first. A commit that has not drifted by delta is called so
/// with a chance of at most `level`; who judges several series divides it among them.
pub fn judge(points: &[Point], thresholds: &Thresholds, level: f64) -> Result<Drift, DriftError> {
    if !(level > 0.0 && level < 0.5) {
        return Err(DriftError::Level(level));
    }
    let broken = |point: &Point| {
        !point.ratio.is_finite() || !point.standard_error.is_finite() || point.standard_error < 0.0
    };
    if let Some(index) = points.iter().position(broken) {
        let Point { ratio, standard_error } = points[index];
        return Err(DriftError::NotAMeasurement { index, ratio, standard_error });
    }
    let z = normal::exceeded_with(level);
    let newest = points.last().ok_or(DriftError::Empty)?;
    let verdict = newest.verdict(z, thresholds.delta());
    let same =
        points.iter().rev().take_while(|point| point.verdict(z, thresholds.delta()) == verdict).count();
    let (lower, upper) = newest.ends(z);
    Ok(Drift {
        verdict,
        ratio: newest.ratio,
        interval: Interval { lower: Some(lower), upper: Some(upper) },
        since: points.len() - same,
    })
}

impl Point {
    fn ends(&self, z: f64) -> (f64, f64) {
        (self.ratio - z * self.standard_error, self.ratio + z * self.standard_error)
    }

    fn verdict(&self, z: f64, delta: f64) -> Verdict {
        match self.ends(z) {
            (lower, _) if lower > delta => Verdict::Regressed,
            (_, upper) if upper < -delta => Verdict::Improved,
            (lower, upper) if lower > -delta && upper < delta => Verdict::Unchanged,
            _ => Verdict::Inconclusive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequential::{Next, Plan, judge as judge_pairs};
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn thresholds() -> Thresholds {
        Thresholds::new(0.005, 0.03).unwrap()
    }

    fn point(ratio: f64, standard_error: f64) -> Point {
        Point { ratio, standard_error }
    }

    /// Mean and standard error of pairs.
    fn measured(pairs: &[f64]) -> Point {
        let n = pairs.len() as f64;
        let mean = pairs.iter().sum::<f64>() / n;
        let square = pairs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        point(mean, (square / n).sqrt())
    }

    /// What the gate says of these pairs.
    fn gated(pairs: &[f64], plan: &Plan) -> Verdict {
        let says = |n: &usize| match judge_pairs(&pairs[..*n], plan, &thresholds()).unwrap().next {
            Next::Stop(verdict) => Some(verdict),
            Next::Continue(_) => None,
        };
        plan.looks().iter().find_map(says).unwrap()
    }

    /// Five commits of +1 % each, a hundred times over: the gate passes them against their parents, and the
    /// anchor tells.
    #[test]
    fn five_small_steps_pass_one_by_one_and_are_caught_together() {
        let plan = Plan::new(0.01, 32).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let mut pairs =
            |centre: f64| -> Vec<f64> { (0..32).map(|_| centre + 0.011 * normal::draw(&mut rng)).collect() };
        let step = libm::log1p(0.01);
        let (mut stopped, mut caught) = (0, 0);
        for _ in 0..100 {
            stopped += (0..5).filter(|_| gated(&pairs(step), &plan) == Verdict::Regressed).count();
            let points: Vec<Point> =
                (1..=5).map(|commit| measured(&pairs(step * f64::from(commit)))).collect();
            assert_ne!(judge(&points[..1], &thresholds(), 0.01).unwrap().verdict, Verdict::Regressed);
            let drift = judge(&points, &thresholds(), 0.01).unwrap();
            caught += usize::from(drift.verdict == Verdict::Regressed && drift.since >= 2);
        }
        assert!(stopped <= 40, "{stopped} of 500 steps were stopped");
        assert!(caught >= 99, "{caught} of 100 drifts were caught");
    }

    #[test]
    fn each_verdict() {
        let of = |ratio, error| judge(&[point(ratio, error)], &thresholds(), 0.01).unwrap().verdict;
        assert_eq!(of(0.05, 0.004), Verdict::Regressed);
        assert_eq!(of(-0.05, 0.004), Verdict::Improved);
        assert_eq!(of(0.01, 0.004), Verdict::Unchanged);
        assert_eq!(of(0.05, 0.02), Verdict::Inconclusive);
        assert_eq!(of(0.03, 0.001), Verdict::Inconclusive);
    }

    #[test]
    fn what_just_reaches_delta_is_rarely_called_drift() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
        let mut drifted = || {
            let noisy = point(0.03 + 0.004 * normal::draw(&mut rng), 0.004);
            judge(&[noisy], &thresholds(), 0.01).unwrap().verdict == Verdict::Regressed
        };
        let alarms = (0..10_000).filter(|_| drifted()).count();
        assert!((70..=130).contains(&alarms), "{alarms} of 10000");
    }

    #[test]
    fn refuses_what_is_no_measurement() {
        assert_eq!(judge(&[], &thresholds(), 0.01), Err(DriftError::Empty));
        assert!(matches!(
            judge(&[point(f64::NAN, 0.1)], &thresholds(), 0.01),
            Err(DriftError::NotAMeasurement { .. })
        ));
        assert!(matches!(
            judge(&[point(0.0, -0.1)], &thresholds(), 0.01),
            Err(DriftError::NotAMeasurement { .. })
        ));
        assert!(matches!(judge(&[point(0.0, 0.1)], &thresholds(), 0.5), Err(DriftError::Level(_))));
    }
}
