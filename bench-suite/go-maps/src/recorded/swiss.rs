//! Recordings of a Swiss map: `swiss-1` and `swiss-2`.

mod wire;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::digest::Fnv;
use super::keys::{Any, Keys, Pair, Recorded};
use super::lines::{Answer, Recording, digits, or_none};
use super::script::{Epoch, Hashes, Header, Op};
use super::turns::Turns;
use super::{Error, Verified};
use crate::marks::Marks;
use crate::probe::Worked;
use crate::swiss::{CTRL_EMPTY, GROUP_SLOTS, GroupView, Map};

use wire::{Dump, End, Place, Record, Turn};

type Replayed<K> = Map<K, u64, Hashes, Rc<Worked<Marks>>>;

/// What one operation did, in the terms of a record.
#[derive(Default)]
struct Done {
    at: Option<Place>,
    reuse: Option<u8>,
    value: Answer,
    event: Option<&'static str>,
    work: [u64; 4],
}

/// What the event of a put is told from.
struct Before {
    allocated: bool,
    entries: usize,
    global_depth: u8,
    /// The table of the key: which allocation, and its capacity.
    table: Option<(u32, u16)>,
    tombstones: u64,
}

struct Replay<K> {
    map: Replayed<K>,
    epoch: Epoch,
    turns: Turns,
    events: BTreeMap<String, u64>,
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
    let map = Map::make_as(release, header.hint(&recording)?, epoch.hashes.clone(), 0, Rc::default());
    let mut replay: Replay<K> =
        Replay { map, epoch, turns: Turns::new(header.seed), events: BTreeMap::new(), shows_stale: false };
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
                replay.map.reseed(seed);
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
        let seed = self.map.seed();
        let mut done = Done::default();
        match op.o {
            'p' => {
                let before = self.before(&key);
                let replaced = self.map.insert(K::make(op.k), op.i).is_some();
                done.reuse = Some(if replaced { 2 } else { u8::from(self.map.probe().inner.last_reused()) });
                done.at = self.map.place_of(&key).map(|(table, group, slot)| {
                    (table.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1), group, slot)
                });
                done.event = self.event(&before, &key);
                if let Some(event) = done.event {
                    *self.events.entry(event.to_owned()).or_default() += 1;
                }
            }
            'd' => drop(self.map.remove(&key)),
            'g' => done.value = Answer::of(self.map.get(&key)),
            'c' => self.map.clear(),
            other => {
                return Err(recording.malformed(format!("o is {other:?}; allowed: p, d, g, c")).into());
            }
        }
        done.work = self.map.probe().take();
        if self.map.seed() != seed {
            self.epoch.expect(if op.o == 'c' { "clear" } else { "used==0" });
        }
        Ok(done)
    }

    fn tombstones(&self) -> u64 {
        self.map.tables().map(|table| u64::from(table.tombstones())).sum()
    }

    fn before(&self, key: &K) -> Before {
        let table = self.map.table_of_key(key);
        Before {
            allocated: self.map.small_group().is_some() || table.is_some(),
            entries: self.map.directory().len(),
            global_depth: self.map.global_depth(),
            table: table.map(|table| (table.memory(), table.capacity())),
            tombstones: self.tombstones(),
        }
    }

    /// The event of the last put, in the recorder's words.
    fn event(&self, before: &Before, key: &K) -> Option<&'static str> {
        if !before.allocated {
            return Some("small");
        }
        let now = self.map.table_of_key(key)?;
        match before.table {
            None if before.entries == 0 => Some("table"),
            Some((memory, capacity)) if memory != now.memory() => Some(if now.capacity() == 2 * capacity {
                "grow"
            } else if self.map.global_depth() == before.global_depth {
                "split"
            } else {
                "split+dir"
            }),
            _ => (self.tombstones() + 1 < before.tombstones).then_some("prune"),
        }
    }

    /// Plays an operation whose outcome was recorded, and compares.
    fn compare(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: Record = recording.parse(line)?;
        self.epoch.check_hash(recording, read.k)?;
        let done = self.play(recording, &Op { i: read.i, o: read.o, k: read.k })?;
        self.state(recording, read.n, read.gd, read.dl, read.nt, read.tomb, read.cap)?;
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
        gd: u8,
        dl: usize,
        nt: usize,
        tomb: u64,
        cap: Option<u64>,
    ) -> Result<(), Error> {
        recording.same("n (entries)", n, self.map.len())?;
        recording.same("gd (global depth)", gd, self.map.global_depth())?;
        recording.same("dl (entries of the directory)", dl, self.map.directory().len())?;
        recording.same("nt (tables)", nt, self.map.tables().count())?;
        recording.same("tomb (tombstones)", tomb, self.tombstones())?;
        // Recordings of the first version do not tell.
        let slots = self.map.tables().map(|table| u64::from(table.capacity())).sum::<u64>();
        let slots = slots.max(GROUP_SLOTS as u64);
        recording.same("cap (slots)", cap.unwrap_or(slots), slots)
    }

    /// Plays a turn and compares the state behind it.
    fn turn(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: Turn = recording.parse(line)?;
        self.epoch.check_computed(recording)?;
        let operations = self.turns.operations(read.o, read.i, read.live);
        for op in operations.map_err(|problem| recording.malformed(problem))? {
            self.play(recording, &op)?;
        }
        self.state(recording, read.n, read.gd, read.dl, read.nt, read.tomb, read.cap)?;
        recording.same_digest(&read.d, &digest(&self.map))
    }

    fn dump(&mut self, recording: &mut Recording, line: &str) -> Result<(), Error> {
        let read: Dump = recording.parse(line)?;
        recording.same("operations before the dump", read.i.saturating_add(1), recording.tally.operations)?;
        self.state(recording, read.n, read.gd, read.dl, read.nt, read.tomb, read.cap)?;
        recording.same("tp (tombstones possible)", read.tp, self.map.tombstone_possible())?;
        recording.same("cs (clear sequence)", read.cs, self.map.clear_seq())?;
        self.shows_stale |= line.contains('~');
        let small = self.map.small_group().map(|group| show(&group, self.shows_stale));
        recording.same("small", or_none(read.small), or_none(small))?;
        let directory: Vec<usize> = self.map.directory().map(|table| table.index()).collect();
        recording.same("dir", format!("{:?}", read.dir), format!("{directory:?}"))?;
        recording.same("tables", read.tables.len(), self.map.tables().count())?;
        for (read, table) in read.tables.iter().zip(self.map.tables()) {
            let what = |field: &str| format!("{field} of table {}", read.ix);
            recording.same(&what("ix"), read.ix, table.index())?;
            recording.same(&what("ld"), read.ld, table.local_depth())?;
            recording.same(&what("cap"), read.cap, table.capacity())?;
            recording.same(&what("used"), read.used, table.used())?;
            recording.same(&what("gl"), read.gl, table.growth_left())?;
            recording.same(&what("groups"), read.g.len(), table.groups().count())?;
            for (number, (read, group)) in read.g.iter().zip(table.groups()).enumerate() {
                let ported = show(&group, self.shows_stale);
                recording.same(&what(&format!("group {number}")), read, &ported)?;
            }
        }
        recording.tally.dumps += 1;
        Ok(())
    }

    fn end(&self, recording: &Recording, line: &str) -> Result<(), Error> {
        let read: End = recording.parse(line)?;
        recording.same("ops at the end", read.ops, recording.tally.operations)?;
        recording.same("inserts at the end", read.inserts, self.map.probe().inner.inserts())?;
        recording.same("reuse at the end", read.reuse, self.map.probe().inner.reused())?;
        recording.same("events at the end", format!("{:?}", read.events), format!("{:?}", self.events))?;
        recording.same("epochs at the end", read.epochs, self.epoch.count)?;
        recording.same("n at the end", read.n, self.map.len())?;
        recording.same("gd at the end", read.gd, self.map.global_depth())?;
        recording.same("dl at the end", read.dl, self.map.directory().len())
    }
}

