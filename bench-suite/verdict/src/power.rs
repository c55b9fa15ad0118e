//! What a plan can see, said before anything is measured.

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
/// pairs have the standard deviation `deviation`, as log ratios.
///
/// A simulation with normal pairs and a fixed seed: the same arguments give the same answer. A test whose pairs
/// would first show *unchanged* or *improved* is counted by its later looks all the same; near what can be
/// detected there is next to none.
#[must_use]
pub fn minimum_detectable(plan: &Plan, thresholds: &Thresholds, deviation: f64, power: f64) -> f64 {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut needed: Vec<f64> = (0..TESTS)
        .map(|_| {
            let noise: Vec<f64> = (0..plan.last()).map(|_| deviation * normal::draw(&mut rng)).collect();
            plan.looks()
                .iter()
                .filter_map(|n| shift_to_regress(&noise[..*n], plan.level(), thresholds))
                .fold(f64::INFINITY, f64::min)
        })
        .collect();
    needed.sort_unstable_by(f64::total_cmp);
    // All tests that need no more than this find it.
    let enough = (1..=TESTS).find(|found| *found as f64 >= power * TESTS as f64).unwrap_or(TESTS);
    needed[enough - 1]
}

/// By how much all pairs must be worse for a look to say *regressed*: its interval must lie beyond the
/// tolerance and its estimate beyond the floor.
fn shift_to_regress(noise: &[f64], level: f64, thresholds: &Thresholds) -> Option<f64> {
    let lower = signed_rank::interval(noise, level).lower?;
    let estimate = signed_rank::hodges_lehmann(noise)?;
    Some((thresholds.tolerance() - lower).max(thresholds.floor() - estimate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequential::{Next, judge};
    use formats::gate::Verdict;

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
            // An early "unchanged" is left out of the promise, and both are simulations.
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
