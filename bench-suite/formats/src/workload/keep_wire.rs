//! Which entries a retain keeps, as it is written: a share, or a table of how young they are.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::limits::MAX_OPS;
use crate::tape::Keep;

/// What can be kept, for errors.
const FORMS: &str = "a share from 0 to below 1, or `{ younger = n }` with 1 or more operations";

/// The rule, as it was checked.
#[derive(Clone, Copy)]
pub(super) struct KeepWire(pub(super) Keep);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Table {
    /// What was written within so many operations is kept.
    younger: u64,
}

impl JsonSchema for KeepWire {
    fn schema_name() -> Cow<'static, str> {
        "Keep".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let share = json_schema!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 });
        json_schema!({ "anyOf": [share, generator.subschema_for::<Table>()] })
    }
}

impl<'de> Deserialize<'de> for KeepWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = KeepWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FORMS)
            }

            fn visit_f64<E: Error>(self, share: f64) -> Result<KeepWire, E> {
                if !(0.0..1.0).contains(&share) {
                    return Err(E::custom(format!("retain = {share}; allowed are {FORMS}")));
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "from 0 to a million"
                )]
                let millionths = (share * f64::from(Keep::ALL)).round() as u32;
                Ok(KeepWire(Keep::Share(millionths)))
            }

            fn visit_i64<E: Error>(self, share: i64) -> Result<KeepWire, E> {
                self.visit_f64(share as f64)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<KeepWire, A::Error> {
                let Table { younger } = Table::deserialize(MapAccessDeserializer::new(map))?;
                if !(1..=MAX_OPS).contains(&younger) {
                    return Err(A::Error::custom(format!("younger = {younger}; allowed are 1 to {MAX_OPS}")));
                }
                Ok(KeepWire(Keep::Younger(younger)))
            }
        }

        deserializer.deserialize_any(Written)
    }
}
