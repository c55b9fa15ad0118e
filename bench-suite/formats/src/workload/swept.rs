//! Fields that may be lists: one value for each point of a sweep.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use crate::placed::Placed;

/// A field as it is written: one value, or a list of them.
pub(super) struct Swept<T> {
    values: Vec<T>,
    is_list: bool,
    at: usize,
}

impl<T: Copy> Swept<T> {
    /// A field that is one value.
    pub(super) fn one(value: T) -> Self {
        Self { values: vec![value], is_list: false, at: 0 }
    }

    /// The value at the point that is being read. Only a list can be empty, and such a one is refused before.
    pub(super) fn here(&self) -> Option<T> {
        self.values.get(self.at).copied()
    }

    /// The value here, if there are several to choose from.
    pub(super) fn chosen(&self) -> Option<T> {
        self.here().filter(|_| self.is_list)
    }
}

impl<T> Swept<T> {
    /// The values, if they are written as a list.
    pub(super) fn list(&self) -> Option<&[T]> {
        self.is_list.then_some(self.values.as_slice())
    }

    /// Takes from a number of points that is left what says which value is read, and leaves the rest to other fields.
    pub(super) fn turn(&mut self, rest: &mut usize) {
        let count = self.values.len().max(1);
        self.at = *rest % count;
        *rest /= count;
    }
}

/// What a field is at the point that is being read, with its place.
pub(super) fn here<T: Copy>(field: Option<&Placed<Swept<T>>>) -> Option<Placed<T>> {
    field.and_then(|place| Some(Placed::new(place.span(), place.get_ref().here()?)))
}

impl<T: JsonSchema> JsonSchema for Swept<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Swept{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<T>(), generator.subschema_for::<Vec<T>>()] })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Swept<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Written<T> {
            type Value = Swept<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value, or a list of them")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Swept<T>, E> {
                one(T::deserialize(number.into_deserializer()))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Swept<T>, E> {
                one(T::deserialize(word.into_deserializer()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Swept<T>, A::Error> {
                one(T::deserialize(MapAccessDeserializer::new(map)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Swept<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Swept { values, is_list: true, at: 0 })
            }
        }

        fn one<T, E>(value: Result<T, E>) -> Result<Swept<T>, E> {
            Ok(Swept { values: vec![value?], is_list: false, at: 0 })
        }

        deserializer.deserialize_any(Written(PhantomData))
    }
}
