//! One pass: one map plays one tape while one collector looks on.

use formats::entry::{KeyPattern, Keys};
use formats::observation::{Collector, Observation, Reading, SCHEMA};
use formats::subject::MapKind;
use formats::tape::Header;

use crate::consistency::{self, Experiment};
use crate::driver::{Driver, Host, MultiThreaded, SingleThreaded};
use crate::entry::{Key, Numbered, Place, Value};
use crate::job::{Job, Unsupported};
use crate::map::{Map, Shared};
use crate::prepare::{self, Prepared};
use crate::stage::Stage;

/// Plays into a map for one thread.
pub fn single<M: Map<K, V> + Default, K: Numbered, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    fits(map, MapKind::Single, job)?;
    run::<K, V>(
        map,
        job,
        &prepare::keyed(&job.tape, job.value_bytes()),
        &mut SingleThreaded::<M>::new::<K, V>(),
    )
}

/// Plays into a slot manager.
pub fn slots<M: Map<Place, V> + Default, V: Value>(map: &str, job: &Job) -> Result<Observation, Unsupported> {
    fits(map, MapKind::SlotManager, job)?;
    run::<Place, V>(
        map,
        job,
        &prepare::placed(&job.tape, job.value_bytes()),
        &mut SingleThreaded::<M>::new::<Place, V>(),
    )
}

/// Plays into a slot manager that threads share.
pub fn shared_slots<S: Shared<Place, V>, V: Value>(map: &str, job: &Job) -> Result<Observation, Unsupported> {
    fits(map, MapKind::SharedSlots, job)?;
    run::<Place, V>(
        map,
        job,
        &prepare::placed(&job.tape, job.value_bytes()),
        &mut MultiThreaded::<S>::new::<Place, V>(),
    )
}

/// Plays into a map that threads share.
pub fn shared<S: Shared<K, V>, K: Numbered, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    if S::HAS_THREADS && job.collector.needs_counting() {
        return Err(Unsupported::OwnThreads { map: map.into(), collector: job.collector });
    }
    if S::HAS_THREADS && job.turns.is_some() {
        return Err(Unsupported::NoTurns { map: map.into(), why: "the map has a thread of its own" });
    }
    let prepared = prepare::keyed(&job.tape, job.value_bytes());
    let mut seen = run::<K, V>(map, job, &prepared, &mut MultiThreaded::<S>::new::<K, V>())?;
    see_consistency::<S, K, V>(&mut seen.reading, job);
    Ok(seen)
}

/// Plays into a map of one thread that tells of its events. Only for the collectors that hear of them.
pub fn probed_single<M: Map<K, V> + Default, K: Numbered, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    fits(map, MapKind::Single, job)?;
    run::<K, V>(
        map,
        job,
        &prepare::keyed(&job.tape, job.value_bytes()),
        &mut SingleThreaded::<M>::new::<K, V>(),
    )
}

/// Plays into a map that threads share and that tells of its events. Only for the collectors that hear of them.
pub fn probed_shared<S: Shared<K, V>, K: Numbered, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    run::<K, V>(
        map,
        job,
        &prepare::keyed(&job.tape, job.value_bytes()),
        &mut MultiThreaded::<S>::new::<K, V>(),
    )
}

/// Plays into a map for one thread whose keys count how often they are hashed and compared. `key` makes the key of a
/// kind that has a number.
pub fn calls_single<M: Map<K, u64> + Default, K: Key>(
    map: &str,
    job: &Job,
    key: impl Fn(Keys, KeyPattern, u64) -> K,
) -> Result<Observation, Unsupported> {
    fits(map, MapKind::Single, job)?;
    count_calls::<K>(map, job, key, &mut SingleThreaded::<M>::new::<K, u64>())
}

/// The same for a map that threads could share.
pub fn calls_shared<S: Shared<K, u64>, K: Key>(
    map: &str,
    job: &Job,
    key: impl Fn(Keys, KeyPattern, u64) -> K,
) -> Result<Observation, Unsupported> {
    if S::HAS_THREADS {
        return Err(Unsupported::OwnThreads { map: map.into(), collector: job.collector });
    }
    count_calls::<K>(map, job, key, &mut MultiThreaded::<S>::new::<K, u64>())
}

