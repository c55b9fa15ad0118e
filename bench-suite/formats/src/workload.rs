//! A named recipe for load, parsed from TOML and refused when it makes no sense.

mod bounded;
mod demand;
mod keep_wire;
mod limits;
mod many;
mod mix;
mod pace_wire;
mod paced;
mod phase;
mod phase_wire;
mod points;
mod read;
mod recipe;
mod recording;
mod role;
mod role_wire;
mod rules;
mod script;
mod swept;
mod trace;
mod wire;
mod word;

use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::mix::Mix;
pub use self::role::Role;
pub use self::trace::{Action, Column, Kinds, Layout, Trace, TraceFormat, TtlUnit};
pub(crate) use self::word::check_word;
pub use crate::entry::{KeyPattern, Keys, SizeLaw, Sizes, Spread, Values};
use crate::expectation::Expectation;
pub use crate::pace::{Bursts, Pace, Speed};
pub use crate::point::Point;
use crate::point::base_name;
use crate::question::Question;
use crate::script::Script;
use crate::tape::Keep;

/// The largest seed: what TOML takes for a whole number, for everybody who reads or makes such files.
pub const MAX_SEED: u64 = i64::MAX.unsigned_abs();

/// A named recipe for load: which entries live, which operations happen, which key each one takes, and why
/// anybody cares.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Its name: lower-case letters, digits and dashes; also its file name.
    pub name: String,
    /// One sentence for the report: the situation in which this load occurs.
    pub why: String,
    /// What it asks of maps that play it; none where its shape says that. No part of its tape.
    pub asks: Vec<Question>,
    /// The words by which suites know it, as written; see [`Workload::has_tag`]. No part of its tape.
    pub tags: Vec<String>,
    /// Maps that play it beside those of a suite, as names, globs and variants: `dashmap:shards=64`. No part of its
    /// tape.
    pub maps: Vec<String>,
    /// Where every random choice starts. One seed, one tape.
    pub seed: u64,
    /// What the keys are made of.
    pub keys: Keys,
    /// How keys follow from their numbers.
    pub key_pattern: KeyPattern,
    /// What the values are made of.
    pub values: Values,
    /// How many maps play it in turn, in place of one: the key with a number belongs to the map with that number modulo
    /// this. Each is made with its first entry and dropped with its last.
    pub many: Option<u32>,
    /// How many threads play it at once.
    pub threads: NonZeroU16,
    /// Whether threads contend for the same keys; otherwise each owns keys of its own. What an operation finds
    /// is certain only where keys are owned: shared ones may have been taken by another thread.
    pub keys_shared: bool,
    /// When operations start, in phases that have no pace of their own.
    pub pace: Pace,
    /// Entries that a map may hold at most: it is for bounded caches then, and for nothing else. No entry is known to live
    /// in one, so that every operation takes a key of the keyspace.
    pub bound: Option<u64>,
    /// Where the operations come from.
    pub source: Source,
    /// Which point of a sweep it is.
    pub point: Point,
    /// What must hold of maps that play it. No part of its tape.
    pub expectations: Vec<Expectation>,
}

/// Where the operations of a workload come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Drawn at random by a recipe.
    Recipe(Recipe),
    /// Written down step by step; each step is a phase of its own.
    Script(Script),
    /// Read from a recording.
    Trace(Box<Trace>),
}

/// A rule for drawing operations. All counts are for the whole workload; threads share them evenly.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Entries kept alive during churn.
    pub live: u64,
    /// New keys are drawn from this many, each that is not live with the same chance, so removed keys come
    /// back; when all are live, an insert replaces the value of one of them. `None`: every new key was never
    /// seen, except that threads which share keys then draw from twice as many as ever live.
    pub keyspace: Option<u64>,
    /// Entries for which the map is told to have room when it is made.
    pub capacity: Option<u64>,
    /// What some threads do in churn phases and others do not, in the order of the threads; none: all do the same.
    pub roles: Vec<Role>,
    /// The stretches of the tape, in order, `repeat` already unrolled.
    pub phases: Vec<Phase>,
}

impl Recipe {
    /// The rules by which a phase churns, each with the threads that go by it: those of the roles, or of all.
    pub fn churning(&self, phase: &Phase) -> impl Iterator<Item = (Rules, u64)> {
        let common = phase.rules;
        let of_role = move |role: &Role| (role.rules(common), u64::from(role.threads.get()));
        let all = self.roles.is_empty().then_some((common, 1));
        self.roles.iter().map(of_role).chain(all)
    }
}

/// One stretch of a tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Its name in observations and reports: the one that was given, or that of what happens.
    pub name: String,
    /// What happens.
    pub act: Act,
    /// How operations are drawn.
    pub rules: Rules,
    /// When they start, where it has a pace of its own; else that of the workload says so.
    pub pace: Option<Pace>,
}

impl Phase {
    /// A phase that is called by what happens in it.
    #[must_use]
    pub fn new(act: Act, rules: Rules) -> Self {
        Self { name: act.name().into(), act, rules, pace: None }
    }
}

/// How the operations of a phase are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rules {
    /// Shares of the operations of a churn phase.
    pub mix: Mix,
    /// How the kinds of a churn phase follow each other.
    pub order: Order,
    /// Which entry a remove takes.
    pub remove: Victim,
    /// Which entry a get or an update takes; of which keys of the keyspace an upsert is.
    pub get: Popularity,
    /// Which entries a retain of the mix keeps; a mix that has some says so.
    pub keep: Option<Keep>,
    /// Over how many operations of its thread a hold of the mix lasts; a mix that has some says so.
    pub hold: Option<u64>,
}

