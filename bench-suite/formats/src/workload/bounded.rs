//! What makes sense where entries are bounded: which of them live, a bounded cache decides.

use std::ops::Range;

use super::rules::Players;
use super::wire::{MAX_LIVE, Reader, WorkloadWire};
use super::{Act, Mix, Popularity, Recipe, Rules, Victim};
use crate::fault::Fault;
use crate::placed::Placed;

/// The operations that can be asked of a bounded cache, by their names in a mix.
const ASKED: [&str; 6] = ["fetch", "get", "get_absent", "insert", "remove", "update"];

/// Entries that a map may hold at most, if that is said.
pub(super) fn read_bound(
    reader: &Reader,
    wire: &WorkloadWire,
    players: Players,
) -> Result<Option<u64>, Fault> {
    let Some(place) = &wire.bound else { return Ok(None) };
    if let Some(script) = &wire.script {
        let problem = "and `bound` exclude each other: a step of a script is one that a map must obey";
        return Err(reader.fault(script, "script", problem));
    }
    reader.within(place, "bound", players.threads.get().into(), MAX_LIVE).map(Some)
}

/// Refuses the fields of a recipe that speak of what lives.
pub(super) fn check_fields(reader: &Reader, wire: &WorkloadWire) -> Result<(), Fault> {
    let speaking = [
        ("live", wire.live.as_ref().map(Placed::span)),
        ("remove", wire.remove.as_ref().map(Placed::span)),
        ("retain", wire.retain.as_ref().map(Placed::span)),
        ("hold", wire.hold.as_ref().map(Placed::span)),
        ("capacity", wire.capacity.as_ref().map(Placed::span)),
    ];
    if let Some((field, span)) = speaking.into_iter().find_map(|(field, span)| Some((field, span?))) {
        let problem = "and `bound` exclude each other: a bounded cache is made for so many entries, and which of them live \
                       it decides";
        return Err(reader.fault(&Placed::new(span, ()), field, problem));
    }
    if wire.keyspace.is_none() {
        return Err(reader.missing("keyspace", "how many keys there are, of which `bound` at most live"));
    }
    Ok(())
}

/// Refuses phases, operations and laws that a bounded cache cannot be asked for, or whose answers could not be checked.
/// Without a bound: those that are asked of a bounded cache only.
pub(super) fn check_asked(
    reader: &Reader,
    wire: &WorkloadWire,
    recipe: &Recipe,
    is_bounded: bool,
) -> Result<(), Fault> {
    let of_phases = wire.phases.as_ref().map(|phases| ("phases", phases.span()));
    let of_mix = wire.mix.as_ref().map(|mix| ("mix", mix.span()));
    let of_role = wire.role.first().map(|role| ("role", role.span()));
    let of_churn = of_mix.or(of_role).or_else(|| of_phases.clone()).unwrap_or(("mix", 0..0));
    let of_phases = of_phases.unwrap_or(("phases", 0..0));
    let fault = |(field, span): &(&'static str, Range<usize>), problem: String| {
        reader.fault(&Placed::new(span.clone(), ()), field, problem)
    };
    for phase in &recipe.phases {
        match phase.act {
            Act::Churn(_) => {
                let mut rules = recipe.churning(phase).map(|(rules, _)| rules);
                rules
                    .try_for_each(|rules| check_churn(rules, is_bounded))
                    .map_err(|problem| fault(&of_churn, problem))?;
            }
            act if is_bounded && !matches!(act, Act::Fill(_)) => {
                let problem = format!("{}: a bounded cache plays phases of `fill` and `churn`", act.name());
                return Err(fault(&of_phases, problem));
            }
            _ => {}
        }
        if is_bounded && phase.rules.remove != Victim::default() {
            return Err(fault(&of_phases, "remove: a bounded cache decides which entries live".into()));
        }
    }
    Ok(())
}

fn check_churn(Rules { mix, get, .. }: Rules, is_bounded: bool) -> Result<(), String> {
    if !is_bounded {
        let alone = "fetch: is asked of bounded caches; say with `bound` how many entries they hold";
        return if mix.fetch > 0 { Err(alone.into()) } else { Ok(()) };
    }
    if let Some(name) = not_asked(mix) {
        return Err(format!(
            "{name}: with `bound` its answer could not be checked; allowed are `{}`",
            ASKED.join("`, `")
        ));
    }
    if get == Popularity::Latest {
        return Err("get: with `bound` keys are of `keyspace`, and of those none is the latest; allowed are \"uniform\", \
                    { zipf = s } and { hotspot = … }"
            .into());
    }
    Ok(())
}

fn not_asked(mix: Mix) -> Option<&'static str> {
    mix.shares().into_iter().find(|(name, share)| *share > 0 && !ASKED.contains(name)).map(|(name, _)| name)
}
