//! Instructions: what the work of a map comes to, kind by kind, whatever the clock says.

use formats::observation::{Beginning, Collector, Instructions};
use formats::tape::Kind;
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::spread;
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "instructions",
    title: "Instructions",
    shows: &[Collector::Instructions],
    render,
    files,
};

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let seen = |result| Some((result, MapResult::first::<Instructions>(result)?));
    let seen: Vec<(&MapResult<'_>, &Instructions)> = workload.results.iter().filter_map(seen).collect();
    let Some((_, first)) = seen.first() else { return html! {} };
    html! {
        p .finding { (finding(&seen)) }
        (table(&seen).markup())
        p .note {
            "Counted by " (first.counter) ", a simulated processor, in a separate pass: identical on every run for a map \
             whose hash has a fixed seed, and blind to cache misses and stalls. Per operation, from the call of the map \
             until it returned, " (workload.load()) ". The loop around it, which makes values and folds answers, is in the \
             last column only; " code { "null" } " shows what a call costs that does nothing."
            (beginning(first))
        }
    }
}

/// The kinds that occur, each once.
fn kinds(seen: &[(&MapResult<'_>, &Instructions)]) -> Vec<Kind> {
    let occurs = |kind: &Kind| seen.iter().any(|(_, seen)| of_kind(seen, *kind).is_some());
    Kind::ALL.into_iter().filter(occurs).collect()
}

/// Instructions for each operation of a kind.
fn of_kind(seen: &Instructions, kind: Kind) -> Option<f64> {
    let one = seen.kinds.iter().find(|one| one.kind == kind && one.ops > 0)?;
    Some(one.instructions as f64 / one.ops as f64)
}

fn table(seen: &[(&MapResult<'_>, &Instructions)]) -> Table {
    let kinds = kinds(seen);
    let head = ["map", "all"].into_iter().chain(kinds.iter().map(|kind| kind.name()));
    let mut table = Table::new(head.chain(["loop around"]).map(str::to_owned));
    let text = |figure: Option<f64>| figure.map_or_else(|| NONE.to_owned(), number::rate);
    for (result, seen) in seen {
        let ops = seen.ops();
        let around = (ops > 0).then(|| seen.around as f64 / ops as f64);
        let figures = std::iter::once(seen.per_op()).chain(kinds.iter().map(|kind| of_kind(seen, *kind)));
        let cells = figures.chain([around]).map(text);
        table.row(std::iter::once(result.map.to_owned()).chain(cells));
    }
    table
}

fn finding(seen: &[(&MapResult<'_>, &Instructions)]) -> String {
    let candidates = seen.iter().filter(|(result, _)| result.is_candidate);
    let all = candidates.filter_map(|(result, seen)| Some((result.map, seen.per_op()?)));
    spread(all, number::rate, ["fewest", "most"])
        .map_or_else(String::new, |spread| format!("Instructions per operation: {spread}."))
}

/// How much of the tape was played, where that is not the whole.
fn beginning(seen: &Instructions) -> String {
    seen.beginning.as_ref().map_or_else(String::new, |Beginning { ops, of, .. }| {
        let [ops, of] = [ops, of].map(|count| number::count(*count));
        format!(" The first {ops} operations of {of} were played, after all that prepare.")
    })
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    let file = |seen: &Instructions| ("instructions.csv".to_owned(), by_kind(seen));
    result.first::<Instructions>().map(file).into_iter().collect()
}

/// The kinds, and last the loop around the map.
fn by_kind(seen: &Instructions) -> Vec<u8> {
    let kinds = seen.kinds.iter().map(|one| (one.kind.name(), one.ops, one.instructions));
    let rows = kinds.chain([("loop_around", seen.ops(), seen.around)]);
    let rows =
        rows.map(|(what, ops, instructions)| [what.to_owned(), ops.to_string(), instructions.to_string()]);
    csv_file(["kind", "ops", "instructions"], rows)
}

#[cfg(test)]
mod tests {
    use formats::observation::KindInstructions;

    use super::*;

    fn seen() -> Instructions {
        let of = |kind, ops, instructions| KindInstructions { kind, ops, instructions };
        let kinds = vec![of(Kind::Insert, 4, 400), of(Kind::Remove, 0, 0), of(Kind::Get, 6, 120)];
        Instructions { kinds, around: 50, ..Instructions::default() }
    }

    #[test]
    fn kinds_stand_apart_and_the_loop_after_them() {
        let text = String::from_utf8(by_kind(&seen())).unwrap();
        assert_eq!(text, "kind,ops,instructions\ninsert,4,400\nremove,0,0\nget,6,120\nloop_around,10,50\n");
        assert_eq!((of_kind(&seen(), Kind::Get), of_kind(&seen(), Kind::Remove)), (Some(20.0), None));
    }

    #[test]
    fn a_part_is_said_to_be_one() {
        let tape = "0".repeat(32).try_into().unwrap();
        let part = Instructions { beginning: Some(Beginning { tape, ops: 1000, of: 20_000 }), ..seen() };
        assert!(beginning(&part).contains("The first 1,000 operations of 20,000"), "{}", beginning(&part));
        assert_eq!(beginning(&seen()), "");
    }
}
