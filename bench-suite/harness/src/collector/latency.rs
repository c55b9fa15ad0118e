//! `latency`: how long each single operation takes.

use formats::observation::Latency;
use formats::tape::{Header, Kind};

pub(super) const ARGUMENTS: &[&str] = &["--samples", "200"];

/// Every operation must have been timed, each kind as often as it occurs on the tape.
pub(super) fn check(reading: &Latency, tape: &Header) -> Result<(), String> {
    super::check_times(&reading.times, tape)?;
    for (kind, &want) in Kind::ALL.into_iter().zip(&tape.executed.kinds) {
        let of_kind = reading.kinds.iter().filter(|latency| latency.kind == kind);
        let got = of_kind.map(|latency| latency.service.count()).sum();
        super::equal(&format!("durations of {}", kind.name()), got, want)?;
    }
    let counted: u64 = reading.kinds.iter().filter(|seen| seen.counts).map(|seen| seen.service.count()).sum();
    let want: u64 = tape.counted(&tape.phases).iter().flat_map(|phase| &phase.ops).sum();
    super::equal("durations in phases that count", counted, want)?;
    for seen in &reading.kinds {
        if let Some(response) = &seen.response {
            let what = format!("response times of {} in phase {}", seen.kind.name(), seen.phase);
            super::equal(&what, response.count(), seen.service.count())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use formats::histogram::Latencies;
    use formats::observation::{Clock, KindLatency};

    use super::super::tests::{tape, times};
    use super::*;

    /// Four inserts that prepare, then three and three removes.
    fn latency() -> Latency {
        let kind = |phase: &str, counts, kind, times| {
            let mut service = Latencies::new();
            service.record(50, times);
            KindLatency { phase: phase.into(), counts, kind, service, response: None }
        };
        Latency {
            clock: Clock { name: "tsc".into(), hz: 1e9, read_ns: 1.0 },
            times: vec![times("fill", &[4]), times("churn", &[6])],
            kinds: vec![
                kind("fill", false, Kind::Insert, 4),
                kind("churn", true, Kind::Insert, 3),
                kind("churn", true, Kind::Remove, 3),
            ],
            windows: vec![],
            worst: vec![],
        }
    }

    #[test]
    fn every_operation_must_be_timed_where_the_tape_has_it() {
        assert_eq!(check(&latency(), &tape()), Ok(()));
        let mut lost = latency();
        lost.kinds.pop();
        assert_eq!(check(&lost, &tape()), Err("0 durations of remove, must be 3".into()));
        let mut shifted = latency();
        shifted.kinds[0].counts = true;
        assert_eq!(check(&shifted, &tape()), Err("10 durations in phases that count, must be 6".into()));
    }
}
