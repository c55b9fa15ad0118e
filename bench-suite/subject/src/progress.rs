//! Telling whoever started this process how far it has come.

use std::fs::OpenOptions;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use formats::subject::PROGRESS;
use rustix::mm::{MapFlags, ProtFlags, mmap};

static PLAYED: OnceLock<&'static AtomicU64> = OnceLock::new();

/// Finds the number that is to be counted up, if there is one. Where it cannot be had nothing is told.
pub(crate) fn begin() {
    if let Some(played) = std::env::var_os(PROGRESS).and_then(|file| shared_number(&file)) {
        let _ = PLAYED.set(played);
    }
}

/// So many operations more were played. Outside of every clock: once a slice.
pub(crate) fn add(ops: usize) {
    if let Some(played) = PLAYED.get() {
        played.fetch_add(ops as u64, Ordering::Relaxed);
    }
}

fn shared_number(file: &std::ffi::OsStr) -> Option<&'static AtomicU64> {
    let file = OpenOptions::new().read(true).write(true).open(file).ok()?;
    let size = size_of::<AtomicU64>();
    if file.metadata().ok()?.len() < size as u64 {
        return None;
    }
    // SAFETY: the kernel chooses where, so that nothing else is there; the mapping is never taken back.
    let place = unsafe {
        mmap(ptr::null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &file, 0).ok()?
    };
    // SAFETY: a mapping starts at a page and is at least as long; other processes only read it.
    Some(unsafe { AtomicU64::from_ptr(place.cast()) })
}
