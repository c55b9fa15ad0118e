//! Whether a map can play a workload while a collector looks on.

use super::{Extra, Extras, Fact, KeyKind, MapInfo, MapKind, ValueKind};
use crate::entry::{Keys, Values};
use crate::observation::{Collector, Need, Threads};
use crate::tape::Header;

/// What a workload asks of a map, as far as not every map can give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// How many threads play at once.
    pub threads: usize,
    /// Whether they contend for the same keys.
    pub keys_shared: bool,
    /// What the keys are made of.
    pub keys: Keys,
    /// What the values are made of.
    pub values: Values,
    /// What is asked for that not every map can do.
    pub extras: Extras,
    /// Whether entries are bounded.
    pub is_bounded: bool,
}

impl From<&Header> for Demand {
    fn from(tape: &Header) -> Self {
        let Header { keys_shared, keys, values, .. } = *tape;
        let threads = tape.phases.iter().map(|phase| phase.ops.len()).max().unwrap_or(1);
        let is_bounded = tape.bound.is_some();
        Self { threads, keys_shared, keys, values, extras: Extras::of_tape(tape), is_bounded }
    }
}

/// Why a map cannot play a workload while a collector looks on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Incompatible {
    /// It is for one thread.
    #[error("the map is for one thread, the workload has {0}")]
    Threads(usize),
    /// What one thread was given cannot be taken by another.
    #[error("slot handles cannot be shared between threads, and the workload's threads share keys")]
    SharedKeys,
    /// It holds so many entries and no more: which ones live is not what the model of the tape says.
    #[error("the map drops entries by itself, so that its answers could not be checked")]
    Bounded,
    /// It is made with a bound.
    #[error("the map is a bounded cache, and the workload has no `bound`")]
    NoBound,
    /// It keeps what it is given.
    #[error("the workload has a `bound`, and the map is no bounded cache")]
    Unbounded,
    /// It does not take such keys.
    #[error("the map does not take keys of the kind {}", .0.name())]
    Keys(KeyKind),
    /// It does not take such values.
    #[error("the map does not take values of the kind {}", .0.name())]
    Values(ValueKind),
    /// It has no such operation.
    #[error("the map has no `{}`", .0.name())]
    Lacks(Extra),
    /// The collector looks into one map.
    #[error("the collector looks into one map, the workload has many")]
    LooksIntoOne,
    /// The collector watches one thread.
    #[error("the collector follows one thread, the workload has {0}")]
    FollowsOneThread(usize),
    /// Nobody is in the way of a thread that is alone.
    #[error("the collector watches threads that wait for each other, the workload has one")]
    Alone,
    /// What threads of the map's own do is not seen.
    #[error("a thread of the map's own does a part of the work, which the collector does not see")]
    OwnThreads,
    /// The same operations do not do the same in every play of a tape.
    #[error("the map frees later what is taken out, at operations that differ from play to play")]
    FreesLater,
    /// The live entries that the bytes belong to are not known.
    #[error("the map's answers do not tell how many entries live")]
    NoAnswers,
    /// Where it looks is nowhere to be seen.
    #[error("the map cannot tell how far it looks for a key")]
    NoProbeLengths,
    /// There is nothing to count.
    #[error("the map has no keys whose calls could be counted")]
    NoKeys,
    /// Its keys do not count.
    #[error("the map cannot be made with keys that count their calls")]
    PlainKeys,
}

impl MapKind {
    /// Whether a map of this kind can be played by so many threads, which contend for the same keys or own
    /// disjoint ones; why it cannot.
    pub fn plays(self, threads: usize, keys_shared: bool) -> Result<(), Incompatible> {
        match self {
            Self::Single | Self::SlotManager | Self::Cache if threads > 1 => {
                Err(Incompatible::Threads(threads))
            }
            Self::SharedSlots if threads > 1 && keys_shared => Err(Incompatible::SharedKeys),
            _ => Ok(()),
        }
    }
}

