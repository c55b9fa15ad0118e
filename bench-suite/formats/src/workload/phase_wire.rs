//! A phase as it is written.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::keep_wire::KeepWire;
use super::{Act, Mix, Order, Popularity, Victim};

/// What a phase can be, for errors.
pub(super) const FORMS: &str = "`\"clear\"`, `\"iterate\"`, `\"shrink\"`, or a table with one of `fill`, `churn`, `drain`, `same_key`, \
                               `retain`, `reserve`";

/// A phase as it is written: a word, or a table of what happens and by which rules.
pub(super) enum PhaseWire {
    Word(Act),
    Table(PhaseTable),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseTable {
    pub(super) fill: Option<u64>,
    pub(super) churn: Option<u64>,
    pub(super) drain: Option<u64>,
    pub(super) same_key: Option<u64>,
    pub(super) retain: Option<KeepWire>,
    pub(super) reserve: Option<u64>,
    pub(super) name: Option<String>,
    pub(super) mix: Option<Mix>,
    pub(super) order: Option<Order>,
    pub(super) remove: Option<Victim>,
    pub(super) get: Option<Popularity>,
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
                match word {
                    "clear" => Ok(PhaseWire::Word(Act::Clear)),
                    "iterate" => Ok(PhaseWire::Word(Act::Iterate)),
                    "shrink" => Ok(PhaseWire::Word(Act::Shrink)),
                    _ => Err(E::custom(format!("`{word}` is no phase; allowed are {FORMS}"))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PhaseWire, A::Error> {
                PhaseTable::deserialize(MapAccessDeserializer::new(map)).map(PhaseWire::Table)
            }
        }

        deserializer.deserialize_any(Written)
    }
}
