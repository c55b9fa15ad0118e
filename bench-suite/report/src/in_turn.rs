//! Rounds in which a map took turns with the reference map: what both would have taken with warmer caches and with nobody
//! but each other on the processor.
//!
//! A slice that another process interrupted took more wall time than CPU time; one in which the map itself waits did so in
//! every round.
//!
//! After the other one's stretch the first slices of one's own find the caches full of what is not theirs: they are cold,
//! see [`InTurn`]. They cannot be left out, for a rare expensive operation may lie in them. But each round has other ones:
//!
//! ```text
//! wait(slice)   the median over the rounds of its wall time less its CPU time
//! took          its CPU time in a round, and wait(slice)
//! usual(slice)  the median of what it took in the rounds in which it was warm
//! pace(round)   what the warm slices of the round took, over what they usually take
//! time(round)   pace(round) × the sum of usual(slice) over all slices
//! ```

use std::collections::BTreeMap;

use formats::observation::{InTurn, Slice, Throughput};

use crate::ratio::median;

/// Speeds of both maps, operations a second, by round.
pub(crate) struct Speeds {
    /// The map with which turns were taken.
    pub(crate) beside: String,
    /// Of the map, and of the one beside it in the same turns.
    pub(crate) rounds: BTreeMap<u32, (f64, f64)>,
}

/// What a map's slices took in a round, ns, with the turns that it took.
type Round<'a> = (&'a InTurn, Vec<f64>);

impl Speeds {
    /// Of rounds that all took turns with one map over the same slices; `counted` are the numbers of the phases that
    /// count. `None` where they did not, or took no time.
    pub(crate) fn of(rounds: &[(u32, &Throughput)], counted: std::ops::Range<usize>) -> Option<Self> {
        let turns = rounds.iter().map(|(_, seen)| seen.turns.as_ref()).collect::<Option<Vec<_>>>()?;
        let beside = turns.first()?.beside.clone();
        let slices = |seen: &Throughput| -> Vec<Slice> {
            let phases = seen.phases.get(counted.clone()).unwrap_or_default();
            phases.iter().flat_map(|phase| phase.threads.iter().flatten()).copied().collect()
        };
        let own: Vec<Vec<Slice>> = rounds.iter().map(|(_, seen)| slices(seen)).collect();
        let ops: f64 = own.first()?.iter().map(|slice| slice.ops as f64).sum();
        let own: Vec<Vec<(u64, u64)>> = own
            .iter()
            .map(|slices| slices.iter().map(|slice| (slice.wall_ns, slice.cpu_ns)).collect())
            .collect();
        let other = |turns: &&InTurn| turns.slices.get(counted.clone()).unwrap_or_default().concat();
        let other: Vec<Vec<(u64, u64)>> = turns.iter().map(other).collect();
        let is_one_load = turns.iter().all(|turns| turns.beside == beside)
            && own.iter().chain(&other).all(|slices| slices.len() == own[0].len());
        let both = is_one_load.then(|| {
            let [own, other] = [&own, &other]
                .map(|rounds| warm(&turns.iter().copied().zip(took(rounds)).collect::<Vec<_>>()));
            own.into_iter().zip(other)
        })?;
        let speed = |ns: f64| (ops > 0.0 && ns > 0.0).then(|| ops * 1e9 / ns);
        let rounds = rounds
            .iter()
            .zip(both)
            .map(|((round, _), (own, other))| Some((*round, (speed(own)?, speed(other)?))))
            .collect::<Option<_>>()?;
        Some(Self { beside, rounds })
    }
}

/// What each slice of each round took but for interruptions, ns, from its wall and CPU time.
fn took(rounds: &[Vec<(u64, u64)>]) -> Vec<Vec<f64>> {
    let waited = |slice: usize| {
        let each = rounds.iter().map(|slices| slices[slice].0.saturating_sub(slices[slice].1) as f64);
        median(each).unwrap_or_default()
    };
    let waits: Vec<f64> = (0..rounds.first().map_or(0, Vec::len)).map(waited).collect();
    let round = |slices: &Vec<(u64, u64)>| {
        slices.iter().zip(&waits).map(|((_, cpu_ns), wait)| *cpu_ns as f64 + wait).collect()
    };
    rounds.iter().map(round).collect()
}

/// The time of each round, ns.
fn warm(rounds: &[Round<'_>]) -> Vec<f64> {
    let slices = rounds.first().map_or(0, |(_, slices)| slices.len());
    let is_warm = |turns: &InTurn, slice: usize| !turns.is_cold(slice as u64);
    let usual: Vec<f64> = (0..slices)
        .map(|slice| {
            let warm = rounds.iter().filter(|(turns, _)| is_warm(turns, slice)).map(|(_, ns)| ns[slice]);
            // With few rounds a slice may be cold in all of them.
            median(warm).or_else(|| median(rounds.iter().map(|(_, ns)| ns[slice]))).unwrap_or_default()
        })
        .collect();
    let whole: f64 = usual.iter().sum();
    let time = |(turns, ns): &Round<'_>| {
        let warm = || (0..slices).filter(|slice| is_warm(turns, *slice));
        let (took, usually): (f64, f64) =
            warm().fold((0.0, 0.0), |(took, usually), slice| (took + ns[slice], usually + usual[slice]));
        // A tape that ends within its first cold slices has no warm ones.
        if usually > 0.0 { whole * took / usually } else { ns.iter().sum() }
    };
    rounds.iter().map(time).collect()
}

#[cfg(test)]
mod tests {
    use formats::observation::PhaseTimes;

    use super::*;

    const OPS: u64 = 1000;

