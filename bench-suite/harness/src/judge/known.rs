//! What a program says, held against what is known without it.

use std::time::Duration;

use formats::observation::{Answers, Found, Observation, PhaseTimes, Reading};
use formats::run::Pass;
use formats::session::TapeInfo;
use formats::tape::Kind;

use super::MOST_SAMPLES;

/// Operations that no processor does in a nanosecond, however little each is.
const MOST_OPS_A_NS: u64 = 20;
/// By how much two clocks may differ.
const SLACK: Duration = Duration::from_millis(20);

/// Refuses an observation of another pass than this.
pub(super) fn is_of(observation: &Observation, pass: &Pass, tape: &TapeInfo) -> Result<(), String> {
    let got = observation.reading.collector();
    if observation.map != pass.map {
        return Err(format!("it observed map `{}` instead of `{}`", observation.map, pass.map));
    }
    if observation.tape != tape.id {
        return Err(format!("it played tape {} instead of {}", observation.tape, tape.id));
    }
    if got != pass.collector {
        return Err(format!("it observed {} instead of {}", got.name(), pass.collector.name()));
    }
    let threads = tape.header.phases.first().map_or(0, |phase| phase.ops.len());
    let digests = observation.answers.digests.len();
    if digests > threads {
        return Err(format!("it gave {digests} digests for the answers of {threads} threads"));
    }
    Ok(())
}

/// Refuses figures that do not fit the tape.
pub(super) fn fits(reading: &Reading, tape: &TapeInfo) -> Result<(), String> {
    let name = reading.collector().name();
    reading
        .check(&tape.header)
        .map_err(|problem| format!("its {name} figures do not fit the tape: {problem}"))
}

/// Refuses what was found of other operations than the tape has.
pub(super) fn found_fits(answers: &Answers, tape: &TapeInfo) -> Result<(), String> {
    let Some(found) = &answers.found else { return Ok(()) };
    let phases = tape.header.phases.len();
    if found.len() != phases {
        return Err(format!("it says what was found in {} phases, and the tape has {phases}", found.len()));
    }
    let sum: Found = found.iter().sum();
    let [gets, fetches] = [Kind::Get, Kind::Fetch].map(|kind| tape.header.executed.kinds[kind as usize]);
    if sum.asked != gets.saturating_add(fetches) || found.iter().any(|phase| phase.found > phase.asked) {
        let Found { asked, found } = sum;
        return Err(format!(
            "it found {found} of {asked} asked for, and the tape asks {gets} + {fetches} times"
        ));
    }
    Ok(())
}

/// Refuses times that cannot have been: the child lived for so long.
pub(super) fn is_possible(reading: &Reading, lived: Duration) -> Result<(), String> {
    let phases = match reading {
        Reading::Throughput(throughput) => &throughput.phases,
        Reading::Latency(latency) => &latency.times,
        _ => return Ok(()),
    };
    let lived = nanoseconds(lived + lived / 50 + SLACK);
    let walls = phases.iter().map(|phase| phase.wall_ns).fold(0, u64::saturating_add);
    if walls > lived {
        return Err(format!("its phases took {walls} ns, and it lived for less than {lived} ns"));
    }
    phases.iter().try_for_each(|phase| is_possible_phase(phase, phases.len()))
}

fn is_possible_phase(times: &PhaseTimes, phases: usize) -> Result<(), String> {
    let PhaseTimes { phase, wall_ns, threads } = times;
    let most = wall_ns.saturating_add(wall_ns / 50).saturating_add(nanoseconds(SLACK));
    for slices in threads {
        let wall = slices.iter().map(|slice| slice.wall_ns).fold(0, u64::saturating_add);
        if wall > most {
            return Err(format!(
                "the slices of a thread in phase {phase} took {wall} ns, the phase {wall_ns} ns"
            ));
        }
        if slices.len() as u64 > MOST_SAMPLES + phases as u64 {
            let (got, asked) = (slices.len(), MOST_SAMPLES);
            return Err(format!("a thread has {got} slices in phase {phase}; asked for were {asked}"));
        }
        if let Some(slice) = slices.iter().find(|slice| slice.ops / MOST_OPS_A_NS > slice.wall_ns) {
            let (ops, ns) = (slice.ops, slice.wall_ns);
            return Err(format!(
                "{ops} operations in {ns} ns, in phase {phase}, are more than any processor does"
            ));
        }
    }
    Ok(())
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use formats::observation::{Collector, Slice, Throughput};

    use super::*;

    fn throughput(wall_ns: u64, slices: &[(u64, u64)]) -> Reading {
        let slices = slices.iter().map(|&(ops, wall_ns)| Slice { ops, wall_ns, cpu_ns: 0 }).collect();
        let times = PhaseTimes { phase: "churn".into(), wall_ns, threads: vec![slices] };
        Reading::Throughput(Throughput { phases: vec![times], turns: None })
    }

    fn refused(wall_ns: u64, slices: &[(u64, u64)]) -> String {
        is_possible(&throughput(wall_ns, slices), Duration::from_secs(1)).unwrap_err()
    }

    #[test]
    fn times_lie_within_the_life_of_the_child() {
        let second = Duration::from_secs(1);
        assert_eq!(is_possible(&throughput(900_000_000, &[(1024, 899_000_000)]), second), Ok(()));
        assert_eq!(is_possible(&Collector::Heap.nothing(), second), Ok(()));
        assert!(refused(u64::MAX, &[]).contains("it lived for less than"));
        assert!(refused(1_100_000_000, &[]).contains("it lived for less than"));
        assert!(refused(1_000_000, &[(1, u64::MAX), (1, 7)]).contains("the slices of a thread"));
        assert!(refused(1, &[(1024, 1)]).contains("1024 operations in 1 ns"));
        assert!(refused(1, &[(0, 0); 300]).contains("300 slices in phase churn; asked for were 200"));
    }
}
