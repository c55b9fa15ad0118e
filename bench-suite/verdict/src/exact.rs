//! The exact rule: figures that are the same whenever the same work is done.
//!
//! Allocations, bytes, rehashed entries and their like are whole numbers that depend on the tape and the seed of
//! the hasher alone. They are compared as such, without statistics: the totals over all seeds are judged, and a
//! difference beyond the tolerance is a difference.
//!
//! Another hash function, or another seed of it, is another draw: it moves collisions, and what hangs on them, by
//! luck alone. How far luck goes is seen in the seeds, each of which is a draw too. So where the two sides drew
//! differently, a figure is judged only beyond what draws differ among themselves (Student's t, two samples of one
//! variance); a figure that is the same for every seed is still compared exactly.
//!
//! A figure that a side does not repeat is no such figure. It is taken out and the reason is said.

use formats::gate::Verdict;
use serde::Serialize;
use thiserror::Error;

/// The chance that luck alone goes beyond what is allowed to it, either way.
const LUCK: f64 = 0.001;

/// Which way a figure gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    /// More is worse: allocations, bytes, rehashed entries, equality calls, dead slots, instructions.
    Up,
    /// Less is worse: reused slots.
    Down,
}

/// How the hashes of the two sides were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// Both sides have the same hash: what differs was changed.
    Same,
    /// The sides have different hashes: what differs may be luck.
    Another,
}

/// What became of a figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactJudgement {
    /// By the totals over all seeds; `None` where luck explains the difference.
    pub verdict: Option<Verdict>,
    /// The change of the total, relative to base: 0.5 is half as much again, -0.5 is half. Absent where base was 0
    /// and head is not: that is no ratio.
    pub change: Option<f64>,
    /// How far another draw moves the total, relative to base, at most; `None` where the draw is the same, or moves
    /// nothing. Infinite where base was 0.
    pub luck: Option<f64>,
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

/// Compares the figures of head with those of base, one for each seed in the same order. `tolerance` is relative to
/// base.
pub fn judge(
    base: &[u64],
    head: &[u64],
    worse: Worse,
    tolerance: f64,
    draw: Draw,
) -> Result<ExactJudgement, ExactError> {
    if !(tolerance >= 0.0 && tolerance.is_finite()) {
        return Err(ExactError::Tolerance(tolerance));
    }
    if base.len() != head.len() {
        return Err(ExactError::Seeds { base: base.len(), side: "head", other: head.len() });
    }
    if base.is_empty() {
        return Err(ExactError::Empty);
    }
    let (before, after) = (total(base), total(head));
    let moved = before.abs_diff(after) as f64 / before as f64;
    let moved = if before == after { 0.0 } else { moved };
    let luck = match draw {
        Draw::Same => None,
        Draw::Another => luck(base, head).map(|by| by / before as f64),
    };
    let is_worse = match worse {
        Worse::Up => after > before,
        Worse::Down => after < before,
    };
    let verdict = match luck {
        _ if moved <= tolerance => Some(Verdict::Unchanged),
        Some(luck) if moved <= luck => None,
        _ if is_worse => Some(Verdict::Regressed),
        _ => Some(Verdict::Improved),
    };
    let change = moved.is_finite().then_some(if after < before { -moved } else { moved });
    Ok(ExactJudgement { verdict, change, luck })
}

/// Of all seeds together.
#[must_use]
pub fn total(figures: &[u64]) -> u128 {
    figures.iter().map(|figure| u128::from(*figure)).sum()
}

/// How far luck alone moves the difference of two totals, by the spread of either side around its own mean; `None`
/// where there is no spread. One draw shows none, so that nothing can be told from luck.
fn luck(base: &[u64], head: &[u64]) -> Option<f64> {
    let seeds = base.len() as f64;
    if base.len() == 1 {
        return Some(f64::INFINITY);
    }
    let squares = |side: &[u64]| {
        let mean = total(side) as f64 / seeds;
        side.iter().map(|figure| (*figure as f64 - mean).powi(2)).sum::<f64>()
    };
    let freedom = 2 * (base.len() - 1);
    let variance = (squares(base) + squares(head)) / freedom as f64;
    (variance > 0.0).then(|| student(freedom) * (2.0 * seeds * variance).sqrt())
}

