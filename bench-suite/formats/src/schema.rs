//! The JSON schemas of files, made from the types that read and write them.
//!
//! A schema says which fields a file may have and of which types they are. What else must hold (sums, ranges that depend on
//! another field, names that must exist) is said by whoever reads the file, with its line.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema of what may be read as a `T` from JSON.
#[must_use]
pub fn read<T: JsonSchema>() -> Value {
    of::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of what may be read as a `T` from TOML, which has no null.
#[must_use]
pub fn read_toml<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    of::<T>(settings.with_transform(RecursiveTransform(without_null)))
}

/// The schema of what is written for a `T`: what programs write.
#[must_use]
pub fn written<T: JsonSchema>() -> Value {
    of::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn of<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(in_plain_words).transform(&mut schema);
    schema.to_value()
}

/// Takes the brackets of links off the words of a schema: nothing in it leads anywhere.
fn in_plain_words(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace("[`", "`").replace("`]", "`");
    }
}

fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|one| one["type"] != "null");
        if let [Value::Object(one)] = choices.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                schema.ensure_object().entry(key).or_insert(value);
            }
        }
    }
}

/// Gives an enum of [`named`](crate::named) the schema of its names.
macro_rules! one_of_names {
    ($Enum:ty, $name:literal) => {
        impl ::schemars::JsonSchema for $Enum {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "enum": <$Enum>::ALL.map(<$Enum>::name) })
            }
        }
    };
}

/// Gives a type that is read through another one, private, the schema of that one.
macro_rules! read_as {
    ($Type:ty, $Wire:ty, $name:literal) => {
        impl ::schemars::JsonSchema for $Type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                <$Wire as ::schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}

pub(crate) use {one_of_names, read_as};
