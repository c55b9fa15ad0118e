//! Where the way of an insert ends: which slot a new entry takes.

use formats::observation::{DecisionCount, Events, Follows, Taken};
use maud::{Markup, html};

use crate::chart::bars::{Bar, bars};
use crate::chart::figure::{Table, figure as captioned};
use crate::map_result::MapResult;
use crate::number;
use crate::view::WorkloadResults;

/// Decisions of one map that are quoted; all are in the data files.
const QUOTED: usize = 8;

/// The figure; empty where no map tells.
pub(super) fn figure(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let head =
        ["map", "slot taken", "map is growing", "chain has overflow", "behind the slot", "inserts", "share"];
    let mut table = Table::new(head);
    let mut told = Vec::new();
    let mut rows = Vec::new();
    for (result, seen) in results {
        let all = inserts(&seen.decisions);
        if all == 0 {
            continue;
        }
        let percent = |count: u64| number::percent(count as f64 / all as f64);
        rows.push(bar(result.map, &seen.decisions));
        let mut ranked: Vec<_> = seen.decisions.iter().collect();
        ranked.sort_by_key(|one| std::cmp::Reverse(one.count));
        for one in ranked.iter().take(QUOTED) {
            let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
            table.row([
                result.map.to_owned(),
                one.taken.name().to_owned(),
                yes(one.growing),
                yes(one.overflow),
                one.follows.name().to_owned(),
                number::count(one.count),
                percent(one.count),
            ]);
        }
        if let Some(most) = ranked.first() {
            told.push(format!("{}, {} ({} of the inserts)", result.map, choice(most), percent(most.count)));
        }
    }
    if rows.is_empty() {
        return html! {};
    }
    let id = format!("{}-events-decisions", workload.anchor);
    let title = format!("Which slot an insert of {} takes", workload.name);
    let about = "For each map that tells, the shares of the inserts of new entries by the slot at the end of their way.";
    let chart = bars(&id, &title, about, 1140.0, &Taken::ALL.map(Taken::name), &rows);
    let finding = format!("Most frequent choice: {}.", told.join("; "));
    captioned(&id, "Bucket paths: which slot an insert takes", &finding, &chart, &table)
}

fn inserts<'d>(decisions: impl IntoIterator<Item = &'d DecisionCount>) -> u64 {
    decisions.into_iter().fold(0, |sum, one| sum.saturating_add(one.count))
}

/// The shares of the slots that a map takes.
fn bar<'a>(map: &'a str, decisions: &[DecisionCount]) -> Bar<'a> {
    let all = inserts(decisions) as f64;
    let of_kind = |taken| inserts(decisions.iter().filter(|one| one.taken == taken)) as f64 / all;
    let shares: Vec<f64> = Taken::ALL.map(of_kind).into();
    let text = shares.iter().map(|share| number::percent(*share)).collect::<Vec<_>>().join(" · ");
    Bar { name: map, shares, text }
}

/// Which slot was taken, in words that need no knowledge of the map.
fn choice(decision: &DecisionCount) -> &'static str {
    match (decision.taken, decision.follows) {
        (Taken::FirstEmpty, Follows::Live) => "a freed slot in front of a live entry",
        (Taken::FirstEmpty, Follows::Freed) => "a freed slot in front of another one",
        (Taken::FirstEmpty, Follows::Nothing | Follows::EmptyRest) => "a freed slot",
        (Taken::EndOfChain, Follows::EmptyRest) => "the first never-used slot",
        (Taken::EndOfChain, Follows::Nothing) => "the last slot of the chain",
        (Taken::EndOfChain, Follows::Freed | Follows::Live) => "the end of the chain",
        (Taken::NewOverflow, _) => "a new overflow bucket",
        (Taken::Tombstone, _) => "a tombstone",
    }
}
