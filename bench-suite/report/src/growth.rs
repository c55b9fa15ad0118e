//! Steps upwards of a heap although no more entries live: what a map takes for its dead slots.

use formats::observation::Heap;

use crate::held::{held, no_more_live};
use crate::map_result::MapResult;

/// A step upwards: when, from and to how many bytes, and whether it was ever undone.
pub(crate) struct Growth<'a> {
    pub(crate) map: &'a str,
    pub(crate) op: u64,
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) kept: bool,
}

impl Growth<'_> {
    pub(crate) fn factor(&self) -> f64 {
        self.to as f64 / self.from.max(1) as f64
    }
}

/// The largest step in phases that count at which no more entries live than before.
pub(crate) fn largest_step<'a>(result: &MapResult<'a>) -> Option<Growth<'a>> {
    let heap = result.first::<Heap>()?;
    let samples = result.heap_samples();
    let steps = samples.windows(2).enumerate().filter_map(|(at, pair)| {
        let (from, to) = (held(heap, &pair[0]), held(heap, &pair[1]));
        let same_load = no_more_live(pair[0].live, pair[1].live);
        let kept = samples[at + 1..].iter().all(|sample| held(heap, sample) >= to - to / 20);
        (same_load && from > 0).then_some(Growth { map: result.map, op: pair[1].ops, from, to, kept })
    });
    steps.max_by(|a, b| a.factor().total_cmp(&b.factor()))
}

/// The largest such step, if it is what a table that doubles makes: of a page at least, nearly twofold, and kept.
pub(crate) fn doubled<'a>(result: &MapResult<'a>) -> Option<Growth<'a>> {
    largest_step(result).filter(|step| step.kept && step.factor() >= 1.8 && step.to - step.from >= 4096)
}
