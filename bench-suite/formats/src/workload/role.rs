//! Threads with roles: who churns by which mix.

use std::num::NonZeroU16;

use super::role_wire::RoleWire;
use super::rules::{Players, check_balance, check_exponents, check_mix};
use super::wire::{Reader, WorkloadWire};
use super::word::check_word;
use super::{Mix, Order, Popularity, Rules, Victim};
use crate::fault::Fault;
use crate::tape::RoleMark;

/// The most threads of a workload.
pub(super) const MAX_THREADS: u16 = 256;

/// What some of the threads do in churn phases, beside those that do something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its name in observations and reports.
    pub name: String,
    /// How many threads have it.
    pub threads: NonZeroU16,
    /// Shares of their operations.
    pub mix: Mix,
    /// How the kinds of their operations follow each other.
    pub order: Order,
    /// Which entry their gets and updates take.
    pub get: Popularity,
}

impl Role {
    /// The rules of a phase as they are for its threads: which entries leave and stay is the same for all.
    #[must_use]
    pub fn rules(&self, common: Rules) -> Rules {
        Rules { mix: self.mix, order: self.order, get: self.get, ..common }
    }
}

impl From<&Role> for RoleMark {
    fn from(role: &Role) -> Self {
        Self { name: role.name.clone(), threads: role.threads.get().into() }
    }
}

/// The threads of all roles; `None` where there are none.
pub(super) fn threads_of_roles(reader: &Reader, wire: &WorkloadWire) -> Result<Option<NonZeroU16>, Fault> {
    let [first, rest @ ..] = wire.role.as_slice() else { return Ok(None) };
    if let Some(threads) = &wire.threads {
        return Err(reader.fault(threads, "threads", "and [[role]] exclude each other: roles say how many"));
    }
    if rest.is_empty() {
        let problem = "is one; allowed are two or more, since `threads` and `mix` say what all threads do";
        return Err(reader.fault(first, "role", problem));
    }
    let mut sum = 0u16;
    for role in &wire.role {
        let place = &role.get_ref().threads;
        let threads = *place.get_ref();
        sum = sum.saturating_add(threads);
        if threads == 0 || sum > MAX_THREADS {
            let problem = format!(
                "{threads}, {sum} with those before; allowed are 1 or more, {MAX_THREADS} in all roles"
            );
            return Err(reader.fault(place, "threads", problem));
        }
    }
    Ok(NonZeroU16::new(sum))
}

/// The roles; `common` are the rules of phases, whose order and law of `get` hold where a role has none of its own.
pub(super) fn read_roles(
    reader: &Reader,
    wire: &WorkloadWire,
    common: Rules,
    players: Players,
) -> Result<Vec<Role>, Fault> {
    let Some(first) = wire.role.first() else { return Ok(Vec::new()) };
    if let Some(mix) = &wire.mix {
        return Err(reader.fault(
            mix,
            "mix",
            "and [[role]] exclude each other: each role has a mix of its own",
        ));
    }
    if let (Victim::Ttl(_), Some(place)) = (common.remove, &wire.remove) {
        let problem = "entries that expire are taken out by whichever thread comes next; with [[role]] say by `mix` \
                       which threads remove";
        return Err(reader.fault(place, "remove", problem));
    }
    let mut roles: Vec<Role> = Vec::new();
    for role in &wire.role {
        let role = read_role(reader, role.get_ref(), &roles, common, players)?;
        roles.push(role);
    }
    let weighed: Vec<(Mix, u32)> = roles.iter().map(|role| (role.mix, role.threads.get().into())).collect();
    if players.keys_shared {
        check_balance(&weighed, common.remove).map_err(|problem| reader.fault(first, "role", problem))?;
    }
    Ok(roles)
}

fn read_role(
    reader: &Reader,
    wire: &RoleWire,
    before: &[Role],
    common: Rules,
    players: Players,
) -> Result<Role, Fault> {
    let name = wire.name.get_ref();
    check_word(name, "name of a role").map_err(|problem| reader.fault(&wire.name, "name", problem))?;
    if before.iter().any(|role| role.name == *name) {
        return Err(reader.fault(&wire.name, "name", format!("`{name}` is the name of another role")));
    }
    if let Some(get) = &wire.get {
        check_exponents(None, Some(*get.get_ref()))
            .map_err(|(field, problem)| reader.fault(get, field, problem))?;
    }
    let role = Role {
        name: name.clone(),
        threads: NonZeroU16::new(*wire.threads.get_ref()).unwrap_or(NonZeroU16::MIN),
        mix: *wire.mix.get_ref(),
        order: wire.order.unwrap_or(common.order),
        get: wire.get.as_ref().map_or(common.get, |get| *get.get_ref()),
    };
    let checked = check_mix(role.rules(common), players);
    // Threads that own their keys live by themselves; the others are weighed together.
    let own = || check_balance(&[(role.mix, 1)], common.remove);
    let checked = checked.and_then(|()| if players.keys_shared { Ok(()) } else { own() });
    checked.map_err(|problem| reader.fault(&wire.mix, "mix", problem))?;
    Ok(role)
}
