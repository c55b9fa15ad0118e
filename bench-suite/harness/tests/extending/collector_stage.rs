//! `page_faults`: pages that the kernel had to find.

use formats::observation::{Answers, PageFaults, Reading};

use super::Stage;
use crate::driver::Driver;
use crate::entry::Value;
use crate::job::Unsupported;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn page_faults<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let before = minor_faults();
        let (answers, _) = self.throughput(driver)?;
        let minor = minor_faults().saturating_sub(before);
        let ops = self.prepared.threads.iter().map(|steps| steps.len() as u64).sum();
        Ok((answers, Reading::PageFaults(PageFaults { ops, minor })))
    }
}

/// The eighth figure behind the name of the program, see proc_pid_stat(5).
fn minor_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let figures = stat.rsplit(')').next().unwrap_or_default();
    figures.split_whitespace().nth(7).and_then(|figure| figure.parse().ok()).unwrap_or(0)
}
