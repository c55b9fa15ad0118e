//! The TOML as written: its fields with their places, what counts are allowed, and how a fault is told.

use schemars::JsonSchema;
use serde::Deserialize;

use super::keep_wire::KeepWire;
pub(super) use super::limits::{MAX_LIVE, MAX_OPS, MAX_PHASES};
use super::pace_wire::PaceWire;
use super::phase_wire::PhaseWire;
use super::role_wire::RoleWire;
use super::swept::Swept;
use super::trace::{Column, Kinds, TraceFormat, TtlUnit};
use super::{Mix, Order, Popularity, Values, Victim, Workload};
use crate::expectation::ExpectWire;
use crate::fault::Fault;
pub(super) use crate::fault::Reader;
use crate::placed::Placed;
use crate::question::Question;
use crate::schema::read_as;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkloadWire {
    /// Its name, also that of the file: lower-case letters, digits and dashes.
    pub(super) name: Placed<String>,
    /// The situation in which this load occurs, in one sentence.
    pub(super) why: Placed<String>,
    /// What it asks of the maps, to be answered from their figures.
    #[serde(default)]
    #[schemars(with = "Vec<Question>")]
    pub(super) asks: Vec<Placed<String>>,
    /// Words by which suites know it.
    #[serde(default)]
    pub(super) tags: Vec<Placed<String>>,
    /// Maps that play it beside those of the suite: names, globs and variants.
    #[serde(default)]
    pub(super) maps: Vec<Placed<String>>,
    /// Where every random choice starts.
    #[serde(default = "one")]
    pub(super) seed: Placed<u64>,
    /// What keys are made of, and how they follow from each other.
    #[serde(default = "u64_keys")]
    pub(super) keys: Placed<KeysWire>,
    /// What values are made of; a list is a sweep.
    #[serde(default = "u64_values")]
    pub(super) values: Placed<Swept<Values>>,
    /// How many maps play it in turn, in place of one.
    pub(super) many: Option<Placed<u32>>,
    /// How many threads play it at once; a list is a sweep.
    pub(super) threads: Option<Placed<Swept<u16>>>,
    /// Whether threads contend for the same keys; else each owns keys of its own.
    pub(super) keys_shared: Option<Placed<bool>>,
    /// When operations start.
    pub(super) pace: Option<Placed<PaceWire>>,
    /// Entries that a bounded cache holds at most.
    pub(super) bound: Option<Placed<u64>>,
    /// The operations step by step, in place of a recipe.
    pub(super) script: Option<Placed<String>>,
    /// Entries kept alive; a list is a sweep.
    pub(super) live: Option<Placed<Swept<u64>>>,
    /// Operations after the filling.
    pub(super) ops: Option<Placed<u64>>,
    /// Shares of the operations of a churn phase, in percent; they sum to 100.
    pub(super) mix: Option<Placed<Mix>>,
    /// How the kinds of operations follow each other.
    pub(super) order: Option<Placed<Order>>,
    /// Which entry a remove takes.
    pub(super) remove: Option<Placed<Victim>>,
    /// Which entry a get or an update takes.
    pub(super) get: Option<Placed<Popularity>>,
    /// New keys are drawn from this many, so removed keys come back.
    pub(super) keyspace: Option<Placed<u64>>,
    /// Entries for which the map is told to have room when it is made.
    pub(super) capacity: Option<Placed<u64>>,
    /// Which entries a retain of the mix keeps.
    pub(super) retain: Option<Placed<KeepWire>>,
    /// Over how many operations of its thread a hold of the mix lasts.
    pub(super) hold: Option<Placed<u64>>,
    /// Stretches in place of `ops`.
    pub(super) phases: Option<Placed<Vec<Placed<PhaseWire>>>>,
    /// How often the phases are run through.
    pub(super) repeat: Option<Placed<u32>>,
    /// A recording, in place of a recipe.
    pub(super) trace: Option<Placed<TraceWire>>,
    /// What must hold of maps that play it.
    #[serde(default)]
    pub(super) expect: Vec<Placed<ExpectWire>>,
    /// What some threads do in churn phases, beside others that do something else; in place of `threads` and `mix`.
    #[serde(default)]
    pub(super) role: Vec<Placed<RoleWire>>,
}

