//! Plays the records of a recording: knows which keys live, what leaves by itself and what the cache holds, and keeps
//! the operations that come of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use formats::tape::{Kind, Op, PhaseMark};
use formats::workload::Trace;

use super::cache::Cache;
use super::facts::Facts;
use super::moments::Moments;
use super::renumbered::renumber;
use super::token::{Numbers, Token};
use super::value_sizes::ValueSizes;
use crate::recipe::Drawn;

/// Operations of one recording. A tape of more would not fit the memory that the suite is made for.
pub const MAX_OPS: usize = 1_000_000_000;

/// The time to live of an entry that stays until it is removed.
pub(super) const NEVER: u64 = u64::MAX;

/// What a record asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The key is asked for: a get, and where the cache does not hold it, room is made and it is inserted.
    Request,
    /// An entry goes in, to leave by itself after this time to live.
    Insert(u64),
    /// The same, where the key is not live; else a get.
    Add(u64),
    /// The same, where the key is not live; else an update.
    Upsert,
    Remove,
    Get,
    Update,
    /// An update; a live entry then leaves at this time and not at that of before.
    Replace(u64),
    /// A live entry leaves after this time to live, not when it was to; no operation by itself.
    Expire(u64),
}

/// Whether a reader should go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Next {
    More,
    Enough,
}

/// A record that waits to be played.
#[derive(Clone, Copy)]
struct Waiting {
    now: u64,
    token: Token,
    step: Step,
    count: u64,
    /// Bytes of the value, where the record says it.
    size: Option<u64>,
}

/// Records that are played together: their keys are looked up one right behind the other, so that the processor waits
/// for memory once and not for each.
const BATCH: usize = 16;

/// What a count of entries is where only a sample of the keys is played.
pub(crate) fn of_sample(count: u64, sample: Option<f64>) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are far below 2^53, and a share makes them smaller"
    )]
    let of_share = (count as f64 * sample.unwrap_or(1.0)).round() as u64;
    of_share.max(1)
}

/// What was played so far.
pub(super) struct Player {
    waiting: Vec<Waiting>,
    ops: Vec<Op>,
    numbers: Numbers,
    /// For each key, 1 + its number among those that were inserted, in the order of their first insert; 0 before that.
    inserted: Vec<u32>,
    /// For each key, 1 + the position of the insert by which it lives; 0 and what lies before the last clear: not live.
    live: Vec<u32>,
    keys_inserted: u32,
    /// 1 + the position of the last clear.
    cleared: u32,
    /// When each key leaves by itself; shorter where no key has a time.
    due_of: Vec<u64>,
    /// The same, soonest first; stale where `due_of` says otherwise.
    due: BinaryHeap<Reverse<(u64, u32)>>,
    cache: Cache,
    /// Whether the map is the cache: see [`Player::read_through`].
    reads_through: bool,
    /// Whether times to live count operations; else they are of the clock of the recording.
    pub(super) counts_operations: bool,
    now: u64,
    /// When records were; `None` where that is of no account.
    pub(super) moments: Option<Moments>,
    /// What sizes values have; `None` where that is of no account.
    pub(super) sizes: Option<ValueSizes>,
    /// The size that the next record says.
    size: Option<u64>,
    skip: u64,
    limit: u64,
    /// What is known of the records themselves.
    pub(super) facts: Facts,
}

impl Player {
    pub(super) fn new(trace: &Trace) -> Self {
        let capacity = of_sample(trace.capacity.unwrap_or(1), trace.sample);
        Self {
            waiting: Vec::with_capacity(BATCH),
            ops: Vec::new(),
            numbers: Numbers::of_share(trace.sample),
            inserted: Vec::new(),
            live: Vec::new(),
            keys_inserted: 0,
            cleared: 0,
            due_of: Vec::new(),
            due: BinaryHeap::new(),
            cache: Cache::new(capacity),
            reads_through: false,
            counts_operations: false,
            now: 0,
            moments: None,
            sizes: None,
            size: None,
            skip: trace.skip,
            limit: trace.limit.unwrap_or(u64::MAX),
            facts: Facts::default(),
        }
    }

