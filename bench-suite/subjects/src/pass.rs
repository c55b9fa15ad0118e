//! One pass: one map plays one tape while one collector looks on.

use formats::observation::{Collector, Observation, SCHEMA};
use formats::tape::Tape;
use formats::workload::{Keys, Values};

use crate::entry::{Key, Place, Value};
use crate::host::{Alone, Host, Together};
use crate::map::{Map, Shared};
use crate::prepare::{self, Prepared};
use crate::stage::Stage;

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
}

/// Why a pass cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The tape has threads and the map takes one.
    #[error("{map} is for one thread, and the tape has {threads}")]
    Threads {
        /// The map.
        map: String,
        /// Threads of the tape.
        threads: usize,
    },
    /// The collector watches one thread.
    #[error("the {} collector follows one thread, and the tape has {threads}", collector.name())]
    CollectorThreads {
        /// The collector.
        collector: Collector,
        /// Threads of the tape.
        threads: usize,
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
    /// The machine does not let the collector work.
    #[error("the {} collector cannot work here: {why}", collector.name())]
    Collector {
        /// The collector.
        collector: Collector,
        /// What the system said.
        why: String,
    },
}

/// Plays into a map for one thread.
pub fn single<M: Map<K, V> + Default, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    one_thread(map, job)?;
    let (key_bytes, value_bytes) = entry_bytes(job);
    run::<K, V, Alone<M>>(map, job, &prepare::keyed(&job.tape, key_bytes, value_bytes))
}

/// Plays into a slot manager.
pub fn slots<M: Map<Place, V> + Default, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    one_thread(map, job)?;
    run::<Place, V, Alone<M>>(map, job, &prepare::placed(&job.tape, entry_bytes(job).1))
}

/// Plays into a map that threads share.
pub fn shared<S: Shared<K, V>, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    let (key_bytes, value_bytes) = entry_bytes(job);
    run::<K, V, Together<S>>(map, job, &prepare::keyed(&job.tape, key_bytes, value_bytes))
}

/// Plays into a map of one thread that tells of its events. Only for the collectors that hear of them.
pub fn probed_single<M: Map<K, V> + Default, K: Key, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unfit> {
    one_thread(map, job)?;
    let (key_bytes, value_bytes) = entry_bytes(job);
    traced::<K, V, Alone<M>>(map, job, &prepare::keyed(&job.tape, key_bytes, value_bytes))
}

/// Plays into a map that threads share and that tells of its events. Only for the collectors that hear of them.
pub fn probed_shared<S: Shared<K, V>, K: Key, V: Value>(map: &str, job: &Job) -> Result<Observation, Unfit> {
    let (key_bytes, value_bytes) = entry_bytes(job);
    traced::<K, V, Together<S>>(map, job, &prepare::keyed(&job.tape, key_bytes, value_bytes))
}

fn one_thread(map: &str, job: &Job) -> Result<(), Unfit> {
    match job.tape.threads() {
        1 => Ok(()),
        threads => Err(Unfit::Threads { map: map.into(), threads }),
    }
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
fn run<K: Sync, V: Value, H: Host<K, V>>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
) -> Result<Observation, Unfit> {
    let threads = job.tape.threads();
    if threads > 1 && job.collector == Collector::Allocations {
        return Err(Unfit::CollectorThreads { collector: job.collector, threads });
    }
    let stage = Stage::new(job, prepared);
    let (answers, reading) = match job.collector {
        Collector::Throughput => stage.throughput::<V, H>(),
        Collector::Latency => stage.latency::<V, H>(),
        Collector::Heap => stage.heap::<V, H>()?,
        Collector::Allocations => stage.allocations::<V, H>(),
        Collector::Stacks => stage.stacks::<V, H>()?,
        Collector::Slots | Collector::Events => return traced::<K, V, H>(map, job, prepared),
    };
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}

/// Makes a map and lets a collector watch each operation from outside the clock.
fn traced<K: Sync, V: Value, H: Host<K, V>>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
) -> Result<Observation, Unfit> {
    let threads = job.tape.threads();
    if threads > 1 {
        return Err(Unfit::CollectorThreads { collector: job.collector, threads });
    }
    let stage = Stage::new(job, prepared);
    let (answers, reading) = match job.collector {
        Collector::Events => stage.events::<V, H>(),
        Collector::Slots => stage.slots::<V, H>()?,
        collector => {
            return Err(Unfit::Collector { collector, why: "it does not watch each operation".into() });
        }
    };
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}
