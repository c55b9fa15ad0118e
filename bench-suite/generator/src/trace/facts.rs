//! What the records of a recording say beside their operations.

/// Counts of records, and what they say of times and sizes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Records that were read, those that were passed over at the start among them.
    pub records: u64,
    /// Keys that were played.
    pub keys: u64,
    /// Lines that ask nothing of a map, and were passed over.
    pub ignored: u64,
    /// Records of operations that the recorder had to drop; see the crate `churnmark-recorder`.
    pub dropped: u64,
    /// The share of the keys that the recorder recorded, where not all.
    pub recorded_share: Option<f64>,
    /// The first and the last time, ns, where records have one.
    pub times: Option<(u64, u64)>,
    /// How many records have a size, and the sum of the sizes, bytes.
    pub sizes: (u64, u64),
}

impl Facts {
    #[inline]
    pub(super) fn time(&mut self, now: u64) {
        let (first, last) = self.times.get_or_insert((now, now));
        *first = (*first).min(now);
        *last = (*last).max(now);
    }

    #[inline]
    pub(super) fn size(&mut self, bytes: u64) {
        self.sizes.0 += 1;
        self.sizes.1 = self.sizes.1.saturating_add(bytes);
    }

    /// How long the recording is, s; `None` without times.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        self.times.map(|(first, last)| (last - first) as f64 / 1e9)
    }

    /// Bytes of a value, on average; `None` where no record has a size.
    #[must_use]
    pub fn mean_size(&self) -> Option<u64> {
        self.sizes.1.checked_div(self.sizes.0)
    }
}