impl MapInfo {
    /// Whether it can play such a workload while this collector looks on; why it cannot.
    pub fn supports(&self, demand: &Demand, collector: Collector) -> Result<(), Incompatible> {
        let Demand { threads, keys_shared, keys, values, extras, is_bounded } = *demand;
        self.is_as_bounded(is_bounded)?;
        self.kind.plays(threads, keys_shared)?;
        if self.states(Fact::Bounded) {
            return Err(Incompatible::Bounded);
        }
        if !self.keys.contains(&keys.into()) {
            return Err(Incompatible::Keys(keys.into()));
        }
        if !self.values.contains(&values.into()) {
            return Err(Incompatible::Values(values.into()));
        }
        self.has(extras)?;
        if extras.contain(Extra::Many) && collector.looks_into_one() {
            return Err(Incompatible::LooksIntoOne);
        }
        let info = collector.info();
        match info.threads {
            Threads::One if threads > 1 => return Err(Incompatible::FollowsOneThread(threads)),
            Threads::Several if threads == 1 => return Err(Incompatible::Alone),
            Threads::One | Threads::Several | Threads::Any => {}
        }
        let lacks = |need: &Need| match need {
            Need::Keys => self.plain_keys(),
            Need::Answers => self.hides_live().then_some(Incompatible::NoAnswers),
            Need::ProbeLengths => {
                (!self.states(Fact::TellsProbeLengths)).then_some(Incompatible::NoProbeLengths)
            }
            Need::NoOwnThreads => self.states(Fact::OwnThreads).then_some(Incompatible::OwnThreads),
            Need::FreesAtOnce => self.states(Fact::FreesLater).then_some(Incompatible::FreesLater),
        };
        info.needs.iter().find_map(lacks).map_or(Ok(()), Err)
    }

    /// Whether it is a bounded cache where entries are bounded, and none where they are not.
    pub fn is_as_bounded(&self, is_bounded: bool) -> Result<(), Incompatible> {
        match (self.kind.is_bounded(), is_bounded) {
            (true, false) => Err(Incompatible::NoBound),
            (false, true) if self.kind != MapKind::Null => Err(Incompatible::Unbounded),
            _ => Ok(()),
        }
    }

    /// Whether its answers do not tell how many entries live.
    fn hides_live(&self) -> bool {
        self.states(Fact::NoAnswers) || self.kind.is_bounded()
    }

    /// Whether it can be asked for these; which it lacks.
    pub fn has(&self, extras: Extras) -> Result<(), Incompatible> {
        let is_null = self.kind == MapKind::Null;
        let lacks = |extra: &Extra| !is_null && !self.extras.contains(extra);
        extras.iter().find(lacks).map_or(Ok(()), |extra| Err(Incompatible::Lacks(extra)))
    }

