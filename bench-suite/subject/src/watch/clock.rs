//! The clocks of a pass.

use std::time::{Duration, Instant};

use formats::observation::{Clock, PhaseTimes, Slice};

use super::Border;

/// Ticks of the finest clock that is cheap to read: the processor's time stamp counter where it runs at a
/// constant rate, the system's monotonic clock elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Ticker {
    tsc: bool,
    ns_per_tick: f64,
}

impl Ticker {
    /// How long the counter is compared with the system's clock: an error of 1 µs in reading either end makes
    /// 1 part in 20,000.
    const CALIBRATION: Duration = Duration::from_millis(20);

    /// Finds the clock and its rate.
    #[must_use]
    pub fn calibrate() -> Self {
        if !has_invariant_tsc() {
            return Self { tsc: false, ns_per_tick: 1.0 };
        }
        let ticker = Self { tsc: true, ns_per_tick: 1.0 };
        let (start, ticks) = (Instant::now(), ticker.now());
        while start.elapsed() < Self::CALIBRATION {
            std::hint::spin_loop();
        }
        let (elapsed, ticks) = (start.elapsed(), ticker.now() - ticks);
        Self { tsc: true, ns_per_tick: elapsed.as_nanos() as f64 / ticks as f64 }
    }

    /// The present tick.
    #[inline]
    #[must_use]
    pub fn now(self) -> u64 {
        #[cfg(target_arch = "x86_64")]
        if self.tsc {
            // SAFETY: RDTSC is part of the x86-64 baseline and reads a counter.
            return unsafe { std::arch::x86_64::_rdtsc() };
        }
        monotonic_ns()
    }

    /// A number of ticks in ns.
    #[inline]
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ticks of a pass are far below 2^53"
    )]
    pub fn ns(self, ticks: u64) -> u64 {
        (ticks as f64 * self.ns_per_tick) as u64
    }

    /// What an observation says of it.
    #[must_use]
    pub fn describe(self) -> Clock {
        const READS: u32 = 1000;
        let start = self.now();
        let end = (0..READS).fold(start, |_, _| std::hint::black_box(self.now()));
        Clock {
            name: if self.tsc { "tsc" } else { "instant" }.into(),
            hz: 1e9 / self.ns_per_tick,
            read_ns: end.saturating_sub(start) as f64 * self.ns_per_tick / f64::from(READS),
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_invariant_tsc() -> bool {
    use std::arch::x86_64::__cpuid;
    const LEAF: u32 = 0x8000_0007;
    const INVARIANT: u32 = 1 << 8;
    __cpuid(0x8000_0000).eax >= LEAF && __cpuid(LEAF).edx & INVARIANT != 0
}

#[cfg(not(target_arch = "x86_64"))]
fn has_invariant_tsc() -> bool {
    false
}

fn monotonic_ns() -> u64 {
    clock_ns(rustix::time::ClockId::Monotonic)
}

/// CPU time of the calling thread, ns.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    clock_ns(rustix::time::ClockId::ThreadCPUTime)
}

/// CPU time of all threads of this process, ns.
#[must_use]
pub fn process_cpu_ns() -> u64 {
    clock_ns(rustix::time::ClockId::ProcessCPUTime)
}

fn clock_ns(clock: rustix::time::ClockId) -> u64 {
    let time = rustix::time::clock_gettime(clock);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

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

    /// Takes the time at a border. The time between borders that are not a slice's is nobody's.
    pub fn look(&mut self, border: Border<'_>) {
        if let Border::PhaseStart(phase) = border {
            self.phase = phase;
        }
        let lap = &mut self.phases[self.phase];
        match border {
            Border::PhaseStart(_) => lap.start = monotonic_ns(),
            Border::SliceStart => {
                self.cpu = thread_cpu_ns();
                self.wall = monotonic_ns();
            }
            Border::SliceEnd { ops, .. } => {
                let wall_ns = monotonic_ns() - self.wall;
                lap.slices.push(Slice { ops, wall_ns, cpu_ns: thread_cpu_ns() - self.cpu });
            }
            Border::PhaseEnd => lap.end = monotonic_ns(),
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
