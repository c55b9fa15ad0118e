//! The part of a workload file that is a recipe, and what makes sense in it.

use std::num::NonZeroU16;

use toml::Spanned;

use super::wire::{MAX_LIVE, MAX_OPS, MAX_PHASES, Reader, WorkloadWire};
use super::{Hotspot, Mix, Order, Phase, Popularity, Recipe, Victim};
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
    let phases = phases(reader, wire, live)?;
    check_phases(reader, wire, &phases, remove, threads)?;
    let churns = phases.iter().any(|phase| matches!(phase, Phase::Churn(_)));
    let mix = match &wire.mix {
        Some(mix) => check_mix(reader, mix, remove, threads)?,
        None if churns => {
            return Err(reader.missing("mix", "the shares of the operations, in percent"));
        }
        None => Mix::default(),
    };
    let keyspace = match &wire.keyspace {
        Some(place) => Some(reader.within(place, "keyspace", live + live / 32 + 2, MAX_OPS)?),
        None => None,
    };
    let order = wire.order.as_ref().map_or(Order::default(), |order| *order.get_ref());
    Ok(Recipe { live, mix, order, remove, get, keyspace, phases })
}

fn check_choices(reader: &Reader, wire: &WorkloadWire, remove: Victim, get: Popularity) -> Result<(), Fault> {
    let exponent = |place: Option<std::ops::Range<usize>>, field: &str, s: f64| {
        if s.is_finite() && s > 0.0 && s <= 4.0 {
            return Ok(());
        }
        let place = Spanned::new(place.unwrap_or(0..0), ());
        Err(reader.fault(&place, field, format!("zipf = {s}; allowed are exponents above 0 up to 4")))
    };
    if let Victim::Zipf(s) = remove {
        exponent(wire.remove.as_ref().map(Spanned::span), "remove", s)?;
    }
    if let Popularity::Zipf(s) = get {
        exponent(wire.get.as_ref().map(Spanned::span), "get", s)?;
    }
    if let (Victim::Ttl(ttl), Some(place)) = (remove, &wire.remove)
        && !(1..=MAX_OPS).contains(&ttl)
    {
        return Err(reader.fault(
            place,
            "remove",
            format!("ttl = {ttl}; allowed are 1 to {MAX_OPS} operations"),
        ));
    }
    if let Popularity::Hotspot(Hotspot { keys, gets }) = get
        && !((1..=99).contains(&keys) && (1..=99).contains(&gets))
    {
        let place = wire.get.as_ref().map_or(0..0, Spanned::span);
        let problem = format!("hotspot of {gets} % gets to {keys} % keys; allowed are 1 to 99 each");
        return Err(reader.fault(&Spanned::new(place, ()), "get", problem));
    }
    Ok(())
}

fn check_mix(
    reader: &Reader,
    place: &Spanned<Mix>,
    remove: Victim,
    threads: NonZeroU16,
) -> Result<Mix, Fault> {
    let mix = *place.get_ref();
    let sum: u32 = mix.shares().iter().map(|&(_, share)| u32::from(share)).sum();
    if sum != 100 {
        return Err(reader.fault(place, "mix", format!("the shares sum to {sum}; they must sum to 100")));
    }
    if threads.get() > 1 && (mix.iterate > 0 || mix.clear > 0) {
        let problem = "iterate and clear see the entries of every thread, so their answers would depend on luck; \
                       with `threads` of 2 or more both must be 0";
        return Err(reader.fault(place, "mix", problem));
    }
    if matches!(remove, Victim::Ttl(_)) {
        if mix.remove > 0 || mix.insert == 0 {
            let problem =
                "with remove = { ttl = … } entries leave when they expire: remove must be 0, insert not";
            return Err(reader.fault(place, "mix", problem));
        }
    } else if mix.remove > mix.insert && mix.clear == 0 {
        let problem = format!(
            "{} % removes with {} % inserts would empty the map; use a drain phase for that",
            mix.remove, mix.insert
        );
        return Err(reader.fault(place, "mix", problem));
    }
    Ok(mix)
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
    if threads.get() > 1 && phases.contains(&Phase::Clear) {
        let problem = "clear removes the entries of every thread, so answers would depend on luck; \
                       it needs `threads` of 1";
        return Err(reader.fault(&place, field, problem));
    }
    let mut total = 0u64;
    let mut most = 0;
    for phase in phases {
        if let Phase::Fill(count) | Phase::Churn(count) = phase {
            total = total.saturating_add(*count);
        }
        if let Phase::Fill(count) = phase {
            most = most.max(*count);
        }
    }
    if !(1..=MAX_OPS).contains(&total) {
        let problem = format!(
            "fill and churn come to {total} operations, repeats included; allowed are 1 to {MAX_OPS}"
        );
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

fn phases(reader: &Reader, wire: &WorkloadWire, live: u64) -> Result<Vec<Phase>, Fault> {
    let Some(place) = &wire.phases else {
        if let Some(repeat) = &wire.repeat {
            return Err(reader.fault(repeat, "repeat", "repeats `phases`, and there are none"));
        }
        let Some(ops) = &wire.ops else {
            return Err(reader.missing("ops", "the operations after the filling (or `phases`)"));
        };
        return Ok(vec![Phase::Fill(live), Phase::Churn(reader.within(ops, "ops", 1, MAX_OPS)?)]);
    };
    if let Some(ops) = &wire.ops {
        return Err(reader.fault(
            ops,
            "ops",
            "and `phases` exclude each other: a churn phase has its own count",
        ));
    }
    let repeat = wire.repeat.as_ref().map_or(1, |repeat| *repeat.get_ref()) as usize;
    let once = place.get_ref();
    if once.is_empty() || repeat == 0 || once.len().saturating_mul(repeat) > MAX_PHASES {
        return Err(reader.fault(
            place,
            "phases",
            format!("allowed are 1 to {MAX_PHASES}, repeats included"),
        ));
    }
    for phase in once {
        let (count, most) = match *phase {
            Phase::Fill(count) | Phase::Drain(count) => (count, MAX_LIVE),
            Phase::Churn(count) => (count.max(1), MAX_OPS),
            Phase::Clear => continue,
        };
        if count > most {
            return Err(reader.fault(place, "phases", format!("{} = {count}; at most {most}", phase.name())));
        }
    }
    Ok(once.iter().copied().cycle().take(once.len() * repeat).collect())
}
