//! The part of a workload file that is a recipe, and what makes sense in it.

use super::bounded::{self, check_fields};
use super::pace_wire::Rates;
use super::phase::{Stretches, phases};
use super::role::read_roles;
use super::rules::{Players, check_exponents};
use super::swept::here;
use super::wire::{MAX_LIVE, MAX_OPS, Reader, WorkloadWire};
use super::{Act, Mix, Order, Phase, Popularity, Recipe, Rules, Victim};
use crate::fault::Fault;
use crate::placed::Placed;

pub(super) fn read_recipe(
    reader: &Reader,
    wire: &WorkloadWire,
    players: Players,
    rates: Option<&Rates>,
    bound: Option<u64>,
) -> Result<Recipe, Fault> {
    let live = match bound {
        Some(bound) => check_fields(reader, wire).map(|()| bound)?,
        None => read_live(reader, wire, players)?,
    };
    let remove = wire.remove.as_ref().map_or(Victim::default(), |remove| *remove.get_ref());
    let get = wire.get.as_ref().map_or(Popularity::default(), |get| *get.get_ref());
    check_choices(reader, wire, remove, get)?;
    let order = wire.order.as_ref().map_or(Order::default(), |order| *order.get_ref());
    // Whether the mix makes sense is looked at where a phase needs it.
    let keep = wire.retain.as_ref().map(|keep| keep.get_ref().0);
    let hold = wire.hold.as_ref().map(|place| reader.within(place, "hold", 1, MAX_OPS)).transpose()?;
    let common = Rules { mix: Mix::default(), order, remove, get, keep, hold };
    let roles = read_roles(reader, wire, common, players)?;
    let phases = phases(reader, wire, Stretches { live, rates }, common, players)?;
    check_phases(reader, wire, &phases, remove, players)?;
    let keyspace = match &wire.keyspace {
        Some(place) => Some(reader.within(place, "keyspace", live + live / 32 + 2, MAX_OPS)?),
        None => None,
    };
    let capacity = wire.capacity.as_ref();
    let capacity = capacity.map(|place| reader.within(place, "capacity", 1, MAX_LIVE)).transpose()?;
    let recipe = Recipe { live, keyspace, capacity, roles, phases };
    bounded::check_asked(reader, wire, &recipe, bound.is_some())?;
    check_asked(reader, wire, &recipe, remove)?;
    Ok(recipe)
}

fn read_live(reader: &Reader, wire: &WorkloadWire, players: Players) -> Result<u64, Fault> {
    let Some(place) = here(wire.live.as_ref()) else {
        return Err(reader.missing("live", "how many entries live during churn"));
    };
    reader.within(&place, "live", u64::from(players.threads.get()), MAX_LIVE)
}

fn check_choices(reader: &Reader, wire: &WorkloadWire, remove: Victim, get: Popularity) -> Result<(), Fault> {
    check_exponents(Some(remove), Some(get)).map_err(|(field, problem)| {
        let spans = (wire.remove.as_ref().map(Placed::span), wire.get.as_ref().map(Placed::span));
        let span = if field == "remove" { spans.0 } else { spans.1 };
        reader.fault(&Placed::new(span.unwrap_or(0..0), ()), field, problem)
    })
}

