//! What a subject program says about itself and its maps when asked `list`.

mod axis;
mod entry_kind;
mod extra;
mod support;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::axis::{Axis, Variant};
pub use self::entry_kind::{KeyKind, ValueKind};
pub use self::extra::{Extra, Extras};
pub use self::support::{Demand, Incompatible};

/// The environment variable that names a file to a child: to the number in its first 8 bytes, in the machine's order,
/// the child adds the operations of each slice that it has played. One that does not is killed all the same when its
/// time is up, but nobody can say whether it was slow or hung.
pub const PROGRESS: &str = "CHURNMARK_PROGRESS";

/// The answer of a subject program to `list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
pub struct Subject {
    /// Version of this format; see [`crate::observation::SCHEMA`].
    pub schema: u32,
    /// The program's own name.
    pub program: String,
    /// Its allocator: name, version and settings; empty where it does not tell.
    #[serde(default)]
    pub allocator: String,
    /// Collectors that this program can serve.
    pub collectors: Vec<crate::observation::Collector>,
    /// The maps inside.
    pub maps: Vec<MapInfo>,
    /// Whether it can play in turn with another program: it knows `--turn` and what goes with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_turns: bool,
    /// In what its surroundings can be otherwise, for all of its maps: the allocator, say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
}

/// One map of a subject program, as the map states it. Whether it plays is decided by this and never by its
/// name: see [`MapInfo::supports`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(from = "Written")]
pub struct MapInfo {
    /// The name by which it is asked for.
    pub name: String,
    /// Version of the library behind it.
    pub version: String,
    /// What it is and how the adapter uses it: guards, clones, hasher.
    pub about: String,
    /// How it can be used.
    pub kind: MapKind,
    /// What else is true of it.
    pub facts: BTreeSet<Fact>,
    /// What it can be asked for that not every map can.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub extras: BTreeSet<Extra>,
    /// The kinds of keys it can take. A slot manager, which makes its own, takes any.
    pub keys: BTreeSet<KeyKind>,
    /// The kinds of values it can take.
    pub values: BTreeSet<ValueKind>,
    /// Whether a fault was planted in it. Such maps play only when named.
    pub canary: bool,
    /// In what it can be made otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
    /// The map of which it is a variant, made otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
}

impl MapInfo {
    /// A map for one thread that takes every kind of key and value and states nothing more. The constructors of
    /// a program's list state what follows from how it is listed.
    #[must_use]
    pub fn new(name: &str, version: &str, about: &str) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            about: about.into(),
            kind: MapKind::Single,
            facts: BTreeSet::new(),
            extras: BTreeSet::new(),
            keys: KeyKind::ALL.into(),
            values: ValueKind::ALL.into(),
            canary: false,
            axes: Vec::new(),
            variant_of: None,
        }
    }

    /// The same map, which can be made otherwise in this too.
    #[must_use]
    pub fn with_axis(mut self, axis: Axis) -> Self {
        self.axes.push(axis);
        self
    }

    /// The same map, of which this is true too.
    #[must_use]
    pub fn with(mut self, fact: Fact) -> Self {
        self.facts.insert(fact);
        self
    }

    /// The same map, which can be asked for these too.
    #[must_use]
    pub fn with_extras(mut self, extras: impl IntoIterator<Item = Extra>) -> Self {
        self.extras.extend(extras);
        self
    }

    /// Whether somebody could take it for a load: it keeps entries, and nobody changed it on purpose.
    #[must_use]
    pub fn is_candidate(&self) -> bool {
        self.kind != MapKind::Null && !self.canary && !self.states(Fact::Altered)
    }

    /// Whether it states this.
    #[must_use]
    pub fn states(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }
}

/// How a map can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MapKind {
    /// One thread.
    Single,
    /// Threads share it, each through a handle of its own.
    Shared,
    /// Keeps values only and gives a key for each: a slot manager. One thread.
    SlotManager,
    /// A slot manager that threads share, each with keys of its own.
    SharedSlots,
    /// Threads share it, and what they write is seen later: its answers are not checked, what is left in the
    /// end is.
    Eventual,
    /// A bounded cache: it is made for so many entries, and chooses which one leaves when another comes. One thread.
    Cache,
    /// A bounded cache that threads share.
    SharedCache,
    /// Does nothing; its cost is the suite's own. Any number of threads, answers are not checked.
    Null,
}

impl MapKind {
    /// Whether it is asked for keys of the tape, which it hashes or compares.
    #[must_use]
    pub const fn has_keys(self) -> bool {
        match self {
            Self::Single | Self::Shared | Self::Eventual | Self::Cache | Self::SharedCache => true,
            Self::SlotManager | Self::SharedSlots | Self::Null => false,
        }
    }

    /// Whether it is made with a bound, and plays where there is one and nowhere else.
    #[must_use]
    pub const fn is_bounded(self) -> bool {
        matches!(self, Self::Cache | Self::SharedCache)
    }

