//! Recordings of a classic map: `classic-1` and `classic-2`.

use std::rc::Rc;

use serde::Deserialize;
use serde_json::Value;

use super::digest::Fnv;
use super::keys::{Any, Keys, Pair, Recorded};
use super::lines::{Answer, Recording, digits, or_none};
use super::script::{Epoch, Hashes, Header, Op};
use super::turns::{Order, Turns};
use super::{Error, Verified};
use crate::classic::{
    Bucket, Chain, EVACUATED_EMPTY, EVACUATED_X, Hmap, MIN_TOP_HASH, Reuse, SAME_SIZE_GROW, Whence,
};
use crate::marks::Marks;
use crate::probe::Worked;

type Map<K> = Hmap<K, u64, Hashes, Reuse, Rc<Worked<Marks>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    i: u64,
    o: char,
    k: u64,
    n: usize,
    #[serde(rename = "B")]
    b: u8,
    f: u8,
    ov: u16,
    nv: u32,
    nx: i64,
    at: Option<(u32, u32, u8)>,
    r: Option<u8>,
    #[serde(default)]
    v: Answer,
    ev: Option<String>,
    w: Option<[u64; 4]>,
    d: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct Turn {
    t: String,
    i: u64,
    o: Order,
    live: u64,
    n: usize,
    #[serde(rename = "B")]
    b: u8,
    f: u8,
    ov: u16,
    nv: u32,
    nx: i64,
    d: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct Dump {
    t: String,
    i: u64,
    n: usize,
    #[serde(rename = "B")]
    b: u8,
    f: u8,
    ov: u16,
    nv: u32,
    nx: i64,
    alen: usize,
    buckets: Option<Vec<Vec<String>>>,
    #[serde(default)]
    old: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct End {
    t: String,
    ops: u64,
    inserts: u64,
    reuse: u64,
    grows: u64,
    same_size_grows: u64,
    epochs: u64,
    n: usize,
    #[serde(rename = "B")]
    b: u8,
}

/// What one operation did, in the terms of a record.
#[derive(Default)]
struct Done {
    at: Option<(u32, u32, u8)>,
    reuse: Option<u8>,
    value: Answer,
    event: Option<&'static str>,
    work: [u64; 4],
}

struct Replay<K> {
    map: Map<K>,
    epoch: Epoch,
    turns: Turns,
    grows: u64,
    same_size_grows: u64,
    /// A dump showed stale bytes: this recording shows them all.
    shows_stale: bool,
}

pub(super) fn replay(recording: Recording, first: &str) -> Result<Verified, Error> {
    let header: Header = recording.parse(first)?;
    match header.keys {
        Keys::U32 => play::<u32>(recording, &header),
        Keys::U64 => play::<u64>(recording, &header),
        Keys::String => play::<Box<str>>(recording, &header),
        Keys::Uuid => play::<[u8; 16]>(recording, &header),
        Keys::Float => play::<f64>(recording, &header),
        Keys::Struct => play::<Pair>(recording, &header),
        Keys::Any => play::<Any>(recording, &header),
    }
}

fn play<K: Recorded>(mut recording: Recording, header: &Header) -> Result<Verified, Error> {
    recording.tally.go.clone_from(&header.go);
    let epoch = Epoch::new(header.memhash(&recording)?);
    let release = recording.release(&header.go)?;
    let map = Hmap::make_as(release, header.hint(&recording)?, epoch.hashes.clone(), 0, Rc::default());
    let mut replay: Replay<K> = Replay {
        map,
        epoch,
        turns: Turns::new(header.seed),
        grows: 0,
        same_size_grows: 0,
        shows_stale: false,
    };
    while let Some(line) = recording.next_line()? {
        let kind = recording.kind(&line)?;
        match (kind.t.as_deref(), kind.d) {
            (None, None) => {
                let op: Op = recording.parse(&line)?;
                replay.epoch.check_hash(&recording, op.k)?;
                replay.play(&mut recording, &op)?;
            }
            (None, Some(_)) => replay.compare(&mut recording, &line)?,
            (Some("seed"), _) => {
                let seed = replay.epoch.begin(&recording, &line)?;
                let hash0 = u32::try_from(seed)
                    .map_err(|_| recording.malformed(format!("hash0 {seed:x} has more than 32 bits")))?;
                replay.map.reseed(hash0);
            }
            (Some("hash"), _) => replay.epoch.learn::<K>(&mut recording, &line)?,
            (Some("turn"), _) => replay.turn(&mut recording, &line)?,
            (Some("dump"), _) => replay.dump(&mut recording, &line)?,
            (Some("end"), _) => {
                replay.end(&recording, &line)?;
                return Ok(recording.tally);
            }
            (Some(other), _) => {
                let problem = format!("t is {other:?}; allowed: seed, hash, turn, dump, end");
                return Err(recording.malformed(problem).into());
            }
        }
    }
    Err(recording.malformed("ends without a line of kind end").into())
}

impl<K: Recorded> Replay<K> {
    /// Plays one operation and tells what it did.
    fn play(&mut self, recording: &mut Recording, op: &Op) -> Result<Done, Error> {
        recording.begin(op.i)?;
        self.epoch.check_seed(recording)?;
        let key = K::make(op.k);
        self.map.probe().take();
        let before = (self.map.old_memory(), self.map.b(), self.map.hash0());
        let mut done = Done::default();
        match op.o {
            'p' => {
                let replaced = self.map.insert(K::make(op.k), op.i).is_some();
                done.at = self.map.place_of(&key);
                done.reuse = Some(if replaced { 2 } else { u8::from(self.map.probe().inner.last_reused()) });
            }
            'd' => drop(self.map.remove(&key)),
            'g' => done.value = Answer::of(self.map.get(&key)),
            'c' => self.map.clear(),
            other => {
                return Err(recording.malformed(format!("o is {other:?}; allowed: p, d, g, c")).into());
            }
        }
        done.work = self.map.probe().take();
        done.event = self.event(before.0, before.1, op.o);
        if self.map.hash0() != before.2 {
            self.epoch.expect(if op.o == 'c' { "clear" } else { "count==0" });
        }
        Ok(done)
    }

    /// The event of the last operation, in the recorder's words.
    fn event(&mut self, old_before: Option<u32>, b_before: u8, op: char) -> Option<&'static str> {
        match (old_before, self.map.old_memory()) {
            (before, Some(now)) if before != Some(now) => {
                if self.map.flags() & SAME_SIZE_GROW == 0 {
                    self.grows += 1;
                    Some("grow")
                } else {
                    self.same_size_grows += 1;
                    Some("same")
                }
            }
            (_, None) if self.map.b() != b_before => {
                self.grows += 1;
                Some("grow")
            }
            (Some(_), None) if op != 'c' => Some("done"),
            _ => None,
        }
    }

    /// Plays an operation whose outcome was recorded, and compares.
    fn compare(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: Record = recording.parse(line)?;
        self.epoch.check_hash(recording, read.k)?;
        let done = self.play(recording, &Op { i: read.i, o: read.o, k: read.k })?;
        self.state(recording, read.n, read.b, read.f, read.ov, read.nv, read.nx)?;
        recording.same("place", place(read.at), place(done.at))?;
        recording.tally.placements += u64::from(done.at.is_some());
        recording.same("reuse", or_none(read.r), or_none(done.reuse))?;
        recording.same("answer", read.v, done.value)?;
        recording.tally.results += u64::from(done.value != Answer::NotAsked);
        recording.same("event", read.ev.as_deref().unwrap_or("none"), done.event.unwrap_or("none"))?;
        recording.tally.events += 1;
        if let Some(work) = read.w {
            let names = "work (hashes, comparisons, visits, zeroings)";
            recording.same(names, format!("{work:?}"), format!("{:?}", done.work))?;
            recording.tally.works += 1;
        }
        recording.same_digest(&read.d, &digest(&self.map))
    }

    #[expect(clippy::too_many_arguments, reason = "one for each field of a record")]
    fn state(
        &self,
        recording: &Recording,
        n: usize,
        b: u8,
        f: u8,
        ov: u16,
        nv: u32,
        nx: i64,
    ) -> Result<(), Error> {
        recording.same("n (entries)", n, self.map.len())?;
        recording.same("B", b, self.map.b())?;
        recording.same("f (flags)", f, self.map.flags())?;
        recording.same("ov (overflow buckets)", ov, self.map.noverflow())?;
        recording.same("nv (nevacuate)", nv, self.map.nevacuate())?;
        recording.same("nx (next spare)", nx, self.map.next_overflow().map_or(-1, i64::from))
    }

    /// Plays a turn and compares the state behind it.
    fn turn(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: Turn = recording.parse(line)?;
        self.epoch.check_computed(recording)?;
        let operations = self.turns.operations(read.o, read.i, read.live);
        for op in operations.map_err(|problem| recording.malformed(problem))? {
            self.play(recording, &op)?;
        }
        self.state(recording, read.n, read.b, read.f, read.ov, read.nv, read.nx)?;
        recording.same_digest(&read.d, &digest(&self.map))
    }

    fn dump(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: Dump = recording.parse(line)?;
        recording.same("operations before the dump", read.i.saturating_add(1), recording.tally.operations)?;
        self.state(recording, read.n, read.b, read.f, read.ov, read.nv, read.nx)?;
        recording.same("alen (buckets of the array)", read.alen, self.map.array_len())?;
        recording.same("an array is there", read.buckets.is_some(), self.map.memory().is_some())?;
        self.shows_stale |= line.contains('~');
        let chains: Vec<_> = read.buckets.unwrap_or_default();
        recording.same("chains", chains.len(), self.map.chains().count())?;
        for (number, (read, chain)) in chains.iter().zip(self.map.chains()).enumerate() {
            self.same_chain(recording, &format!("chain {number}"), read, chain)?;
        }
        recording.same("old chains", read.old.len(), self.map.old_chains().count())?;
        for (number, (read, chain)) in read.old.into_iter().zip(self.map.old_chains()).enumerate() {
            let what = format!("old chain {number}");
            let evacuated = read.as_str() == Some("E");
            recording.same(&format!("{what} is evacuated"), evacuated, chain.is_none())?;
            let Some(chain) = chain else { continue };
            let read: Vec<String> = serde_json::from_value(read)
                .map_err(|_| recording.malformed(format!("{what} is neither \"E\" nor a list of buckets")))?;
            self.same_chain(recording, &what, &read, chain)?;
        }
        recording.tally.dumps += 1;
        Ok(())
    }

    fn same_chain(
        &self,
        recording: &Recording,
        what: &str,
        read: &[String],
        chain: Chain<'_, K, u64>,
    ) -> Result<(), Error> {
        let ported: Vec<String> = chain.map(|bucket| show(&bucket, self.shows_stale)).collect();
        recording.same(what, read.join(" -> "), ported.join(" -> "))
    }

    fn end(&self, recording: &Recording, line: &str) -> Result<(), Error> {
        let read: End = recording.parse(line)?;
        recording.same("ops at the end", read.ops, recording.tally.operations)?;
        recording.same("inserts at the end", read.inserts, self.map.probe().inner.inserts())?;
        recording.same("reuse at the end", read.reuse, self.map.probe().inner.reused())?;
        recording.same("grows at the end", read.grows, self.grows)?;
        recording.same("same_size_grows at the end", read.same_size_grows, self.same_size_grows)?;
        recording.same("epochs at the end", read.epochs, self.epoch.count)?;
        recording.same("n at the end", read.n, self.map.len())?;
        recording.same("B at the end", read.b, self.map.b())
    }
}

/// A bucket as a dump shows it: states, keys, origin.
fn show<K: Recorded>(bucket: &Bucket<'_, K, u64>, stale: bool) -> String {
    let slots = bucket.tophash.iter().zip(bucket.keys).zip(bucket.values);
    let keys: Vec<String> = slots
        .map(|((&top, key), value)| match (top, key.number()) {
            (top, key) if top >= EVACUATED_X && top != EVACUATED_EMPTY => key.to_string(),
            (_, key) if stale && key != 0 => format!("~{key}/{value}"),
            _ => ".".to_owned(),
        })
        .collect();
    let whence = match bucket.whence {
        Whence::Base => "b".to_owned(),
        Whence::Spare(number) => format!("p{number}"),
        Whence::Heap => "h".to_owned(),
    };
    format!("{} {} {whence}", digits(*bucket.tophash), keys.join(","))
}

fn place(at: Option<(u32, u32, u8)>) -> String {
    or_none(at.map(|(bucket, position, slot)| format!("[{bucket},{position},{slot}]")))
}

fn digest<K: Recorded>(map: &Map<K>) -> String {
    let mut fnv = Fnv::new();
    fnv.byte(map.b());
    fnv.byte(map.flags() & SAME_SIZE_GROW);
    fnv.bytes(&map.noverflow().to_le_bytes());
    fnv.u64(map.len() as u64);
    if map.memory().is_none() {
        fnv.byte(b'Z');
        return fnv.hex();
    }
    fnv.byte(b'N');
    map.chains().for_each(|chain| fold_chain(&mut fnv, chain));
    if map.old_memory().is_some() {
        fnv.byte(b'O');
        fnv.u64(map.nevacuate().into());
        for chain in map.old_chains() {
            match chain {
                None => fnv.byte(b'E'),
                Some(chain) => fold_chain(&mut fnv, chain),
            }
        }
    }
    fnv.hex()
}

fn fold_chain<K: Recorded>(fnv: &mut Fnv, chain: Chain<'_, K, u64>) {
    for bucket in chain {
        fnv.bytes(bucket.tophash);
        for ((&top, key), &value) in bucket.tophash.iter().zip(bucket.keys).zip(bucket.values) {
            if top >= MIN_TOP_HASH {
                fnv.u64(key.number());
                fnv.u64(value);
            }
        }
        fnv.byte(0xFE);
    }
    fnv.byte(0xFF);
}
