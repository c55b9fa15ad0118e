//! Recipes whose phases all have the same rules, and a slow and obvious replay of a tape.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::num::NonZeroU16;

use formats::tape::{Keep, Kind, Op, Tape};
use formats::workload::{
    Act, Hotspot, KeyPattern, Keys, Mix, Order, Pace, Phase, Point, Popularity, Recipe, Rules, Source,
    Values, Victim, Workload,
};

pub(crate) const MIX: Mix = Mix { insert: 40, remove: 40, get: 10, get_absent: 5, update: 5, ..Mix::NONE };
pub(crate) const TTL_MIX: Mix =
    Mix { insert: 50, remove: 0, get: 30, get_absent: 10, update: 10, ..Mix::NONE };
pub(crate) const HOTSPOT: Popularity = Popularity::Hotspot(Hotspot { keys: 20, gets: 80 });

pub(crate) fn workload(recipe: impl Into<Recipe>, threads: u16, keys_shared: bool) -> Workload {
    Workload {
        name: "test".into(),
        why: "test".into(),
        asks: Vec::new(),
        tags: Vec::new(),
        maps: Vec::new(),
        seed: 1,
        keys: Keys::U64,
        key_pattern: KeyPattern::Scattered,
        values: Values::U64,
        many: None,
        threads: NonZeroU16::new(threads).unwrap(),
        keys_shared,
        pace: Pace::Closed,
        bound: None,
        source: Source::Recipe(recipe.into()),
        point: Point::default(),
        expectations: Vec::new(),
    }
}

/// A recipe of phases that all have the same rules.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) mix: Mix,
    pub(crate) order: Order,
    pub(crate) remove: Victim,
    pub(crate) get: Popularity,
    pub(crate) keyspace: Option<u64>,
    pub(crate) keep: Option<Keep>,
    pub(crate) phases: Vec<Act>,
}

impl From<Story> for Recipe {
    fn from(story: Story) -> Self {
        let Story { mix, order, remove, get, keyspace, keep, phases } = story;
        let rules = Rules { mix, order, remove, get, keep, hold: Some(7) };
        Self {
            live: 100,
            keyspace,
            capacity: None,
            roles: Vec::new(),
            phases: phases.into_iter().map(|act| Phase::new(act, rules)).collect(),
        }
    }
}

pub(crate) fn churn(remove: Victim) -> Story {
    Story {
        mix: if matches!(remove, Victim::Ttl(_)) { TTL_MIX } else { MIX },
        order: Order::Paired,
        remove,
        get: Popularity::Uniform,
        keyspace: None,
        keep: None,
        phases: vec![Act::Fill(100), Act::Churn(3_000)],
    }
}

pub(crate) fn tape(recipe: Story) -> Tape {
    generate(recipe.into())
}

pub(crate) fn generate(recipe: Recipe) -> Tape {
    generator::generate(&workload(recipe, 1, false)).unwrap()
}

/// The keys that live, in the order of their inserts, with the position of the insert.
#[derive(Default)]
pub(crate) struct Replay {
    pub(crate) live: Vec<(u64, usize)>,
}

impl Replay {
    /// Plays one operation; gives the place of its key in the order of inserts before that.
    pub(crate) fn play(&mut self, index: usize, op: Op) -> Option<usize> {
        let place = self.live.iter().position(|&(key, _)| key == op.key());
        match (op.kind(), place) {
            (Kind::Insert, None) => self.live.push((op.key(), index)),
            (Kind::Remove, Some(place)) => {
                self.live.remove(place);
            }
            (Kind::Clear, _) => self.live.clear(),
            _ => {}
        }
        place
    }
}

pub(crate) const VICTIMS: [Victim; 5] =
    [Victim::Oldest, Victim::Newest, Victim::Uniform, Victim::Zipf(0.9), Victim::Ttl(300)];
pub(crate) const POPULARITIES: [Popularity; 4] =
    [Popularity::Uniform, Popularity::Zipf(1.1), Popularity::Latest, HOTSPOT];
