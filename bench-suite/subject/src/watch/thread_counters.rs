//! What the kernel counts for the calling thread.

use std::fs::File;
use std::mem::MaybeUninit;

use formats::observation::Met;

/// Reads the counters of the calling thread; a reading allocates nothing and takes some µs.
#[derive(Debug)]
pub struct ThreadCounters {
    /// How long the thread ran and waited for a processor; `None` where the kernel does not tell.
    schedstat: Option<File>,
}

impl ThreadCounters {
    /// Counters of the thread that asks; it must be the one that reads them.
    #[must_use]
    pub fn of_this_thread() -> Self {
        Self { schedstat: File::open("/proc/thread-self/schedstat").ok() }
    }

    /// What they are now. They only rise.
    #[must_use]
    pub fn read(&self) -> Met {
        Met { delay_ns: self.delay_ns(), ..usage() }
    }

    /// The second of the three numbers, see `Documentation/scheduler/sched-stats.rst` of the kernel.
    fn delay_ns(&self) -> u64 {
        let mut text = [0; 80];
        let read = self.schedstat.as_ref().and_then(|file| rustix::io::pread(file, &mut text, 0).ok());
        let text = std::str::from_utf8(&text[..read.unwrap_or(0)]).unwrap_or_default();
        text.split_ascii_whitespace().nth(1).and_then(|ns| ns.parse().ok()).unwrap_or(0)
    }
}

#[cfg(target_os = "linux")]
fn usage() -> Met {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to memory of that type.
    let failed = unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) } != 0;
    // SAFETY: all zeros are a valid value, and the call wrote another one.
    let usage = unsafe { usage.assume_init() };
    if failed {
        return Met::default();
    }
    let count = |number: libc::c_long| u64::try_from(number).unwrap_or(0);
    Met {
        minor_faults: count(usage.ru_minflt),
        major_faults: count(usage.ru_majflt),
        waits: count(usage.ru_nvcsw),
        switches: count(usage.ru_nivcsw),
        delay_ns: 0,
    }
}

/// Elsewhere the kernel counts for whole processes only.
#[cfg(not(target_os = "linux"))]
fn usage() -> Met {
    Met::default()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::hint::black_box;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_a_thread_meets_is_counted_for_it_alone() {
        thread::spawn(|| {
            let counters = ThreadCounters::of_this_thread();
            let before = counters.read();
            thread::sleep(Duration::from_millis(2));
            let slept = counters.read().since(before);
            assert!(slept.waits > 0, "{slept:?}");
            let elsewhere = thread::spawn(|| (0..4).for_each(|_| thread::sleep(Duration::from_millis(1))));
            let before = counters.read();
            let mut pages = black_box(Vec::<u8>::with_capacity(64 << 20));
            pages.extend(std::iter::repeat_n(1, 64 << 20));
            let wrote = counters.read().since(before);
            assert!(wrote.faults() > 0, "{wrote:?}");
            elsewhere.join().unwrap();
        })
        .join()
        .unwrap();
    }
}