/// How the kinds of operations follow each other during churn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Evenly interleaved in a fixed cycle of 100 operations, begun anew by each churn phase: remove, insert,
    /// remove, insert … With equal shares the live size moves by one, and the processor predicts the kinds.
    #[default]
    Paired,
    /// Each kind drawn from the mix. When inserts and removes have equal shares (and nothing is cleared), the
    /// live size walks within 1/64 (but at least one) of what it was when the phase began: an insert at the
    /// upper end becomes a remove, a remove at the lower end an insert.
    Random,
}

/// Which live entry a remove takes. When none lives, it asks for a key that is never inserted.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Victim {
    /// The one inserted first.
    Oldest,
    /// The one inserted last.
    Newest,
    /// Any, with equal chance.
    #[default]
    Uniform,
    /// By Zipf's law with this exponent (above 0, up to 4) over the places of the live set: the successor of
    /// a popular entry is as popular. Places are dealt anew when the live set outgrows them or leaves more
    /// than 1/16 of them empty.
    Zipf(f64),
    /// Each entry leaves this many operations after its insert, before anything else happens, in churn phases.
    /// Such removes come on top of the mix. Entries that live at the end of a filling are taken to be of all
    /// ages: they leave evenly spread over the operations that follow. Overdue entries leave first, one an
    /// operation.
    Ttl(u64),
    /// The one that the map's own walk meets first: the map chooses.
    First,
}

/// Which live entry a get or an update takes. When none lives, it asks for a key that is never inserted.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Popularity {
    /// Any, with equal chance.
    #[default]
    Uniform,
    /// By Zipf's law with this exponent over the places of the live set; see [`Victim::Zipf`].
    Zipf(f64),
    /// By Zipf's law with exponent 0.99 over recency: the newest entry is the most popular. Among uniform and
    /// Zipf victims, recency counts inserts, and those whose entry is gone are passed over.
    Latest,
    /// A share of the gets goes to a share of the entries.
    Hotspot(Hotspot),
}

/// `gets` percent of the lookups go to `keys` percent of the live entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hotspot {
    /// Percent of the live entries that are hot, 1 to 99.
    pub keys: u8,
    /// Percent of the lookups that go to them, 1 to 99.
    pub gets: u8,
}

/// What happens in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Inserts of new keys until this many entries live.
    Fill(u64),
    /// This many operations of the mix.
    Churn(u64),
    /// Removes until this many entries live.
    Drain(u64),
    /// Everything removed by one operation.
    Clear,
    /// One entry leaves and comes back this many times: two operations each.
    SameKey(u64),
    /// One walk over every entry.
    Iterate,
    /// One sweep that takes out what is not to be kept.
    Retain(Keep),
    /// The map is asked to give back what its entries do not need.
    Shrink,
    /// The map is asked to make room for so many more entries.
    Reserve(u64),
    /// All entries go into a new map, in the order in which a walk meets them, and the old one is dropped.
    Copy {
        /// Whether the new one is made with room for all of them.
        reserve: bool,
    },
}

impl Act {
    /// Its name in workload files, and that of a phase that has none of its own.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fill(_) => "fill",
            Self::Churn(_) => "churn",
            Self::Drain(_) => "drain",
            Self::Clear => "clear",
            Self::SameKey(_) => "same_key",
            Self::Iterate => "iterate",
            Self::Retain(_) => "retain",
            Self::Shrink => "shrink",
            Self::Reserve(_) => "reserve",
            Self::Copy { .. } => "copy",
        }
    }

    /// Operations that it has whatever lives; those of `Fill` are the most there can be.
    #[must_use]
    pub const fn ops(self) -> u64 {
        match self {
            Self::Fill(count) | Self::Churn(count) => count,
            Self::Drain(_) | Self::Clear => 0,
            Self::Iterate | Self::Retain(_) | Self::Shrink | Self::Reserve(_) | Self::Copy { .. } => 1,
            Self::SameKey(times) => times.saturating_mul(2),
        }
    }
}

/// Tags that a workload has by itself and that are not written: several threads play it, it has a schedule, or it is
/// one point of a sweep.
pub const IMPLIED_TAGS: [&str; 3] = ["threads", "paced", "swept"];

impl Workload {
    /// Its tags: those that follow from its fields, and those that are written.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let holds = [self.threads.get() > 1, self.is_paced(), !self.point.is_whole()];
        let implied = IMPLIED_TAGS.into_iter().zip(holds).filter(|(_, holds)| *holds).map(|(tag, _)| tag);
        implied.chain(self.tags.iter().map(String::as_str))
    }

    /// Whether it has this tag.
    #[must_use]
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().any(|own| own == tag)
    }

    /// Refuses more keys than the pattern tells apart: what is wrong. A tape has no more keys than operations.
    pub fn check_keys(&self) -> Result<(), String> {
        let most = match &self.source {
            Source::Recipe(recipe) => recipe.phases.iter().map(|phase| u128::from(phase.act.ops())).sum(),
            Source::Script(_) | Source::Trace(_) => u128::from(wire::MAX_OPS),
        };
        let apart = self.key_pattern.keys();
        if most > apart {
            return Err(format!("this pattern tells {apart} keys apart, and the tape can have {most}"));
        }
        Ok(())
    }

    /// The name of its file, where its own has a point, a scale or a seed behind it.
    #[must_use]
    pub fn base_name(&self) -> &str {
        base_name(&self.name)
    }

    /// Operations that a recipe asks for in churn phases; 0 for a script or a trace, which have none.
    #[must_use]
    pub fn churn_ops(&self) -> u64 {
        match &self.source {
            Source::Script(_) | Source::Trace(_) => 0,
            Source::Recipe(recipe) => {
                recipe.phases.iter().map(|phase| if let Act::Churn(ops) = phase.act { ops } else { 0 }).sum()
            }
        }
    }
}
