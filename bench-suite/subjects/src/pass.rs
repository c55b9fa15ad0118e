//! One pass: one map plays one tape while one collector looks on.

use formats::observation::{Collector, Observation, Reading, SCHEMA};
use formats::subject::{MapKind, Unsupported};
use formats::tape::Tape;
use formats::workload::{Keys, Values};

use crate::consistency::{self, Experiment};
use crate::entry::{Key, Place, Value};
use crate::host::{Alone, Host, Together};
use crate::map::{Map, Shared};
use crate::prepare::{self, Prepared};
use crate::stage::Stage;
use crate::turns::{TurnError, Turns};

/// What is to be done: everything but the map.
#[derive(Debug)]
pub struct Job {
    /// The tape to play.
    pub tape: Tape,
    /// What to look at.
    pub collector: Collector,
    /// Into how many slices (and windows) the tape is divided, about.
    pub samples: u64,
    /// Samples of a CPU profile in each second of CPU time.
    pub hz: u32,
    /// CPU time that a profile is to cover, ns: the tape is played again until it does.
    pub profile_ns: u64,
    /// With whom slices are played in turn; `None`: alone. For the throughput collector.
    pub turns: Option<Turns>,
    /// Steps of added work for every 64 operations; see [`toil`](crate::toil::toil).
    pub toil: u64,
}

/// Why a pass cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The map is not made for the tape's threads.
    #[error("{map}: {misfit}")]
    Tape {
        /// The map.
        map: String,
        /// What does not fit.
        misfit: Unsupported,
    },
    /// The collector watches one thread.
    #[error("the {} collector follows one thread, and the tape has {threads}", collector.name())]
    CollectorThreads {
        /// The collector.
        collector: Collector,
        /// Threads of the tape.
        threads: usize,
    },
    /// The collector would not see what the map's own threads do.
    #[error("{map} has a thread of its own, which the {} collector does not see", collector.name())]
    OwnThreads {
        /// The map.
        map: String,
        /// The collector.
        collector: Collector,
    },
    /// The map is not made for such keys and values.
    #[error("{map} does not take keys of {keys:?} with values of {values:?}")]
    Entries {
        /// The map.
        map: String,
        /// Keys of the tape.
        keys: Keys,
        /// Values of the tape.
        values: Values,
    },
    /// The map has no keys that count, or none at all.
    #[error("{map} cannot be asked with keys that count their calls{}", if *has_keys { "" } else { ": it has no keys" })]
    Keys {
        /// The map.
        map: String,
        /// Whether it has keys.
        has_keys: bool,
    },
    /// The machine does not let the collector work.
    #[error("the {} collector cannot work here: {why}", collector.name())]
    Collector {
        /// The collector.
        collector: Collector,
        /// What the system said.
        why: String,
    },
    /// The pass has more to do than its turns.
    #[error("{map}: turns are taken by one thread at full speed, and {why}")]
    NoTurns {
        /// The map.
        map: String,
        /// What there is beside.
        why: &'static str,
    },
    /// The same operations were answered in two ways.
    #[error(
        "the map answered differently when the tape was played for the {play}. time: one of the two is wrong"
    )]
    Unsteady {
        /// Which play was the first to differ, counted from 1.
        play: u64,
    },
    /// Turns were to be taken and were not.
    #[error(transparent)]
    Turns(#[from] TurnError),
}

/// Plays into a map for one thread.
pub fn single<M: Map<K, V> + Default, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    fits(map, MapKind::Single, job)?;
    let (key_bytes, value_bytes) = entry_bytes(job);
    run::<K, V>(map, job, &prepare::keyed(&job.tape, key_bytes, value_bytes), &mut Alone::<M>::default())
}

/// Plays into a slot manager.
pub fn slots<M: Map<Place, V> + Default, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    fits(map, MapKind::SlotManager, job)?;
    run::<Place, V>(map, job, &prepare::placed(&job.tape, entry_bytes(job).1), &mut Alone::<M>::default())
}

