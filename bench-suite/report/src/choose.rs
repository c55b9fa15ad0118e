//! Which map to take for a stated need: who can do it, who meets the bounds, and the front of speed, tail and memory.
//!
//! ```text
//! Session + Demand ─▶ loads that ask the same ─▶ maps that can do it ─▶ maps that meet every need
//!                                                  └─ left out, why      ├─ missed, undecided: by how much, what would tell
//!                                                                        └─▶ front ─▶ take
//! ```

mod command;
mod front;
mod need;
mod told;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use formats::session::Session;
use formats::subject::{Fact, MapInfo, MapKind};
use formats::tape::Kind;
use schemars::JsonSchema;
use serde::Serialize;

use self::need::Outcome;
pub use self::need::{Need, NeedError};
use crate::answer::{leaked, p999};
use crate::map_result::MapResult;
use crate::number;
use crate::prose::listed;
use crate::view::{View, WorkloadResults};

/// What a map must do and hold.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// Bounds on its figures, under every load that is looked at.
    pub needs: Vec<Need>,
    /// What it must be able to do, or is allowed to.
    pub abilities: BTreeSet<Ability>,
    /// The loads to look at; all that ask the same of a map where it is empty.
    pub workloads: Vec<String>,
}

/// What a map must be able to do, or is allowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ability {
    /// Several threads use it at once.
    Threads,
    /// It is walked over.
    Iterates,
    /// It keeps its entries in the order of their keys.
    Ordered,
    /// It may choose the keys itself.
    ChoosesKeys,
}

/// What a session says to a demand.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Chosen {
    /// The map to take, and those that cannot be told from it; none where the session does not say.
    pub take: Vec<String>,
    /// The conclusion in words.
    pub said: String,
    /// The command that would decide what the session does not.
    pub command: Option<String>,
    /// The loads that were looked at.
    pub loads: Vec<String>,
    /// The maps of which no other is better in everything, the fastest first: a row for each load.
    pub front: Vec<FrontRow>,
    /// Maps that meet every need, but another is better in everything.
    pub behind: Vec<Remark>,
    /// Maps that miss a need.
    pub missed: Vec<Remark>,
    /// Maps of which the session does not tell whether they meet every need.
    pub undecided: Vec<Remark>,
    /// Maps that cannot do what is asked.
    pub left_out: Vec<Remark>,
}

/// A map and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remark {
    /// The map.
    pub map: String,
    /// What is to be said.
    pub why: String,
}

/// The figures by which a map stands on the front, under one load. `None` where it was not measured.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FrontRow {
    /// The map.
    pub map: String,
    /// The load.
    pub workload: String,
    /// Operations a second, the median over the rounds.
    pub ops_per_second: Option<f64>,
    /// The 99.9th percentile of the service time of all operations, ns.
    pub p999_ns: Option<f64>,
    /// Most bytes held at once.
    pub peak_bytes: Option<u64>,
    /// Bytes held after every entry was removed.
    pub drained_bytes: Option<u64>,
}

/// A map and its results under the loads that are looked at, in their order.
struct Contender<'v, 'a> {
    map: &'a str,
    results: Vec<&'v MapResult<'a>>,
}

/// Says which map of a session to take for a demand.
#[must_use]
pub fn choose(session: &Session, demand: &Demand) -> Chosen {
    let view = View::new(session);
    let loads: Vec<&WorkloadResults<'_>> = view.workloads.iter().filter(|load| demand.asks(load)).collect();
    let mut chosen = Chosen {
        take: Vec::new(),
        said: String::new(),
        command: None,
        loads: loads.iter().map(|load| load.name.to_owned()).collect(),
        front: Vec::new(),
        behind: Vec::new(),
        missed: Vec::new(),
        undecided: Vec::new(),
        left_out: Vec::new(),
    };
    if loads.is_empty() {
        chosen.said = format!("This session cannot decide: it has no load {}.", demand.of_which());
        chosen.command = Some(command::for_loads(demand).to_owned());
        return chosen;
    }
    let mut able = Vec::new();
    for map in &view.maps {
        match contender(&view, &loads, map, demand) {
            Ok(one) => able.push(one),
            Err(why) => chosen.left_out.push(Remark { map: (*map).to_owned(), why }),
        }
    }
    let mut meeting = Vec::new();
    let mut unknown = Vec::new();
    for one in able {
        match met(&one, &loads, demand) {
            Outcome::Met => meeting.push(one),
            Outcome::Missed(why) => chosen.missed.push(Remark { map: one.map.to_owned(), why }),
            Outcome::Undecided(why) => {
                chosen.undecided.push(Remark { map: one.map.to_owned(), why });
                unknown.push(one);
            }
        }
    }
    front::fill(&mut chosen, &meeting, &loads);
    chosen.command = command::for_maps(demand, &loads, &unknown, &meeting, &chosen.take);
    chosen.said = conclusion(&chosen);
    chosen
}

/// What a session says to a demand, in lines for a terminal or in Markdown.
#[must_use]
pub fn text(chosen: &Chosen, markdown: bool) -> String {
    told::text(chosen, markdown)
}

