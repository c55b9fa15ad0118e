//! One live set and the rules of a recipe: draws one operation after the other.

use std::collections::VecDeque;

use formats::tape::{Kind, Op};
use formats::workload::{Popularity, Victim};

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
}

/// What a drawer is made from, counts already divided among the threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) live: usize,
    pub(crate) keyspace: Option<u64>,
    pub(crate) remove: Victim,
    pub(crate) get: Popularity,
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
    pub(crate) fn new(rules: Rules) -> Self {
        let victims = match rules.remove {
            Victim::Oldest => Victims::Oldest,
            Victim::Newest => Victims::Newest,
            Victim::Uniform => Victims::Uniform,
            Victim::Zipf(exponent) => Victims::Zipf(Fitted::new(exponent)),
            Victim::Ttl(ttl) => Victims::Expiring(Expiry { ttl, ..Expiry::default() }),
        };
        let in_order = matches!(victims, Victims::Oldest | Victims::Newest | Victims::Expiring(_));
        Self {
            entries: Entries::with_capacity(rules.live),
            places: Places::default(),
            fresh: Fresh { seen: 0, unseen: rules.keyspace, dead: Vec::new() },
            victims,
            popular: Popular::new(rules.get, in_order),
            absent: 0,
        }
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
        self.entries.push(key);
        self.popular.inserted(key);
        Op::new(Kind::Insert, key.into())
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

    #[inline]
    fn give_back(&mut self, key: u32) {
        if self.unseen.is_some() {
            self.dead.push(key);
        }
    }
}
