//! One live set and the rules of a recipe: draws one operation after the other.

use std::collections::VecDeque;

use formats::tape::{Keep, Kind, Op};
use formats::workload::{Popularity, Rules, Victim};

use crate::entries::Entries;
use crate::fresh::{Drawn, Fresh};
use crate::laws::Laws;
use crate::order::{Band, Kinds, Want};
use crate::popular::{Places, below, rank};
use crate::random::Random;
use crate::ranked::Ranked;
use crate::written::Written;
use crate::zipf::Fitted;

/// Keys that are never inserted are numbered from here on until the number of the others is known.
pub(crate) const ABSENT: u64 = 1 << 59;

/// The live set of one or more threads, and how it changes.
#[derive(Debug)]
pub(crate) struct Drawer {
    entries: Entries,
    places: Places,
    fresh: Fresh,
    victims: Victims,
    pub(crate) popular: Laws,
    absent: u64,
    rules: Rules,
    /// When each key was inserted last, in inserts; kept only where phases have different rules.
    born: Option<Vec<u64>>,
    inserts: u64,
    /// When each key was written last; kept only where a sweep asks for it.
    written: Option<Written>,
    /// The keys of the keyspace by their popularity; only where there are upserts.
    ranked: Option<Ranked>,
}

/// How many there will be, already divided among the threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) live: usize,
    pub(crate) keyspace: Option<u64>,
}

/// Which entry leaves next.
#[derive(Debug)]
enum Victims {
    Oldest,
    Newest,
    Uniform,
    Zipf(Fitted),
    Expiring(Expiry),
    /// The map's choice: what is left is any one of them.
    First,
}

/// When each entry leaves, in the order of the entries.
#[derive(Debug, Default)]
struct Expiry {
    ttl: u64,
    /// Operations so far.
    clock: u64,
    due: VecDeque<u64>,
}

impl Drawer {
    pub(crate) fn new(room: Room, rules: Rules) -> Self {
        let victims = Victims::new(rules.remove);
        let popular = Laws::new(rules.get, victims.keep_order());
        Self {
            entries: Entries::with_capacity(room.live),
            places: Places::default(),
            fresh: Fresh::new(room.keyspace),
            victims,
            popular,
            absent: 0,
            rules,
            born: None,
            inserts: 0,
            written: None,
            ranked: None,
        }
    }

    /// Notes from here on when each entry was inserted: needed by [`follow`](Self::follow) once entries live.
    pub(crate) fn remember_ages(&mut self) {
        self.born = Some(Vec::new());
    }

    /// Notes from here on when each entry was written: needed by [`retain`](Self::retain).
    pub(crate) fn remember_writes(&mut self) {
        self.written = Some(Written::default());
    }

    /// Deals the keys of the keyspace their popularity: needed by [`upsert`](Self::upsert).
    pub(crate) fn rank_keys(&mut self, keyspace: u64) {
        self.fresh.expect_upserts();
        self.ranked = Some(Ranked::new(keyspace));
    }

    /// Gives each role a law of its own for gets, before anything lives.
    pub(crate) fn give_roles(&mut self, laws: Vec<Popularity>) {
        self.popular.give_roles(laws, self.victims.keep_order());
    }

    /// The position on its thread's tape of the operation that is drawn next.
    #[inline]
    pub(crate) fn at(&mut self, position: usize) {
        if let Some(written) = &mut self.written {
            written.now = position as u64;
        }
    }

    /// Goes on by other rules for removes and gets. The entries are put in the order of their inserts, in which
    /// some rules find their victim; places and recency begin anew.
    pub(crate) fn follow(&mut self, rules: Rules) {
        if (rules.remove, rules.get) == (self.rules.remove, self.rules.get) {
            self.rules = rules;
            return;
        }
        if let Some(born) = &self.born
            && !self.victims.keep_order()
        {
            self.entries.sort_by_key(|key| born[key as usize]);
        }
        if rules.remove != self.rules.remove {
            self.victims = Victims::new(rules.remove);
        }
        self.places = Places::default();
        self.popular.begin_anew(rules.get, self.victims.keep_order());
        for key in self.entries.iter() {
            self.popular.inserted(key);
        }
        self.rules = rules;
    }

    /// Entries that live now.
    pub(crate) fn live(&self) -> usize {
        self.entries.len()
    }

