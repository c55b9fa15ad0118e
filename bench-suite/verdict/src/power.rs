//! What a plan can see, said before anything is measured.

use formats::gate::Verdict;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    normal,
    sequential::{Plan, Thresholds},
    signed_rank,
};

/// Simulated tests. The standard error of a power of 95 % is 0.7 % then.
const TESTS: usize = 1000;
const SEED: u64 = 6;

/// The smallest log ratio that a test with this plan calls *regressed* with a chance of at least `power`, when
/// pairs have the standard deviation `deviation`, as log ratios. Infinite if no ratio is found so often.
///
/// A simulation of the whole rule with normal pairs and a fixed seed: the same arguments give the same answer.
#[must_use]
pub fn minimum_detectable(plan: &Plan, thresholds: &Thresholds, deviation: f64, power: f64) -> f64 {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let tests: Vec<Vec<Noise>> = (0..TESTS)
        .map(|_| {
            let noise: Vec<f64> = (0..plan.last()).map(|_| deviation * normal::draw(&mut rng)).collect();
            plan.looks().iter().filter_map(|n| Noise::of(&noise[..*n], plan.level())).collect()
        })
        .collect();
    let found = |effect: f64| {
        let regressed = |looks: &&Vec<Noise>| {
            looks.iter().find_map(|look| look.says(effect, thresholds)) == Some(Verdict::Regressed)
        };
        tests.iter().filter(regressed).count() as f64 >= power * TESTS as f64
    };
    let (mut hidden, mut seen) = (0.0, thresholds.delta() + 40.0 * deviation);
    if !found(seen) {
        return f64::INFINITY;
    }
    for _ in 0..50 {
        let middle = f64::midpoint(hidden, seen);
        if found(middle) { seen = middle } else { hidden = middle }
    }
    seen
}

/// What a look sees where there is no effect. An effect moves all of it.
struct Noise {
    estimate: f64,
    lower: f64,
    upper: f64,
}

impl Noise {
    fn of(pairs: &[f64], level: f64) -> Option<Self> {
        let interval = signed_rank::interval(pairs, level);
        let estimate = signed_rank::hodges_lehmann(pairs)?;
        Some(Self { estimate, lower: interval.lower?, upper: interval.upper? })
    }

    /// As `sequential::Look::says`, by the interval that inverts its tests.
    fn says(&self, effect: f64, thresholds: &Thresholds) -> Option<Verdict> {
        let (lower, upper, estimate) = (self.lower + effect, self.upper + effect, self.estimate + effect);
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
        for deviation in [0.005, 0.011, 0.03] {
            let effect = minimum_detectable(&plan, &thresholds(), deviation, 0.95);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(77);
            let mut found = || {
                let pairs: Vec<f64> =
                    (0..plan.last()).map(|_| effect + deviation * normal::draw(&mut rng)).collect();
                let stopped = plan.looks().iter().find_map(|n| {
                    match judge(&pairs[..*n], &plan, &thresholds()).unwrap().next {
                        Next::Stop(verdict) => Some(verdict),
                        Next::Continue(_) => None,
                    }
                });
                stopped == Some(Verdict::Regressed)
            };
            let share = (0..1000).filter(|_| found()).count();
            // Both are simulations, each with a standard error of 7.
            assert!((915..=985).contains(&share), "{deviation}: {effect} found in {share} of 1000");
        }
    }

    #[test]
    fn more_noise_hides_more_and_more_pairs_less() {
        let see = |pairs, deviation| {
            minimum_detectable(&Plan::new(0.01, pairs).unwrap(), &thresholds(), deviation, 0.95)
        };
        assert!(see(32, 0.01) < see(32, 0.03));
        assert!(see(32, 0.03) < see(16, 0.03));
        // Without noise only the rule itself hides.
        assert!((see(32, 0.0) - 0.015).abs() < 1e-12);
        assert_eq!(see(32, 0.02).to_bits(), see(32, 0.02).to_bits());
    }

    #[test]
    fn on_the_measured_noise_three_percent_is_seen() {
        let plan = Plan::new(0.01, 32).unwrap();
        let effect = minimum_detectable(&plan, &thresholds(), 0.011, 0.95);
        assert!((0.015..0.03).contains(&effect), "{effect}");
    }
}
