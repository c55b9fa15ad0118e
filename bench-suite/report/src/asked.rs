//! What a workload asks, answered from the figures of a session: a sentence for each question.
//!
//! ```text
//! TapeInfo ─▶ its questions, or those that follow from its shape
//!                 └─▶ a rule each:  slots · memory · time · drift · effort · otherwise
//!                          └─▶ bands   maps put together by a figure, ties together
//! ```
//!
//! A rule knows figures, never the name of a workload. Each sentence names maps, what was measured of them and how sure
//! that is; a question for which the figures are missing says which pass would give them.

mod bands;
mod drift;
mod effort;
mod hits;
mod memory;
mod otherwise;
mod slots;
#[cfg(test)]
mod tests;
mod time;

use std::collections::BTreeMap;

use formats::observation::Collector;
use formats::question::Question;
use formats::session::TapeInfo;
use formats::tape::Kind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::map_result::MapResult;
use crate::prose::plural;
use crate::view::{View, WorkloadResults};

/// A question of a workload, and what the figures of a session say to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reply {
    /// The question.
    pub question: Question,
    /// The sentence.
    pub text: String,
}

/// What a rule says; or whose figures are missing for it to say anything.
type Said = Result<String, Collector>;

/// Questions that are answered where a workload does not say what it asks.
const FROM_SHAPE: usize = 2;

/// An answer for each question of a workload; none where no map played it.
pub(crate) fn of_workload(view: &View<'_>, workload: &WorkloadResults<'_>) -> Vec<Reply> {
    let Some(tape) = workload.tape.filter(|_| workload.candidates().any(MapResult::is_measured)) else {
        return Vec::new();
    };
    let asked = if tape.asks.is_empty() { from_shape(tape, workload) } else { tape.asks.clone() };
    let reply = |question: Question| {
        let text = said(view, workload, question).unwrap_or_else(|missing| {
            format!("{}: not measured; a pass of `{}` would tell.", subject(question), missing.name())
        });
        Reply { question, text }
    };
    asked.into_iter().map(reply).collect()
}

/// The questions that the shape of a tape asks by itself, those that set it apart first.
fn from_shape(tape: &TapeInfo, workload: &WorkloadResults<'_>) -> Vec<Question> {
    let header = &tape.header;
    let executed = &header.executed;
    let count = |kind: Kind| executed.kinds[kind as usize];
    let comes_again = {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for phase in header.phases.iter().filter(|phase| phase.counts) {
            *names.entry(&phase.name).or_default() += 1;
        }
        names.values().any(|times| *times > 1)
    };
    let emptied = executed.end_live.zip(executed.peak_live).is_some_and(|(end, peak)| end < peak / 10);
    let walks = [Kind::Iterate, Kind::Clear, Kind::Retain, Kind::Shrink].map(count).iter().any(|n| *n > 0);
    let removes = [Kind::Remove, Kind::RemoveFirst].map(count).iter().any(|n| *n > 0);
    let shapes = [
        (header.bound.is_some(), Question::Hits),
        (header.is_paced(), Question::Response),
        (workload.point().is_some(), Question::Sweep),
        (comes_again, Question::Drift),
        (emptied, Question::GivenBack),
        (workload.threads() > 1, Question::Contention),
        (walks, Question::Walk),
        (removes && count(Kind::Insert) > 0, Question::Reuse),
        (true, Question::Cost),
    ];
    shapes.into_iter().filter(|(has, _)| *has).map(|(_, question)| question).take(FROM_SHAPE).collect()
}

/// The rule that answers a question.
fn said(view: &View<'_>, workload: &WorkloadResults<'_>, question: Question) -> Said {
    match question {
        Question::Cost => time::cost(workload),
        Question::Hits => hits::hits(workload),
        Question::Tail => time::tail(workload),
        Question::Walk => time::walk(workload),
        Question::Response => time::response(workload),
        Question::Drift => drift::drift(workload),
        Question::Reuse => slots::reuse(workload),
        Question::Dead => slots::dead(workload),
        Question::Choices => slots::choices(workload),
        Question::Growth => memory::growth(workload),
        Question::GivenBack => memory::given_back(workload),
        Question::Bytes => memory::bytes(workload),
        Question::Collections => memory::collections(workload),
        Question::Allocations => effort::allocations(workload),
        Question::Comparisons => effort::comparisons(workload),
        Question::Misses => effort::misses(workload),
        Question::Contention => effort::contention(workload),
        Question::Sweep => otherwise::sweep(view, workload),
        Question::Variants => otherwise::variants(view, workload),
    }
}

/// What a question is about, at the beginning of a sentence.
pub(crate) const fn subject(question: Question) -> &'static str {
    match question {
        Question::Cost => "What an operation takes",
        Question::Hits => "Look-ups that find their entry",
        Question::Reuse => "Slots of the deleted",
        Question::Dead => "Dead slots",
        Question::Growth => "Growth beside no more entries",
        Question::GivenBack => "Memory given back",
        Question::Drift => "First against last",
        Question::Walk => "Going over all entries",
        Question::Tail => "The slowest operations",
        Question::Response => "Response time",
        Question::Contention => "Waiting for locks",
        Question::Misses => "Misses",
        Question::Comparisons => "Key comparisons",
        Question::Bytes => "Bytes an entry",
        Question::Allocations => "Blocks allocated",
        Question::Choices => "Which slot an insert takes",
        Question::Collections => "Garbage collections",
        Question::Sweep => "Along the sweep",
        Question::Variants => "Made otherwise",
    }
}

/// Names that are told of one group of maps.
const NAMED: usize = 4;

/// A figure of each map that somebody could take, in the order of the tables.
fn figures<'a, T>(
    workload: &WorkloadResults<'a>,
    figure: impl Fn(&MapResult<'a>) -> Option<T>,
) -> Vec<(&'a str, T)> {
    workload.candidates().filter_map(|result| Some((result.map, figure(result)?))).collect()
}

/// How many of the maps that somebody could take have no such figure, for the end of a sentence.
fn silent(workload: &WorkloadResults<'_>, told: usize) -> String {
    let all = workload.candidates().filter(|result| result.is_measured()).count();
    match all.saturating_sub(told) {
        0 => String::new(),
        few => format!("; {} cannot tell", plural(few, "map")),
    }
}

/// Of which part of the tape a figure is, with a comma before it; nothing where it is of all of it.
fn part(workload: &WorkloadResults<'_>) -> &'static str {
    if workload.left_out().is_empty() { "" } else { ", after the initial fill" }
}
