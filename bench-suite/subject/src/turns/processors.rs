//! On which processors the calling thread may be. An error comes with the number of the processor.

pub(super) use self::here::{check, move_to};

#[cfg(target_os = "linux")]
mod here {
    use std::io;

    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// Whether the thread may be moved to each of them.
    pub(in crate::turns) fn check(cpus: &[usize]) -> Result<(), (usize, io::Error)> {
        let allowed = sched_getaffinity(None).map_err(|why| (0, why.into()))?;
        let forbidden = |cpu: &&usize| **cpu >= CpuSet::MAX_CPU || !allowed.is_set(**cpu);
        match cpus.iter().find(forbidden) {
            Some(&cpu) => Err((cpu, io::ErrorKind::InvalidInput.into())),
            None => Ok(()),
        }
    }

    /// Moves the thread to one that was checked.
    pub(in crate::turns) fn move_to(cpu: usize) -> Result<(), (usize, io::Error)> {
        let mut only = CpuSet::new();
        only.set(cpu);
        sched_setaffinity(None, &only).map_err(|why| (cpu, why.into()))
    }
}

/// Nobody can say.
#[cfg(not(target_os = "linux"))]
mod here {
    use std::io;

    /// None can be had.
    pub(in crate::turns) fn check(cpus: &[usize]) -> Result<(), (usize, io::Error)> {
        cpus.first().map_or(Ok(()), |&cpu| move_to(cpu))
    }

    /// Refuses.
    pub(in crate::turns) fn move_to(cpu: usize) -> Result<(), (usize, io::Error)> {
        Err((cpu, io::ErrorKind::Unsupported.into()))
    }
}
