//! What a plan can see, said before anything is measured, or afterwards from the noise that was met.

use formats::gate::Verdict;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    normal,
    sequential::{Plan, Thresholds},
    signed_rank::{self, Interval},
};

/// Simulated tests. The standard error of a power of 95 % is 0.7 % then.
const TESTS: usize = 1000;
const SEED: u64 = 6;

/// How likely a plan is to find an effect: a simulation of the whole rule with normal pairs and a fixed seed, so
/// the same plan gives the same answers. Made once for a plan, it answers for any noise and any thresholds.
#[derive(Debug, Clone)]
pub struct Power {
    /// What each test sees at each look, where there is no effect and the noise is 1.
    tests: Vec<Vec<SimulatedLook>>,
}

impl Power {
    /// Of this plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let critical = |n: &usize| (*n, signed_rank::critical(*n, plan.level()));
        let looks: Vec<(usize, Option<usize>)> = plan.looks().iter().map(critical).collect();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
        let test = |_| {
            let noise: Vec<f64> = (0..plan.last()).map(|_| normal::draw(&mut rng)).collect();
            looks.iter().filter_map(|(n, critical)| SimulatedLook::of(&noise[..*n], *critical)).collect()
        };
        Self { tests: (0..TESTS).map(test).collect() }
    }

    /// The share of tests that call `effect`, a log ratio, *regressed*, when pairs have the standard deviation
    /// `deviation`, as log ratios.
    #[must_use]
    pub fn at(&self, effect: f64, thresholds: &Thresholds, deviation: f64) -> f64 {
        let says = |look: &SimulatedLook| look.says(effect, deviation, thresholds);
        let found = |looks: &&Vec<SimulatedLook>| looks.iter().find_map(says) == Some(Verdict::Regressed);
        self.tests.iter().filter(found).count() as f64 / TESTS as f64
    }

    /// The smallest log ratio that is called *regressed* with a chance of at least `power`. Infinite if none is.
    #[must_use]
    pub fn minimum_detectable(&self, thresholds: &Thresholds, deviation: f64, power: f64) -> f64 {
        // Forty standard deviations beyond what matters: what is not seen there never is.
        let (mut hidden, mut seen) = (0.0, thresholds.delta() + 40.0 * deviation);
        if self.at(seen, thresholds, deviation) < power {
            return f64::INFINITY;
        }
        for _ in 0..50 {
            let middle = f64::midpoint(hidden, seen);
            if self.at(middle, thresholds, deviation) < power { hidden = middle } else { seen = middle }
        }
        seen
    }
}

/// [`Power::minimum_detectable`] for one test alone. Who has more of them with one plan keeps its [`Power`].
#[must_use]
pub fn minimum_detectable(plan: &Plan, thresholds: &Thresholds, deviation: f64, power: f64) -> f64 {
    Power::of(plan).minimum_detectable(thresholds, deviation, power)
}

/// The standard deviation of pairs, as log ratios; nothing if there are fewer than two.
#[must_use]
pub fn deviation(pairs: &[f64]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean = pairs.iter().sum::<f64>() / n;
    let squares: f64 = pairs.iter().map(|pair| (pair - mean).powi(2)).sum();
    (pairs.len() > 1).then(|| (squares / (n - 1.0)).sqrt())
}

/// What a look sees where there is no effect. Noise stretches it, and an effect moves it.
#[derive(Debug, Clone, Copy)]
struct SimulatedLook {
    estimate: f64,
    lower: f64,
    upper: f64,
}

impl SimulatedLook {
    /// Nothing if there are too few pairs to see.
    fn of(pairs: &[f64], critical: Option<usize>) -> Option<Self> {
        let (estimate, Interval { lower, upper }) = signed_rank::centre(pairs, critical)?;
        Some(Self { estimate, lower: lower?, upper: upper? })
    }

    /// As `sequential::Look::says`, by the interval that inverts its tests.
    fn says(&self, effect: f64, deviation: f64, thresholds: &Thresholds) -> Option<Verdict> {
        let [lower, upper, estimate] =
            [self.lower, self.upper, self.estimate].map(|seen| seen * deviation + effect);
        if lower > thresholds.tolerance() && estimate > thresholds.floor() {
            Some(Verdict::Regressed)
        } else if upper < -thresholds.tolerance() && estimate < -thresholds.floor() {
            Some(Verdict::Improved)
        } else if upper < thresholds.delta() && lower > -thresholds.delta() {
            Some(Verdict::Unchanged)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequential::{Next, judge};

    fn thresholds() -> Thresholds {
        Thresholds::new(0.005, 0.03).unwrap()
    }

    /// The whole rule, on other noise: what is promised is found.
    #[test]
    fn what_is_promised_is_found() {
        let plan = Plan::new(0.01, 32).unwrap();
        let power = Power::of(&plan);
        for noise in [0.005, 0.011, 0.03] {
            let effect = power.minimum_detectable(&thresholds(), noise, 0.95);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(77);
            let mut found = || {
                let pairs: Vec<f64> =
                    (0..plan.last()).map(|_| effect + noise * normal::draw(&mut rng)).collect();
                let says = |n: &usize| match judge(&pairs[..*n], &plan, &thresholds()).unwrap().next {
                    Next::Stop(verdict) => Some(verdict),
                    Next::Continue(_) => None,
                };
                plan.looks().iter().find_map(says) == Some(Verdict::Regressed)
            };
            let share = (0..1000).filter(|_| found()).count();
            // Both are simulations, each with a standard error of 7.
            assert!((915..=985).contains(&share), "{noise}: {effect} found in {share} of 1000");
        }
    }

    #[test]
    fn more_noise_hides_more_and_more_pairs_less() {
        let [few, many] = [16, 32].map(|pairs| Power::of(&Plan::new(0.01, pairs).unwrap()));
        let see = |power: &Power, noise| power.minimum_detectable(&thresholds(), noise, 0.95);
        assert!(see(&many, 0.01) < see(&many, 0.03));
        assert!(see(&many, 0.03) < see(&few, 0.03));
        // Without noise only the rule itself hides: what is just beyond half of delta is seen.
        assert!((see(&many, 0.0) - 0.015).abs() < 1e-9);
        assert_eq!(see(&many, 0.02).to_bits(), see(&many, 0.02).to_bits());
    }

    #[test]
    fn small_effects_are_let_pass_and_three_percent_is_seen() {
        let power = Power::of(&Plan::new(0.01, 32).unwrap());
        assert!(power.at(0.0, &thresholds(), 0.011) <= 0.002);
        assert!(power.at(0.01, &thresholds(), 0.011) <= 0.08);
        assert!(power.at(0.03, &thresholds(), 0.011) >= 0.99);
        let effect = minimum_detectable(&Plan::new(0.01, 32).unwrap(), &thresholds(), 0.011, 0.95);
        assert!((0.015..0.03).contains(&effect), "{effect}");
    }

    #[test]
    fn a_deviation_needs_two_pairs() {
        assert_eq!([deviation(&[]), deviation(&[1.0])], [None, None]);
        assert!((deviation(&[1.0, 3.0]).unwrap() - 2.0_f64.sqrt()).abs() < 1e-12);
    }
}
