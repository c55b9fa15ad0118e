//! The part of a workload file that is a recipe, and what makes sense in it.

use std::num::NonZeroU16;

use toml::Spanned;

use super::phase::phases;
use super::rules::check_exponents;
use super::swept::here;
use super::wire::{MAX_LIVE, MAX_OPS, Reader, WorkloadWire};
use super::{Act, Mix, Order, Phase, Popularity, Recipe, Rules, Victim};
use crate::fault::Fault;

pub(super) fn read_recipe(
    reader: &Reader,
    wire: &WorkloadWire,
    threads: NonZeroU16,
) -> Result<Recipe, Fault> {
    let Some(live_place) = here(wire.live.as_ref()) else {
        return Err(reader.missing("live", "how many entries live during churn"));
    };
    let live = reader.within(&live_place, "live", u64::from(threads.get()), MAX_LIVE)?;
    let remove = wire.remove.as_ref().map_or(Victim::default(), |remove| *remove.get_ref());
    let get = wire.get.as_ref().map_or(Popularity::default(), |get| *get.get_ref());
    check_choices(reader, wire, remove, get)?;
    let order = wire.order.as_ref().map_or(Order::default(), |order| *order.get_ref());
    // Whether the mix makes sense is looked at where a phase needs it.
    let rules = Rules { mix: Mix::default(), order, remove, get };
    let phases = phases(reader, wire, live, rules, threads)?;
    check_phases(reader, wire, &phases, remove, threads)?;
    let keyspace = match &wire.keyspace {
        Some(place) => Some(reader.within(place, "keyspace", live + live / 32 + 2, MAX_OPS)?),
        None => None,
    };
    Ok(Recipe { live, keyspace, phases })
}

fn check_choices(reader: &Reader, wire: &WorkloadWire, remove: Victim, get: Popularity) -> Result<(), Fault> {
    check_exponents(Some(remove), Some(get)).map_err(|(field, problem)| {
        let spans = (wire.remove.as_ref().map(Spanned::span), wire.get.as_ref().map(Spanned::span));
        let span = if field == "remove" { spans.0 } else { spans.1 };
        reader.fault(&Spanned::new(span.unwrap_or(0..0), ()), field, problem)
    })
}

/// Refuses phases that contradict the rest of the recipe.
fn check_phases(
    reader: &Reader,
    wire: &WorkloadWire,
    phases: &[Phase],
    remove: Victim,
    threads: NonZeroU16,
) -> Result<(), Fault> {
    let (field, span) = match (&wire.phases, &wire.ops) {
        (None, Some(ops)) => ("ops", ops.span()),
        (phases, _) => ("phases", phases.as_ref().map_or(0..0, Spanned::span)),
    };
    let place = Spanned::new(span, ());
    if threads.get() > 1 && phases.iter().any(|phase| phase.act == Act::Clear) {
        let problem = "clear removes the entries of every thread, so answers would depend on luck; \
                       it needs `threads` of 1";
        return Err(reader.fault(&place, field, problem));
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
