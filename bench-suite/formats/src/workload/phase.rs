//! The phases of a recipe, and what makes sense in one.

use std::num::NonZeroU32;

use super::pace_wire::{Rates, one_pace};
use super::phase_wire::{CopyTable, FORMS, PhaseTable, PhaseWire};
use super::rules::{Players, check_balance, check_exponents, check_mix};
use super::wire::{MAX_LIVE, MAX_OPS, MAX_PHASES, Reader, WorkloadWire};
use super::word::check_word;
use super::{Act, Mix, Pace, Phase, Rules, Victim};
use crate::fault::Fault;
use crate::placed::Placed;

/// What stretches there are where no phases are written.
#[derive(Clone, Copy)]
pub(super) struct Stretches<'a> {
    /// Entries that are filled in.
    pub(super) live: u64,
    /// Rates that are gone through in place of a number of operations.
    pub(super) rates: Option<&'a Rates>,
}

/// Every phase, `repeat` unrolled; `rules` are those of phases that have none of their own, with `mix` as it was
/// written.
pub(super) fn phases(
    reader: &Reader,
    wire: &WorkloadWire,
    stretches: Stretches<'_>,
    rules: Rules,
    players: Players,
) -> Result<Vec<Phase>, Fault> {
    let Stretches { live, rates } = stretches;
    let mix = wire.mix.as_ref();
    let Some(place) = &wire.phases else {
        if let Some(repeat) = &wire.repeat {
            return Err(reader.fault(repeat, "repeat", "repeats `phases`, and there are none"));
        }
        let rules = if wire.role.is_empty() {
            Rules { mix: common_mix(reader, mix, rules, players)?, ..rules }
        } else {
            rules
        };
        let mut phases = vec![Phase::new(Act::Fill(live), rules)];
        phases.extend(churning(reader, wire, rates, rules)?);
        return Ok(phases);
    };
    if let Some(rates) = rates {
        let problem = "rates: make phases of their own; give each of `phases` a pace";
        return Err(reader.fault(&rates.place, "pace", problem));
    }
    if let Some(ops) = &wire.ops {
        return Err(reader.fault(
            ops,
            "ops",
            "and `phases` exclude each other: a churn phase has its own count",
        ));
    }
    let repeat = wire.repeat.as_ref().map_or(1, |repeat| *repeat.get_ref()) as usize;
    let written = place.get_ref();
    if written.is_empty() || repeat == 0 || written.len().saturating_mul(repeat) > MAX_PHASES {
        return Err(reader.fault(
            place,
            "phases",
            format!("allowed are 1 to {MAX_PHASES}, repeats included"),
        ));
    }
    let common = Rules { mix: mix.map_or(Mix::default(), |mix| *mix.get_ref()), ..rules };
    let read = |phase: &Placed<PhaseWire>| read_phase(reader, phase, common);
    let once: Vec<Phase> = written.iter().map(read).collect::<Result<_, _>>()?;
    check_first_fillings(reader, written, &once, repeat)?;
    for (phase, place) in once.iter().zip(written) {
        let Act::Churn(_) = phase.act else { continue };
        if !wire.role.is_empty() {
            leave_to_roles(place).map_err(|problem| reader.fault(place, "phases", problem))?;
            continue;
        }
        if !matches!(place.get_ref(), PhaseWire::Table(PhaseTable { mix: Some(_), .. })) {
            common_mix(reader, mix, phase.rules, players)?;
        } else if let Err(problem) = check_churn(phase.rules, players) {
            return Err(reader.fault(place, "phases", format!("mix: {problem}")));
        }
    }
    Ok(once.iter().cloned().cycle().take(once.len() * repeat).collect())
}

/// What follows the filling where no phases are written: a number of operations, or one rate after the other.
fn churning(
    reader: &Reader,
    wire: &WorkloadWire,
    rates: Option<&Rates>,
    rules: Rules,
) -> Result<Vec<Phase>, Fault> {
    let at_rate = |&(rate, ops): &(NonZeroU32, u64)| Phase {
        name: format!("{rate}-per-second"),
        pace: Some(Pace::PerSecond(rate)),
        ..Phase::new(Act::Churn(ops), rules)
    };
    match (&wire.ops, rates) {
        (Some(ops), None) => Ok(vec![Phase::new(Act::Churn(reader.within(ops, "ops", 1, MAX_OPS)?), rules)]),
        (None, Some(rates)) => Ok(rates.each.iter().map(at_rate).collect()),
        (None, None) => Err(reader.missing("ops", "the operations after the filling (or `phases`)")),
        (Some(ops), Some(_)) => {
            let problem =
                "and a pace of `rates` exclude each other: as many come as its rates and `each` say";
            Err(reader.fault(ops, "ops", problem))
        }
    }
}

/// The mix that phases have in common, which some churn phase needs.
fn common_mix(
    reader: &Reader,
    mix: Option<&Placed<Mix>>,
    rules: Rules,
    players: Players,
) -> Result<Mix, Fault> {
    let Some(place) = mix else {
        return Err(reader.missing("mix", "the shares of the operations, in percent"));
    };
    match check_churn(Rules { mix: *place.get_ref(), ..rules }, players) {
        Ok(()) => Ok(*place.get_ref()),
        Err(problem) => Err(reader.fault(place, "mix", problem)),
    }
}

/// What all threads do.
fn check_churn(rules: Rules, players: Players) -> Result<(), String> {
    check_mix(rules, players)?;
    check_balance(&[(rules.mix, 1)], rules.remove)
}

