//! The TOML as written, and the step from there to suites that make sense.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::path::Path;

use glob::Pattern;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::{MapSelector, Rounds, Skip, Suite, Suites, WorkloadSelector};
use crate::fault::{Fault, Reader};
use crate::observation::Collector;
use crate::placed::Placed;
use crate::schema::read_as;
use crate::subject::{Fact, MapKind};
use crate::workload::check_word;

/// More rounds than this nobody waits for.
const MAX_ROUNDS: u64 = 1000;
/// A larger scale would make more entries than any workload may have.
const MAX_SCALE: f64 = 1000.0;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SuitesWire {
    /// The suites.
    #[serde(default)]
    suite: Vec<SuiteWire>,
}

read_as!(Suites, SuitesWire, "Suites");

type List<T> = Option<Placed<Vec<Placed<T>>>>;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SuiteWire {
    /// Its name.
    name: Placed<String>,
    /// What it is for, in one sentence.
    about: Placed<String>,
    /// What it plays: names, globs, or tags.
    workloads: List<NameOr<TagsWire>>,
    /// The maps: names, globs, or facts.
    maps: List<NameOr<FactsWire>>,
    /// The collectors, each with its rounds.
    #[serde(default)]
    collectors: BTreeMap<Collector, Placed<RoundsWire>>,
    /// Whether workloads with a schedule play too.
    #[serde(default)]
    paced: bool,
    /// Entries and operations of recipes, times this.
    scale: Option<Placed<f64>>,
    /// What is left out of it, and why.
    #[serde(default)]
    skip: Vec<Placed<SkipWire>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoundsWire {
    /// How often every map plays.
    rounds: Option<Placed<u64>>,
    /// Which workloads of the suite; all where there are none.
    workloads: List<NameOr<TagsWire>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SkipWire {
    /// Which workloads; all where there are none.
    workloads: List<NameOr<TagsWire>>,
    /// Which maps; all where there are none.
    maps: List<NameOr<FactsWire>>,
    /// Which collectors; all where there are none.
    collectors: Option<Placed<Vec<Collector>>>,
    /// The reason, in one sentence.
    why: Placed<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TagsWire {
    /// Tags that they have, all of them.
    #[serde(default)]
    tags: Vec<String>,
    /// Tags of which they have none.
    #[serde(default)]
    without: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FactsWire {
    /// Kinds of which they are one.
    #[serde(default)]
    kinds: Vec<MapKind>,
    /// Facts that they state, all of them.
    #[serde(default)]
    facts: Vec<Fact>,
    /// Facts of which they state none.
    #[serde(default)]
    without: Vec<Fact>,
}

/// A name or a glob, or a table of what is asked for.
enum NameOr<T> {
    Name(String),
    Table(T),
}

impl<T: JsonSchema> JsonSchema for NameOr<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("NameOr{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<String>(), generator.subschema_for::<T>()] })
    }
}

// By hand, so that a mistake in the table is told with its field and what is allowed.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for NameOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = NameOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, a glob or a table")
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(NameOr::Name(name.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(table)).map(NameOr::Table)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

pub(super) fn parse(text: &str, file: &Path) -> Result<Suites, Fault> {
    let wire: SuitesWire = toml::from_str(text).map_err(|error| Fault::from_toml(file, text, &error))?;
    let reader = Reader::new(text, file);
    let mut suites: Vec<Suite> = Vec::new();
    for written in &wire.suite {
        let suite = read_suite(reader, written)?;
        if suites.iter().any(|known| known.name == suite.name) {
            let problem = format!("there are two suites `{}`", suite.name);
            return Err(reader.fault(&written.name, "name", problem));
        }
        suites.push(suite);
    }
    Ok(Suites(suites))
}

fn read_suite(reader: Reader<'_>, wire: &SuiteWire) -> Result<Suite, Fault> {
    let name = wire.name.get_ref();
    check_word(name, "name").map_err(|problem| reader.fault(&wire.name, "name", problem))?;
    let scale = match &wire.scale {
        Some(place) if !(*place.get_ref() > 0.0 && *place.get_ref() <= MAX_SCALE) => {
            let problem =
                format!("{} is out of range; allowed are factors above 0 up to {MAX_SCALE}", place.get_ref());
            return Err(reader.fault(place, "scale", problem));
        }
        scale => scale.as_ref().map(|place| *place.get_ref()),
    };
    let rounds = |(&collector, place): (&Collector, &Placed<RoundsWire>)| {
        Ok((collector, read_rounds(reader, collector, place)?))
    };
    Ok(Suite {
        name: name.clone(),
        about: sentence(reader, &wire.about, "about", "what the suite is for and how long it takes")?,
        workloads: workloads(reader, wire.workloads.as_ref())?,
        maps: maps(reader, wire.maps.as_ref())?,
        collectors: wire.collectors.iter().map(rounds).collect::<Result<_, _>>()?,
        paced: wire.paced,
        scale,
        skips: wire.skip.iter().map(|skip| read_skip(reader, skip)).collect::<Result<_, _>>()?,
    })
}

fn sentence(reader: Reader<'_>, place: &Placed<String>, field: &str, what: &str) -> Result<String, Fault> {
    match place.get_ref().trim() {
        "" => Err(reader.fault(place, field, format!("is empty; say {what}"))),
        text => Ok(text.into()),
    }
}

fn read_rounds(
    reader: Reader<'_>,
    collector: Collector,
    place: &Placed<RoundsWire>,
) -> Result<Rounds, Fault> {
    let RoundsWire { rounds, workloads: written } = place.get_ref();
    let count = match rounds {
        Some(rounds) if collector != Collector::Throughput && *rounds.get_ref() != 1 => {
            let problem = "is for throughput; every other collector looks once";
            return Err(reader.fault(rounds, "rounds", problem));
        }
        Some(rounds) => reader.within(rounds, "rounds", 1, MAX_ROUNDS)?,
        None => 1,
    };
    let rounds = u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    Ok(Rounds { rounds, workloads: workloads(reader, written.as_ref())? })
}

fn read_skip(reader: Reader<'_>, place: &Placed<SkipWire>) -> Result<Skip, Fault> {
    let wire = place.get_ref();
    if wire.workloads.is_none() && wire.maps.is_none() && wire.collectors.is_none() {
        let problem = "leaves everything out; give it `workloads`, `maps` or `collectors`";
        return Err(reader.fault(place, "skip", problem));
    }
    let collectors = match &wire.collectors {
        Some(place) if place.get_ref().is_empty() => return Err(empty(reader, place, "collectors")),
        Some(place) => place.get_ref().clone(),
        None => Collector::ALL.into(),
    };
    Ok(Skip {
        workloads: workloads(reader, wire.workloads.as_ref())?,
        maps: maps(reader, wire.maps.as_ref())?,
        collectors,
        why: sentence(reader, &wire.why, "why", "in a sentence why it is left out")?,
    })
}

fn workloads(
    reader: Reader<'_>,
    written: Option<&Placed<Vec<Placed<NameOr<TagsWire>>>>>,
) -> Result<Vec<WorkloadSelector>, Fault> {
    let select = |place: &Placed<NameOr<TagsWire>>| match place.get_ref() {
        NameOr::Name(name) => Ok(WorkloadSelector::Named(glob(reader, place, "workloads", name)?)),
        NameOr::Table(TagsWire { tags, without }) => {
            if tags.is_empty() && without.is_empty() {
                let problem = "the table is empty; give it `tags` or `without`";
                return Err(reader.fault(place, "workloads", problem));
            }
            for tag in tags.iter().chain(without) {
                check_word(tag, "tag").map_err(|problem| reader.fault(place, "workloads", problem))?;
            }
            Ok(WorkloadSelector::Tagged { tags: tags.clone(), without: without.clone() })
        }
    };
    match written {
        None => Ok(vec![WorkloadSelector::all()]),
        Some(place) if place.get_ref().is_empty() => Err(empty(reader, place, "workloads")),
        Some(place) => place.get_ref().iter().map(select).collect(),
    }
}

fn maps(
    reader: Reader<'_>,
    written: Option<&Placed<Vec<Placed<NameOr<FactsWire>>>>>,
) -> Result<Vec<MapSelector>, Fault> {
    let select = |place: &Placed<NameOr<FactsWire>>| match place.get_ref() {
        NameOr::Name(name) => Ok(MapSelector::Named(glob(reader, place, "maps", name)?)),
        NameOr::Table(FactsWire { kinds, facts, without }) => {
            if kinds.is_empty() && facts.is_empty() && without.is_empty() {
                let problem = "the table is empty; give it `kinds`, `facts` or `without`";
                return Err(reader.fault(place, "maps", problem));
            }
            let (kinds, facts, without) = (kinds.clone(), facts.clone(), without.clone());
            Ok(MapSelector::Stating { kinds, facts, without })
        }
    };
    match written {
        None => Ok(vec![MapSelector::all()]),
        Some(place) if place.get_ref().is_empty() => Err(empty(reader, place, "maps")),
        Some(place) => place.get_ref().iter().map(select).collect(),
    }
}

fn glob<T>(reader: Reader<'_>, place: &Placed<T>, field: &str, text: &str) -> Result<Pattern, Fault> {
    Pattern::new(text)
        .ok()
        .filter(|_| !text.is_empty())
        .ok_or_else(|| reader.fault(place, field, format!("`{text}` is no name and no glob; `*` means all")))
}

fn empty<T>(reader: Reader<'_>, place: &Placed<T>, field: &str) -> Fault {
    reader.fault(place, field, "is empty; name at least one, or leave it out for all")
}
