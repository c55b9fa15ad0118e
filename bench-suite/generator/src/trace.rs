//! A recording, read into operations.
//!
//! ```text
//! file ─▶ unpack ─▶ rows, binary ─▶ a reader for each format ─▶ Player ─▶ Drawn
//! ```
//!
//! A reader turns records into steps; the player knows what they come to: keys get numbers, a cache turns requests into
//! inserts and removes, entries leave when their time is over.

mod allocations;
mod binary;
mod bzip2;
mod cache;
mod facts;
mod guess;
mod key_value;
mod length;
mod lines;
mod moments;
mod pack;
mod player;
mod recorded;
mod redis;
mod renumbered;
mod row;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod unpack;
mod value_sizes;
mod zstandard;

use std::io::Read;

use formats::fault::Fault;
use formats::tape::Kind;
use formats::workload::{Pace, Sizes, Trace, TraceFormat, Values, Workload};

pub use self::facts::Facts;
pub use self::guess::{Guess, guess};
pub use self::length::operations_at_least;
use self::moments::Moments;
pub use self::pack::pack;
pub use self::player::MAX_OPS;
use self::player::Player;
pub(crate) use self::player::of_sample;
pub use self::unpack::Compression;
use self::unpack::Unpacked;
use self::value_sizes::ValueSizes;
use crate::recipe::Drawn;

/// A recording, read.
#[derive(Debug)]
pub struct Recording {
    /// Its operations.
    pub drawn: Drawn,
    /// What else its records say.
    pub facts: Facts,
    /// How the file is compressed.
    pub compression: Option<Compression>,
}

/// What of a recording is played beside its operations, and how it is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Played {
    /// When operations start, where the recording says it.
    pace: Pace,
    /// Whether values have the sizes that the recording says.
    sizes: bool,
    /// Whether it is played into a bounded cache: then it is read as [`Player::read_through`] says.
    is_bounded: bool,
}

impl Played {
    pub(crate) fn of(workload: &Workload) -> Self {
        Self {
            pace: workload.pace,
            sizes: workload.values == Values::Boxed(Sizes::Recorded),
            is_bounded: workload.bound.is_some(),
        }
    }
}

/// Reads a recording, record by record.
pub fn read(trace: &Trace) -> Result<Recording, Fault> {
    read_as(trace, &Played::default())
}

/// Reads a recording with what of it is played.
pub(crate) fn read_as(trace: &Trace, played: &Played) -> Result<Recording, Fault> {
    let file = Unpacked::open(&trace.file)
        .map_err(|error| Fault::of_file(&trace.file, format!("cannot be read: {error}")))?;
    let compression = file.compression();
    let (drawn, facts) = read_played(file, trace, played)?;
    Ok(Recording { drawn, facts, compression })
}

impl Recording {
    /// The keys that were asked for, in order, by their numbers.
    pub fn requested(&self) -> impl Iterator<Item = u32> {
        let gets = self.drawn.threads.iter().flatten().filter(|op| op.kind() == Kind::Get);
        gets.map(|op| u32::try_from(op.key()).unwrap_or(u32::MAX))
    }

    /// The same requests, played through a cache of this many entries.
    #[must_use]
    pub fn through_cache(&self, trace: &Trace, capacity: u64) -> Drawn {
        let mut player = Player::new(&Trace { capacity: Some(capacity), sample: None, ..trace.clone() });
        player.request_all(self.requested());
        player.finish().0
    }
}

fn read_from(source: impl Read, trace: &Trace) -> Result<(Drawn, Facts), Fault> {
    read_played(source, trace, &Played::default())
}

fn read_played(source: impl Read, trace: &Trace, wanted: &Played) -> Result<(Drawn, Facts), Fault> {
    let file = trace.file.as_path();
    let mut player = Player::new(trace);
    if let Pace::Recorded(speed) = wanted.pace {
        player.moments = Some(Moments::new(speed));
    }
    player.sizes = wanted.sizes.then(ValueSizes::default);
    if wanted.is_bounded {
        player.read_through();
    }
    let play = &mut player;
    match trace.format {
        TraceFormat::Operations | TraceFormat::Requests => {
            table::read(source, file, trace.format, &trace.layout, trace.ttl, play)?;
        }
        TraceFormat::Keys => lines::read_keys(source, file, play)?,
        TraceFormat::Twitter => key_value::read_twitter(source, file, play)?,
        TraceFormat::Cachelib => key_value::read_cachelib(source, file, play)?,
        TraceFormat::OracleGeneral => binary::read_oracle(source, file, play)?,
        TraceFormat::KeysU32 => binary::read_keys::<4>(source, file, play)?,
        TraceFormat::KeysU64 => binary::read_keys::<8>(source, file, play)?,
        TraceFormat::Arc => lines::read_arc(source, file, play)?,
        TraceFormat::Address => lines::read_addresses(source, file, play)?,
        TraceFormat::Heaptrack => allocations::read_heaptrack(source, file, play)?,
        TraceFormat::Mtrace => allocations::read_mtrace(source, file, play)?,
        TraceFormat::MallocLab => allocations::read_malloc_lab(source, file, play)?,
        TraceFormat::RedisMonitor => redis::read(source, file, play)?,
        TraceFormat::Recorder => recorded::read(source, file, play)?,
    }
    let empty = player.is_empty();
    if player.is_too_long() {
        let problem = format!("gives more than {MAX_OPS} operations; say `limit = …`");
        return Err(Fault::of_file(file, problem));
    }
    if empty {
        return Err(Fault::of_file(file, nothing(trace, &player.facts)));
    }
    let (drawn, facts) = player.finish();
    if let Some(problem) = untimed(&drawn, &facts).or_else(|| unbounded(&drawn, wanted.is_bounded)) {
        return Err(Fault::of_file(file, problem));
    }
    if wanted.sizes && facts.sizes.0 == 0 {
        let problem =
            "its records have no sizes, and `values = { boxed = \"recorded\" }` makes values by them";
        return Err(Fault::of_file(file, problem));
    }
    Ok((drawn, facts))
}

/// Why there is no schedule where the recording should say one.
fn untimed(drawn: &Drawn, facts: &Facts) -> Option<String> {
    let problem = match facts.times {
        _ if drawn.due_ns.is_empty() => return None,
        None => "its records have no times",
        Some((first, last)) if first == last => "its records are all of one time",
        Some(_) => return None,
    };
    Some(format!("{problem}, and `pace = \"recorded\"` starts operations by them; a rate needs none"))
}

/// What a bounded cache cannot be asked for in a way that could be checked.
fn unbounded(drawn: &Drawn, is_bounded: bool) -> Option<String> {
    let (at, op) = drawn.threads.iter().flatten().enumerate().find(|(_, op)| !op.kind().names_key())?;
    is_bounded.then(|| {
        format!(
            "its operation {} ({}) is about all entries, and with `bound` nobody knows which live; allowed are operations on \
             one key",
            at + 1,
            op.kind().name()
        )
    })
}

/// Why nothing came of a recording.
fn nothing(trace: &Trace, facts: &Facts) -> String {
    if facts.records == 0 {
        return "holds no record".into();
    }
    format!(
        "gives no operation: of {} records none is left after skip = {} and sample = {}",
        facts.records,
        trace.skip,
        trace.sample.unwrap_or(1.0)
    )
}
