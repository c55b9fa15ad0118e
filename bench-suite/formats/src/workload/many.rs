//! Many maps in place of one.

use std::num::NonZeroU16;

use super::wire::Reader;
use super::{Act, Recipe, Source, Victim};
use crate::fault::Fault;
use crate::placed::Placed;
use crate::script::Step;
use crate::tape::Kind;

/// The most maps: of those that take most when they are empty, more would not fit the memory that the suite is made for.
const MAX_MAPS: u32 = 100_000;

/// Reads how many maps play in turn; refuses what is about the entries of one map.
pub(super) fn read_many(
    reader: &Reader,
    place: Option<&Placed<u32>>,
    threads: NonZeroU16,
    is_bounded: bool,
    source: &Source,
) -> Result<Option<u32>, Fault> {
    let Some(place) = place else { return Ok(None) };
    let many = *place.get_ref();
    let fault = |problem: String| Err(reader.fault(place, "many", problem));
    if !(2..=MAX_MAPS).contains(&many) {
        return fault(format!("{many} maps; allowed are 2 to {MAX_MAPS}"));
    }
    if is_bounded {
        return fault("and `bound` exclude each other: it is one cache that the bound is of".into());
    }
    if threads.get() > 1 {
        return fault(format!("goes with one thread, and the workload has {threads}"));
    }
    let asked = match source {
        Source::Recipe(recipe) => of_all(recipe),
        Source::Script(script) => script.steps().contains(&Step::Clear).then_some("clear"),
        // What it holds shows when it is read.
        Source::Trace(_) => None,
    };
    match asked {
        Some(asked) => fault(format!(
            "`{asked}` is about all entries of a map, and there are {many}; allowed are `insert`, `remove`, `get`, \
             `get_absent`, `update` and `upsert`"
        )),
        None => Ok(Some(many)),
    }
}

/// What a recipe asks of a map that is not about one key.
fn of_all(recipe: &Recipe) -> Option<&'static str> {
    let of_one = |name: &str| Kind::by_name(name).is_none_or(|kind| kind.names_key() && kind != Kind::Hold);
    recipe.phases.iter().find_map(|phase| match phase.act {
        _ if phase.rules.remove == Victim::First => Some("first"),
        Act::Churn(_) => {
            let shares = recipe.churning(phase).flat_map(|(rules, _)| rules.mix.shares());
            shares.filter(|(_, share)| *share > 0).map(|(name, _)| name).find(|name| !of_one(name))
        }
        Act::Fill(_) | Act::Drain(_) | Act::SameKey(_) => None,
        act => Some(act.name()),
    })
}