/// Plays into a slot manager that threads share.
pub fn shared_slots<S: Shared<Place, V>, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    fits(map, MapKind::SharedSlots, job)?;
    run::<Place, V>(map, job, &prepare::placed(&job.tape, entry_bytes(job).1), &mut Together::<S>::default())
}

/// Plays into a map that threads share.
pub fn shared<S: Shared<K, V>, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    let (key_bytes, value_bytes) = entry_bytes(job);
    if S::HAS_THREADS
        && matches!(job.collector, Collector::Slots | Collector::Allocations | Collector::Events)
    {
        return Err(Unfit::OwnThreads { map: map.into(), collector: job.collector });
    }
    if S::HAS_THREADS && job.turns.is_some() {
        return Err(Unfit::NoTurns { map: map.into(), why: "the map has a thread of its own" });
    }
    let prepared = prepare::keyed(&job.tape, key_bytes, value_bytes);
    let mut seen = run::<K, V>(map, job, &prepared, &mut Together::<S>::default())?;
    see_consistency::<S, K, V>(&mut seen.reading, job);
    Ok(seen)
}

/// Plays into a map of one thread that tells of its events. Only for the collectors that hear of them.
pub fn probed_single<M: Map<K, V> + Default, K: Key, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unfit> {
    fits(map, MapKind::Single, job)?;
    let (key_bytes, value_bytes) = entry_bytes(job);
    traced::<K, V>(map, job, &prepare::keyed(&job.tape, key_bytes, value_bytes), &mut Alone::<M>::default())
}

/// Plays into a map that threads share and that tells of its events. Only for the collectors that hear of them.
pub fn probed_shared<S: Shared<K, V>, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    let (key_bytes, value_bytes) = entry_bytes(job);
    traced::<K, V>(
        map,
        job,
        &prepare::keyed(&job.tape, key_bytes, value_bytes),
        &mut Together::<S>::default(),
    )
}

/// Plays into a map for one thread whose keys count how often they are hashed and compared.
pub fn calls_single<M: Map<K, u64> + Default, K: Key>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    fits(map, MapKind::Single, job)?;
    count_calls::<K>(map, job, &mut Alone::<M>::default())
}

/// The same for a map that threads could share.
pub fn calls_shared<S: Shared<K, u64>, K: Key>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    if S::HAS_THREADS {
        return Err(Unfit::OwnThreads { map: map.into(), collector: job.collector });
    }
    count_calls::<K>(map, job, &mut Together::<S>::default())
}

fn count_calls<K: Key>(map: &str, job: &Job, host: &mut dyn Host<K, u64>) -> Result<Observation, Unfit> {
    let threads = job.tape.threads();
    if threads > 1 {
        return Err(Unfit::CollectorThreads { collector: job.collector, threads });
    }
    let prepared = prepare::keyed(&job.tape, entry_bytes(job).0, size_of::<u64>());
    let (answers, reading) = Stage::new(job, &prepared).calls(host);
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}

/// Plays into a map that threads share and whose writes are seen later. How many entries live is not told by
/// its answers, so that there are no bytes for each.
pub fn eventual<S: Shared<K, V>, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    if job.collector == Collector::Heap {
        return Err(Unfit::OwnThreads { map: map.into(), collector: job.collector });
    }
    shared::<S, K, V>(map, job)
}

/// Plays into a map that threads share and whose locks count.
pub fn counted<S: Shared<K, V>, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    let (key_bytes, value_bytes) = entry_bytes(job);
    let prepared = prepare::keyed(&job.tape, key_bytes, value_bytes);
    let mut seen = count::<K, V>(map, job, &prepared, &mut Together::<S>::default());
    see_consistency::<S, K, V>(&mut seen.reading, job);
    Ok(seen)
}

