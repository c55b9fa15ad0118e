//! Recordings that only say that a key was asked for, played through a least-recently-used cache: a hit is a
//! get; a miss is a get, the remove of the entry used least recently if the cache is full, and an insert.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use formats::fault::Fault;

use super::recorder::{NEVER, Recorder};
use super::rows::Rows;
use super::{MAX_OPS, too_long};

const COLUMNS: [&str; 3] = ["time", "key", "size"];
/// libCacheSim's `oracleGeneral`: u32 time, u64 key, u32 size, i64 next access; little-endian, packed.
const ORACLE_RECORD: usize = 24;

/// Plays CSV `time,key,size`. Times and sizes are checked and not used.
pub(super) fn read_rows<R: Read>(
    mut rows: Rows<R>,
    capacity: u64,
    recorder: &mut Recorder,
) -> Result<(), Fault> {
    let file = rows.file;
    let mut cache = Cache::new(capacity);
    while let Some(row) = rows.next(&["time", "time_s", "timestamp"])? {
        row.check(&COLUMNS, 3)?;
        row.check_number(0, "time")?;
        row.whole(2, "size")?;
        let id = recorder.id(row.key(1)?);
        cache.request(id, recorder);
        if recorder.len() > MAX_OPS {
            return Err(too_long(file));
        }
    }
    Ok(())
}

/// Plays binary `oracleGeneral` records.
pub(super) fn read_oracle(
    mut source: impl Read,
    file: &Path,
    capacity: u64,
    recorder: &mut Recorder,
) -> Result<(), Fault> {
    let mut cache = Cache::new(capacity);
    for number in 1u64.. {
        let mut record = Vec::with_capacity(ORACLE_RECORD);
        let read = source.by_ref().take(ORACLE_RECORD as u64).read_to_end(&mut record);
        read.map_err(|error| Fault::of_file(file, format!("record {number}: cannot be read: {error}")))?;
        match *record {
            [] => break,
            [_, _, _, _, ref rest @ ..] if record.len() == ORACLE_RECORD => {
                let id = recorder.id(&rest[..8]);
                cache.request(id, recorder);
            }
            _ => {
                let problem =
                    format!("record {number} has {} bytes; expected are {ORACLE_RECORD}", record.len());
                return Err(Fault::of_file(file, problem));
            }
        }
        if recorder.len() > MAX_OPS {
            return Err(too_long(file));
        }
    }
    Ok(())
}

/// Which keys the cache holds, by the time of their last use.
struct Cache {
    capacity: usize,
    clock: u64,
    /// When each key was used last, by id.
    used: Vec<u64>,
    by_use: BTreeMap<u64, u32>,
}

impl Cache {
    fn new(capacity: u64) -> Self {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        Self { capacity, clock: 0, used: Vec::new(), by_use: BTreeMap::new() }
    }

    fn request(&mut self, id: u32, recorder: &mut Recorder) {
        let index = id as usize;
        self.used.resize(self.used.len().max(index + 1), 0);
        recorder.get(id);
        if recorder.is_live(id) {
            self.by_use.remove(&self.used[index]);
        } else {
            if self.by_use.len() >= self.capacity
                && let Some((_, oldest)) = self.by_use.pop_first()
            {
                recorder.remove(oldest);
            }
            recorder.insert(id, NEVER);
        }
        self.clock += 1;
        self.used[index] = self.clock;
        self.by_use.insert(self.clock, id);
    }
}