    /// Plays into a map that is a bounded cache itself: a request, a get and what puts a key where it is not found are each
    /// a fetch, what puts it in any case an insert. What leaves by its time to live is removed.
    pub(super) fn read_through(&mut self) {
        self.reads_through = true;
    }

    /// Whether nothing has come of the records yet.
    pub(super) fn is_empty(&mut self) -> bool {
        self.play_waiting();
        self.ops.is_empty()
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.ops.len() > MAX_OPS
    }

    /// The next record says that its value has so many bytes.
    #[inline]
    pub(super) fn size(&mut self, bytes: u64) {
        self.facts.size(bytes);
        self.size = Some(bytes);
    }

    /// The same of a record that was counted before.
    pub(super) fn size_again(&mut self, bytes: Option<u64>) {
        self.size = bytes;
    }

    /// Counts a record and says whether it is to be played.
    #[inline]
    fn admit(&mut self) -> Option<Next> {
        let index = self.facts.records;
        self.facts.records += 1;
        if index < self.skip {
            return Some(Next::More);
        }
        if index - self.skip >= self.limit || self.is_too_long() {
            self.facts.records -= 1;
            return Some(Next::Enough);
        }
        None
    }

    /// Plays a record.
    #[inline]
    pub(super) fn play(&mut self, token: Token, step: Step) -> Next {
        self.play_at(0, token, step, 1)
    }

    /// Plays a record `count` times, after what the clock `now` made leave by itself.
    #[inline]
    pub(super) fn play_at(&mut self, now: u64, token: Token, step: Step, count: u64) -> Next {
        let size = self.size.take();
        if let Some(next) = self.admit() {
            return next;
        }
        self.waiting.push(Waiting { now, token, step, count, size });
        if count > 1 || self.waiting.len() == BATCH {
            self.play_waiting();
        }
        Next::More
    }

    fn play_waiting(&mut self) {
        let mut keys = [None; BATCH];
        for (key, record) in keys.iter_mut().zip(&self.waiting) {
            *key = self.numbers.known(record.token);
        }
        let waiting = std::mem::take(&mut self.waiting);
        for (key, record) in keys.into_iter().zip(&waiting) {
            self.now = record.now;
            self.expire();
            let Some(key) = key.or_else(|| self.numbers.number(record.token)) else { continue };
            if key as usize == self.live.len() {
                self.live.push(0);
                self.inserted.push(0);
            }
            self.note(record.now);
            if let (Some(sizes), Some(bytes)) = (&mut self.sizes, record.size)
                && record.step != Step::Remove
            {
                sizes.note(key, bytes);
            }
            for _ in 0..record.count {
                self.step(key, record.step);
                if self.is_too_long() {
                    break;
                }
            }
        }
        self.waiting = waiting;
        self.waiting.clear();
    }

    /// Plays a record that is about all entries: a clear or a walk.
    pub(super) fn play_all(&mut self, now: u64, kind: Kind) -> Next {
        self.size = None;
        if let Some(next) = self.admit() {
            return next;
        }
        self.play_waiting();
        self.now = now;
        self.expire();
        self.note(now);
        self.ops.push(Op::new(kind, 0));
        if kind == Kind::Clear {
            self.cleared = self.position();
        }
        Next::More
    }

    #[inline]
    fn step(&mut self, key: u32, step: Step) {
        match step {
            Step::Request | Step::Get if self.reads_through => self.fetch(key, NEVER),
            Step::Add(ttl) if self.reads_through => self.fetch(key, ttl),
            Step::Upsert if self.reads_through => self.insert(key, NEVER),
            Step::Request => self.request(key),
            Step::Insert(ttl) => self.insert(key, ttl),
            Step::Add(ttl) if !self.is_live(key) => self.insert(key, ttl),
            Step::Add(_) | Step::Get => self.push(Kind::Get, key),
            Step::Upsert if !self.is_live(key) => self.insert(key, NEVER),
            Step::Upsert | Step::Update => self.push(Kind::Update, key),
            Step::Remove => self.remove(key),
            Step::Replace(ttl) => {
                self.push(Kind::Update, key);
                self.leave_at(key, self.due_after(ttl));
            }
            Step::Expire(ttl) => self.leave_at(key, self.due_after(ttl)),
        }
    }

