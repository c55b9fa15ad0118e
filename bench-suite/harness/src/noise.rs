//! The noise floor: what a thread sees that does nothing but read the clock.

use std::time::{Duration, Instant};

use formats::session::Noise;

/// A gap between two reads of the clock that no instruction explains: somebody else had the core.
const PAUSE: Duration = Duration::from_micros(10);

/// Reads the clock for this long and counts the pauses.
pub(crate) fn measure(time: Duration) -> Noise {
    let start = Instant::now();
    let (mut last, mut pauses) = (start, Pauses::default());
    while last - start < time {
        let now = Instant::now();
        pauses.see(now - last);
        last = now;
    }
    pauses.over(last - start)
}

#[derive(Debug, Default)]
struct Pauses {
    count: u64,
    longest: Duration,
    lost: Duration,
}

impl Pauses {
    fn see(&mut self, gap: Duration) {
        if gap > PAUSE {
            self.count += 1;
            self.longest = self.longest.max(gap);
            self.lost += gap;
        }
    }

    fn over(&self, time: Duration) -> Noise {
        let seconds = time.as_secs_f64();
        Noise {
            seconds,
            pauses_per_second: self.count as f64 / seconds,
            longest_us: self.longest.as_secs_f64() * 1e6,
            lost_percent: self.lost.as_secs_f64() / seconds * 100.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_counted_from_ten_microseconds() {
        let mut pauses = Pauses::default();
        for us in [1, 10, 11, 489] {
            pauses.see(Duration::from_micros(us));
        }
        let noise = pauses.over(Duration::from_millis(500));
        assert!((noise.pauses_per_second - 4.0).abs() < 1e-9);
        assert!((noise.longest_us - 489.0).abs() < 1e-9);
        assert!((noise.lost_percent - 0.1).abs() < 1e-9);
    }

    #[test]
    fn it_looks_as_long_as_told() {
        assert!(measure(Duration::from_millis(5)).seconds >= 0.005);
    }
}
