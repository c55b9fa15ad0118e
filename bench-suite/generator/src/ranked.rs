//! The keys of a keyspace by their popularity, for operations that take a key whether or not it lives.

use std::collections::HashMap;

use formats::workload::{Hotspot, Popularity};

use crate::fresh::{Drawn, Fresh};
use crate::random::Random;
use crate::zipf::Fitted;

/// Which key has which rank. Keys without one are all alike, so that each gets its rank when that is first drawn.
#[derive(Debug)]
pub(crate) struct Ranked {
    ranks: Ranks,
    keys: HashMap<u64, u32>,
}

impl Ranked {
    pub(crate) fn new(keyspace: u64) -> Self {
        Self { ranks: Ranks::new(keyspace), keys: HashMap::new() }
    }

    /// A key by this law over all keys of the keyspace.
    pub(crate) fn draw(&mut self, random: &mut Random, law: Popularity, fresh: &mut Fresh) -> Drawn {
        let rank = self.ranks.draw(random, law);
        if let Some(&key) = self.keys.get(&rank) {
            return fresh.revive(key);
        }
        let drawn = fresh.unranked(random);
        self.keys.insert(rank, drawn.number());
        drawn
    }
}

/// Draws ranks: 0 is that of the most popular key.
#[derive(Debug)]
pub(crate) struct Ranks {
    keyspace: u64,
    /// The law of Zipf that was drawn from last, and its exponent.
    zipf: Option<(f64, Fitted)>,
}

impl Ranks {
    /// The ranks of so many keys.
    pub(crate) fn new(keyspace: u64) -> Self {
        Self { keyspace, zipf: None }
    }

    pub(crate) const fn keyspace(&self) -> u64 {
        self.keyspace
    }

    /// A rank by this law.
    pub(crate) fn draw(&mut self, random: &mut Random, law: Popularity) -> u64 {
        match law {
            Popularity::Uniform | Popularity::Latest => random.below(self.keyspace),
            Popularity::Zipf(exponent) => {
                if self.zipf.as_ref().is_none_or(|(known, _)| known.to_bits() != exponent.to_bits()) {
                    self.zipf = Some((exponent, Fitted::new(exponent)));
                }
                self.zipf.as_mut().map_or(0, |(_, zipf)| zipf.draw(random, self.keyspace))
            }
            Popularity::Hotspot(Hotspot { keys, gets }) => {
                let hot = (self.keyspace * u64::from(keys) / 100).max(1);
                if hot == self.keyspace || random.below(100) < u64::from(gets) {
                    random.below(hot)
                } else {
                    hot + random.below(self.keyspace - hot)
                }
            }
        }
    }
}
