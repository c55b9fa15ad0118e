//! From two observations to the logarithms of their ratios.

use formats::gate::TimeMetric;
use formats::histogram::Latencies;
use formats::observation::{Latency, Slice, Throughput};
use formats::tape::Header;

/// The natural logarithm of head ÷ base for each time that was taken.
pub(crate) type LogRatios = Vec<(TimeMetric, f64)>;

/// First slices that do not count for the median, of a tape of so many slices: caches fill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Discard {
    /// First slices.
    pub(crate) first: u32,
    /// Of so many. A tape with fewer gives up as large a part.
    pub(crate) of: u32,
}

impl Discard {
    fn from(self, slices: usize) -> usize {
        let (first, of) = (self.first as usize, self.of.max(1) as usize);
        (slices * first / of).min(first)
    }
}

/// The times of two children that took turns: the same slice has the same operations on both sides.
pub(crate) fn of_turns(
    head: &Throughput,
    base: &Throughput,
    tape: &Header,
    discard: Discard,
) -> Result<LogRatios, String> {
    let mut slices = Vec::new();
    for (head, base) in tape.counted(&head.phases).iter().zip(tape.counted(&base.phases)) {
        let (head, base) = (head.threads.concat(), base.threads.concat());
        let ops = |slices: &[Slice]| slices.iter().map(|slice| slice.ops).collect::<Vec<_>>();
        if ops(&head) != ops(&base) {
            return Err(format!("head played {} slices, base {}, or others", head.len(), base.len()));
        }
        slices.extend(head.into_iter().zip(base));
    }
    // A map may rehash in the first slices as in any other: the total leaves nothing out.
    let cpu = |side: fn(&(Slice, Slice)) -> Slice| slices.iter().map(|slice| side(slice).cpu_ns).sum();
    let total = log_ratio(cpu(|slice| slice.0), cpu(|slice| slice.1), "CPU time")?;
    let slices = &slices[discard.from(slices.len())..];
    // What is left at the end of a phase is too short to compare, and so is what a coarse clock does not see.
    let full = slices.iter().map(|(head, _)| head.ops).max().unwrap_or(0);
    let whole =
        slices.iter().filter(|(head, base)| 2 * head.ops >= full && head.cpu_ns > 0 && base.cpu_ns > 0);
    let mut ratios: Vec<f64> =
        whole.map(|(head, base)| (head.cpu_ns as f64 / base.cpu_ns as f64).ln()).collect();
    let median = median(&mut ratios).ok_or("no slice took any CPU time")?;
    Ok(vec![(TimeMetric::MedianSlice, median), (TimeMetric::TotalCpu, total)])
}

/// The times of two passes, one after the other.
pub(crate) fn of_passes(head: &Throughput, base: &Throughput, tape: &Header) -> Result<LogRatios, String> {
    let wall = |side: &Throughput| tape.counted(&side.phases).iter().map(|phase| phase.wall_ns).sum();
    let cpu = |side: &Throughput| {
        tape.counted(&side.phases)
            .iter()
            .flat_map(|phase| phase.threads.iter().flatten())
            .map(|slice| slice.cpu_ns)
            .sum()
    };
    Ok(vec![
        (TimeMetric::Wall, log_ratio(wall(head), wall(base), "wall time")?),
        (TimeMetric::TotalCpu, log_ratio(cpu(head), cpu(base), "CPU time")?),
    ])
}

/// The percentiles of service time in two passes, over all kinds of operations.
pub(crate) fn of_latencies(head: &Latency, base: &Latency) -> Result<LogRatios, String> {
    let all = |side: &Latency| {
        let mut all = Latencies::new();
        side.kinds.iter().filter(|kind| kind.counts).for_each(|kind| all.add(&kind.service));
        all
    };
    let (head, base) = (all(head), all(base));
    let ratio = |(metric, percent)| {
        log_ratio(head.percentile(percent), base.percentile(percent), "service time").map(|log| (metric, log))
    };
    [(TimeMetric::P99, 99.0), (TimeMetric::P999, 99.9)].into_iter().map(ratio).collect()
}

fn log_ratio(head: u64, base: u64, what: &str) -> Result<f64, String> {
    if head == 0 || base == 0 {
        return Err(format!("there is no {what} to compare: {head} ns on head, {base} ns on base"));
    }
    Ok((head as f64 / base as f64).ln())
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = *values.get(half)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[half - 1], upper) })
}

#[cfg(test)]
mod tests {
    use formats::observation::{Clock, KindLatency, PhaseTimes};
    use formats::tape::Kind;

    use super::*;
    use crate::turns::small::{fill_and_churn, tape};

    const KEEP: Discard = Discard { first: 0, of: 256 };

    fn times(phases: &[(&str, &[(u64, u64)])]) -> Throughput {
        let slices = |slices: &[(u64, u64)]| {
            slices.iter().map(|&(ops, cpu_ns)| Slice { ops, wall_ns: 2 * cpu_ns, cpu_ns }).collect()
        };
        let phase = |(name, list): &(&str, &[(u64, u64)])| PhaseTimes {
            phase: (*name).into(),
            wall_ns: list.iter().map(|slice| 3 * slice.1).sum(),
            threads: vec![slices(list)],
        };
        Throughput { phases: phases.iter().map(phase).collect(), turns: None }
    }

    fn of(ratios: &LogRatios, metric: TimeMetric) -> f64 {
        ratios.iter().find(|(known, _)| *known == metric).unwrap().1.exp()
    }

