//! Wall and CPU time of slices.

use formats::observation::{PhaseTimes, Slice};

use super::Boundary;
use crate::clock::{monotonic_ns, thread_cpu_ns};

/// When one thread's phases and slices started and ended.
#[derive(Debug, Clone, Default)]
pub struct Stopwatch {
    phases: Vec<Lap>,
    phase: usize,
    wall: u64,
    cpu: u64,
}

/// One phase of one thread.
#[derive(Debug, Clone)]
struct Lap {
    start: u64,
    end: u64,
    slices: Vec<Slice>,
}

impl Stopwatch {
    /// A stopwatch with room for this many slices in each phase: nothing is allocated while it runs.
    #[must_use]
    pub fn new(slices: impl Iterator<Item = usize>) -> Self {
        let lap = |slices| Lap { start: 0, end: 0, slices: Vec::with_capacity(slices) };
        Self { phases: slices.map(lap).collect(), phase: 0, wall: 0, cpu: 0 }
    }

    /// Takes the time at a boundary. The time between boundaries that are not a slice's is nobody's.
    pub fn look(&mut self, boundary: Boundary<'_>) {
        if let Boundary::PhaseStart(phase) = boundary {
            self.phase = phase;
        }
        let lap = &mut self.phases[self.phase];
        match boundary {
            Boundary::PhaseStart(_) => lap.start = monotonic_ns(),
            Boundary::SliceStart => {
                self.cpu = thread_cpu_ns();
                self.wall = monotonic_ns();
            }
            Boundary::SliceEnd { ops, .. } => {
                let wall_ns = monotonic_ns() - self.wall;
                lap.slices.push(Slice { ops, wall_ns, cpu_ns: thread_cpu_ns() - self.cpu });
            }
            Boundary::PhaseEnd => lap.end = monotonic_ns(),
        }
    }

    /// Adds the times of another that looked at the same slices.
    pub fn add(&mut self, other: &Self) {
        for (lap, more) in self.phases.iter_mut().zip(&other.phases) {
            lap.end += more.end - more.start;
            for (slice, more) in lap.slices.iter_mut().zip(&more.slices) {
                slice.wall_ns += more.wall_ns;
                slice.cpu_ns += more.cpu_ns;
            }
        }
    }

    /// Replaces the wall time of the slice that ended last by the time in which operations ran.
    pub fn set_wall(&mut self, wall_ns: u64) {
        if let Some(slice) = self.phases[self.phase].slices.last_mut() {
            slice.wall_ns = wall_ns;
        }
    }
}

/// Puts the threads' stopwatches together, phase by phase.
#[must_use]
pub fn phase_times(names: &[String], threads: &[Stopwatch]) -> Vec<PhaseTimes> {
    let phase = |(index, name): (usize, &String)| {
        let laps = || threads.iter().map(|thread| &thread.phases[index]);
        let start = laps().map(|lap| lap.start).min().unwrap_or(0);
        let end = laps().map(|lap| lap.end).max().unwrap_or(0);
        PhaseTimes {
            phase: name.clone(),
            wall_ns: end.saturating_sub(start),
            threads: laps().map(|lap| lap.slices.clone()).collect(),
        }
    };
    names.iter().enumerate().map(phase).collect()
}