/// The value that Student's t with an even number of degrees of freedom exceeds, either way, with the chance
/// [`LUCK`].
fn student(freedom: usize) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while outside(high, freedom) > LUCK {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        *(if outside(middle, freedom) > LUCK { &mut low } else { &mut high }) = middle;
    }
    high
}

/// The chance that Student's t lies beyond `t`, either way (Abramowitz and Stegun, 26.7.4: an even number of degrees
/// of freedom).
fn outside(t: f64, freedom: usize) -> f64 {
    let nu = freedom as f64;
    let (sine, cosine_squared) = (t / (nu + t * t).sqrt(), nu / (nu + t * t));
    let mut term = 1.0;
    let mut sum = 1.0;
    for at in 1..freedom / 2 {
        term *= cosine_squared * (2 * at - 1) as f64 / (2 * at) as f64;
        sum += term;
    }
    1.0 - sine * sum
}

/// The sentence that takes a figure out, if a side does not repeat it: `again` is the same, measured a second time.
#[must_use]
pub fn unrepeated(side: &str, first: &[u64], again: &[u64]) -> Option<String> {
    let seed = first.iter().zip(again).position(|(first, second)| first != second)?;
    let differing = first.iter().zip(again).filter(|(first, second)| first != second).count();
    Some(format!(
        "not deterministic: {side} itself gave {} and then {} for seed {} ({differing} of {} seeds differ)",
        first[seed],
        again[seed],
        seed + 1,
        first.len(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn up(base: &[u64], head: &[u64], tolerance: f64) -> ExactJudgement {
        judge(base, head, Worse::Up, tolerance, Draw::Same).unwrap()
    }

    fn redrawn(base: &[u64], head: &[u64]) -> ExactJudgement {
        judge(base, head, Worse::Up, 0.0, Draw::Another).unwrap()
    }

    const REGRESSED: Option<Verdict> = Some(Verdict::Regressed);
    const IMPROVED: Option<Verdict> = Some(Verdict::Improved);
    const UNCHANGED: Option<Verdict> = Some(Verdict::Unchanged);

    #[test]
    fn one_more_allocation_is_one_too_many() {
        let judged = up(&[100, 100, 100], &[100, 101, 100], 0.0);
        assert_eq!((judged.verdict, judged.luck), (REGRESSED, None));
        assert!((judged.change.unwrap() - 1.0 / 300.0).abs() < 1e-12);
        assert_eq!(up(&[7, 8, 9], &[7, 8, 9], 0.0).verdict, UNCHANGED);
    }

    #[test]
    fn all_seeds_together_are_judged() {
        let judged = up(&[2146, 2151, 2144], &[2105, 2152, 2143], 0.0);
        assert_eq!(judged.verdict, IMPROVED);
        assert!((judged.change.unwrap() + 41.0 / 6441.0).abs() < 1e-12);
        assert_eq!(up(&[100, 100, 100], &[50, 100, 151], 0.0).verdict, REGRESSED);
        assert_eq!(up(&[100, 100], &[50, 150], 0.0).verdict, UNCHANGED);
    }

    #[test]
    fn within_the_tolerance_is_unchanged() {
        assert_eq!(up(&[1000], &[1010], 0.01).verdict, UNCHANGED);
        assert_eq!(up(&[1000], &[1011], 0.01).verdict, REGRESSED);
        assert_eq!(up(&[1000], &[989], 0.01).verdict, IMPROVED);
    }

    #[test]
    fn fewer_reused_slots_are_worse() {
        let down = |head| judge(&[90], &[head], Worse::Down, 0.0, Draw::Same).unwrap();
        assert_eq!(down(80).verdict, REGRESSED);
        assert!(down(80).change.unwrap() < 0.0);
        assert_eq!(down(91).verdict, IMPROVED);
    }

    #[test]
    fn something_out_of_nothing_has_no_ratio() {
        let judged = up(&[0], &[1], 0.5);
        assert_eq!((judged.verdict, judged.change), (REGRESSED, None));
        assert_eq!(up(&[0], &[0], 0.0).change, Some(0.0));
        assert_eq!(up(&[5], &[0], 0.0).change, Some(-1.0));
        assert_eq!(up(&[u64::MAX; 3], &[u64::MAX; 3], 0.0).change, Some(0.0));
    }

    #[test]
    fn what_another_draw_may_move_is_not_judged() {
        let judged = redrawn(&[2146, 2151, 2144], &[2105, 2152, 2143]);
        assert_eq!(judged.verdict, None);
        assert!((0.05..0.07).contains(&judged.luck.unwrap()), "{judged:?}");
        assert_eq!(redrawn(&[2146, 2151, 2144], &[2405, 2452, 2443]).verdict, REGRESSED);
        assert_eq!(redrawn(&[2146, 2151, 2144], &[1905, 1952, 1943]).verdict, IMPROVED);
        // What no draw moves is compared as ever.
        assert_eq!(redrawn(&[100, 100, 100], &[101, 101, 101]).verdict, REGRESSED);
        assert_eq!(redrawn(&[100, 100, 100], &[100, 100, 100]).verdict, UNCHANGED);
        // One draw tells nothing of luck.
        assert_eq!(redrawn(&[100], &[900]).verdict, None);
        assert_eq!(redrawn(&[0, 0], &[0, 900]).verdict, None);
    }

    #[test]
    fn luck_goes_beyond_its_bound_as_rarely_as_is_said() {
        // Tables give 8.610 for 4 degrees of freedom, 4.587 for 10 and 31.599 for 2.
        for (freedom, tabled) in [(2, 31.599), (4, 8.610), (10, 4.587)] {
            assert!((student(freedom) - tabled).abs() < 0.001, "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn what_a_side_does_not_repeat_is_said() {
        assert_eq!(unrepeated("base", &[5, 6, 7], &[5, 6, 7]), None);
        assert_eq!(
            unrepeated("head", &[5, 6, 7], &[5, 8, 7]).unwrap(),
            "not deterministic: head itself gave 6 and then 8 for seed 2 (1 of 3 seeds differ)"
        );
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        let judge =
            |base: &[u64], head: &[u64], tolerance| judge(base, head, Worse::Up, tolerance, Draw::Same);
        assert_eq!(judge(&[], &[], 0.0), Err(ExactError::Empty));
        let error = judge(&[1, 2], &[1], 0.0).unwrap_err();
        assert_eq!(error.to_string(), "base has figures of 2 seeds and head of 1");
        assert!(matches!(judge(&[1], &[1], f64::NAN), Err(ExactError::Tolerance(_))));
        assert!(judge(&[1], &[1], -0.1).is_err());
    }

    proptest! {
        #[test]
        fn up_and_down_mirror(figures in prop::collection::vec((0..50_u64, 0..50_u64), 1..5), tolerance in 0.0..0.5_f64) {
            let (base, head): (Vec<u64>, Vec<u64>) = figures.into_iter().unzip();
            for draw in [Draw::Same, Draw::Another] {
                let up = judge(&base, &head, Worse::Up, tolerance, draw).unwrap();
                let down = judge(&base, &head, Worse::Down, tolerance, draw).unwrap();
                let mirrored = match up.verdict {
                    REGRESSED => IMPROVED,
                    IMPROVED => REGRESSED,
                    other => other,
                };
                prop_assert_eq!(down.verdict, mirrored);
                prop_assert_eq!(up.change, down.change);
                prop_assert!(total(&base) != total(&head) || up.verdict == UNCHANGED);
            }
        }
    }
}