    /// A round of 50 slices in stretches of 5: `own` and `other` say what a slice takes when it is warm, µs; the first one
    /// of a stretch takes 1.8 times as long, and all of it goes by how slow the machine is meanwhile, in percent.
    fn round(
        number: u32,
        own: impl Fn(usize) -> u64,
        other: impl Fn(usize) -> u64,
        machine: impl Fn(usize) -> u64,
    ) -> (u32, Throughput) {
        let turns = InTurn {
            beside: "other".into(),
            stretch: 5,
            cold: 1,
            offset: u64::from(number % 5),
            slices: vec![],
        };
        let ns = |map: &dyn Fn(usize) -> u64, slice: usize| {
            let cold = if turns.is_cold(slice as u64) { 18 } else { 10 };
            map(slice) * cold * machine(slice)
        };
        let slice = |at| Slice { ops: OPS, wall_ns: ns(&own, at), cpu_ns: ns(&own, at) };
        let threads = vec![(0..50).map(slice).collect()];
        let fill = PhaseTimes { phase: "fill".into(), wall_ns: 7, threads: vec![Vec::new()] };
        let phases = vec![fill, PhaseTimes { phase: "churn".into(), wall_ns: 0, threads }];
        let slices = vec![Vec::new(), (0..50).map(|at| (ns(&other, at), ns(&other, at))).collect()];
        (number, Throughput { phases, turns: Some(InTurn { slices, ..turns }) })
    }

    fn speeds(rounds: &[(u32, Throughput)]) -> Option<Speeds> {
        let rounds: Vec<(u32, &Throughput)> = rounds.iter().map(|(round, seen)| (*round, seen)).collect();
        Speeds::of(&rounds, 1..2)
    }

    fn ratios(speeds: &Speeds) -> Vec<f64> {
        speeds.rounds.values().map(|(own, other)| own / other).collect()
    }

    #[test]
    fn neither_a_machine_that_drifts_nor_cold_caches_are_in_the_ratio() {
        let machine =
            |round: u32| move |slice: usize| 100 + 40 * ((slice as u64 / 5 + 3 * u64::from(round)) % 4);
        let rounds: Vec<_> = (0..5).map(|n| round(n, |_| 50, |_| 20, machine(n))).collect();
        let speeds = speeds(&rounds).unwrap();
        assert_eq!(speeds.beside, "other");
        assert!(
            ratios(&speeds).iter().all(|ratio| (ratio / 0.4 - 1.0).abs() < 0.01),
            "{:?}",
            ratios(&speeds)
        );
    }

    #[test]
    fn what_is_rare_and_expensive_counts_in_every_round() {
        // A rehash in slice 10, which is cold in round 0.
        let own = |slice| if slice == 10 { 550 } else { 10 };
        let rounds: Vec<_> = (0..5).map(|n| round(n, own, |_| 10, |_| 100)).collect();
        let speeds = speeds(&rounds).unwrap();
        // 49 slices of 10 and one of 550 are 1,040, beside 500.
        let expected = 500.0 / 1040.0;
        assert!(
            ratios(&speeds).iter().all(|ratio| (ratio / expected - 1.0).abs() < 0.01),
            "{:?}",
            ratios(&speeds)
        );
        let (own, _) = speeds.rounds[&0];
        assert!((own / (50.0 * OPS as f64 * 1e9 / 1_040_000.0) - 1.0).abs() < 0.01, "{own}");
    }

    #[test]
    fn an_interruption_is_not_the_maps_and_a_wait_that_recurs_is() {
        let mut rounds: Vec<_> = (0..5).map(|n| round(n, |_| 10, |_| 10, |_| 100)).collect();
        let slice = |rounds: &mut Vec<(u32, Throughput)>, round: usize, at: usize| {
            rounds[round].1.phases[1].threads[0][at].wall_ns += 500_000;
        };
        // Stopped in another slice of each round.
        (0..5).for_each(|n| slice(&mut rounds, n, 7 * n + 3));
        assert!(ratios(&speeds(&rounds).unwrap()).iter().all(|ratio| (ratio - 1.0).abs() < 0.01));
        // Asleep in one and the same slice of each round: 500,000 beside 500,000 that all of them take.
        (0..5).for_each(|n| slice(&mut rounds, n, 20));
        assert!(ratios(&speeds(&rounds).unwrap()).iter().all(|ratio| (ratio - 0.5).abs() < 0.01));
    }

    #[test]
    fn a_slower_round_is_slower() {
        let rounds: Vec<_> =
            (0..5).map(|n| round(n, move |_| if n == 3 { 12 } else { 10 }, |_| 10, |_| 100)).collect();
        let ratios = ratios(&speeds(&rounds).unwrap());
        assert!((ratios[3] * 1.2 - 1.0).abs() < 0.01 && (ratios[0] - 1.0).abs() < 0.01, "{ratios:?}");
    }

    #[test]
    fn one_round_is_what_it_took_with_what_was_cold() {
        let one = [round(0, |_| 10, |_| 10, |_| 100)];
        let (own, _) = speeds(&one).unwrap().rounds[&0];
        // Ten of fifty slices are cold, and there is no other round to say what they take when they are not.
        assert!((own / (50.0 * OPS as f64 * 1e9 / 580_000.0) - 1.0).abs() < 0.01, "{own}");
    }

    #[test]
    fn rounds_of_other_turns_are_not_put_together() {
        let mut rounds: Vec<_> = (0..5).map(|n| round(n, |_| 10, |_| 10, |_| 100)).collect();
        rounds[2].1.turns.as_mut().unwrap().beside = "third".into();
        assert!(speeds(&rounds).is_none());
        rounds[2].1.turns = None;
        assert!(speeds(&rounds).is_none());
        rounds.truncate(2);
        rounds[1].1.phases[1].threads[0].pop();
        assert!(speeds(&rounds).is_none());
    }
}
