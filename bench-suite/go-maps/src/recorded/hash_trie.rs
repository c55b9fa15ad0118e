//! Recordings of a sync.Map of Go 1.24 and later: `trie-1` and `trie-2`.

use std::collections::HashMap;
use std::fmt::Write;

use serde::Deserialize;

use super::digest::Fnv;
use super::keys::{self, Keys, Pair};
use super::lines::Recording;
use super::memhash::Memhash;
use super::sync_map::found;
use super::{Error, Verified};
use crate::hash::{Interface, KeyHash};
use crate::hash_trie::{HashTrieMap, Step};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct Header {
    t: String,
    fmt: String,
    go: String,
    n: u64,
    keys: u64,
    /// Left out where they are u64: in recordings of the first version.
    #[serde(default)]
    kind: Keys,
    seed: u64,
    trie_seed: String,
    use_aes: Option<bool>,
    aeskeysched: Option<String>,
    hashkey: Option<[String; 4]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct HashLine {
    t: String,
    kh: Vec<(u64, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    i: u64,
    o: char,
    k: u64,
    res: String,
    ent: u64,
    ind: u64,
    depth: u8,
    ovf: u64,
    d: String,
    tree: Option<String>,
}

/// The hashes as they were recorded: what the trie is built by. They were compared with the computed ones.
struct Recorded(HashMap<u64, u64>);

impl KeyHash<u64> for Recorded {
    fn hash(&self, key: &u64, _seed: u64) -> u64 {
        self.0.get(key).copied().unwrap_or(0)
    }
}

type Map = HashTrieMap<u64, u64, Recorded>;

pub(super) fn replay(mut recording: Recording, first: &str) -> Result<Verified, Error> {
    let header: Header = recording.parse(first)?;
    recording.tally.go.clone_from(&header.go);
    let Some(line) = recording.next_line()? else {
        return Err(recording.malformed("a line of hashes is missing").into());
    };
    let recorded = hashes(&mut recording, &header, &line)?;
    let map = HashTrieMap::make(recorded, recording.hex(&header.trie_seed)?, ());
    while let Some(line) = recording.next_line()? {
        let read: Record = recording.parse(&line)?;
        recording.begin(read.i)?;
        if read.k >= header.keys {
            return Err(recording.malformed(format!("key {} has no hash", read.k)).into());
        }
        let result = play(&map, &recording, &read)?;
        recording.same("res (answer)", read.res.as_str(), &result)?;
        recording.tally.results += 1;
        let seen = Seen::of(&map);
        recording.same("ent (entries)", read.ent, seen.entries)?;
        recording.same("ind (indirect nodes)", read.ind, seen.indirect)?;
        recording.same("depth", read.depth, seen.depth)?;
        recording.same("ovf (entries behind another)", read.ovf, seen.overflow)?;
        if let Some(tree) = &read.tree {
            recording.same("tree", tree, &seen.tree)?;
            recording.tally.dumps += 1;
        }
        recording.same_digest(&read.d, &seen.digest.hex())?;
    }
    recording.same("n (operations)", header.n, recording.tally.operations)?;
    Ok(recording.tally)
}

/// Reads the line of hashes and compares it with what the keys of the process give.
fn hashes(recording: &mut Recording, header: &Header, line: &str) -> Result<Recorded, Error> {
    let read: HashLine = recording.parse(line)?;
    let seed = recording.hex(&header.trie_seed)?;
    let schedule = header.aeskeysched.as_deref();
    let release = recording.release(&header.go)?;
    let memhash = Memhash::read(recording, release, header.use_aes, schedule, header.hashkey.as_ref())?;
    let mut recorded = HashMap::new();
    for (key, digits) in read.kh {
        if key >= header.keys {
            let problem = format!("a hash of key {key}, but there are {} keys", header.keys);
            return Err(recording.malformed(problem).into());
        }
        let hash = recording.hex(&digits)?;
        if let Some(memhash) = &memhash {
            recording.tally.hashes += 1;
            let computed = format!("{:016x}", inside(header.kind, key, memhash, seed));
            recording.same(&format!("hash of key {key}"), digits, computed)?;
        }
        recorded.insert(key, hash);
    }
    if recorded.len() as u64 != header.keys {
        let problem = format!("hashes of {} keys, but there are {}", recorded.len(), header.keys);
        return Err(recording.malformed(problem).into());
    }
    Ok(Recorded(recorded))
}

/// The hash of the key with this number inside an interface value.
fn inside(kind: Keys, number: u64, memhash: &Memhash, seed: u64) -> u64 {
    fn of<K: keys::Recorded>(number: u64, memhash: &Memhash, seed: u64) -> u64 {
        Interface(Of(memhash)).hash(&K::make(number), seed)
    }
    match kind {
        Keys::U32 => of::<u32>(number, memhash, seed),
        Keys::U64 | Keys::Any => of::<u64>(number, memhash, seed),
        Keys::String => of::<Box<str>>(number, memhash, seed),
        Keys::Uuid => of::<[u8; 16]>(number, memhash, seed),
        Keys::Float => of::<f64>(number, memhash, seed),
        Keys::Struct => of::<Pair>(number, memhash, seed),
    }
}

/// The hash of a recorded key inside an interface value.
struct Of<'m>(&'m Memhash);

impl<K: keys::Recorded> KeyHash<K> for Of<'_> {
    fn hash(&self, key: &K, seed: u64) -> u64 {
        key.typehash(self.0, seed)
    }
}

fn play(map: &Map, recording: &Recording, op: &Record) -> Result<String, Error> {
    Ok(match op.o {
        'L' => found(map.load(&op.k)),
        'S' => {
            map.store(op.k, op.i);
            String::new()
        }
        'D' => found(map.load_and_delete(&op.k)),
        'O' => match map.load_or_store(op.k, op.i) {
            Some(value) => format!("{value} true"),
            None => format!("{} false", op.i),
        },
        other => {
            return Err(recording.malformed(format!("o is {other:?}; allowed: L, S, D, O")).into());
        }
    })
}

/// Everything a record tells about a trie.
struct Seen {
    entries: u64,
    indirect: u64,
    depth: u8,
    overflow: u64,
    digest: Fnv,
    tree: String,
}

impl Seen {
    fn of(map: &Map) -> Self {
        let mut seen =
            Self { entries: 0, indirect: 0, depth: 0, overflow: 0, digest: Fnv::new(), tree: String::new() };
        map.walk(|step| seen.take(&step));
        seen
    }

    fn take(&mut self, step: &Step<'_, u64, u64>) {
        match *step {
            Step::Enter { depth } => {
                self.indirect += 1;
                self.depth = self.depth.max(depth);
                self.digest.byte(b'I');
                self.tree.push('(');
            }
            Step::Child(number) => {
                self.digest.byte(number);
                // Writing to a string cannot fail.
                let _ = write!(self.tree, "{number:x}:");
            }
            Step::Entry { key, value, overflow } => {
                self.entries += 1;
                self.overflow += u64::from(overflow);
                self.digest.byte(b'E');
                self.digest.u64(*key);
                self.digest.u64(*value);
                let _ = write!(self.tree, "{key}{}", if overflow { "+" } else { "" });
            }
            Step::ChildDone => self.tree.push(' '),
            Step::Leave => {
                self.tree.push(')');
                self.digest.byte(0xFF);
            }
        }
    }
}