    fn plain_keys(&self) -> Option<Incompatible> {
        match (self.kind.has_keys(), self.states(Fact::CountsCalls)) {
            (false, _) => Some(Incompatible::NoKeys),
            (true, false) => Some(Incompatible::PlainKeys),
            (true, true) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Demand = Demand {
        threads: 1,
        keys_shared: false,
        keys: Keys::U64,
        values: Values::U64,
        extras: Extras::NONE,
        is_bounded: false,
    };

    fn map(kind: MapKind, facts: &[Fact]) -> MapInfo {
        MapInfo { kind, facts: facts.iter().copied().collect(), ..MapInfo::new("m", "1", "A map.") }
    }

    #[test]
    fn each_reason_is_given_where_it_is_true() {
        let two = Demand { threads: 2, ..ALONE };
        let shared = Demand { keys_shared: true, ..two };
        let texts = Demand { keys: Keys::String(24), ..ALONE };
        let boxes = Demand { values: Values::boxed(64), ..ALONE };
        let sweeping = Demand { extras: Extras::NONE.with(Extra::Retain), ..ALONE };
        let many = Demand { extras: Extras::NONE.with(Extra::Many), ..ALONE };
        let one_of_many = map(MapKind::Single, &[]).with_extras([Extra::Many]);
        let sweeper = map(MapKind::Single, &[]).with_extras([Extra::Retain]);
        let mut narrow = map(MapKind::Single, &[]);
        (narrow.keys, narrow.values) = ([KeyKind::U64].into(), [ValueKind::U64].into());
        let single = map(MapKind::Single, &[Fact::CountsCalls]);
        let telling = map(MapKind::Shared, &[Fact::TellsProbeLengths]);
        let threads = map(MapKind::Shared, &[Fact::OwnThreads, Fact::CountsCalls]);
        let eventual = map(MapKind::Eventual, &[Fact::NoAnswers]);
        let late = map(MapKind::Shared, &[Fact::FreesLater]);
        let slots = map(MapKind::SharedSlots, &[]);
        let bounded = Demand { is_bounded: true, ..ALONE };
        let dropping = map(MapKind::Shared, &[Fact::Bounded]);
        let cache = map(MapKind::Cache, &[]);
        let null = map(MapKind::Null, &[]);
        for (map, demand, collector, want) in [
            (&single, two, Collector::Throughput, Err(Incompatible::Threads(2))),
            (&slots, shared, Collector::Throughput, Err(Incompatible::SharedKeys)),
            (&slots, two, Collector::Throughput, Ok(())),
            (&narrow, texts, Collector::Throughput, Err(Incompatible::Keys(KeyKind::String))),
            (&narrow, boxes, Collector::Throughput, Err(Incompatible::Values(ValueKind::Boxed))),
            (&narrow, ALONE, Collector::Stacks, Ok(())),
            (&dropping, ALONE, Collector::Throughput, Err(Incompatible::Bounded)),
            (&cache, ALONE, Collector::Throughput, Err(Incompatible::NoBound)),
            (&cache, bounded, Collector::Throughput, Ok(())),
            (&cache, bounded, Collector::Heap, Err(Incompatible::NoAnswers)),
            (&cache, Demand { threads: 2, ..bounded }, Collector::Latency, Err(Incompatible::Threads(2))),
            (&single, bounded, Collector::Throughput, Err(Incompatible::Unbounded)),
            (&null, bounded, Collector::Throughput, Ok(())),
            (&slots, two, Collector::Slots, Err(Incompatible::FollowsOneThread(2))),
            (&single, ALONE, Collector::Contention, Err(Incompatible::Alone)),
            (&slots, two, Collector::Contention, Ok(())),
            (&threads, ALONE, Collector::Events, Err(Incompatible::OwnThreads)),
            (&threads, ALONE, Collector::Calls, Err(Incompatible::OwnThreads)),
            (&threads, ALONE, Collector::Heap, Ok(())),
            (&late, ALONE, Collector::Tail, Err(Incompatible::FreesLater)),
            (&late, ALONE, Collector::Latency, Ok(())),
            (&single, ALONE, Collector::Tail, Ok(())),
            (&eventual, ALONE, Collector::Heap, Err(Incompatible::NoAnswers)),
            (&slots, ALONE, Collector::Calls, Err(Incompatible::NoKeys)),
            (&narrow, ALONE, Collector::Calls, Err(Incompatible::PlainKeys)),
            (&single, ALONE, Collector::Calls, Ok(())),
            (&single, ALONE, Collector::Probes, Err(Incompatible::NoProbeLengths)),
            (&telling, ALONE, Collector::Probes, Ok(())),
            (&single, sweeping, Collector::Latency, Err(Incompatible::Lacks(Extra::Retain))),
            (&sweeper, sweeping, Collector::Latency, Ok(())),
            (&single, many, Collector::Heap, Err(Incompatible::Lacks(Extra::Many))),
            (&one_of_many, many, Collector::Heap, Ok(())),
            (&one_of_many, many, Collector::Slots, Err(Incompatible::LooksIntoOne)),
        ] {
            assert_eq!(map.supports(&demand, collector), want, "{:?} {collector:?}", map.kind);
        }
    }
}
