//! Deterministic figures and what became of them.

use serde::{Deserialize, Serialize};

use super::{Class, Verdict, Waiver};
use crate::observation::EventKind;

/// A deterministic figure of one map on one tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Blocks allocated.
    Allocations,
    /// Blocks freed.
    Frees,
    /// Bytes allocated.
    AllocatedBytes,
    /// Most bytes held at once.
    PeakBytes,
    /// Bytes held at the end of the tape.
    EndBytes,
    /// Bytes still held after every entry was removed one by one.
    DrainedBytes,
    /// Bytes still held after the map was dropped.
    DroppedBytes,
    /// Times that a key was hashed beyond once an operation: entries that moved.
    RehashedEntries,
    /// Times that two keys were compared for equality or order.
    KeyComparisons,
    /// Inserts of new entries that landed where an entry lived before.
    ReusedSlots,
    /// Inserts of new entries in memory that had been an entry's and was given back by the allocator.
    RecycledSlots,
    /// The most dead slots at the end of a window.
    DeadSlots,
    /// Instructions, as callgrind counts them.
    Instructions,
    /// Structural changes of one kind.
    Event(EventKind),
}

impl Metric {
    const PLAIN: [Self; 13] = [
        Self::Allocations,
        Self::Frees,
        Self::AllocatedBytes,
        Self::PeakBytes,
        Self::EndBytes,
        Self::DrainedBytes,
        Self::DroppedBytes,
        Self::RehashedEntries,
        Self::KeyComparisons,
        Self::ReusedSlots,
        Self::RecycledSlots,
        Self::DeadSlots,
        Self::Instructions,
    ];

    /// Every metric.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::PLAIN.into_iter().chain(EventKind::ALL.into_iter().map(Self::Event))
    }

    /// Its name in policies and files: events are called `event.<kind>`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Allocations => "allocations".into(),
            Self::Frees => "frees".into(),
            Self::AllocatedBytes => "allocated_bytes".into(),
            Self::PeakBytes => "peak_bytes".into(),
            Self::EndBytes => "end_bytes".into(),
            Self::DrainedBytes => "drained_bytes".into(),
            Self::DroppedBytes => "dropped_bytes".into(),
            Self::RehashedEntries => "rehashed_entries".into(),
            Self::KeyComparisons => "key_comparisons".into(),
            Self::ReusedSlots => "reused_slots".into(),
            Self::RecycledSlots => "recycled_slots".into(),
            Self::DeadSlots => "dead_slots".into(),
            Self::Instructions => "instructions".into(),
            Self::Event(kind) => {
                format!("event.{}", kind.name().replace([' ', '-'], "_").replace(['(', ')'], ""))
            }
        }
    }

    /// The metric of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|metric| metric.name() == name)
    }

    /// Whether a larger figure is the worse one: only of slots used again there should be many.
    #[must_use]
    pub const fn more_is_worse(self) -> bool {
        !matches!(self, Self::ReusedSlots | Self::RecycledSlots)
    }

    /// The relative difference that is none, where the policy says nothing: counts are exact, bytes follow the
    /// allocator's size classes, and instructions follow the compiler.
    #[must_use]
    pub const fn tolerance(self) -> f64 {
        match self {
            Self::AllocatedBytes
            | Self::PeakBytes
            | Self::EndBytes
            | Self::DrainedBytes
            | Self::DroppedBytes => 0.001,
            Self::Instructions => 0.01,
            _ => 0.0,
        }
    }

    /// What the policy makes of it where it says nothing: every figure is gated but instructions, which see neither
    /// a cache miss nor a stall.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Instructions => Class::Advisory,
            _ => Class::Gated,
        }
    }
}

impl Serialize for Metric {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::by_name(&name).ok_or_else(|| serde::de::Error::custom(format!("there is no metric `{name}`")))
    }
}

/// One deterministic figure on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExactFinding {
    /// The workload.
    pub workload: String,
    /// The map.
    pub map: String,
    /// The figure.
    pub metric: Metric,
    /// On the base, for each seed of the rule.
    pub base: Vec<u64>,
    /// On the head, for each seed of the rule.
    pub head: Vec<u64>,
    /// The largest relative difference over the seeds, with its sign; `None` where the base is 0 and the head
    /// is not.
    pub change: Option<f64>,
    /// The relative difference that is none.
    pub tolerance: f64,
    /// What the policy makes of it.
    pub class: Class,
    /// What is said of it; `None` where the base does not repeat it.
    pub verdict: Option<Verdict>,
    /// Why it has no verdict.
    pub demoted: Option<String>,
    /// Who accepted it for a while, if it regressed.
    pub waiver: Option<Waiver>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_found_by_its_name() {
        for metric in Metric::all() {
            assert_eq!(Metric::by_name(&metric.name()), Some(metric));
        }
        assert_eq!(Metric::Event(EventKind::SameSizeGrow).name(), "event.same_size_grow");
        assert_eq!(Metric::Event(EventKind::HeapOverflowBucket).name(), "event.overflow_bucket_heap");
        assert_eq!(Metric::by_name("speed"), None);
    }
}