/// Refuses phases that contradict the rest of the recipe.
fn check_phases(
    reader: &Reader,
    wire: &WorkloadWire,
    phases: &[Phase],
    remove: Victim,
    players: Players,
) -> Result<(), Fault> {
    let (field, span) = match (&wire.phases, &wire.ops) {
        (None, Some(ops)) => ("ops", ops.span()),
        (Some(phases), _) => ("phases", phases.span()),
        (None, None) => ("pace", wire.pace.as_ref().map_or(0..0, Placed::span)),
    };
    let place = Placed::new(span, ());
    let sees_all = |act: &Act| matches!(act, Act::Clear | Act::Iterate | Act::Retain(_) | Act::Copy { .. });
    if let Some(act) = phases.iter().map(|phase| phase.act).find(sees_all) {
        players.may_see_all(act.name()).map_err(|problem| reader.fault(&place, field, problem))?;
    }
    let mut total = 0u64;
    let mut most = 0;
    for phase in phases {
        total = total.saturating_add(phase.act.ops());
        if let Act::Fill(count) = phase.act {
            most = most.max(count);
        }
    }
    if !(1..=MAX_OPS).contains(&total) {
        let problem =
            format!("the phases come to {total} operations, repeats included; allowed are 1 to {MAX_OPS}");
        return Err(reader.fault(&place, field, problem));
    }
    if let (Victim::Ttl(ttl), Some(place)) = (remove, &wire.remove)
        && most > ttl
    {
        let problem =
            format!("ttl = {ttl} cannot keep {most} entries alive: at most one an operation leaves");
        return Err(reader.fault(place, "remove", problem));
    }
    if let Some(place) = &wire.keyspace
        && most > *place.get_ref()
    {
        let problem = format!("{} keys cannot fill a map with {most} entries", place.get_ref());
        return Err(reader.fault(place, "keyspace", problem));
    }
    Ok(())
}

/// Refuses operations that contradict each other: those that name a key where the map chooses which entries leave, and
/// upserts without keys to draw from.
fn check_asked(reader: &Reader, wire: &WorkloadWire, recipe: &Recipe, remove: Victim) -> Result<(), Fault> {
    let phases = &recipe.phases;
    let churns = || phases.iter().filter(|phase| matches!(phase.act, Act::Churn(_)));
    let rules = || churns().flat_map(|phase| recipe.churning(phase)).map(|(rules, _)| rules);
    if let Some(role) = wire.role.first().filter(|_| churns().next().is_none()) {
        return Err(reader.fault(role, "role", "says how threads churn, and no phase does"));
    }
    if rules().any(|rules| rules.mix.upsert > 0) {
        let of_all = wire.mix.as_ref().map(|mix| ("mix", mix.span()));
        let of_first = wire.role.first().map(|role| ("role", role.span()));
        let (field, place) = of_all.or(of_first).unwrap_or(("mix", 0..0));
        let fault = |problem| Err(reader.fault(&Placed::new(place.clone(), ()), field, problem));
        if wire.keyspace.is_none() {
            return fault(
                "upsert: takes a key of `keyspace`, live or not, by the law of `get`; say how many there are",
            );
        }
        if rules().any(|rules| rules.mix.upsert > 0 && rules.get == Popularity::Latest) {
            return fault(
                "upsert: takes a key of `keyspace` by the law of `get`, and of those none is the latest",
            );
        }
    }
    if let Some(place) = &wire.remove
        && matches!(remove, Victim::Ttl(_))
        && phases.iter().any(|phase| matches!(phase.act, Act::Retain(_)))
    {
        let problem = "entries that expire leave one by one; for sweeps leave `ttl` out";
        return Err(reader.fault(place, "remove", problem));
    }
    let Some(place) = wire.remove.as_ref().filter(|_| remove == Victim::First) else { return Ok(()) };
    let named = |mix: Mix| {
        let shares = [("get", mix.get), ("update", mix.update), ("upsert", mix.upsert), ("hold", mix.hold)];
        let swept = [("clear", mix.clear), ("retain", mix.retain)];
        shares.into_iter().chain(swept).find(|(_, share)| *share > 0).map(|(name, _)| name)
    };
    let of_act = |act: Act| match act {
        Act::SameKey(_) | Act::Clear | Act::Retain(_) => Some(act.name()),
        _ => None,
    };
    let asked = phases
        .iter()
        .find_map(|phase| of_act(phase.act))
        .or_else(|| rules().find_map(|rules| named(rules.mix)));
    let asked = asked.or(wire.keyspace.as_ref().map(|_| "keyspace"));
    match asked {
        Some(asked) => Err(reader.fault(
            place,
            "remove",
            format!(
                "first: which entries live only the map knows, so that `{asked}` could not be checked; allowed beside it are \
                 `insert`, `get_absent`, `iterate`, `len`, `shrink`, `reserve` and `copy`"
            ),
        )),
        None => Ok(()),
    }
}
