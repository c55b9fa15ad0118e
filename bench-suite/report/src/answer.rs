//! The answer of a session: for each load the map to take, what speaks against it, why, how sure, what would change it;
//! and what a reviewer must know of the session.
//!
//! ```text
//! View ─▶ choice   who is best of a kind, who cannot be told from it, who is out of the question
//!      ─▶ against  what speaks against a map that is taken
//!      ─▶ why      the instruments that differ most from the next map
//!      ─▶ fact     what stands out in the whole session, the strongest first
//!           └─▶ told  the same words as text, Markdown and HTML
//! ```
//!
//! Every sentence follows from figures of the session by a rule that is stated beside it.

mod against;
mod choice;
mod curve;
mod fact;
mod field;
mod points;
mod told;
mod why;

#[cfg(test)]
mod tests;

use formats::session::Session;
use formats::subject::{Fact as Stated, MapInfo, MapKind};
use maud::Markup;
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use self::against::{leaked, p999};
pub use self::curve::Curve;
pub(crate) use self::told::{markdown, section};
use crate::asked::Reply;
use crate::expected;
use crate::prose::listed;
use crate::view::{View, WorkloadResults};

/// The answer of a session.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Answer {
    /// For each kind of map, which one to take for which loads: a sentence each.
    pub takes: Vec<String>,
    /// What a reviewer must know, the strongest first; at most five.
    pub facts: Vec<Fact>,
    /// What a gate found, where the session is one of a gate.
    pub gate: Option<String>,
    /// What became of the expectations of the workloads: how many held, and those that are broken.
    pub expectations: Vec<String>,
    /// The answer for each load.
    pub loads: Vec<Load>,
    /// What an operation costs along each sweep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
}

/// Something that stands out in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fact {
    /// The sentence.
    pub text: String,
    /// The anchor of the figure that shows it, on the page of the session.
    pub figure: String,
}

/// The answer for one load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Load {
    /// The name of the workload.
    pub workload: String,
    /// Which point of a sweep it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    /// What the workload asks, answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Reply>,
    /// One for each kind of map that played, the kind that fits the load first.
    pub choices: Vec<Choice>,
}

/// The maps of one kind to take for a load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Choice {
    /// Of which kind.
    pub kind: Category,
    /// The best, and all that cannot be told from it; none where no map can be recommended.
    pub take: Vec<String>,
    /// What speaks against the first of them.
    pub against: String,
    /// What the instruments see differently in it and in the next map.
    pub why: String,
    /// How far the rounds tell it from the next map.
    pub sure: String,
    /// Under which other need or load another map is the one to take.
    pub change: String,
}

impl Choice {
    /// The maps to take in words: `a`, or `a or b`.
    #[must_use]
    pub fn maps(&self) -> String {
        let names: Vec<&str> = self.take.iter().map(String::as_str).collect();
        match names.as_slice() {
            [] => "none".to_owned(),
            [first @ .., last] if (1..=2).contains(&first.len()) => format!("{} or {last}", first.join(", ")),
            names if names.len() > 3 => format!("{} or {} more", names[..2].join(", "), names.len() - 2),
            names => names.concat(),
        }
    }
}

/// Maps that can stand for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Asked for keys, by one thread.
    OneThread,
    /// Asked for keys, by any number of threads.
    Shared,
    /// Holds so many entries and no more.
    Cache,
    /// Chooses the keys itself.
    SlotManager,
}

impl Category {
    pub(crate) const ALL: [Self; 4] = [Self::OneThread, Self::Shared, Self::Cache, Self::SlotManager];

    /// Of a map that could be taken; `None` of one that does nothing.
    pub(crate) fn of(info: &MapInfo) -> Option<Self> {
        match info.kind {
            MapKind::Null => None,
            _ if info.states(Stated::Bounded) => Some(Self::Cache),
            MapKind::Cache | MapKind::SharedCache => Some(Self::Cache),
            MapKind::Single => Some(Self::OneThread),
            MapKind::Shared | MapKind::Eventual => Some(Self::Shared),
            MapKind::SlotManager | MapKind::SharedSlots => Some(Self::SlotManager),
        }
    }

    /// In a few words.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::OneThread => "for one thread",
            Self::Shared => "shared by threads",
            Self::Cache => "cache",
            Self::SlotManager => "slot manager",
        }
    }
}

/// The answer of a session.
#[must_use]
pub fn answer(session: &Session) -> Answer {
    of_view(&View::new(session))
}

/// The answer in lines for a terminal.
#[must_use]
pub fn text(answer: &Answer) -> String {
    told::text(answer)
}

pub(crate) fn of_view(view: &View<'_>) -> Answer {
    let loads: Vec<Load> =
        view.workloads.iter().filter_map(|workload| choice::of_load(view, workload)).collect();
    Answer {
        takes: takes(&loads),
        facts: fact::strongest(view),
        gate: view.session.gate.as_ref().map(crate::gate::summary_line),
        expectations: expected::lines(&expected::of_view(view)),
        loads,
        curves: curve::all(view),
    }
}

/// The answer for one load, for its place on the page.
pub(crate) fn of_workload(view: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    choice::of_load(view, workload).map_or_else(Markup::default, |load| told::load(&load))
}

/// One sentence for each kind of map: the maps to take, those for the most loads first.
fn takes(loads: &[Load]) -> Vec<String> {
    let sentence = |kind: Category| {
        let of_kind =
            |load: &'_ Load| load.choices.iter().find(|choice| choice.kind == kind).map(Choice::maps);
        let mut by_maps: Vec<(String, Vec<&Load>)> = Vec::new();
        for load in loads {
            let Some(maps) = of_kind(load) else { continue };
            match by_maps.iter_mut().find(|(known, _)| *known == maps) {
                Some((_, of)) => of.push(load),
                None => by_maps.push((maps, vec![load])),
            }
        }
        by_maps.sort_by_key(|(_, of)| std::cmp::Reverse(of.len()));
        let only = by_maps.len() == 1 && loads.len() > 1 && by_maps[0].1.len() == loads.len();
        let told = by_maps.iter().take(4).map(|(maps, of)| {
            let names = points::names(of, loads);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            if only { format!("{maps} (every load)") } else { format!("{maps} ({})", listed(&names, 3)) }
        });
        let told: Vec<String> = told.collect();
        let more = by_maps.len().saturating_sub(told.len());
        let more = if more > 0 { format!("; others for {more} more") } else { String::new() };
        (!told.is_empty()).then(|| format!("Take, {}: {}{more}.", kind.title(), told.join("; ")))
    };
    Category::ALL.into_iter().filter_map(sentence).collect()
}
