//! What recordings of the classic and of the Swiss map have in common: header, seeds, hashes, short operations.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde::Deserialize;

use super::keys::{Keys, Recorded};
use super::lines::Recording;
use super::memhash::Memhash;
use super::{Error, Malformed};
use crate::hash::KeyHash;
use crate::key::Kind;

/// Entries that a recorded map may be made for: no recorder makes one for more.
const LARGEST_HINT: i64 = 1 << 22;
/// Keys of one epoch that may share the first 24 bits of their hash; with more a directory would double until
/// memory is full, as it would in Go.
const MOST_ALIKE: u32 = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
pub(super) struct Header {
    t: String,
    fmt: String,
    pub(super) go: String,
    script: String,
    pub(super) seed: u64,
    hint: i64,
    /// Left out where they are u64: in recordings of the first version.
    #[serde(default)]
    pub(super) keys: Keys,
    bucket_bytes: Option<u64>,
    group_bytes: Option<u64>,
    use_aes: Option<bool>,
    aeskeysched: Option<String>,
    hashkey: Option<[String; 4]>,
}

impl Header {
    /// Entries to make room for.
    pub(super) fn hint(&self, recording: &Recording) -> Result<usize, Malformed> {
        match self.hint {
            -1 => Ok(0),
            hint if (0..=LARGEST_HINT).contains(&hint) => Ok(usize::try_from(hint).unwrap_or(0)),
            hint => Err(recording.malformed(format!("hint is {hint}; allowed: -1 to {LARGEST_HINT}"))),
        }
    }

    pub(super) fn memhash(&self, recording: &Recording) -> Result<Option<Memhash>, Malformed> {
        let release = recording.release(&self.go)?;
        Memhash::read(recording, release, self.use_aes, self.aeskeysched.as_deref(), self.hashkey.as_ref())
    }
}

/// The hash of a replayed map: computed, or, when the keys of the process were not recorded, looked up.
#[derive(Debug, Clone)]
pub(super) struct Hashes {
    memhash: Option<Memhash>,
    recorded: Rc<RefCell<HashMap<u64, u64>>>,
}

impl<K: Recorded> KeyHash<K> for Hashes {
    const KIND: Kind = K::KIND;
    const UPDATES: bool = K::UPDATES;
    const POINTERS: bool = K::POINTERS;
    const BYTES: usize = K::BYTES;

    fn hash(&self, key: &K, seed: u64) -> u64 {
        match &self.memhash {
            Some(memhash) => key.hash(memhash, seed),
            None => self.recorded.borrow().get(&key.number()).copied().unwrap_or(0),
        }
    }

    fn text(key: &K) -> &[u8] {
        key.text()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct SeedLine {
    t: String,
    e: u64,
    hash0: Option<String>,
    seed: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct HashLine {
    t: String,
    e: u64,
    kh: Vec<(u64, String)>,
}

/// An operation of which only the fact was recorded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Op {
    pub(super) i: u64,
    pub(super) o: char,
    pub(super) k: u64,
}

/// The seed of the moment, and every hash recorded under it.
pub(super) struct Epoch {
    pub(super) hashes: Hashes,
    pub(super) seed: u64,
    /// Seeds so far.
    pub(super) count: u64,
    /// Why the map took a new seed in the last operation, when it did.
    expected: Option<&'static str>,
    alike: HashMap<u64, u32>,
}

impl Epoch {
    pub(super) fn new(memhash: Option<Memhash>) -> Self {
        let hashes = Hashes { memhash, recorded: Rc::default() };
        Self { hashes, seed: 0, count: 0, expected: Some("make"), alike: HashMap::new() }
    }

    /// The map took a new seed in this operation, because of `why`.
    pub(super) const fn expect(&mut self, why: &'static str) {
        self.expected = Some(why);
    }

    /// Reads a line of kind `seed`. The map must have taken a new seed, too.
    pub(super) fn begin(&mut self, recording: &Recording, line: &str) -> Result<u64, Error> {
        let read: SeedLine = recording.parse(line)?;
        let Some(digits) = read.hash0.or(read.seed) else {
            return Err(recording.malformed("a seed line without hash0 or seed").into());
        };
        if read.e != self.count {
            return Err(recording.malformed(format!("epoch {} should be {}", read.e, self.count)).into());
        }
        recording.same("new seed", read.why.as_str(), self.expected.take().unwrap_or("none"))?;
        self.count += 1;
        self.seed = recording.hex(&digits)?;
        self.hashes.recorded.borrow_mut().clear();
        self.alike.clear();
        Ok(self.seed)
    }

    /// Reads a line of kind `hash`.
    pub(super) fn learn<K: Recorded>(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: HashLine = recording.parse(line)?;
        if read.e.checked_add(1) != Some(self.count) {
            return Err(recording.malformed(format!("a hash of epoch {} in another one", read.e)).into());
        }
        for (key, digits) in read.kh {
            let hash = recording.hex(&digits)?;
            if key > K::LAST {
                return Err(recording.malformed(format!("key {key} is above {}", K::LAST)).into());
            }
            if let Some(memhash) = &self.hashes.memhash {
                recording.tally.hashes += 1;
                let computed = format!("{:016x}", K::make(key).hash(memhash, self.seed));
                recording.same(&format!("hash of key {key}"), digits, computed)?;
            }
            let alike = self.alike.entry(hash >> 40).or_default();
            *alike += 1;
            if *alike > MOST_ALIKE {
                let problem = format!("more than {MOST_ALIKE} keys share the first 24 bits of their hash");
                return Err(recording.malformed(problem).into());
            }
            self.hashes.recorded.borrow_mut().insert(key, hash);
        }
        Ok(())
    }

    /// The hash of the key of an operation that is about to be replayed must be known.
    pub(super) fn check_hash(&self, recording: &Recording, key: u64) -> Result<(), Error> {
        if self.hashes.recorded.borrow().contains_key(&key) {
            return Ok(());
        }
        Err(recording.malformed(format!("no hash of key {key} in this epoch")).into())
    }

    /// The hashes of the keys of a turn are computed.
    pub(super) fn check_computed(&self, recording: &Recording) -> Result<(), Error> {
        if self.hashes.memhash.is_some() {
            return Ok(());
        }
        Err(recording.malformed("a turn, but no keys of the process to compute hashes with").into())
    }

    /// A seed that the map took must have been recorded before the next operation.
    pub(super) fn check_seed(&self, recording: &Recording) -> Result<(), Error> {
        self.expected.map_or(Ok(()), |why| Err(recording.differs("new seed", "none", why)))
    }
}
