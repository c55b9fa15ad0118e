//! The TOML as written: its fields with their places, what counts are allowed, and how a fault is told.

use serde::Deserialize;
use toml::Spanned;

use super::keep_wire::KeepWire;
pub(super) use super::limits::{MAX_LIVE, MAX_OPS, MAX_PHASES};
use super::phase_wire::PhaseWire;
use super::swept::Swept;
use super::trace::{Column, Kinds, TraceFormat, TtlUnit};
use super::{Mix, Order, Popularity, Values, Victim};
use crate::expectation::ExpectWire;
use crate::fault::Fault;
pub(super) use crate::fault::Reader;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkloadWire {
    pub(super) name: Spanned<String>,
    pub(super) why: Spanned<String>,
    #[serde(default)]
    pub(super) asks: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) tags: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) maps: Vec<Spanned<String>>,
    #[serde(default = "one")]
    pub(super) seed: Spanned<u64>,
    #[serde(default = "u64_keys")]
    pub(super) keys: Spanned<KeysWire>,
    #[serde(default = "u64_values")]
    pub(super) values: Spanned<Swept<Values>>,
    pub(super) threads: Option<Spanned<Swept<u16>>>,
    pub(super) keys_shared: Option<Spanned<bool>>,
    pub(super) pace: Option<Spanned<PaceWire>>,
    pub(super) script: Option<Spanned<String>>,
    pub(super) live: Option<Spanned<Swept<u64>>>,
    pub(super) ops: Option<Spanned<u64>>,
    pub(super) mix: Option<Spanned<Mix>>,
    pub(super) order: Option<Spanned<Order>>,
    pub(super) remove: Option<Spanned<Victim>>,
    pub(super) get: Option<Spanned<Popularity>>,
    pub(super) keyspace: Option<Spanned<u64>>,
    pub(super) capacity: Option<Spanned<u64>>,
    pub(super) retain: Option<Spanned<KeepWire>>,
    pub(super) phases: Option<Spanned<Vec<Spanned<PhaseWire>>>>,
    pub(super) repeat: Option<Spanned<u32>>,
    pub(super) trace: Option<Spanned<TraceWire>>,
    #[serde(default)]
    pub(super) expect: Vec<Spanned<ExpectWire>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeysWire {
    U32,
    U64,
    Uuid,
    String(u16),
    Sequential,
    MultiplesOf(u64),
    Text(TextWire),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextWire {
    pub(super) bytes: u16,
    pub(super) common_prefix: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PaceWire {
    Closed,
    PerSecond(u64),
    Bursts(BurstsWire),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BurstsWire {
    pub(super) per_second: u64,
    pub(super) on: f64,
    pub(super) off: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TraceWire {
    pub(super) file: Spanned<String>,
    pub(super) format: Spanned<TraceFormat>,
    pub(super) capacity: Option<Spanned<u64>>,
    pub(super) columns: Option<Spanned<Vec<Column>>>,
    pub(super) divider: Option<Spanned<String>>,
    pub(super) header: Option<Spanned<bool>>,
    pub(super) kinds: Option<Spanned<Kinds>>,
    pub(super) ttl: Option<Spanned<TtlUnit>>,
    pub(super) skip: Option<Spanned<u64>>,
    pub(super) limit: Option<Spanned<u64>>,
    pub(super) sample: Option<Spanned<f64>>,
    pub(super) origin: Option<String>,
    pub(super) licence: Option<String>,
}

fn one() -> Spanned<u64> {
    Spanned::new(0..0, 1)
}

fn u64_keys() -> Spanned<KeysWire> {
    Spanned::new(0..0, KeysWire::U64)
}

fn u64_values() -> Spanned<Swept<Values>> {
    Spanned::new(0..0, Swept::one(Values::U64))
}

/// Refuses the fields that belong to a recipe where something else decides.
pub(super) fn refuse_recipe(reader: &Reader, wire: &WorkloadWire, problem: &str) -> Result<(), Fault> {
    let recipe_fields = [
        ("live", wire.live.as_ref().map(Spanned::span)),
        ("ops", wire.ops.as_ref().map(Spanned::span)),
        ("mix", wire.mix.as_ref().map(Spanned::span)),
        ("order", wire.order.as_ref().map(Spanned::span)),
        ("remove", wire.remove.as_ref().map(Spanned::span)),
        ("get", wire.get.as_ref().map(Spanned::span)),
        ("keyspace", wire.keyspace.as_ref().map(Spanned::span)),
        ("capacity", wire.capacity.as_ref().map(Spanned::span)),
        ("retain", wire.retain.as_ref().map(Spanned::span)),
        ("phases", wire.phases.as_ref().map(Spanned::span)),
    ];
    match recipe_fields.into_iter().find_map(|(field, span)| Some((field, span?))) {
        Some((field, span)) => Err(reader.fault(&Spanned::new(span, ()), field, problem)),
        None => Ok(()),
    }
}
