//! What the `latency` collector sees: histograms of every kind of operation.

use serde::{Deserialize, Serialize};

use super::throughput::check_times;
use super::{Allocator, Collected, CollectorInfo, Cost, PhaseTimes, Threads, equal, total};
use crate::histogram::Latencies;
use crate::tape::{Header, Kind};

/// How long each kind of operation took: service time, from the end of the operation before.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// The clock that was read once an operation.
    pub clock: Clock,
    /// Times of the phases in this pass. Slices hold the time in which operations ran, clock reads included:
    /// the difference to those of the throughput pass is what the collector adds to an operation. Phases also
    /// hold the counting in between.
    pub times: Vec<PhaseTimes>,
    /// One histogram for each phase and kind that occurs, in the order of the tape.
    pub kinds: Vec<KindLatency>,
    /// All kinds together, window by window, over the whole tape of thread 0.
    pub windows: Vec<LatencyWindow>,
    /// The slowest operations, slowest first.
    pub worst: Vec<SlowOp>,
}

impl Collected for Latency {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: true,
        needs: &[],
        allocator: Allocator::Plain,
        threads: Threads::Any,
        arguments: &["--samples", "200"],
        cost: Cost { start: 0.2, factor: 1.5, samples_for: 0.0 },
    };

    /// Every operation must have been timed, each kind as often as it occurs on the tape.
    fn check(&self, tape: &Header) -> Result<(), String> {
        check_times(&self.times, tape)?;
        for (kind, &want) in Kind::ALL.into_iter().zip(&tape.executed.kinds) {
            let of_kind = self.kinds.iter().filter(|latency| latency.kind == kind);
            let got = total(of_kind.map(|latency| latency.service.count()));
            equal(&format!("durations of {}", kind.name()), got, want)?;
        }
        let counted = self.kinds.iter().filter(|seen| seen.counts).map(|seen| seen.service.count());
        let want = total(tape.counted(&tape.phases).iter().flat_map(|phase| phase.ops.iter().copied()));
        equal("durations in phases that count", total(counted), want)?;
        self.check_roles(tape)?;
        for seen in &self.kinds {
            let marked = seen
                .phase_number
                .map(|number| tape.phases.get(usize::try_from(number).unwrap_or(usize::MAX)));
            if let Some(mark) = marked
                && mark.is_none_or(|mark| (&mark.name, mark.counts) != (&seen.phase, seen.counts))
            {
                return Err(format!(
                    "durations of a phase {} in a place where the tape has none",
                    seen.phase
                ));
            }
            if let Some(response) = &seen.response {
                let what = format!("response times of {} in phase {}", seen.kind.name(), seen.phase);
                equal(&what, response.count(), seen.service.count())?;
            }
        }
        Ok(())
    }
}

impl Latency {
    /// Where roles are told apart, all are, and each with the operations of its threads.
    fn check_roles(&self, tape: &Header) -> Result<(), String> {
        if self.kinds.iter().all(|seen| seen.role.is_none()) {
            return Ok(());
        }
        let mut told = 0;
        for role in &tape.roles {
            let of_role = self.kinds.iter().filter(|seen| seen.role.as_deref() == Some(&*role.name));
            told += of_role.clone().count();
            let threads = (0..tape.threads()).filter(|&thread| tape.role_of(thread) == Some(role));
            let want = total(threads.flat_map(|thread| {
                tape.phases.iter().filter_map(move |phase| phase.ops.get(thread).copied())
            }));
            equal(
                &format!("durations of {}", role.name),
                total(of_role.map(|seen| seen.service.count())),
                want,
            )?;
        }
        equal("histograms that name a role of the tape", told, self.kinds.len())
    }
}

/// The clock of a latency pass.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// `tsc` or `instant`.
    pub name: String,
    /// Ticks a second.
    pub hz: f64,
    /// What one read takes, the mean over many in a row, ns: included in every duration.
    pub read_ns: f64,
    /// By how much a reading differs from the one before when it differs at all, the median over many in a row, ns: what
    /// is shorter cannot be told from nothing. 0 where it was not measured.
    #[serde(default)]
    pub granularity_ns: f64,
}

/// Durations of one kind of operation in one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KindLatency {
    /// Name of the phase.
    pub phase: String,
    /// Its place among the phases of the tape, from 0. `None` where phases of one name were recorded together, unless
    /// one counts and the other does not: by earlier versions, and by programs that do not tell them apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase_number: Option<u64>,
    /// Whether it counts; see [`PhaseMark::counts`](crate::tape::PhaseMark::counts).
    pub counts: bool,
    /// Kind of operation.
    pub kind: Kind,
    /// The role of the threads, on a tape that has roles. `None` where all threads were recorded together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Service times.
    pub service: Latencies,
    /// Response times, from when each operation should have started; `None` without a schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Latencies>,
}

/// Durations within a stretch of the tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LatencyWindow {
    /// Name of the phase.
    pub phase: String,
    /// Operations of the thread before this window.
    pub first_op: u64,
    /// Service times.
    pub service: Latencies,
}

/// One slow operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlowOp {
    /// Thread that ran it.
    pub thread: u32,
    /// Its position on that thread's tape.
    pub index: u64,
    /// What it was.
    pub kind: Kind,
    /// Service time, ns.
    pub ns: u64,
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::super::throughput::tests::times;
    use super::*;

    /// Four inserts that prepare, then three and three removes.
    fn latency() -> Latency {
        let kind = |phase: &str, counts, kind, times| {
            let mut service = Latencies::new();
            service.record(50, times);
            let phase_number = Some(u64::from(phase != "fill"));
            KindLatency {
                phase: phase.into(),
                phase_number,
                counts,
                kind,
                role: None,
                service,
                response: None,
            }
        };
        Latency {
            clock: Clock { name: "tsc".into(), hz: 1e9, read_ns: 1.0, granularity_ns: 1.0 },
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
        assert_eq!(latency().check(&tape()), Ok(()));
        let mut lost = latency();
        lost.kinds.pop();
        assert_eq!(lost.check(&tape()), Err("0 durations of remove, must be 3".into()));
        let mut shifted = latency();
        shifted.kinds[0].counts = true;
        assert_eq!(shifted.check(&tape()), Err("10 durations in phases that count, must be 6".into()));
        let mut elsewhere = latency();
        elsewhere.kinds[1].phase_number = Some(0);
        let problem = "durations of a phase churn in a place where the tape has none";
        assert_eq!(elsewhere.check(&tape()), Err(problem.into()));
        elsewhere.kinds[1].phase_number = None;
        assert_eq!(elsewhere.check(&tape()), Ok(()), "who does not tell phases of one name apart");
    }
}
