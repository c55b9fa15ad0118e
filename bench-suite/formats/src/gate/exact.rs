//! Deterministic figures and what became of them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Class, Verdict, Waiver};
use crate::observation::{Collector, EventKind};

/// What holds for a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
struct MetricInfo {
    /// Whose figures it is taken from; `None` for instructions, which callgrind counts.
    collector: Option<Collector>,
    /// Whether a larger figure is the worse one.
    more_is_worse: bool,
    /// The relative difference that is none, where the policy says nothing.
    tolerance: f64,
    /// What the policy makes of it where it says nothing.
    class: Class,
}

/// A count: compared exactly, and more is worse.
const fn count(collector: Collector) -> MetricInfo {
    MetricInfo { collector: Some(collector), more_is_worse: true, tolerance: 0.0, class: Class::Gated }
}

/// Bytes follow the allocator's size classes.
const BYTES: MetricInfo = MetricInfo { tolerance: 0.001, ..count(Collector::Allocations) };
/// Of slots used again there should be many.
const USED_AGAIN: MetricInfo = MetricInfo { more_is_worse: false, ..count(Collector::Slots) };
/// They follow the compiler, and see neither a cache miss nor a stall, so that alone they decide nothing.
const INSTRUCTIONS: MetricInfo =
    MetricInfo { collector: None, more_is_worse: true, tolerance: 0.01, class: Class::Advisory };

/// Writes [`Metric`] from one list: for each metric its name in policies and files, and what holds for it.
macro_rules! metrics {
    ($($(#[$about:meta])* $Metric:ident = $name:literal: $info:expr,)*) => {
        /// A deterministic figure of one map on one tape.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[$about])* $Metric,)*
            /// Structural changes of one kind.
            Event(EventKind),
        }

        impl Metric {
            /// Every metric.
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$Metric),*].into_iter().chain(EventKind::ALL.map(Self::Event))
            }

            /// Its name in policies and files: events are called `event.<kind>`.
            #[must_use]
            pub fn name(self) -> String {
                match self {
                    $(Self::$Metric => $name.into(),)*
                    Self::Event(kind) => {
                        format!("event.{}", kind.name().replace([' ', '-'], "_").replace(['(', ')'], ""))
                    }
                }
            }

            const fn info(self) -> MetricInfo {
                match self {
                    $(Self::$Metric => $info,)*
                    Self::Event(_) => count(Collector::Events),
                }
            }
        }
    };
}

metrics! {
    /// Blocks allocated.
    Allocations = "allocations": count(Collector::Allocations),
    /// Blocks freed.
    Frees = "frees": count(Collector::Allocations),
    /// Bytes allocated.
    AllocatedBytes = "allocated_bytes": BYTES,
    /// Most bytes held at once.
    PeakBytes = "peak_bytes": BYTES,
    /// Bytes held at the end of the tape.
    EndBytes = "end_bytes": BYTES,
    /// Bytes still held after every entry was removed one by one.
    DrainedBytes = "drained_bytes": BYTES,
    /// Bytes still held after the map was dropped.
    DroppedBytes = "dropped_bytes": BYTES,
    /// Times that a key was hashed beyond once an operation: entries that moved.
    RehashedEntries = "rehashed_entries": count(Collector::Calls),
    /// Times that two keys were compared for equality or order.
    KeyComparisons = "key_comparisons": count(Collector::Calls),
    /// Inserts of new entries that landed where an entry lived before.
    ReusedSlots = "reused_slots": USED_AGAIN,
    /// Inserts of new entries in memory that had been an entry's and was given back by the allocator.
    RecycledSlots = "recycled_slots": USED_AGAIN,
    /// The most dead slots at the end of a window.
    DeadSlots = "dead_slots": count(Collector::Slots),
    /// Instructions, as callgrind counts them.
    Instructions = "instructions": INSTRUCTIONS,
}

impl Metric {
    /// The metric of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|metric| metric.name() == name)
    }

    /// Whose figures it is taken from; `None` for instructions, which callgrind counts.
    #[must_use]
    pub const fn collector(self) -> Option<Collector> {
        self.info().collector
    }

    /// Whether a larger figure is the worse one: only of slots used again there should be many.
    #[must_use]
    pub const fn more_is_worse(self) -> bool {
        self.info().more_is_worse
    }

    /// The relative difference that is none, where the policy says nothing: counts are exact, bytes follow the
    /// allocator's size classes, and instructions follow the compiler.
    #[must_use]
    pub const fn tolerance(self) -> f64 {
        self.info().tolerance
    }

    /// What the policy makes of it where it says nothing: every figure is gated but instructions, which see neither
    /// a cache miss nor a stall.
    #[must_use]
    pub const fn class(self) -> Class {
        self.info().class
    }
}

impl JsonSchema for Metric {
    fn schema_name() -> Cow<'static, str> {
        "Metric".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": Self::all().map(Self::name).collect::<Vec<_>>() })
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// The relative difference of the totals over all seeds, with its sign: what is judged. `None` where the base is 0
    /// and the head is not.
    pub change: Option<f64>,
    /// How large that difference may become by luck, because the two sides have different hashes; `None` where luck
    /// has no part in it, or no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub luck: Option<f64>,
    /// The relative difference that is none.
    pub tolerance: f64,
    /// What the policy makes of it.
    pub class: Class,
    /// What is said of it; `None` where a side does not repeat it, or luck explains the difference.
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
