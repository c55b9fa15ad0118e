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

    /// The figures of this moment, of a phase without a name: nothing that is kept is allocated.
    pub fn sample(&self, ops: u64, live: u64) -> Result<HeapSample, Error> {
        self.epoch.advance()?;
        Ok(HeapSample {
            phase: String::new(),
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

/// Gives pages that hold nothing back to the kernel: what is built next finds none that are resident already.
pub fn purge() {
    // 4096 stands for all arenas.
    act(c"arena.4096.purge");
}

/// Empties the calling thread's cache of freed blocks: their pages hold nothing any more, as far as nothing else is in
/// them.
pub(crate) fn flush_thread_cache() {
    act(c"thread.tcache.flush");
}

/// Does what a control of jemalloc does that takes no arguments.
fn act(control: &std::ffi::CStr) {
    // SAFETY: there is nothing to read or to write.
    unsafe {
        tikv_jemalloc_sys::mallctl(
            control.as_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            0,
        );
    }
}

/// Takes the calling thread's cache of freed blocks away from it. What is freed is free at once, as far as the
/// statistics can tell, and what another thread frees too.
pub(crate) fn disable_thread_cache() {
    // SAFETY: the setting is of type `bool`. It cannot be written where the allocator has no such caches at all.
    let _ = unsafe { raw::write(b"thread.tcache.enabled\0", false) };
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
