//! A phase as it is written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::keep_wire::KeepWire;
use super::pace_wire::PaceWire;
use super::{Act, Mix, Order, Popularity, Victim};

/// What a phase can be, for errors.
pub(super) const FORMS: &str = "`\"clear\"`, `\"iterate\"`, `\"shrink\"`, `\"copy\"`, or a table with one of `fill`, `churn`, `drain`, \
                               `same_key`, `retain`, `reserve`, `copy`";

/// The phases that are a word.
const WORDS: [Act; 4] = [Act::Clear, Act::Iterate, Act::Shrink, Act::Copy { reserve: false }];

/// A phase as it is written: a word, or a table of what happens and by which rules.
pub(super) enum PhaseWire {
    Word(Act),
    Table(PhaseTable),
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseTable {
    /// Inserts until so many entries live.
    pub(super) fill: Option<u64>,
    /// So many operations of the mix.
    pub(super) churn: Option<u64>,
    /// Removes until so many entries live.
    pub(super) drain: Option<u64>,
    /// One entry leaves and comes back so many times.
    pub(super) same_key: Option<u64>,
    /// All but these entries leave by one operation.
    pub(super) retain: Option<KeepWire>,
    /// The map is asked to make room for so many more entries.
    pub(super) reserve: Option<u64>,
    /// All entries go into a new map, in the order of a walk.
    pub(super) copy: Option<CopyTable>,
    /// What the report calls it.
    pub(super) name: Option<String>,
    /// Its own shares.
    pub(super) mix: Option<Mix>,
    /// Its own order.
    pub(super) order: Option<Order>,
    /// Its own rule for removes.
    pub(super) remove: Option<Victim>,
    /// Its own rule for gets.
    pub(super) get: Option<Popularity>,
    /// When its operations start.
    pub(super) pace: Option<PaceWire>,
}

impl JsonSchema for PhaseWire {
    fn schema_name() -> Cow<'static, str> {
        "Phase".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<PhaseTable>();
        json_schema!({ "anyOf": [{ "enum": WORDS.map(Act::name) }, table] })
    }
}

/// How all entries go into a new map.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CopyTable {
    /// Whether the new map is made with room for all of them.
    pub(super) reserve: bool,
}

impl<'de> Deserialize<'de> for PhaseWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = PhaseWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FORMS)
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<PhaseWire, E> {
                let act = WORDS.into_iter().find(|act| act.name() == word);
                act.map(PhaseWire::Word)
                    .ok_or_else(|| E::custom(format!("`{word}` is no phase; allowed are {FORMS}")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PhaseWire, A::Error> {
                PhaseTable::deserialize(MapAccessDeserializer::new(map)).map(PhaseWire::Table)
            }
        }

        deserializer.deserialize_any(Written)
    }
}
