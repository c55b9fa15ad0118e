//! The single line that a child prints: what it played, what the map answered, what was seen.
//!
//! Each collector has one file here. It says what the collector's figures are, what the collector needs, and how its
//! figures must agree with the tape. A new one is named in the list below; the compiler leads to the rest.

mod allocations;
mod answers;
mod calls;
mod consistency;
mod contention;
mod events;
mod film;
mod heap;
mod heap_stacks;
mod instructions;
mod latency;
mod probes;
mod slots;
mod stacks;
mod tail;
mod throughput;
mod told;

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use self::allocations::{Allocations, ClassAllocations, PhaseAllocations};
pub use self::answers::{Answers, Found, Stamps};
pub use self::calls::{Calls, PhaseCalls};
pub use self::consistency::Consistency;
pub use self::contention::{Contention, Tracked, Waits};
pub use self::events::{
    DecisionCount, EventCount, EventKind, EventSource, EventWindow, Events, Follows, ListedEvent, Taken,
};
pub use self::film::{FULL, Film, FilmRow, STATES, SlotSource, SlotState, level};
pub use self::heap::{Gc, Heap, HeapSample};
pub use self::heap_stacks::{HeapProfile, HeapStacks};
pub use self::instructions::{Beginning, Instructions, KindInstructions};
pub use self::latency::{Clock, KindLatency, Latency, LatencyWindow, SlowOp};
pub use self::probes::{KindProbes, PhaseProbes, ProbeUnit, Probes};
pub use self::slots::{SlotWindow, Slots};
pub use self::stacks::Stacks;
pub use self::tail::{Done, Met, SlowInPlays, Stretch, Tail, TailPlay, UsualOfKind};
pub use self::throughput::{InTurn, PhaseTimes, Slice, Throughput};
pub use self::told::{Call, KeyCalls, Told};
use crate::named::named;
use crate::tape::{Header, TapeId};

/// Version of every JSON document of the suite: observations, runs, sessions. A reader refuses a newer one.
pub const SCHEMA: u32 = 3;

/// What a collector needs, and what its figures depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CollectorInfo {
    /// Whether what it sees depends on the clock. Such passes have the machine to themselves and are repeated; the
    /// others give the same figures on every run of the same tape.
    pub is_timed: bool,
    /// Whether it plays a paced tape by its schedule. The others take no times and play at full speed: what
    /// they see is the same.
    pub keeps_pace: bool,
    /// What it needs of a map.
    pub needs: &'static [Need],
    /// Which program it runs in.
    pub allocator: Allocator,
    /// How many threads it can follow.
    pub threads: Threads,
    /// What the child is started with, beyond tape, map and collector.
    pub arguments: &'static [&'static str],
    /// What it is expected to cost until a pass was seen.
    pub cost: Cost,
}

/// What a pass costs beside a throughput pass: where the time left is guessed from before the session knows better. The
/// figures of the collectors are means over nine maps and three workloads on two virtual cores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// What it takes longer to start, s.
    pub start: f64,
    /// What an operation takes, as a multiple.
    pub factor: f64,
    /// It repeats the tape for so long, s; 0 if it plays it once.
    pub samples_for: f64,
}

/// What a collector needs of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Keys that it hashes or compares, and that can be made to count.
    Keys,
    /// Answers that tell how many entries live.
    Answers,
    /// That it can tell its probe lengths.
    ProbeLengths,
    /// No threads of its own: what they do is not seen.
    NoOwnThreads,
    /// That it frees at once what is taken out: the same operations then free the same each time.
    FreesAtOnce,
}

/// The allocator of a program that plays tapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocator {
    /// As it is in production.
    Plain,
    /// It tells of every block; that would slow timed passes down.
    Counting,
}

/// How many threads a collector can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// One.
    One,
    /// Two or more: it is about how they wait for each other.
    Several,
    /// Any number.
    Any,
}

/// The figures of one collector. The default holds none.
pub trait Collected: Default {
    /// What the collector needs, and what the figures depend on.
    const INFO: CollectorInfo;