    /// Keys that were inserted so far; their numbers are below this.
    pub(crate) fn seen(&self) -> u64 {
        self.fresh.seen().into()
    }

    /// Keys that were asked for and never are inserted.
    pub(crate) fn absent(&self) -> u64 {
        self.absent
    }

    /// The next operation of a churn phase.
    #[inline]
    pub(crate) fn churn(&mut self, random: &mut Random, kinds: &mut Kinds, band: Band) -> Op {
        if let Victims::Expiring(expiry) = &mut self.victims {
            let now = expiry.clock;
            if expiry.due.front().is_some_and(|&due| due <= now) {
                return self.remove(random);
            }
        }
        match kinds.next(random, self.live(), band) {
            Want::Insert => self.insert(random),
            Want::Remove => self.remove(random),
            Want::Get => self.ask(Kind::Get, random),
            Want::Update => self.ask(Kind::Update, random),
            Want::GetAbsent => self.ask_absent(Kind::Get),
            Want::Iterate => self.ask_all(Kind::Iterate),
            Want::Clear => self.clear(),
            Want::Upsert => self.upsert(random),
            Want::Len => self.ask_all(Kind::Len),
            Want::Retain => self.retain(self.rules.keep.unwrap_or(Keep::Share(Keep::ALL))),
            Want::Shrink => self.ask_all(Kind::Shrink),
            Want::Hold => self.ask(Kind::Hold, random),
            Want::Fetch => unreachable!("a workload without a bound fetches nothing"),
        }
    }

    /// Inserts a new key; if every key of the keyspace is live, replaces the value of one of them.
    #[inline]
    pub(crate) fn insert(&mut self, random: &mut Random) -> Op {
        let Some(key) = self.fresh.take(random) else {
            self.tick();
            let index = below(random, self.live());
            let key = self.entries.at(index);
            self.note(key);
            return Op::new(Kind::Insert, key.into());
        };
        if let Victims::Expiring(expiry) = &mut self.victims {
            expiry.due.push_back(expiry.clock + expiry.ttl);
        }
        self.tick();
        self.add(key);
        Op::new(Kind::Insert, key.into())
    }

    #[inline]
    fn add(&mut self, key: u32) {
        self.entries.push(key);
        self.popular.inserted(key);
        self.note(key);
        self.inserts += 1;
        if let Some(born) = &mut self.born {
            let place = key as usize;
            born.resize(born.len().max(place + 1), 0);
            born[place] = self.inserts;
        }
    }

    /// An entry that leaves and comes back: the next victim, or a new one where none lives. It is the newest
    /// then.
    pub(crate) fn come_back(&mut self, random: &mut Random) -> u64 {
        if self.entries.is_empty() {
            return self.insert(random).key();
        }
        let key = self.remove(random).key();
        self.fresh.take_back();
        if let Victims::Expiring(expiry) = &mut self.victims {
            expiry.due.push_back(expiry.clock + expiry.ttl);
        }
        self.add(u32::try_from(key).expect("it was drawn"));
        key
    }

    /// The entry that left and came back was written last at this position.
    pub(crate) fn came_back(&mut self, key: u64, position: usize) {
        self.at(position);
        self.note(u32::try_from(key).expect("it was drawn"));
    }

    /// So many operations went by that drew nothing.
    pub(crate) fn pass(&mut self, ops: u64) {
        if let Victims::Expiring(expiry) = &mut self.victims {
            expiry.clock += ops;
        }
    }

    /// Removes the next victim; if nothing lives, asks for the removal of a key that was never there.
    #[inline]
    pub(crate) fn remove(&mut self, random: &mut Random) -> Op {
        if self.entries.is_empty() {
            if matches!(self.victims, Victims::First) {
                return self.ask_all(Kind::RemoveFirst);
            }
            return self.ask_absent(Kind::Remove);
        }
        let live = self.live();
        let key = match &mut self.victims {
            Victims::First => {
                self.entries.pop_back();
                self.tick();
                return Op::new(Kind::RemoveFirst, 0);
            }
            Victims::Newest => self.entries.pop_back(),
            Victims::Uniform => self.entries.swap_remove(below(random, live)),
            Victims::Zipf(zipf) => {
                let index = self.places.draw(live, |count| rank(zipf, random, count));
                self.entries.swap_remove(index)
            }
            Victims::Oldest | Victims::Expiring(_) => {
                self.places.front_left();
                self.entries.pop_front()
            }
        };
        if let Victims::Expiring(expiry) = &mut self.victims {
            expiry.due.pop_front();
        }
        self.tick();
        self.popular.removed(key);
        self.fresh.give_back(key);
        Op::new(Kind::Remove, key.into())
    }