impl Demand {
    fn has(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// Whether a load asks of a map what is demanded: those that are named, else all with as many threads, and with
    /// walks where they are demanded.
    fn asks(&self, load: &WorkloadResults<'_>) -> bool {
        let named = self.workloads.is_empty() || self.workloads.iter().any(|name| name == load.name);
        let threads = (load.threads() > 1) == self.has(Ability::Threads)
            || (!self.workloads.is_empty() && !self.has(Ability::Threads));
        let walks = load.tape.is_some_and(|tape| tape.header.executed.kinds[Kind::Iterate as usize] > 0);
        // A map that keeps what it is given plays none with a bound.
        let keeps = !self.workloads.is_empty() || !load.is_bounded();
        named && threads && keeps && (walks || !self.has(Ability::Iterates))
    }

    /// Of which kind a load must be, in words.
    fn of_which(&self) -> &'static str {
        match (self.has(Ability::Threads), self.has(Ability::Iterates)) {
            (true, true) => "in which several threads play and a map is walked over",
            (true, false) => "in which several threads play",
            (false, true) => "of one thread in which a map is walked over",
            (false, false) => "of one thread",
        }
    }

    /// Why a map cannot do what is demanded, by what it states.
    fn refuses(&self, info: &MapInfo) -> Option<&'static str> {
        let shared = matches!(
            info.kind,
            MapKind::Shared | MapKind::SharedSlots | MapKind::Eventual | MapKind::SharedCache
        );
        match info {
            _ if info.kind == MapKind::Null => Some("it does nothing"),
            _ if info.canary => Some("a fault was planted in it"),
            _ if info.states(Fact::Altered) => Some("a rule of it was changed on purpose"),
            _ if !self.has(Ability::ChoosesKeys) && !info.kind.has_keys() => {
                Some("it chooses the keys itself")
            }
            _ if self.has(Ability::Threads) && !shared => Some("it is for one thread"),
            _ if self.has(Ability::Ordered) && !info.states(Fact::Ordered) => Some("it keeps no order"),
            _ if info.kind == MapKind::Eventual => Some("what is written is seen later"),
            _ if info.states(Fact::Bounded) => Some("it drops entries by itself"),
            _ => None,
        }
    }
}

/// A map that can do what is demanded and did it under every load; why it is left out otherwise.
fn contender<'v, 'a>(
    view: &View<'a>,
    loads: &[&'v WorkloadResults<'a>],
    map: &'a str,
    demand: &Demand,
) -> Result<Contender<'v, 'a>, String> {
    let info = view.info(map).ok_or("no program of the session knows it")?;
    if let Some(why) = demand.refuses(info) {
        return Err(why.to_owned());
    }
    let mut results = Vec::new();
    for load in loads {
        let result = load.results.iter().find(|result| result.map == map && result.is_measured());
        let result = result.ok_or_else(|| format!("it did not play {}", load.name))?;
        if let Some((_, failure)) = result.failures.first() {
            return Err(format!("a pass of {} failed ({failure})", load.name));
        }
        if let Some(held) = leaked(result) {
            return Err(format!("it holds {} after it was dropped", number::bytes(held as f64)));
        }
        results.push(result);
    }
    Ok(Contender { map, results })
}

/// Whether a map meets every need under every load. One that is missed decides, whatever else is unknown.
fn met(one: &Contender<'_, '_>, loads: &[&WorkloadResults<'_>], demand: &Demand) -> Outcome {
    let mut undecided = None;
    for (load, result) in loads.iter().zip(&one.results) {
        for need in &demand.needs {
            match need.judge(load.name, result) {
                Outcome::Met => {}
                Outcome::Missed(why) => return Outcome::Missed(why),
                Outcome::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
    }
    undecided.map_or(Outcome::Met, Outcome::Undecided)
}

fn conclusion(chosen: &Chosen) -> String {
    let names: Vec<&str> = chosen.take.iter().map(String::as_str).collect();
    let open: Vec<&str> = chosen.undecided.iter().map(|one| one.map.as_str()).collect();
    let may = if open.is_empty() {
        String::new()
    } else {
        format!(" Of {} this session cannot say whether the needs are met.", listed(&open, 4))
    };
    match names.as_slice() {
        [] if !open.is_empty() => format!("This session cannot decide.{may}"),
        [] if chosen.missed.is_empty() => "No map of this session can do what is asked.".to_owned(),
        [] => "No map of this session meets the needs.".to_owned(),
        [one] => format!("Take {one}.{may}"),
        [first @ .., last] => {
            format!("Take {} or {last}: the rounds cannot tell them apart.{may}", first.join(", "))
        }
    }
}

/// The figures of a map under one load.
fn row(map: &str, load: &str, result: &MapResult<'_>) -> FrontRow {
    let moments = result.figures.moments;
    FrontRow {
        map: map.to_owned(),
        workload: load.to_owned(),
        ops_per_second: result.figures.ops_per_second,
        p999_ns: p999(result),
        peak_bytes: moments.map(|held| held.peak),
        drained_bytes: moments.map(|held| held.drained),
    }
}
