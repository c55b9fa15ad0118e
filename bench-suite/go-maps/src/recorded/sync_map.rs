//! Recordings of a sync.Map of Go 1.19 to 1.23: `syncmap-1`.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Deserialize;

use super::digest::Fnv;
use super::lines::Recording;
use super::{Error, Verified};
use crate::hash::Aes;
use crate::probe::{Event, Probe};
use crate::sync_map::{State, SyncMap, View};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
struct Header {
    t: String,
    fmt: String,
    go: String,
    n: u64,
    keys: u64,
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    i: u64,
    o: char,
    k: u64,
    res: String,
    rl: usize,
    am: bool,
    nil: usize,
    exp: usize,
    dl: i64,
    ms: usize,
    ev: String,
    d: String,
}

/// Keeps the events of one operation.
#[derive(Default)]
struct Log(RefCell<Vec<Event>>);

impl Probe for Log {
    fn see(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

type Map = SyncMap<u64, u64, Aes, Rc<Log>>;

pub(super) fn replay(mut recording: Recording, first: &str) -> Result<Verified, Error> {
    let header: Header = recording.parse(first)?;
    recording.tally.go = header.go;
    let log = Rc::new(Log::default());
    // The hash is not observable here: digests are in the order of the keys.
    let map = SyncMap::with_probe(Aes::seeded(0), 0, Rc::clone(&log));
    while let Some(line) = recording.next_line()? {
        let read: Record = recording.parse(&line)?;
        recording.begin(read.i)?;
        let misses = map.view().misses;
        let result = play(&map, &recording, &read)?;
        recording.same("res (answer)", read.res.as_str(), &result)?;
        recording.tally.results += 1;
        let view = map.view();
        let event = told(&log.0.take(), misses, &view);
        recording.same("ev (event)", &read.ev, &event)?;
        recording.tally.events += 1;
        let count = |wanted| view.read.iter().filter(|(_, state)| *state == wanted).count();
        let dirty = view.dirty.as_ref().map_or(-1, |dirty| i64::try_from(dirty.len()).unwrap_or(i64::MAX));
        recording.same("rl (keys in read)", read.rl, view.read.len())?;
        recording.same("am (amended)", read.am, view.amended)?;
        recording.same("nil (deleted)", read.nil, count(State::Nil))?;
        recording.same("exp (expunged)", read.exp, count(State::Expunged))?;
        recording.same("dl (keys in dirty)", read.dl, dirty)?;
        recording.same("ms (misses)", read.ms, view.misses)?;
        recording.same_digest(&read.d, &digest(view))?;
    }
    recording.same("n (operations)", header.n, recording.tally.operations)?;
    Ok(recording.tally)
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
        'R' => {
            let mut count = 0;
            map.range(|_, _| {
                count += 1;
                true
            });
            count.to_string()
        }
        other => {
            return Err(recording.malformed(format!("o is {other:?}; allowed: L, S, D, O, R")).into());
        }
    })
}

/// A value and whether it was there, as Go prints them.
pub(super) fn found(value: Option<u64>) -> String {
    value.map_or_else(|| "<nil> false".to_owned(), |value| format!("{value} true"))
}

/// The events in the recorder's words. It sees a promotion by comparing before and after: the misses before
/// the operation, and those after it.
fn told(events: &[Event], misses: usize, after: &View<u64, u64>) -> String {
    let told = events.iter().filter_map(|event| match event {
        Event::Promotion { entries, .. } => {
            Some(format!("promote(misses {misses}->{},len(dirty)={entries})", after.misses))
        }
        Event::DirtyRebuild { .. } => Some("dirty_alloc".to_owned()),
        _ => None,
    });
    told.collect::<Vec<_>>().join(";")
}

fn digest(view: View<u64, u64>) -> String {
    let mut fnv = Fnv::new();
    fnv.byte(u8::from(view.amended));
    fnv.u64(view.misses as u64);
    fnv.byte(b'R');
    fold(&mut fnv, view.read);
    fnv.byte(b'D');
    fold(&mut fnv, view.dirty.unwrap_or_default());
    fnv.hex()
}

fn fold(fnv: &mut Fnv, mut entries: Vec<(u64, State<u64>)>) {
    entries.sort_unstable_by_key(|&(key, _)| key);
    for (key, state) in entries {
        fnv.u64(key);
        match state {
            State::Nil => fnv.byte(0),
            State::Expunged => fnv.byte(1),
            State::Live(value) => {
                fnv.byte(2);
                fnv.u64(value);
            }
        }
    }
}
