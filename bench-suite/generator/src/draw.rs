//! One live set and the rules of a recipe: draws one operation after the other.

use std::collections::VecDeque;

use formats::tape::{Kind, Op};
use formats::workload::{Rules, Victim};

use crate::entries::Entries;
use crate::order::{Band, Kinds, Want};
use crate::popular::{Places, Popular, below, rank};
use crate::random::Random;
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
    popular: Popular,
    absent: u64,
    rules: Rules,
    /// When each key was inserted last, in inserts; kept only where phases have different rules.
    born: Option<Vec<u64>>,
    inserts: u64,
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
}

/// When each entry leaves, in the order of the entries.
#[derive(Debug, Default)]
struct Expiry {
    ttl: u64,
    /// Operations so far.
    clock: u64,
    due: VecDeque<u64>,
}

/// Where new keys come from.
#[derive(Debug)]
struct Fresh {
    /// Keys seen so far: their numbers are below this.
    seen: u32,
    /// Keys of the keyspace not seen so far; `None` when there is no end of them.
    unseen: Option<u64>,
    /// Keys of the keyspace that were seen and are not live.
    dead: Vec<u32>,
}

impl Drawer {
    pub(crate) fn new(room: Room, rules: Rules) -> Self {
        let victims = Victims::new(rules.remove);
        let popular = Popular::new(rules.get, victims.keep_order());
        Self {
            entries: Entries::with_capacity(room.live),
            places: Places::default(),
            fresh: Fresh { seen: 0, unseen: room.keyspace, dead: Vec::new() },
            victims,
            popular,
            absent: 0,
            rules,
            born: None,
            inserts: 0,
        }
    }

    /// Notes from here on when each entry was inserted: needed by [`follow`](Self::follow) once entries live.
    pub(crate) fn remember_ages(&mut self) {
        self.born = Some(Vec::new());
    }

    /// Goes on by other rules for removes and gets. The entries are put in the order of their inserts, in which
    /// some rules find their victim; places and recency begin anew.
    pub(crate) fn follow(&mut self, rules: Rules) {
        if (rules.remove, rules.get) == (self.rules.remove, self.rules.get) {
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
        self.popular = Popular::new(rules.get, self.victims.keep_order());
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
        self.fresh.seen.into()
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
            Want::Iterate => self.iterate(),
            Want::Clear => self.clear(),
        }
    }

    /// Inserts a new key; if every key of the keyspace is live, replaces the value of one of them.
    #[inline]
    pub(crate) fn insert(&mut self, random: &mut Random) -> Op {
        let Some(key) = self.fresh.take(random) else {
            self.tick();
            let index = below(random, self.live());
            return Op::new(Kind::Insert, self.entries.at(index).into());
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
            return self.ask_absent(Kind::Remove);
        }
        let live = self.live();
        let key = match &mut self.victims {
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
        Op::new(kind, self.popular.draw(random, &self.entries, &mut self.places).into())
    }

    #[inline]
    fn ask_absent(&mut self, kind: Kind) -> Op {
        self.tick();
        self.absent += 1;
        Op::new(kind, ABSENT + self.absent - 1)
    }

    fn iterate(&mut self) -> Op {
        self.tick();
        Op::new(Kind::Iterate, 0)
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
            Victim::Ttl(ttl) => Self::Expiring(Expiry { ttl, ..Expiry::default() }),
        }
    }

    /// Whether the entries stay in the order of their inserts.
    fn keep_order(&self) -> bool {
        matches!(self, Self::Oldest | Self::Newest | Self::Expiring(_))
    }
}

impl Fresh {
    /// A key that is not live, each with the same chance. Keys that were never seen are all alike, so they
    /// are numbered as they come: the numbers of inserted keys stay dense.
    #[inline]
    fn take(&mut self, random: &mut Random) -> Option<u32> {
        if let Some(unseen) = &mut self.unseen {
            let free = *unseen + self.dead.len() as u64;
            if free == 0 {
                return None;
            }
            let drawn = random.below(free);
            if drawn >= *unseen {
                let index = usize::try_from(drawn - *unseen).unwrap_or_default();
                return Some(self.dead.swap_remove(index));
            }
            *unseen -= 1;
        }
        self.seen += 1;
        Some(self.seen - 1)
    }

    /// The key that was given back last is live again.
    fn take_back(&mut self) {
        self.dead.pop();
    }

    #[inline]
    fn give_back(&mut self, key: u32) {
        if self.unseen.is_some() {
            self.dead.push(key);
        }
    }
}