/// A group as a dump shows it: control bytes, keys.
fn show<K: Recorded>(group: &GroupView<'_, K, u64>, stale: bool) -> String {
    let keys: Vec<String> = group
        .ctrls()
        .iter()
        .zip(group.slots())
        .map(|(ctrl, (key, elem))| match (ctrl & CTRL_EMPTY, key.number()) {
            (0, key) => key.to_string(),
            (_, key) if stale && key != 0 => format!("~{key}/{elem}"),
            _ => ".".to_owned(),
        })
        .collect();
    format!("{} {}", digits(*group.ctrls()), keys.join(","))
}

fn place(at: Option<Place>) -> String {
    or_none(at.map(|(table, group, slot)| format!("[{table},{group},{slot}]")))
}

fn digest<K: Recorded>(map: &Replayed<K>) -> String {
    let mut fnv = Fnv::new();
    fnv.u64(map.len() as u64);
    fnv.byte(map.global_depth());
    fnv.u64(map.directory().len() as u64);
    if let Some(group) = map.small_group() {
        fnv.byte(b'S');
        fold_group(&mut fnv, &group);
    } else if map.directory().len() == 0 {
        fnv.byte(b'Z');
    }
    for (entry, table) in map.directory().enumerate() {
        if table.index() != entry {
            fnv.byte(b'R');
            continue;
        }
        fnv.byte(b'T');
        fnv.byte(table.local_depth());
        for number in [table.capacity(), table.used(), table.growth_left()] {
            fnv.bytes(&number.to_le_bytes());
        }
        table.groups().for_each(|group| fold_group(&mut fnv, &group));
    }
    fnv.hex()
}

fn fold_group<K: Recorded>(fnv: &mut Fnv, group: &GroupView<'_, K, u64>) {
    fnv.bytes(group.ctrls());
    for (ctrl, (key, &elem)) in group.ctrls().iter().zip(group.slots()) {
        if ctrl & CTRL_EMPTY == 0 {
            fnv.u64(key.number());
            fnv.u64(elem);
        }
    }
}
