//! The part of a workload file that is a recipe, and what makes sense in it.

use std::num::NonZeroU16;

use toml::Spanned;

use super::phase::phases;
use super::wire::{MAX_LIVE, MAX_OPS, Reader, WorkloadWire};
use super::{Act, Hotspot, Mix, Order, Phase, Popularity, Recipe, Rules, Victim};
use crate::fault::Fault;

pub(super) fn read_recipe(
    reader: &Reader,
    wire: &WorkloadWire,
    threads: NonZeroU16,
) -> Result<Recipe, Fault> {
    let Some(live_place) = &wire.live else {
        return Err(reader.missing("live", "how many entries live during churn"));
    };
    let live = reader.within(live_place, "live", u64::from(threads.get()), MAX_LIVE)?;
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

/// Refuses numbers that a rule cannot have: the field, and what is wrong.
pub(super) fn check_exponents(
    remove: Option<Victim>,
    get: Option<Popularity>,
) -> Result<(), (&'static str, String)> {
    let exponent = |field, s: f64| {
        if s.is_finite() && s > 0.0 && s <= 4.0 {
            return Ok(());
        }
        Err((field, format!("zipf = {s}; allowed are exponents above 0 up to 4")))
    };
    match remove {
        Some(Victim::Zipf(s)) => exponent("remove", s)?,
        Some(Victim::Ttl(ttl)) if !(1..=MAX_OPS).contains(&ttl) => {
            return Err(("remove", format!("ttl = {ttl}; allowed are 1 to {MAX_OPS} operations")));
        }
        _ => {}
    }
    match get {
        Some(Popularity::Zipf(s)) => exponent("get", s),
        Some(Popularity::Hotspot(Hotspot { keys, gets }))
            if !((1..=99).contains(&keys) && (1..=99).contains(&gets)) =>
        {
            Err(("get", format!("hotspot of {gets} % gets to {keys} % keys; allowed are 1 to 99 each")))
        }
        _ => Ok(()),
    }
}

/// Refuses shares that make no sense: what is wrong.
pub(super) fn check_mix(mix: Mix, remove: Victim, threads: NonZeroU16) -> Result<(), String> {
    let sum: u32 = mix.shares().iter().map(|&(_, share)| u32::from(share)).sum();
    if sum != 100 {
        return Err(format!("the shares sum to {sum}; they must sum to 100"));
    }
    if threads.get() > 1 && (mix.iterate > 0 || mix.clear > 0) {
        return Err(
            "iterate and clear see the entries of every thread, so their answers would depend on luck; \
                    with `threads` of 2 or more both must be 0"
                .into(),
        );
    }
    if matches!(remove, Victim::Ttl(_)) {
        if mix.remove > 0 || mix.insert == 0 {
            return Err(
                "with remove = { ttl = … } entries leave when they expire: remove must be 0, insert not"
                    .into(),
            );
        }
    } else if mix.remove > mix.insert && mix.clear == 0 {
        return Err(format!(
            "{} % removes with {} % inserts would empty the map; use a drain phase for that",
            mix.remove, mix.insert
        ));
    }
    Ok(())
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
