//! Bytes in use, as jemalloc and the kernel count them.

use std::fs;

use formats::observation::HeapSample;
use tikv_jemalloc_ctl::{Error, epoch, epoch_mib, raw, stats, version};

/// Reads jemalloc's statistics; their keys are looked up once.
#[derive(Clone, Copy)]
pub struct HeapMeter {
    epoch: epoch_mib,
    allocated: stats::allocated_mib,
    active: stats::active_mib,
    resident: stats::resident_mib,
    retained: stats::retained_mib,
    page: u64,
}

impl HeapMeter {
    /// Finds the statistics. Fails where the process runs on another allocator.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            epoch: epoch::mib()?,
            allocated: stats::allocated::mib()?,
            active: stats::active::mib()?,
            resident: stats::resident::mib()?,
            retained: stats::retained::mib()?,
            page: rustix::param::page_size() as u64,
        })
    }

    /// The figures of this moment. Blocks that the calling thread's cache keeps for later are given back
    /// first: they would count as in use.
    pub fn sample(&self, phase: &str, ops: u64, live: u64) -> Result<HeapSample, Error> {
        flush_thread_cache();
        self.epoch.advance()?;
        Ok(HeapSample {
            phase: phase.into(),
            ops,
            live,
            allocated: self.allocated.read()? as u64,
            active: self.active.read()? as u64,
            resident: self.resident.read()? as u64,
            retained: self.retained.read()? as u64,
            rss: self.rss(),
            gc_cycles: None,
        })
    }

    /// Resident set of the process; 0 where the kernel does not tell.
    fn rss(self) -> u64 {
        let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
        pages * self.page
    }
}

/// Gives back the blocks that the calling thread's cache keeps for later.
pub fn flush_thread_cache() {
    // SAFETY: this control takes no arguments. It fails only for a thread without a cache.
    unsafe {
        tikv_jemalloc_sys::mallctl(
            c"thread.tcache.flush".as_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            0,
        );
    }
}

/// The allocator and the settings that decide when it gives memory back.
#[must_use]
pub fn describe_allocator() -> String {
    let decay = |name: &[u8]| {
        // SAFETY: both settings are of type `ssize_t`.
        unsafe { raw::read::<isize>(name) }.map_or_else(|_| "?".into(), |ms| ms.to_string())
    };
    let release = version::read().unwrap_or("of unknown version").trim_end_matches('\0');
    format!(
        "jemalloc {release}, dirty_decay_ms {}, muzzy_decay_ms {}",
        decay(b"opt.dirty_decay_ms\0"),
        decay(b"opt.muzzy_decay_ms\0")
    )
}