/// Refuses rules of a churn phase where each role has its own.
fn leave_to_roles(place: &Placed<PhaseWire>) -> Result<(), String> {
    let PhaseWire::Table(table) = place.get_ref() else { return Ok(()) };
    match given_of_churn(table) {
        Some(field) => Err(format!("{field}: and [[role]] exclude each other: each role has its own")),
        None => Ok(()),
    }
}

/// The first of the rules of churn that a phase states.
fn given_of_churn(table: &PhaseTable) -> Option<&'static str> {
    let of_churn =
        [("mix", table.mix.is_some()), ("order", table.order.is_some()), ("get", table.get.is_some())];
    of_churn.into_iter().find(|(_, given)| *given).map(|(field, _)| field)
}

/// Refuses a pace that says nothing: of fillings that the tape begins with, and that do not come again.
fn check_first_fillings(
    reader: &Reader,
    written: &[Placed<PhaseWire>],
    once: &[Phase],
    repeat: usize,
) -> Result<(), Fault> {
    let first = once.iter().position(|phase| !matches!(phase.act, Act::Fill(_))).unwrap_or(0);
    let paced = once[..first].iter().position(|phase| phase.pace.is_some());
    match paced.filter(|_| repeat == 1) {
        Some(at) => {
            let problem = "pace: means nothing in a filling that the tape begins with: it prepares the load and has no schedule";
            Err(reader.fault(&written[at], "phases", problem))
        }
        None => Ok(()),
    }
}

fn read_phase(reader: &Reader, place: &Placed<PhaseWire>, common: Rules) -> Result<Phase, Fault> {
    let fault = |problem: String| reader.fault(place, "phases", problem);
    let table = match place.get_ref() {
        PhaseWire::Word(act) => return Ok(Phase::new(*act, common)),
        PhaseWire::Table(table) => table,
    };
    let given = [
        table.fill.map(Act::Fill),
        table.churn.map(Act::Churn),
        table.drain.map(Act::Drain),
        table.same_key.map(Act::SameKey),
        table.retain.map(|keep| Act::Retain(keep.0)),
        table.reserve.map(Act::Reserve),
        table.copy.map(|CopyTable { reserve }| Act::Copy { reserve }),
    ];
    let [act] = given.into_iter().flatten().collect::<Vec<_>>()[..] else {
        return Err(fault(format!("a phase is {FORMS}")));
    };
    let (count, least, most) = match act {
        Act::Fill(count) | Act::Drain(count) => (count, 0, MAX_LIVE),
        Act::Churn(count) => (count, 0, MAX_OPS),
        Act::SameKey(count) => (count, 1, MAX_OPS / 2),
        Act::Reserve(count) => (count, 1, MAX_LIVE),
        Act::Clear | Act::Iterate | Act::Retain(_) | Act::Shrink | Act::Copy { .. } => (0, 0, 0),
    };
    if !(least..=most).contains(&count) {
        return Err(fault(format!("{} = {count}; allowed are {least} to {most}", act.name())));
    }
    check_rules_fit(act, table).map_err(fault)?;
    let own = own_pace(table).map_err(|problem| fault(format!("pace: {problem}")))?;
    check_exponents(table.remove, table.get)
        .map_err(|(field, problem)| fault(format!("{field}: {problem}")))?;
    if let Some(name) = &table.name {
        check_word(name, "name of a phase").map_err(|problem| fault(format!("name: {problem}")))?;
    }
    let rules = Rules {
        mix: table.mix.unwrap_or(common.mix),
        order: table.order.unwrap_or(common.order),
        remove: table.remove.unwrap_or(common.remove),
        get: table.get.unwrap_or(common.get),
        keep: common.keep,
        hold: common.hold,
    };
    if rules.remove != common.remove
        && let Some(problem) = [rules.remove, common.remove].iter().find_map(|remove| match remove {
            Victim::Ttl(_) => Some("entries that expire do so in every phase: `ttl` is said once, outside"),
            Victim::First => {
                Some("which entries are left only the map knows then: `first` is said once, outside")
            }
            _ => None,
        })
    {
        return Err(fault(format!("remove: {problem}")));
    }
    let name = table.name.clone().unwrap_or_else(|| act.name().into());
    Ok(Phase { name, act, rules, pace: own })
}

/// The pace that a phase states: what is wrong with it.
fn own_pace(table: &PhaseTable) -> Result<Option<Pace>, String> {
    match table.pace.as_ref().map(one_pace).transpose()? {
        Some(Pace::Recorded(_)) => {
            Err("recorded: the times are those of a recording, and there is no [trace]".into())
        }
        own => Ok(own),
    }
}

/// Refuses rules that a phase would never look at.
fn check_rules_fit(act: Act, table: &PhaseTable) -> Result<(), String> {
    let idle = match act {
        Act::Churn(_) => None,
        Act::Drain(_) | Act::SameKey(_) => given_of_churn(table),
        Act::Fill(_)
        | Act::Clear
        | Act::Iterate
        | Act::Retain(_)
        | Act::Shrink
        | Act::Reserve(_)
        | Act::Copy { .. } => given_of_churn(table).or(table.remove.map(|_| "remove")),
    };
    let goes_on = matches!(act, Act::Fill(_) | Act::Churn(_) | Act::Drain(_) | Act::SameKey(_));
    let idle = idle.or(table.pace.as_ref().filter(|_| !goes_on).map(|_| "pace"));
    match idle {
        Some(field) => Err(format!("{field}: means nothing in a phase of `{}`", act.name())),
        None => Ok(()),
    }
}
