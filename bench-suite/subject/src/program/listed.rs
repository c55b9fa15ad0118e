//! A map in the list of a program.

use formats::entry::{Keys, Values};
use formats::observation::{Collector, Observation};
use formats::subject::{Demand, Extra, Extras, Fact, KeyKind, MapInfo, MapKind, ValueKind};

use crate::axes;
use crate::calls::CountedKey;
use crate::job::{Job, Unsupported};
use crate::map::{Map, Shared};
use crate::pass;

/// Plays a tape into a new map and gives what was observed.
pub type Play = fn(map: &str, &Job) -> Result<Observation, Unsupported>;

/// One map of a program: what it says about itself, and how a tape is played into it.
pub struct Listed {
    /// What it says about itself.
    pub info: MapInfo,
    /// Plays a tape into a new map.
    pub play: Play,
    probed: Option<Play>,
    calls: Option<Play>,
    alternatives: Vec<Alternative>,
}

/// What a map is for one value of an axis that takes another type.
struct Alternative {
    axis: &'static str,
    value: &'static str,
    play: Play,
    calls: Option<Play>,
}

impl Listed {
    /// A map whose `info` says all there is to say, its kind too. So a map is listed that takes more than `u64`:
    ///
    /// ```
    /// use formats::entry::{Keys, Values};
    /// use formats::subject::{KeyKind, MapInfo, ValueKind};
    /// use subject::{entry::Text, job::Unsupported, map::Map, pass, program::Listed};
    ///
    /// fn listed<OfNumbers, OfTexts>(info: MapInfo) -> Listed
    /// where
    ///     OfNumbers: Map<u64, u64> + Default,
    ///     OfTexts: Map<Text, u64> + Default,
    /// {
    ///     let (keys, values) = ([KeyKind::U64, KeyKind::String].into(), [ValueKind::U64].into());
    ///     Listed::new(MapInfo { keys, values, ..info }, |map, job| {
    ///         let header = job.tape.header();
    ///         match (header.keys, header.values) {
    ///             (Keys::U64, Values::U64) => pass::single::<OfNumbers, u64, u64>(map, job),
    ///             (Keys::String(_), Values::U64) => pass::single::<OfTexts, Text, u64>(map, job),
    ///             (keys, values) => Err(Unsupported::Entries { map: map.into(), keys, values }),
    ///         }
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn new(info: MapInfo, play: Play) -> Self {
        // The trait asks every map for its length. Of maps there can be many, but of threads and tables of places.
        let one_of_many =
            matches!(info.kind, MapKind::Single | MapKind::Shared) && !info.states(Fact::OwnThreads);
        let info = info.with_extras([Extra::Len].into_iter().chain(one_of_many.then_some(Extra::Many)));
        Self { info, play, probed: None, calls: None, alternatives: Vec::new() }
    }

    /// Plays a job into a new map, as its collector needs it.
    pub fn play_job(&self, job: &Job) -> Result<Observation, Unsupported> {
        self.play_as(&self.info.name, &[], job)
    }

    /// The same with a map that is made otherwise and has this name.
    pub fn play_as(
        &self,
        name: &str,
        settings: &[(String, String)],
        job: &Job,
    ) -> Result<Observation, Unsupported> {
        let is_set =
            |one: &&Alternative| settings.iter().any(|(axis, value)| one.axis == axis && one.value == value);
        let other = self.alternatives.iter().find(is_set);
        let (play, calls) = other.map_or((self.play, self.calls), |other| (other.play, other.calls));
        let misfit = |misfit| Unsupported::Tape { map: name.into(), misfit };
        let demand = Demand::from(job.tape.header());
        if demand.is_bounded || self.info.kind.is_bounded() {
            self.info.supports(&demand, job.collector).map_err(misfit)?;
        }
        self.info.has(Extras::of_tape(job.tape.header())).map_err(misfit)?;
        let play = match job.collector {
            Collector::Slots | Collector::Events | Collector::Probes | Collector::Tail => {
                self.probed.filter(|_| other.is_none()).unwrap_or(play)
            }
            Collector::Calls => calls
                .ok_or_else(|| Unsupported::Keys { map: name.into(), has_keys: self.info.kind.has_keys() })?,
            _ => play,
        };
        axes::within(settings, || play(name, job))
    }