read_as!(Workload, WorkloadWire, "Workload");

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeysWire {
    /// 4 bytes.
    U32,
    /// 8 bytes.
    U64,
    /// 16 bytes.
    Uuid,
    /// So many bytes on the heap, 16 to 255.
    String(u16),
    /// 8 bytes: 0, 1, 2 … in the order in which they first occur.
    Sequential,
    /// 8 bytes: 0, n, 2 n …, modulo 2^64.
    MultiplesOf(u64),
    /// Texts that begin alike.
    Text(TextWire),
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextWire {
    /// Length of a text, 17 to 255.
    pub(super) bytes: u16,
    /// Bytes that are the same in all; 16 or more are left.
    pub(super) common_prefix: u16,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TraceWire {
    /// The recording, relative to the folder of the workload.
    pub(super) file: Placed<String>,
    /// How its records are written.
    pub(super) format: Placed<TraceFormat>,
    /// Entries that the cache holds, where the recording is of requests to one.
    pub(super) capacity: Option<Placed<u64>>,
    /// What the columns hold, where the format does not say.
    pub(super) columns: Option<Placed<Vec<Column>>>,
    /// What stands between two columns.
    pub(super) divider: Option<Placed<String>>,
    /// Whether the first line names the columns.
    pub(super) header: Option<Placed<bool>>,
    /// Which words of the recording are which operation.
    pub(super) kinds: Option<Placed<Kinds>>,
    /// What a time to live is counted in.
    pub(super) ttl: Option<Placed<TtlUnit>>,
    /// Records to leave out at the beginning.
    pub(super) skip: Option<Placed<u64>>,
    /// Records to read at most.
    pub(super) limit: Option<Placed<u64>>,
    /// The share of the keys to keep, above 0, below 1.
    pub(super) sample: Option<Placed<f64>>,
    /// Where the recording comes from.
    pub(super) origin: Option<String>,
    /// Under which licence it may be kept.
    pub(super) licence: Option<String>,
}

fn one() -> Placed<u64> {
    Placed::new(0..0, 1)
}

fn u64_keys() -> Placed<KeysWire> {
    Placed::new(0..0, KeysWire::U64)
}

fn u64_values() -> Placed<Swept<Values>> {
    Placed::new(0..0, Swept::one(Values::U64))
}

/// Refuses the fields that belong to a recipe where something else decides.
pub(super) fn refuse_recipe(reader: &Reader, wire: &WorkloadWire, problem: &str) -> Result<(), Fault> {
    let recipe_fields = [
        ("live", wire.live.as_ref().map(Placed::span)),
        ("ops", wire.ops.as_ref().map(Placed::span)),
        ("mix", wire.mix.as_ref().map(Placed::span)),
        ("order", wire.order.as_ref().map(Placed::span)),
        ("remove", wire.remove.as_ref().map(Placed::span)),
        ("get", wire.get.as_ref().map(Placed::span)),
        ("keyspace", wire.keyspace.as_ref().map(Placed::span)),
        ("capacity", wire.capacity.as_ref().map(Placed::span)),
        ("retain", wire.retain.as_ref().map(Placed::span)),
        ("hold", wire.hold.as_ref().map(Placed::span)),
        ("phases", wire.phases.as_ref().map(Placed::span)),
        ("role", wire.role.first().map(Placed::span)),
    ];
    match recipe_fields.into_iter().find_map(|(field, span)| Some((field, span?))) {
        Some((field, span)) => Err(reader.fault(&Placed::new(span, ()), field, problem)),
        None => Ok(()),
    }
}