    /// Whether the figures fit the tape that they are said to be from, so that a program which lost operations is
    /// found out; what does not fit otherwise.
    fn check(&self, tape: &Header) -> Result<(), String>;
}

/// Writes [`Collector`] and [`Reading`] from one list: for each collector a variant of both, named as the type of
/// its figures.
macro_rules! collectors {
    ($($(#[$about:meta])* $Figures:ident = $name:literal,)*) => {
        named! {
            /// What a pass looks at. One pass, one collector. In the order of the report.
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
            #[serde(rename_all = "snake_case")]
            pub enum Collector {
                $($(#[$about])* $Figures = $name,)*
            }
        }

        impl Collector {
            /// What it needs, and what its figures depend on.
            #[must_use]
            pub const fn info(self) -> CollectorInfo {
                match self {
                    $(Self::$Figures => $Figures::INFO,)*
                }
            }

            /// What it gives where there is nothing to see.
            #[must_use]
            pub fn nothing(self) -> Reading {
                match self {
                    $(Self::$Figures => Reading::$Figures($Figures::default()),)*
                }
            }
        }

        /// What a collector saw, one variant for each [`Collector`].
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case", tag = "collector")]
        pub enum Reading {
            $($(#[$about])* $Figures($Figures),)*
        }

        impl<'de> Deserialize<'de> for Reading {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(ByCollector)
            }
        }

        impl ByCollector {
            fn figures<'de, D: Deserializer<'de>>(of: Collector, figures: D) -> Result<Reading, D::Error> {
                match of {
                    $(Collector::$Figures => $Figures::deserialize(figures).map(Reading::$Figures),)*
                }
            }
        }

        impl Reading {
            /// The collector that made it.
            #[must_use]
            pub const fn collector(&self) -> Collector {
                match self {
                    $(Self::$Figures(_) => Collector::$Figures,)*
                }
            }

            /// Whether it fits the tape that it is said to be from; what does not fit otherwise.
            pub fn check(&self, tape: &Header) -> Result<(), String> {
                match self {
                    $(Self::$Figures(figures) => figures.check(tape),)*
                }
            }
        }

        $(impl<'a> TryFrom<&'a Reading> for &'a $Figures {
            type Error = Collector;

            /// The figures, if it is this collector's reading; else whose it is.
            fn try_from(reading: &'a Reading) -> Result<Self, Collector> {
                match reading {
                    Reading::$Figures(figures) => Ok(figures),
                    other => Err(other.collector()),
                }
            }
        })*
    };
}

collectors! {
    /// Operations a second, slice by slice.
    Throughput = "throughput",
    /// How long each kind of operation takes.
    Latency = "latency",
    /// Where inserts land: reused, recycled and fresh slots.
    Slots = "slots",
    /// Bytes in use over time.
    Heap = "heap",
    /// Allocation counts, bytes, size classes, lifetimes.
    Allocations = "allocations",
    /// How threads wait for each other, and what their readers get to see.
    Contention = "contention",
    /// Structural changes inside the map.
    Events = "events",
    /// How often keys are hashed and compared.
    Calls = "calls",
    /// How far an operation has to look.
    Probes = "probes",
    /// How many instructions each kind of operation takes.
    Instructions = "instructions",
    /// What made the slowest operations slow.
    Tail = "tail",
    /// CPU profile.
    Stacks = "stacks",
    /// Who allocated what a map holds, and what it gave back.
    HeapStacks = "heap_stacks",
}

/// Reads the figures of the collector that is named. Where it stands first, as we write it, nothing is copied: what serde
/// derives keeps all fields until it knows whose they are.
struct ByCollector;

impl<'de> Visitor<'de> for ByCollector {
    type Value = Reading;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("figures of a collector")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reading, A::Error> {
        const NAME: &str = "collector";
        let mut before = serde_json::Map::new();
        while let Some(field) = map.next_key::<String>()? {
            if field != NAME {
                before.insert(field, map.next_value()?);
                continue;
            }
            let collector = map.next_value()?;
            if before.is_empty() {
                return Self::figures(collector, MapAccessDeserializer::new(map));
            }
            while let Some((field, value)) = map.next_entry()? {
                before.insert(field, value);
            }
            let figures = Self::figures(collector, serde_json::Value::Object(before));
            return figures.map_err(A::Error::custom);
        }
        Err(A::Error::missing_field(NAME))
    }
}

impl Collector {
    /// Whether what it sees depends on the clock; see [`CollectorInfo::is_timed`].
    #[must_use]
    pub const fn is_timed(self) -> bool {
        self.info().is_timed
    }

    /// Whether it plays a paced tape by its schedule; see [`CollectorInfo::keeps_pace`].
    #[must_use]
    pub const fn keeps_pace(self) -> bool {
        self.info().keeps_pace
    }

    /// Whether it looks into one map, as a table of slots or a list of events, and could not tell many apart.
    #[must_use]
    pub const fn looks_into_one(self) -> bool {
        matches!(self, Self::Slots | Self::Events | Self::Probes | Self::Tail | Self::Instructions)
    }

    /// Whether it runs in the program whose allocator tells of every block.
    #[must_use]
    pub const fn needs_counting(self) -> bool {
        matches!(self.info().allocator, Allocator::Counting)
    }
}

/// The sum of figures that a program said. They may be anything: a sum that cannot be told is more than any tape has.
fn total(figures: impl IntoIterator<Item = u64>) -> u64 {
    figures.into_iter().fold(0, u64::saturating_add)
}

fn equal<T: PartialEq + std::fmt::Display + Copy>(what: &str, got: T, want: T) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{got} {what}, must be {want}")) }
}

/// The single line that a child prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Version of this format.
    pub schema: u32,
    /// The map that played.
    pub map: String,
    /// The tape that was played.
    pub tape: TapeId,
    /// What the map answered.
    pub answers: Answers,
    /// What the collector saw.
    pub reading: Reading,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Executed, PhaseMark, by_kind};

    /// A filling of 4 and a churn of 6 operations.
    pub(super) fn tape() -> Header {
        let mark = |n: &str, ops, counts| PhaseMark { name: n.into(), ops: vec![ops], counts, pace: None };
        Header {
            phases: vec![mark("fill", 4, false), mark("churn", 6, true)],
            executed: Executed {
                kinds: by_kind(&[7, 3]),
                hits: Some(by_kind(&[0, 3])),
                ..Executed::default()
            },
            ..Header::default()
        }
    }

    #[test]
    fn a_collector_is_called_the_same_everywhere() {
        for collector in Collector::ALL {
            let name = serde_json::to_value(collector).unwrap();
            assert_eq!(name, collector.name());
            assert_eq!(Collector::by_name(collector.name()), Some(collector));
            let nothing = collector.nothing();
            assert_eq!(nothing.collector(), collector);
            assert_eq!(serde_json::to_value(&nothing).unwrap()["collector"], name);
        }
    }

    #[test]
    fn a_collector_is_named_anywhere_among_its_figures() {
        let read = |text: &str| serde_json::from_str::<Reading>(text).map_err(|error| error.to_string());
        let heap = Reading::Heap(Heap::default());
        let serde_json::Value::Object(mut fields) = serde_json::to_value(&heap).unwrap() else { panic!() };
        let name = fields.remove("collector").unwrap();
        let rest = serde_json::to_string(&fields).unwrap();
        let rest = rest.trim_matches(['{', '}']);
        assert_eq!(read(&format!("{{\"collector\":{name},{rest}}}")), Ok(heap.clone()));
        assert_eq!(read(&format!("{{{rest},\"collector\":{name}}}")), Ok(heap));
        assert!(read(&format!("{{{rest}}}")).unwrap_err().contains("missing field `collector`"));
        assert!(
            read(&format!("{{\"collector\":{name},\"x\":1,{rest}}}"))
                .unwrap_err()
                .contains("unknown field `x`")
        );
        assert!(read("{\"collector\":\"none\"}").is_err() && read("7").is_err());
    }

    #[test]
    fn figures_are_taken_out_by_their_type() {
        let reading = Collector::Heap.nothing();
        assert!(<&Heap>::try_from(&reading).is_ok());
        assert_eq!(<&Slots>::try_from(&reading), Err(Collector::Heap));
    }
}
