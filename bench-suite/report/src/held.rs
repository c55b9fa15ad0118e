//! What a map holds: bytes at the moments that matter, and for each entry.

use formats::observation::{Allocations, Heap, HeapSample};

/// Bytes of the map at one moment: what is allocated more than before it was made.
pub(crate) fn held(heap: &Heap, sample: &HeapSample) -> u64 {
    sample.allocated.saturating_sub(heap.before.allocated)
}

pub(crate) fn bytes_per_entry(heap: &Heap, samples: &[HeapSample]) -> Option<f64> {
    let bytes: f64 = samples.iter().map(|sample| held(heap, sample) as f64).sum();
    let entries: f64 = samples.iter().map(|sample| sample.live as f64).sum();
    (entries > 0.0).then(|| bytes / entries)
}

/// How far a map grew beside entries that are no more, in bytes held at the borders of slices.
#[derive(Clone, Copy)]
pub(crate) struct SinceFresh {
    /// When the filling that the tape begins with ended.
    pub(crate) fresh: u64,
    /// The most in the phases that count.
    pub(crate) peak: u64,
}

impl SinceFresh {
    /// `None` where the tape begins with no filling, or the map held nothing then. `counted` are the samples of the
    /// phases that count, the last ones of all.
    pub(crate) fn of(heap: &Heap, counted: &[HeapSample]) -> Option<Self> {
        let before = heap.samples.len().checked_sub(counted.len() + 1)?;
        let fresh = held(heap, heap.samples.get(before)?);
        let peak = counted.iter().map(|sample| held(heap, sample)).max()?;
        (fresh > 0).then_some(Self { fresh, peak })
    }
}

/// Bytes held at the moments that matter: counted exactly where the allocations pass ran, else at the boundaries of
/// slices, where a peak within a slice does not show.
#[derive(Clone, Copy)]
pub(crate) struct Moments {
    /// The most on the tape.
    pub(crate) peak: u64,
    /// At the end of the tape.
    pub(crate) end: u64,
    /// After every entry was removed.
    pub(crate) drained: u64,
    /// After the map was dropped.
    pub(crate) dropped: u64,
}

impl Moments {
    pub(crate) fn of(allocations: Option<&Allocations>, heap: Option<&Heap>) -> Option<Self> {
        if let Some(&Allocations { peak_bytes, end_bytes, drained_bytes, dropped_bytes, .. }) = allocations {
            let [drained, dropped] = [drained_bytes, dropped_bytes];
            return Some(Self { peak: peak_bytes, end: end_bytes, drained, dropped });
        }
        let heap = heap?;
        let (peak, end) = (heap.samples.iter().map(|sample| held(heap, sample)).max()?, heap.samples.last()?);
        let [drained, dropped] = [&heap.drained, &heap.dropped].map(|sample| held(heap, sample));
        Some(Self { peak, end: held(heap, end), drained, dropped })
    }
}

/// Whether the entries alive stayed as many, give or take a fiftieth, or became fewer.
pub(crate) fn no_more_live(before: u64, after: u64) -> bool {
    after as f64 <= before as f64 * 1.02
}