/// Plays into a slot manager that threads share and whose locks count.
pub fn counted_slots<S: Shared<Place, V>, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    fits(map, MapKind::SharedSlots, job)?;
    let prepared = prepare::placed(&job.tape, entry_bytes(job).1);
    Ok(count::<Place, V>(map, job, &prepared, &mut Together::<S>::default()))
}

fn count<K: Sync, V: Value>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
    host: &mut dyn Host<K, V>,
) -> Observation {
    let (answers, reading) = Stage::new(job, prepared).contention(host, true);
    Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading }
}

/// Writes that each thread makes to see what readers get.
const CONSISTENCY_WRITES: u64 = 10_000;

/// Adds to a reading of contention what readers get to see.
fn see_consistency<S: Shared<K, V>, K: Key, V: Value>(reading: &mut Reading, job: &Job) {
    if let Reading::Contention(contention) = reading {
        let (key_bytes, value_bytes) = entry_bytes(job);
        let threads = job.tape.threads().max(2);
        let experiment = Experiment { threads, writes: CONSISTENCY_WRITES, key_bytes, value_bytes };
        contention.consistency = Some(consistency::observe::<S, K, V>(experiment));
    }
}

fn fits(map: &str, kind: MapKind, job: &Job) -> Result<(), Unfit> {
    let misfit = |misfit| Unfit::Tape { map: map.into(), misfit };
    kind.plays(job.tape.threads(), job.tape.header().keys_shared).map_err(misfit)
}

fn takes_turns(map: &str, job: &Job) -> Result<(), Unfit> {
    let beside = if job.tape.threads() > 1 {
        "the tape has several threads"
    } else if job.tape.header().pace.per_second().is_some() {
        "the tape has a timetable"
    } else {
        return Ok(());
    };
    job.turns.as_ref().map_or(Ok(()), |_| Err(Unfit::NoTurns { map: map.into(), why: beside }))
}

fn entry_bytes(job: &Job) -> (usize, usize) {
    let key = match job.tape.header().keys {
        Keys::U64 => 8,
        Keys::Uuid => 16,
        Keys::String(bytes) => usize::from(bytes),
    };
    let value = match job.tape.header().values {
        Values::U64 => 8,
        Values::Bytes(bytes) | Values::Boxed(bytes) => bytes as usize,
    };
    (key, value)
}

/// Makes a map, lets the collector watch it play, and puts the observation together.
fn run<K: Sync, V: Value>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
    host: &mut dyn Host<K, V>,
) -> Result<Observation, Unfit> {
    takes_turns(map, job)?;
    let threads = job.tape.threads();
    if threads > 1 && job.collector == Collector::Allocations {
        return Err(Unfit::CollectorThreads { collector: job.collector, threads });
    }
    let stage = Stage::new(job, prepared);
    let (answers, reading) = match job.collector {
        Collector::Throughput => stage.throughput(host)?,
        Collector::Latency => stage.latency(host),
        Collector::Heap => stage.heap(host)?,
        Collector::Allocations => stage.allocations(host),
        Collector::Contention => stage.contention(host, false),
        Collector::Stacks => stage.stacks(host)?,
        Collector::Slots | Collector::Events => return traced(map, job, prepared, host),
        Collector::Calls => return Err(Unfit::Keys { map: map.into(), has_keys: true }),
    };
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}

/// Makes a map and lets a collector watch each operation from outside the clock.
fn traced<K: Sync, V: Value>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
    host: &mut dyn Host<K, V>,
) -> Result<Observation, Unfit> {
    let threads = job.tape.threads();
    if threads > 1 {
        return Err(Unfit::CollectorThreads { collector: job.collector, threads });
    }
    let stage = Stage::new(job, prepared);
    let (answers, reading) = match job.collector {
        Collector::Events => stage.events(host),
        Collector::Slots => stage.slots(host)?,
        collector => {
            return Err(Unfit::Collector { collector, why: "it does not watch each operation".into() });
        }
    };
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}
