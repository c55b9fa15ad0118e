//! What makes sense in the rules of a phase.

use std::num::NonZeroU16;

use super::wire::MAX_OPS;
use super::{Hotspot, Mix, Popularity, Victim};

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
