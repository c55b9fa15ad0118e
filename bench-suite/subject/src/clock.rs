//! The clocks of a pass.

use std::time::{Duration, Instant};

use formats::observation::Clock;

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
        const READS: u32 = 10_000;
        let mut readings = Vec::with_capacity(READS as usize);
        readings.extend((0..READS).map(|_| std::hint::black_box(self.now())));
        let ns = |ticks: u64| ticks as f64 * self.ns_per_tick;
        let all =
            readings.last().zip(readings.first()).map_or(0, |(last, first)| last.saturating_sub(*first));
        let mut steps: Vec<u64> = readings
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .filter(|step| *step > 0)
            .collect();
        steps.sort_unstable();
        Clock {
            name: if self.tsc { "tsc" } else { "instant" }.into(),
            hz: 1e9 / self.ns_per_tick,
            read_ns: ns(all) / f64::from(READS - 1),
            granularity_ns: steps.get(steps.len() / 2).map_or(0.0, |step| ns(*step)),
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

/// The system's monotonic clock, ns.
pub(crate) fn monotonic_ns() -> u64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_says_what_it_can_tell_apart() {
        let clock = Ticker::calibrate().describe();
        assert!(clock.hz > 0.0 && clock.read_ns > 0.0, "{clock:?}");
        // A step is no shorter than a tick.
        assert!(clock.granularity_ns >= 1e9 / clock.hz * 0.99, "{clock:?}");
        // The system's clock counts ns.
        let slow = Ticker { tsc: false, ns_per_tick: 1.0 }.describe();
        assert!(slow.granularity_ns >= 1.0, "{slow:?}");
    }
}