fn count_calls<K: Key>(
    map: &str,
    job: &Job,
    key: impl Fn(Keys, KeyPattern, u64) -> K,
    host: &mut dyn Host<K, u64>,
) -> Result<Observation, Unsupported> {
    let threads = job.tape.threads();
    if threads > 1 {
        return Err(Unsupported::CollectorThreads { collector: job.collector, threads });
    }
    let Header { keys, key_pattern, .. } = *job.tape.header();
    let prepared = prepare::keyed_by(&job.tape, size_of::<u64>(), |number| key(keys, key_pattern, number));
    let (answers, reading) = Stage::new(job, &prepared).calls(host);
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}

/// Plays into a map that threads share and whose writes are seen later. How many entries live is not told by
/// its answers, so that there are no bytes for each.
pub fn eventual<S: Shared<K, V>, K: Numbered, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    if job.collector == Collector::Heap {
        return Err(Unsupported::OwnThreads { map: map.into(), collector: job.collector });
    }
    shared::<S, K, V>(map, job)
}

/// Plays into a map that threads share and whose locks count.
pub fn counted<S: Shared<K, V>, K: Numbered, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    let prepared = prepare::keyed(&job.tape, job.value_bytes());
    let mut seen = count::<K, V>(map, job, &prepared, &mut MultiThreaded::<S>::new::<K, V>());
    see_consistency::<S, K, V>(&mut seen.reading, job);
    Ok(seen)
}

/// Plays into a slot manager that threads share and whose locks count.
pub fn counted_slots<S: Shared<Place, V>, V: Value>(
    map: &str,
    job: &Job,
) -> Result<Observation, Unsupported> {
    fits(map, MapKind::SharedSlots, job)?;
    let prepared = prepare::placed(&job.tape, job.value_bytes());
    Ok(count::<Place, V>(map, job, &prepared, &mut MultiThreaded::<S>::new::<Place, V>()))
}

fn count<K: Sync, V: Value>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
    driver: &mut dyn Driver<K, V>,
) -> Observation {
    let (answers, reading) = Stage::new(job, prepared).contention(driver, true);
    Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading }
}

/// Writes that each thread makes to see what readers get.
const CONSISTENCY_WRITES: u64 = 10_000;

/// Adds to a reading of contention what readers get to see: not of a bounded cache, which may drop what they look for.
fn see_consistency<S: Shared<K, V>, K: Numbered, V: Value>(reading: &mut Reading, job: &Job) {
    if let (Reading::Contention(contention), None) = (reading, job.tape.header().bound) {
        let header = job.tape.header();
        let value_bytes = usize::try_from(header.mean_value_bytes()).unwrap_or(usize::MAX);
        let key_bytes = header.keys.bytes();
        let threads = job.tape.threads().max(2);
        let experiment = Experiment { threads, writes: CONSISTENCY_WRITES, key_bytes, value_bytes };
        contention.consistency = Some(consistency::observe::<S, K, V>(experiment));
    }
}

fn fits(map: &str, kind: MapKind, job: &Job) -> Result<(), Unsupported> {
    let misfit = |misfit| Unsupported::Tape { map: map.into(), misfit };
    kind.plays(job.tape.threads(), job.tape.header().keys_shared).map_err(misfit)
}

fn takes_turns(map: &str, job: &Job) -> Result<(), Unsupported> {
    let beside = if job.tape.threads() > 1 {
        "the tape has several threads"
    } else if job.tape.header().is_paced() {
        "the tape has a schedule"
    } else {
        return Ok(());
    };
    job.turns.as_ref().map_or(Ok(()), |_| Err(Unsupported::NoTurns { map: map.into(), why: beside }))
}

/// Makes a map, lets the collector watch it play, and puts the observation together.
fn run<K: Sync, V: Value>(
    map: &str,
    job: &Job,
    prepared: &Prepared<K>,
    driver: &mut dyn Driver<K, V>,
) -> Result<Observation, Unsupported> {
    takes_turns(map, job)?;
    let (answers, reading) = Stage::new(job, prepared).observe(driver)?;
    Ok(Observation { schema: SCHEMA, map: map.into(), tape: job.tape.id(), answers, reading })
}