    /// The map is of another type where this axis, which its `info` states, has this value.
    pub fn add_alternative(
        &mut self,
        axis: &'static str,
        value: &'static str,
        play: Play,
        calls: Option<Play>,
    ) {
        self.alternatives.push(Alternative { axis, value, play, calls });
    }

    /// The same map, which can be made with keys that count: so the calls collector plays into it.
    #[must_use]
    pub fn with_calls(mut self, calls: Option<Play>) -> Self {
        self.calls = calls;
        if calls.is_some() {
            self.info.facts.insert(Fact::CountsCalls);
        }
        self
    }

    /// Makes it one that tells of its events: so the collectors that watch every operation play into it.
    pub fn tell_events(&mut self, probed: Play) {
        self.probed = Some(probed);
        self.info.facts.insert(Fact::TellsEvents);
    }

    /// A map of your own for one thread, from `u64` to `u64`.
    #[must_use]
    pub fn single<M: Map<u64, u64> + Default>(info: MapInfo) -> Self {
        let info = MapInfo { kind: MapKind::Single, ..of_u64(info) };
        Self::new(info, |map, job| only_u64(map, job).and_then(|()| pass::single::<M, u64, u64>(map, job)))
    }

    /// The same map with keys that count their calls, for the calls collector.
    #[must_use]
    pub fn counting_single<M: Map<CountedKey<u64>, u64> + Default>(self) -> Self {
        self.with_calls(Some(|map, job| {
            only_u64(map, job).and_then(|()| pass::calls_single::<M, _>(map, job, CountedKey::of))
        }))
    }

    /// The same map with keys that count their calls, for the calls collector.
    #[must_use]
    pub fn counting_shared<S: Shared<CountedKey<u64>, u64>>(self) -> Self {
        self.with_calls(Some(|map, job| {
            only_u64(map, job).and_then(|()| pass::calls_shared::<S, _>(map, job, CountedKey::of))
        }))
    }

    /// A map of your own that threads share, from `u64` to `u64`.
    #[must_use]
    pub fn shared<S: Shared<u64, u64>>(info: MapInfo) -> Self {
        let info = with_own_threads::<S>(MapInfo { kind: MapKind::Shared, ..of_u64(info) });
        Self::new(info, |map, job| only_u64(map, job).and_then(|()| pass::shared::<S, u64, u64>(map, job)))
    }

    /// A bounded cache of your own for one thread, from `u64` to `u64`: it is made by [`Map::with_bound`].
    #[must_use]
    pub fn cache<M: Map<u64, u64> + Default>(info: MapInfo) -> Self {
        let listed = Self::single::<M>(info);
        Self { info: MapInfo { kind: MapKind::Cache, ..listed.info }, ..listed }
    }

    /// A bounded cache of your own that threads share, from `u64` to `u64`: it is made by [`Shared::with_bound`].
    #[must_use]
    pub fn shared_cache<S: Shared<u64, u64>>(info: MapInfo) -> Self {
        let listed = Self::shared::<S>(info);
        Self { info: MapInfo { kind: MapKind::SharedCache, ..listed.info }, ..listed }
    }
}

/// The map states that it has threads of its own, if it has.
#[must_use]
pub fn with_own_threads<S: Shared<u64, u64>>(info: MapInfo) -> MapInfo {
    if S::HAS_THREADS { info.with(Fact::OwnThreads) } else { info }
}

/// The map states that it takes no other keys and values.
fn of_u64(info: MapInfo) -> MapInfo {
    MapInfo { keys: [KeyKind::U64].into(), values: [ValueKind::U64].into(), ..info }
}

fn only_u64(map: &str, job: &Job) -> Result<(), Unsupported> {
    match (job.tape.header().keys, job.tape.header().values) {
        (Keys::U64, Values::U64) => Ok(()),
        (keys, values) => Err(Unsupported::Entries { map: map.into(), keys, values }),
    }
}
