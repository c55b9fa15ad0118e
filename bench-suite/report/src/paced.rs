//! What a load with a schedule comes to, stretch by stretch: phases that have a schedule, each by its place on the tape,
//! so that one rate is told from another and one cycle from the next.

use formats::histogram::Latencies;
use formats::observation::{Latency, Throughput};
use formats::pace::Pace;

use crate::map_result::MapResult;
use crate::ratio::median;
use crate::view::WorkloadResults;

/// More stretches than this are told together where they have one name and one pace.
const APART: usize = 24;

/// Some phases with a schedule.
pub(crate) struct Stretch {
    /// What they are called: the name of the phase, and which time it is where it comes again.
    pub(crate) label: String,
    /// When their operations start.
    pub(crate) pace: Pace,
    /// Their places among the phases of the tape.
    phases: Vec<usize>,
    /// How long their schedule is, s.
    scheduled_s: f64,
}

/// What one map did in a stretch, all rounds together.
pub(crate) struct Waits {
    pub(crate) service: Latencies,
    pub(crate) response: Latencies,
    /// How long its schedule is over how long it took, 1 at most; `None` without a throughput pass.
    pub(crate) kept: Option<f64>,
}

/// The stretches of a tape, in order; empty without a schedule.
pub(crate) fn stretches(workload: &WorkloadResults<'_>) -> Vec<Stretch> {
    let Some(tape) = workload.tape.map(|tape| &tape.header) else { return Vec::new() };
    let mut all: Vec<(&str, Stretch)> = Vec::new();
    for (at, phase) in tape.phases.iter().enumerate() {
        let (pace, scheduled_s) = (tape.pace_of(phase), tape.scheduled_seconds_of(phase));
        if scheduled_s > 0.0 {
            all.push((
                &phase.name,
                Stretch { label: phase.name.clone(), pace, phases: vec![at], scheduled_s },
            ));
        }
    }
    if all.len() > APART {
        return together(all);
    }
    let times = |name: &str| all.iter().filter(|(other, _)| *other == name).count();
    let labels: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(at, (name, _))| match times(name) {
            1 => (*name).to_owned(),
            times => {
                let time = all[..=at].iter().filter(|(other, _)| other == name).count();
                format!("{name} ({time} of {times})")
            }
        })
        .collect();
    all.into_iter().zip(labels).map(|((_, stretch), label)| Stretch { label, ..stretch }).collect()
}

/// Phases of one name and one pace as one stretch.
fn together(all: Vec<(&str, Stretch)>) -> Vec<Stretch> {
    let mut put: Vec<(&str, Stretch)> = Vec::new();
    for (name, one) in all {
        match put.iter_mut().find(|(other, stretch)| *other == name && stretch.pace == one.pace) {
            Some((_, stretch)) => {
                stretch.phases.extend(one.phases);
                stretch.scheduled_s += one.scheduled_s;
            }
            None => put.push((name, one)),
        }
    }
    let label = |stretch: &Stretch| match stretch.phases.len() {
        1 => stretch.label.clone(),
        times => format!("{}, all {times}", stretch.label),
    };
    put.into_iter().map(|(_, stretch)| Stretch { label: label(&stretch), ..stretch }).collect()
}

impl Stretch {
    /// What a map did in it; `None` where nothing was due, or phases were not told apart.
    pub(crate) fn of(&self, result: &MapResult<'_>) -> Option<Waits> {
        let (mut service, mut response) = (Latencies::sum(), Latencies::sum());
        for seen in result.each::<Latency>().flat_map(|latency| &latency.kinds) {
            let place = seen.phase_number.and_then(|number| usize::try_from(number).ok());
            if let (Some(due), true) = (&seen.response, place.is_some_and(|at| self.phases.contains(&at))) {
                service.add(&seen.service);
                response.add(due);
            }
        }
        let kept = self.kept(result);
        (response.count() > 0).then_some(Waits { service, response, kept })
    }

    /// How long its schedule is over how long it took; the median of the rounds.
    fn kept(&self, result: &MapResult<'_>) -> Option<f64> {
        let wall_ns = |seen: &Throughput| -> Option<f64> {
            self.phases.iter().map(|at| Some(seen.phases.get(*at)?.wall_ns as f64)).sum()
        };
        let took = median(result.each::<Throughput>().filter_map(wall_ns)).filter(|ns| *ns > 0.0)?;
        Some((self.scheduled_s * 1e9 / took).min(1.0))
    }
}
