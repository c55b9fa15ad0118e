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
    for seen in &reading.kinds {
        if let Some(response) = &seen.response {
            let what = format!("response times of {} in phase {}", seen.kind.name(), seen.phase);
            super::equal(&what, response.count(), seen.service.count())?;
        }
    }
    Ok(())
}
