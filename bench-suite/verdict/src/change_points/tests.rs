use proptest::prelude::*;

use super::*;
use crate::normal;

fn noise(n: usize, deviation: f64, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| deviation * normal::draw(&mut rng)).collect()
}

fn with_steps(mut numbers: Vec<f64>, steps: &[(usize, f64)]) -> Vec<f64> {
    for (from, by) in steps {
        for number in &mut numbers[*from..] {
            *number += by;
        }
    }
    numbers
}

fn search() -> Search {
    Search::of_delta(0.03)
}

fn indices(changes: &[ChangePoint]) -> Vec<usize> {
    changes.iter().map(|change| change.index).collect()
}

/// The energy by its definition.
fn energy(numbers: &[f64], index: usize) -> f64 {
    let (first, second) = numbers.split_at(index);
    let mean = |a: &[f64], b: &[f64]| {
        a.iter().flat_map(|x| b.iter().map(move |y| (x - y).abs())).sum::<f64>() / (a.len() * b.len()) as f64
    };
    // The mean over pairs of two different numbers.
    let within = |a: &[f64]| mean(a, a) * a.len() as f64 / (a.len() as f64 - 1.0).max(1.0);
    let energy = 2.0 * mean(first, second) - within(first) - within(second);
    energy * (first.len() * second.len()) as f64 / numbers.len() as f64
}

#[test]
fn a_planted_step_is_found_where_it_is() {
    for (seed, at) in [(1, 5), (2, 20), (3, 33), (4, 55)] {
        let series = with_steps(noise(60, 0.005, seed), &[(at, 0.04)]);
        let changes = find(&[&series], &search()).unwrap();
        assert_eq!(indices(&changes[0]), [at], "{changes:?}");
        let change = changes[0][0];
        assert!((change.after - change.before - 0.04).abs() < 0.005, "{change:?}");
        assert!(change.p_value <= 0.001 + 1e-12);
    }
}

#[test]
fn a_step_there_and_back_is_two_changes() {
    let series = with_steps(noise(90, 0.005, 5), &[(30, 0.04), (60, -0.04)]);
    assert_eq!(indices(&find(&[&series], &search()).unwrap()[0]), [30, 60]);
}

#[test]
fn a_step_too_small_to_matter_is_none() {
    let series = with_steps(noise(100, 0.002, 6), &[(50, 0.01)]);
    assert!(find(&[&series], &search()).unwrap()[0].is_empty());
    let finer = Search { magnitude: 0.005, ..search() };
    assert_eq!(indices(&find(&[&series], &finer).unwrap()[0]), [50]);
}

/// Noise so wide that steps of any size arise: only significance keeps it silent.
#[test]
fn pure_noise_alarms_less_often_than_granted() {
    let any_size = Search { magnitude: 0.0, ..search() };
    let alarmed = |seed: &u64| !find(&[&noise(40, 0.05, *seed)], &any_size).unwrap()[0].is_empty();
    let alarms = (100..300).filter(alarmed).count();
    // 5 % of 200 is 10, give or take 3.
    assert!(alarms <= 16, "{alarms} of 200");
    assert!(alarms >= 2, "{alarms} of 200: more cautious than it should be");
}

/// Over 200 series at once nothing is found but the one that changed.
#[test]
fn one_changed_series_is_found_among_many() {
    let mut series: Vec<Vec<f64>> = (1000..1200).map(|seed| noise(40, 0.005, seed)).collect();
    series[77] = with_steps(series[77].clone(), &[(25, 0.05)]);
    let views: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let found = find(&views, &Search { magnitude: 0.0, ..search() }).unwrap();
    assert_eq!(indices(&found[77]), [25]);
    let others = found.iter().filter(|changes| !changes.is_empty()).count() - 1;
    assert!(others <= 1, "{others} false");
}

#[test]
fn one_wild_number_is_no_new_level() {
    let mut series = noise(60, 0.005, 8);
    series[30] = 1.0;
    assert!(find(&[&series], &search()).unwrap()[0].is_empty());
}

#[test]
fn short_constant_and_empty_series_have_no_change() {
    let constant = [0.1; 50];
    let found = find(&[&[], &[1.0], &[0.0, 0.0, 0.0, 9.0, 9.0, 9.0], &constant], &search()).unwrap();
    assert!(found.iter().all(Vec::is_empty), "{found:?}");
    assert_eq!(find(&[], &search()), Ok(Vec::new()));
}

#[test]
fn refuses_what_is_no_number() {
    let error = find(&[&[0.0], &[0.0, f64::INFINITY]], &search()).unwrap_err();
    assert_eq!(error.to_string(), "number 1 of series 1 is inf, which is no measurement");
    assert!(matches!(find(&[], &Search { rate: 0.0, ..search() }), Err(SearchError::Rate(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_best_split_has_the_most_energy(numbers in prop::collection::vec(-1.0..1.0_f64, 4..40), min_segment in 1..4_usize) {
        match best_split(&numbers, min_segment) {
            None => prop_assert!(numbers.len() < 2 * min_segment),
            Some((index, most)) => {
                prop_assert!((energy(&numbers, index) - most).abs() < 1e-9);
                for other in min_segment..=numbers.len() - min_segment {
                    prop_assert!(energy(&numbers, other) <= most + 1e-9);
                }
            }
        }
    }

    #[test]
    fn the_same_seed_finds_the_same(numbers in prop::collection::vec(-0.1..0.1_f64, 0..30), seed in any::<u64>()) {
        let search = Search { seed, shuffles: 99, ..search() };
        let found = find(&[&numbers], &search).unwrap();
        prop_assert_eq!(&found, &find(&[&numbers], &search).unwrap());
        for change in &found[0] {
            prop_assert!(change.index >= 5 && numbers.len() - change.index >= 5);
            prop_assert!((change.after - change.before).abs() >= search.magnitude);
        }
    }
}