    #[test]
    fn a_rare_expensive_slice_moves_the_total_and_not_the_median() {
        let churn = |times: [u64; 5]| times.map(|time| (1024, time));
        let tape = fill_and_churn(1024, 5 * 1024);
        let base = times(&[("fill", &[(1024, 7)]), ("churn", &churn([100, 100, 100, 100, 100]))]);
        let head = times(&[("fill", &[(1024, 700)]), ("churn", &churn([102, 102, 102, 102, 592]))]);
        let ratios = of_turns(&head, &base, &tape, KEEP).unwrap();
        assert!((of(&ratios, TimeMetric::MedianSlice) - 1.02).abs() < 1e-12);
        assert!((of(&ratios, TimeMetric::TotalCpu) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn later_fillings_are_load_and_the_first_is_not() {
        let tape = tape(1024, &[("drain", 1024), ("fill", 1024), ("drain", 1024), ("fill", 1024)]);
        let side = |first: u64, later: u64| {
            let (fill, drain) = ([(1024, later)], [(1024, 100)]);
            let teeth = [("drain", &drain[..]), ("fill", &fill), ("drain", &drain), ("fill", &fill)];
            times(&[&[("fill", &[(1024, first)][..])], &teeth[..]].concat())
        };
        let ratios = of_turns(&side(9000, 300), &side(100, 100), &tape, KEEP).unwrap();
        assert!((of(&ratios, TimeMetric::TotalCpu) - 2.0).abs() < 1e-12);
        let ratios = of_passes(&side(9000, 300), &side(100, 100), &tape).unwrap();
        assert!((of(&ratios, TimeMetric::TotalCpu) - 2.0).abs() < 1e-12);
        assert!((of(&ratios, TimeMetric::Wall) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn first_slices_and_short_tails_do_not_count_for_the_median() {
        let tape = fill_and_churn(0, 3 * 1024 + 10);
        let base = times(&[("fill", &[]), ("churn", &[(1024, 900), (1024, 100), (1024, 100), (10, 1)])]);
        let head = times(&[("fill", &[]), ("churn", &[(1024, 100), (1024, 110), (1024, 110), (10, 9)])]);
        let ratios = of_turns(&head, &base, &tape, Discard { first: 64, of: 256 }).unwrap();
        assert!((of(&ratios, TimeMetric::MedianSlice) - 1.1).abs() < 1e-12);
        assert!((of(&ratios, TimeMetric::TotalCpu) - 329.0 / 1101.0).abs() < 1e-12);
    }

    #[test]
    fn as_large_a_part_of_a_short_tape_is_discarded() {
        let discard = Discard { first: 32, of: 256 };
        assert_eq!([0, 6, 16, 256, 1000].map(|slices| discard.from(slices)), [0, 0, 2, 32, 32]);
    }

    #[test]
    fn other_slices_and_a_clock_that_stands_still_are_refused() {
        let tape = fill_and_churn(0, 2048);
        let two = times(&[("fill", &[]), ("churn", &[(1024, 5), (1024, 5)])]);
        let one = times(&[("fill", &[]), ("churn", &[(2048, 5)])]);
        let still = times(&[("fill", &[]), ("churn", &[(1024, 0), (1024, 0)])]);
        assert!(of_turns(&two, &one, &tape, KEEP).unwrap_err().contains("slices"));
        assert!(of_turns(&two, &still, &tape, KEEP).unwrap_err().contains("CPU time"));
        assert!(of_passes(&still, &two, &tape).unwrap_err().contains("wall time"));
    }

    #[test]
    fn passes_are_compared_by_wall_time_and_by_the_cpu_time_of_all_threads() {
        let tape = tape(1, &[("churn", 2), ("drain", 2)]);
        let side = |fill: u64, cpu: u64, wall: u64| {
            let mut side = times(&[("fill", &[(1, fill)]), ("churn", &[(2, cpu)]), ("drain", &[(2, cpu)])]);
            side.phases[1].threads.push(vec![Slice { ops: 2, wall_ns: 1, cpu_ns: 2 * cpu }]);
            side.phases.iter_mut().skip(1).for_each(|phase| phase.wall_ns = wall);
            side
        };
        let ratios = of_passes(&side(1, 100, 50), &side(999, 80, 100), &tape).unwrap();
        assert!((of(&ratios, TimeMetric::Wall) - 0.5).abs() < 1e-12);
        assert!((of(&ratios, TimeMetric::TotalCpu) - 1.25).abs() < 1e-12);
    }

    #[test]
    fn percentiles_are_of_all_kinds_in_the_phases_that_count() {
        let side = |slow: u64| {
            let kind = |phase: &str, counts, kind, durations: &[(u64, u64)]| {
                let mut service = Latencies::new();
                for &(ns, times) in durations {
                    service.record(ns, times);
                }
                KindLatency {
                    phase: phase.into(),
                    phase_number: None,
                    counts,
                    kind,
                    role: None,
                    service,
                    response: None,
                }
            };
            Latency {
                clock: Clock { name: "instant".into(), hz: 1e9, read_ns: 1.0, granularity_ns: 1.0 },
                times: Vec::new(),
                kinds: vec![
                    kind("fill", false, Kind::Insert, &[(900_000, 10)]),
                    kind("fill", true, Kind::Insert, &[(50, 980), (200, 20)]),
                    kind("churn", true, Kind::Remove, &[(50, 990), (slow, 10)]),
                ],
                windows: Vec::new(),
                worst: Vec::new(),
            }
        };
        let ratios = of_latencies(&side(1000), &side(500)).unwrap();
        assert!((of(&ratios, TimeMetric::P99) - 1.0).abs() < 1e-9);
        assert!((of(&ratios, TimeMetric::P999) - 2.0).abs() < 1e-2);
    }
}
