//! How far a child has come, as it tells itself.

use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;

use formats::subject::PROGRESS;

/// A number that a child counts up, in memory that both have.
#[derive(Debug)]
pub(crate) struct Headway(OwnedFd);

/// What it came to when the child's time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Operations that were played.
    pub(crate) done: u64,
    /// Whether any were in the second half of its time.
    pub(crate) moving: bool,
}

impl Headway {
    /// The number 0; `None` where there is no such memory.
    pub(crate) fn new() -> Option<Self> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
            let memory = memfd_create("churnmark-progress", MemfdFlags::CLOEXEC).ok()?;
            ftruncate(&memory, 8).ok()?;
            Some(Self(memory))
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Tells the child where the number is.
    pub(crate) fn name_to(&self, command: &mut Command) {
        let file = format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd());
        command.env(PROGRESS, file);
    }

    /// What it is now.
    pub(crate) fn done(&self) -> u64 {
        let mut number = [0; 8];
        match rustix::io::pread(&self.0, &mut number, 0) {
            Ok(8) => u64::from_ne_bytes(number),
            _ => 0,
        }
    }
}