    /// In a few words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Single => "one thread",
            Self::Shared => "threads",
            Self::SlotManager => "slot manager",
            Self::SharedSlots => "slot manager, threads",
            Self::Eventual => "threads, eventually",
            Self::Cache => "bounded cache",
            Self::SharedCache => "bounded cache, threads",
            Self::Null => "does nothing",
        }
    }
}

/// Something that is true of a map beyond its kind, and that decides what it plays or how a figure is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Threads of its own do a part of the work: nobody accounts for what they allocate.
    OwnThreads,
    /// Hands each write to a thread of its own and waits for the answer.
    HandsOverWrites,
    /// Its answers do not tell how many entries live.
    NoAnswers,
    /// Counts what threads meet at its locks.
    CountsLocks,
    /// Can be made with keys that count how often they are hashed and compared.
    CountsCalls,
    /// Tells of its structural changes as they happen.
    TellsEvents,
    /// Tells how many places each operation goes to on the way to its key.
    TellsProbeLengths,
    /// Keeps its entries in the order of their keys: it compares keys and does not hash them.
    Ordered,
    /// Holds so many entries and no more, and cannot be told how many: drops one by itself to take a new one.
    Bounded,
    /// A remove takes time in proportion to the entries that live.
    SlowRemove,
    /// Frees what was taken out later, when every thread has left it: when that is, depends on more than the tape.
    FreesLater,
    /// A rule of the original was changed in it, to show what that rule costs: nobody can take it for a load.
    Altered,
}

impl Fact {
    /// In a few words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::OwnThreads => "own threads",
            Self::HandsOverWrites => "hands over writes",
            Self::NoAnswers => "no answers",
            Self::CountsLocks => "counts locks",
            Self::CountsCalls => "counts calls",
            Self::TellsEvents => "tells events",
            Self::TellsProbeLengths => "tells probe lengths",
            Self::Ordered => "ordered",
            Self::Bounded => "bounded",
            Self::SlowRemove => "slow remove",
            Self::FreesLater => "frees later",
            Self::Altered => "altered",
        }
    }
}

/// A map as a program writes it. Programs of before maps stated facts leave them out, and call the kind `family`.
#[derive(Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
struct Written {
    name: String,
    version: String,
    about: String,
    #[serde(alias = "family")]
    kind: MapKind,
    facts: Option<BTreeSet<Fact>>,
    #[serde(default)]
    extras: BTreeSet<Extra>,
    keys: Option<BTreeSet<KeyKind>>,
    values: Option<BTreeSet<ValueKind>>,
    #[serde(default)]
    canary: bool,
    #[serde(default)]
    axes: Vec<Axis>,
    variant_of: Option<String>,
}

impl From<Written> for MapInfo {
    fn from(written: Written) -> Self {
        let Written { name, version, about, kind, facts, extras, keys, values, canary, axes, variant_of } =
            written;
        let implied = || {
            let calls = kind.has_keys().then_some(Fact::CountsCalls);
            let silent = (kind == MapKind::Eventual).then_some(Fact::NoAnswers);
            calls.into_iter().chain(silent).collect()
        };
        Self {
            name,
            version,
            about,
            kind,
            facts: facts.unwrap_or_else(implied),
            extras,
            keys: keys.unwrap_or_else(|| KeyKind::ALL.into()),
            values: values.unwrap_or_else(|| ValueKind::FIRST.into()),
            canary,
            axes,
            variant_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_before_maps_stated_facts_is_understood() {
        let map = |family: &str| -> MapInfo {
            let line =
                format!(r#"{{"name":"m","version":"1","about":"","family":"{family}","canary":false}}"#);
            serde_json::from_str(&line).unwrap()
        };
        let plain = MapInfo::new("m", "1", "");
        let plain = MapInfo { values: ValueKind::FIRST.into(), ..plain };
        assert_eq!(map("single"), plain.clone().with(Fact::CountsCalls));
        assert_eq!(map("slot_manager"), MapInfo { kind: MapKind::SlotManager, ..plain });
        assert!(map("eventual").states(Fact::NoAnswers));
    }

    #[test]
    fn what_is_stated_comes_back_as_it_was() {
        let mut map = MapInfo::new("m", "1", "A map.").with(Fact::SlowRemove).with(Fact::Ordered);
        map.keys = [KeyKind::U64].into();
        let line = serde_json::to_string(&map).unwrap();
        assert!(
            line.contains(r#""kind":"single","facts":["ordered","slow_remove"],"keys":["u64"]"#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<MapInfo>(&line).unwrap(), map);
        let error =
            serde_json::from_str::<MapInfo>(&line.replace("ordered", "orderly")).unwrap_err().to_string();
        assert!(error.contains("unknown variant `orderly`") && error.contains("`own_threads`"), "{error}");
    }
}
