//! What makes sense in the rules of a phase.

use std::num::NonZeroU16;

use super::wire::MAX_OPS;
use super::{Hotspot, Mix, Popularity, Rules, Victim};
use crate::tape::Kind;

/// Who plays: how many threads, and whether they contend for the same keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Players {
    pub(super) threads: NonZeroU16,
    pub(super) keys_shared: bool,
}

impl Players {
    /// Refuses what is about the entries of every thread where answers are checked one by one: what is wrong.
    pub(super) fn may_see_all(self, what: &str) -> Result<(), String> {
        if self.threads.get() == 1 || self.keys_shared {
            return Ok(());
        }
        Err(format!(
            "{what} sees the entries of every thread, so its answers would depend on luck; with `threads` of 2 or more it \
             needs `keys_shared = true`, where only what went in and came out is checked"
        ))
    }
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
pub(super) fn check_mix(rules: Rules, players: Players) -> Result<(), String> {
    let Rules { mix, remove, .. } = rules;
    let sum: u32 = mix.shares().iter().map(|&(_, share)| u32::from(share)).sum();
    if sum != 100 {
        return Err(format!("the shares sum to {sum}; they must sum to 100"));
    }
    for (name, share) in mix.shares() {
        if share > 0 && Kind::by_name(name).is_some_and(Kind::sees_all) {
            players.may_see_all(name)?;
        }
    }
    if mix.retain > 0 && rules.keep.is_none() {
        return Err("retain: which entries it keeps is not said; say `retain = 0.5` (a share) or \
                    `retain = { younger = n }` (operations) beside the mix"
            .into());
    }
    if mix.hold > 0 && rules.hold.is_none() {
        return Err("hold: over how many operations is not said; say `hold = 1000` beside the mix".into());
    }
    if matches!(remove, Victim::Ttl(_)) {
        if mix.remove > 0 || mix.insert == 0 {
            return Err(
                "with remove = { ttl = … } entries leave when they expire: remove must be 0, insert not"
                    .into(),
            );
        }
        if mix.retain > 0 {
            return Err(
                "with remove = { ttl = … } entries leave one by one; for sweeps leave it out and say \
                        `retain = { younger = … }`"
                    .into(),
            );
        }
    }
    Ok(())
}

/// Refuses removes that would empty the map: mixes that work on the same entries, each with its weight.
pub(super) fn check_balance(mixes: &[(Mix, u32)], remove: Victim) -> Result<(), String> {
    let weigh =
        |share: fn(Mix) -> u8| mixes.iter().map(|(mix, weight)| weight * u32::from(share(*mix))).sum();
    let removes: u32 = weigh(|mix| mix.remove);
    let inserts = weigh(|mix| mix.insert) + weigh(|mix| mix.upsert) + weigh(|mix| mix.fetch);
    let weight = mixes.iter().map(|(_, weight)| weight).sum();
    let clears = mixes.iter().any(|(mix, _)| mix.clear > 0);
    if removes <= inserts || clears || matches!(remove, Victim::Ttl(_)) {
        return Ok(());
    }
    Err(format!(
        "{} % removes with {} % inserts would empty the map; use a drain phase for that",
        percent(removes, weight),
        percent(inserts, weight)
    ))
}

/// A sum of percents over their weight, without a fraction where there is none.
fn percent(sum: u32, weight: u32) -> f64 {
    (f64::from(sum) * 10.0 / f64::from(weight)).round() / 10.0
}
