//! Which live entry a lookup asks for.

use formats::workload::{Hotspot, Popularity};

use crate::entries::Entries;
use crate::random::Random;
use crate::zipf::Fitted;

/// The exponent of [`Popularity::Latest`], that of YCSB.
const LATEST: f64 = 0.99;

/// The rule of a recipe, with what it needs to be drawn quickly.
#[derive(Debug, Clone)]
pub(crate) enum Popular {
    Uniform,
    Zipf(Fitted),
    /// The entries lie in the order of their inserts.
    Latest(Fitted),
    /// They do not.
    LatestLogged(Fitted, Log),
    Hotspot(Hotspot),
}

impl Popular {
    /// `in_order` tells whether entries stay in the order of their inserts.
    pub(crate) fn new(popularity: Popularity, in_order: bool) -> Self {
        match popularity {
            Popularity::Uniform => Self::Uniform,
            Popularity::Zipf(exponent) => Self::Zipf(Fitted::new(exponent)),
            Popularity::Latest if in_order => Self::Latest(Fitted::new(LATEST)),
            Popularity::Latest => Self::LatestLogged(Fitted::new(LATEST), Log::default()),
            Popularity::Hotspot(hotspot) => Self::Hotspot(hotspot),
        }
    }

    /// Draws one of the entries; there must be one.
    #[inline]
    pub(crate) fn draw(&mut self, random: &mut Random, entries: &Entries, places: &mut Places) -> u32 {
        let live = entries.len();
        let index = match self {
            Self::Uniform => below(random, live),
            Self::Zipf(zipf) => places.draw(live, |count| rank(zipf, random, count)),
            Self::Latest(zipf) => live - 1 - rank(zipf, random, live),
            Self::LatestLogged(zipf, log) => return log.draw(zipf, random, live),
            Self::Hotspot(hotspot) => places.draw(live, |count| hot_place(random, *hotspot, count)),
        };
        entries.at(index)
    }

    #[inline]
    pub(crate) fn inserted(&mut self, key: u32) {
        if let Self::LatestLogged(_, log) = self {
            log.push(key);
        }
    }

    #[inline]
    pub(crate) fn removed(&mut self, key: u32) {
        if let Self::LatestLogged(_, log) = self {
            log.at[key as usize] = Log::GONE;
        }
    }

    pub(crate) fn cleared(&mut self) {
        if let Self::LatestLogged(_, log) = self {
            *log = Log::default();
        }
    }
}

#[inline]
pub(crate) fn below(random: &mut Random, n: usize) -> usize {
    usize::try_from(random.below(n as u64)).unwrap_or_default()
}

#[inline]
pub(crate) fn rank(zipf: &mut Fitted, random: &mut Random, ranks: usize) -> usize {
    usize::try_from(zipf.draw(random, ranks as u64)).unwrap_or_default()
}

fn hot_place(random: &mut Random, hotspot: Hotspot, count: usize) -> usize {
    let hot = (count * usize::from(hotspot.keys) / 100).max(1);
    if hot == count || random.below(100) < u64::from(hotspot.gets) {
        below(random, hot)
    } else {
        hot + below(random, count - hot)
    }
}

/// Places of the live set: each keeps its popularity while entries come and go. An entry that is added takes
/// the place that was given up first (or a new one at the end), so a place is soon filled again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    count: usize,
    /// The place of the entry at the front.
    front: usize,
}

impl Places {
    /// The entry at the front left, and those behind it keep their places.
    #[inline]
    pub(crate) fn front_left(&mut self) {
        self.front += 1;
        if self.front >= self.count {
            self.front = 0;
        }
    }

    /// Every entry left.
    pub(crate) fn clear(&mut self) {
        self.front = 0;
    }

    /// Draws places by `pick`, which is told their number, until one is taken by a live entry, and gives that
    /// entry's distance from the front. The places are dealt anew, from the front on, when there are more
    /// entries than places or when more than a sixteenth of the places would be empty.
    #[inline]
    pub(crate) fn draw(&mut self, live: usize, mut pick: impl FnMut(usize) -> usize) -> usize {
        if live > self.count || live + self.count / 16 + 1 < self.count {
            *self = Self { count: live, front: 0 };
        }
        loop {
            let place = pick(self.count);
            let index =
                if place >= self.front { place - self.front } else { place + self.count - self.front };
            if index < live {
                return index;
            }
        }
    }
}

/// Keys in the order of their inserts, those that are gone included for a while.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    keys: Vec<u32>,
    /// Where in `keys` a live key stands, by key.
    at: Vec<u32>,
}

impl Log {
    const GONE: u32 = u32::MAX;

    fn push(&mut self, key: u32) {
        let index = key as usize;
        if index >= self.at.len() {
            self.at.resize((index + 1).next_power_of_two(), Self::GONE);
        }
        self.at[index] = narrow(self.keys.len());
        self.keys.push(key);
    }

    /// Draws a position from the end until the key there is live.
    fn draw(&mut self, zipf: &mut Fitted, random: &mut Random, live: usize) -> u32 {
        if self.keys.len() > 4 * live + 64 {
            self.forget_the_gone();
        }
        loop {
            let position = self.keys.len() - 1 - rank(zipf, random, self.keys.len());
            let key = self.keys[position];
            if self.at[key as usize] as usize == position {
                return key;
            }
        }
    }

    fn forget_the_gone(&mut self) {
        let mut kept = 0;
        for position in 0..self.keys.len() {
            let key = self.keys[position];
            if self.at[key as usize] as usize == position {
                self.keys[kept] = key;
                self.at[key as usize] = narrow(kept);
                kept += 1;
            }
        }
        self.keys.truncate(kept);
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("a tape has fewer than 2^32 operations")
}