    /// Removes every entry at once.
    pub(crate) fn clear(&mut self) -> Op {
        for key in self.entries.iter() {
            self.fresh.give_back(key);
        }
        self.entries.clear();
        self.places.clear();
        self.popular.cleared();
        if let Victims::Expiring(expiry) = &mut self.victims {
            expiry.due.clear();
        }
        self.tick();
        Op::new(Kind::Clear, 0)
    }

    /// Deals ages to the live entries, the oldest the greatest: they leave evenly spread over the `ttl`
    /// operations that follow. What a filling in one go would make of them is a burst that never ends.
    pub(crate) fn deal_ages(&mut self) {
        let live = self.live() as u64;
        if let Victims::Expiring(Expiry { ttl, clock, due }) = &mut self.victims {
            *due = (0..live)
                .map(|age| {
                    *clock
                        + u64::try_from(u128::from(age) * u128::from(*ttl) / u128::from(live))
                            .unwrap_or(u64::MAX)
                })
                .collect();
        }
    }

    #[inline]
    fn ask(&mut self, kind: Kind, random: &mut Random) -> Op {
        if self.entries.is_empty() {
            return self.ask_absent(kind);
        }
        self.tick();
        let key = self.popular.draw(random, &self.entries, &mut self.places);
        if kind == Kind::Update {
            self.note(key);
        }
        Op::new(kind, key.into())
    }

    #[inline]
    fn ask_absent(&mut self, kind: Kind) -> Op {
        self.tick();
        self.absent += 1;
        Op::new(kind, ABSENT + self.absent - 1)
    }

    /// An operation that is about no key and changes nothing that is drawn.
    pub(crate) fn ask_all(&mut self, kind: Kind) -> Op {
        self.tick();
        Op::new(kind, 0)
    }

    /// Writes a key of the keyspace, which lives then.
    fn upsert(&mut self, random: &mut Random) -> Op {
        let ranked = self.ranked.as_mut().expect("a recipe with upserts ranks its keys");
        let key = ranked.draw(random, self.popular.law(), &mut self.fresh);
        self.tick();
        match key {
            Drawn::Live(key) => self.note(key),
            Drawn::Absent(key) => {
                if let Victims::Expiring(expiry) = &mut self.victims {
                    expiry.due.push_back(expiry.clock - 1 + expiry.ttl);
                }
                self.add(key);
            }
        }
        Op::new(Kind::Upsert, key.number().into())
    }

    /// Takes out every entry that is not to be kept.
    pub(crate) fn retain(&mut self, keep: Keep) -> Op {
        let written = self.written.as_ref().expect("a recipe with sweeps notes when keys are written");
        let kept = keep.at(written.now);
        let (stay, leave): (Vec<u32>, Vec<u32>) =
            self.entries.iter().partition(|&key| kept.keeps(written.of(key)));
        self.entries.clear();
        for key in stay {
            self.entries.push(key);
        }
        for key in leave {
            self.popular.removed(key);
            self.fresh.give_back(key);
        }
        self.places = Places::default();
        self.tick();
        Op::retain(keep)
    }

    #[inline]
    fn note(&mut self, key: u32) {
        if let Some(written) = &mut self.written {
            written.note(key);
        }
    }

    #[inline]
    fn tick(&mut self) {
        if let Victims::Expiring(expiry) = &mut self.victims {
            expiry.clock += 1;
        }
    }
}

impl Victims {
    fn new(rule: Victim) -> Self {
        match rule {
            Victim::Oldest => Self::Oldest,
            Victim::Newest => Self::Newest,
            Victim::Uniform => Self::Uniform,
            Victim::Zipf(exponent) => Self::Zipf(Fitted::new(exponent)),
            Victim::First => Self::First,
            Victim::Ttl(ttl) => Self::Expiring(Expiry { ttl, ..Expiry::default() }),
        }
    }

    /// Whether the entries stay in the order of their inserts.
    fn keep_order(&self) -> bool {
        matches!(self, Self::Oldest | Self::Newest | Self::Expiring(_))
    }
}