    #[inline]
    fn request(&mut self, key: u32) {
        self.push(Kind::Get, key);
        if !self.cache.touch(key) {
            if let Some(oldest) = self.cache.evict() {
                self.remove(oldest);
            }
            self.cache.admit(key);
            self.insert(key, NEVER);
        }
    }

    fn is_live(&self, key: u32) -> bool {
        self.live[key as usize] > self.cleared
    }

    /// The number of operations so far, which is 1 + the position of the last one.
    fn position(&self) -> u32 {
        u32::try_from(self.ops.len()).expect("operations are fewer than MAX_OPS and a few")
    }

    fn insert(&mut self, key: u32, ttl: u64) {
        self.put(Kind::Insert, key, ttl);
    }

    /// What is found keeps its time to live.
    fn fetch(&mut self, key: u32, ttl: u64) {
        if self.is_live(key) {
            self.push(Kind::Fetch, key);
        } else {
            self.put(Kind::Fetch, key, ttl);
        }
    }

    /// An operation that puts the key, or that may: the entry is taken to live from here on.
    fn put(&mut self, kind: Kind, key: u32, ttl: u64) {
        let due = self.due_after(ttl);
        self.push(kind, key);
        self.live[key as usize] = self.position();
        let number = &mut self.inserted[key as usize];
        if *number == 0 {
            self.keys_inserted += 1;
            *number = self.keys_inserted;
        }
        self.leave_at(key, due);
    }

    fn remove(&mut self, key: u32) {
        self.live[key as usize] = 0;
        self.push(Kind::Remove, key);
    }

    /// When an entry leaves that from now on lives for this long.
    fn due_after(&self, ttl: u64) -> u64 {
        ttl.saturating_add(self.clock())
    }

    fn clock(&self) -> u64 {
        if self.counts_operations { self.ops.len() as u64 } else { self.now }
    }

    /// Makes a live entry leave by itself at `due`, not when it was to leave before.
    fn leave_at(&mut self, key: u32, due: u64) {
        let index = key as usize;
        if due == NEVER && self.due_of.len() <= index || !self.is_live(key) {
            return;
        }
        if self.due_of.len() <= index {
            self.due_of.resize(index + 1, NEVER);
        }
        self.due_of[index] = due;
        if due != NEVER {
            self.due.push(Reverse((due, key)));
        }
    }

    /// Removes the entries that are due by now, those first that were due first.
    #[inline]
    fn expire(&mut self) {
        while let Some(&Reverse((due, key))) = self.due.peek()
            && due <= self.clock()
        {
            self.due.pop();
            if self.is_live(key) && self.due_of[key as usize] == due {
                self.note(if self.counts_operations { self.now } else { due });
                self.remove(key);
            }
        }
    }

    /// What comes next is of a record of this time.
    #[inline]
    fn note(&mut self, ns: u64) {
        let position = self.position();
        if let Some(moments) = &mut self.moments {
            moments.note(ns, position);
        }
    }

    #[inline]
    fn push(&mut self, kind: Kind, key: u32) {
        if let Some(sizes) = self.sizes.as_mut().filter(|_| kind.brings_value()) {
            sizes.write(key);
        }
        self.ops.push(Op::new(kind, key.into()));
    }

    /// Plays requests whose keys are numbers already.
    pub(super) fn request_all(&mut self, keys: impl Iterator<Item = u32>) {
        for key in keys {
            while self.live.len() <= key as usize {
                self.live.push(0);
                self.inserted.push(0);
            }
            self.request(key);
        }
    }

    /// Gives keys their final numbers: those that are inserted somewhere first, then the others.
    pub(super) fn finish(mut self) -> (Drawn, Facts) {
        self.play_waiting();
        let Self { mut ops, mut inserted, keys_inserted, mut facts, moments, sizes, .. } = self;
        facts.keys = inserted.len() as u64;
        renumber(&mut ops, &mut inserted, keys_inserted);
        let phases =
            vec![PhaseMark { name: "trace".into(), ops: vec![ops.len() as u64], counts: true, pace: None }];
        let due_ns = moments.map(|moments| moments.due_ns(ops.len())).into_iter().collect();
        let sizes = sizes.map(ValueSizes::finish).into_iter().collect();
        (Drawn { threads: vec![ops], phases, distinct: keys_inserted.into(), due_ns, sizes }, facts)
    }
}
