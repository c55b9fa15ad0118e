//! How often maps hashed keys and compared them: what their work is made of, whatever the machine.

use formats::observation::{Calls, Collector};
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::{leading, listed};
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "calls",
    title: "Hashes and comparisons",
    shows: &[Collector::Calls],
    render,
    files,
};

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let seen: Vec<(&str, Rates)> =
        workload.results.iter().filter_map(|result| Some((result.map, Rates::of(result)?))).collect();
    if seen.is_empty() {
        return html! {};
    }
    html! {
        p .finding { (finding(&seen)) }
        (table(&seen).markup())
        p .note {
            "Counted by the keys themselves, in a separate pass: identical on every run. Rates are per operation that names a \
             key, " (workload.load()) ". Rehashed entries: hashes beyond one per such operation, over the whole tape; a map \
             that hashes twice per operation shows there too. Comparisons of stored hashes are not seen."
        }
    }
}

/// The figures of one map.
struct Rates {
    hashes: f64,
    comparisons: f64,
    /// Hashes beyond one an operation over the whole tape; `None` for a map that does not hash.
    rehashed: Option<u64>,
}

impl Rates {
    /// `None` where keys were not counted or no operation names one.
    fn of(result: &MapResult<'_>) -> Option<Self> {
        let calls = result.first::<Calls>()?;
        let phases = result.counted(&calls.phases);
        let sum = |figures: &mut dyn Iterator<Item = u64>| figures.map(|figure| figure as f64).sum::<f64>();
        let ops = sum(&mut phases.iter().map(|phase| phase.key_ops));
        (ops > 0.0).then(|| Self {
            hashes: sum(&mut phases.iter().map(|phase| phase.hashes)) / ops,
            comparisons: sum(&mut phases.iter().map(|phase| phase.comparisons)) / ops,
            rehashed: calls.phases.iter().any(|phase| phase.hashes > 0).then(|| calls.rehashed()),
        })
    }
}

fn table(seen: &[(&str, Rates)]) -> Table {
    let mut table =
        Table::new(["map", "hashes per operation", "comparisons per operation", "rehashed entries"]);
    for (map, rates) in seen {
        table.row([
            (*map).to_owned(),
            format!("{:.3}", rates.hashes),
            format!("{:.3}", rates.comparisons),
            rates.rehashed.map_or_else(|| NONE.to_owned(), number::count),
        ]);
    }
    table
}

fn finding(seen: &[(&str, Rates)]) -> String {
    let most = leading(seen.iter().filter_map(|(map, rates)| Some((*map, rates.rehashed?))));
    let never: Vec<&str> =
        seen.iter().filter(|(_, rates)| rates.rehashed == Some(0)).map(|(map, _)| *map).collect();
    let most = most.map_or_else(
        || "No map rehashed an entry.".to_owned(),
        |(maps, count)| format!("Most rehashed entries: {maps}, {}.", number::count(count)),
    );
    match never.as_slice() {
        [] => most,
        never => format!("{most} None in {}.", listed(never, 5)),
    }
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    result.first::<Calls>().map(|seen| ("calls.csv".to_owned(), phase_figures(seen))).into_iter().collect()
}

fn phase_figures(seen: &Calls) -> Vec<u8> {
    let rows = seen.phases.iter().map(|phase| {
        let counts = [phase.ops, phase.key_ops, phase.hashes, phase.comparisons];
        let [ops, key_ops, hashes, comparisons] = counts.map(|figure| figure.to_string());
        [phase.phase.clone(), ops, key_ops, hashes, comparisons]
    });
    csv_file(["phase", "ops", "key_ops", "hashes", "comparisons"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(rehashed: Option<u64>) -> Rates {
        Rates { hashes: 1.0, comparisons: 1.0, rehashed }
    }

    #[test]
    fn who_hashes_again_is_named() {
        let seen = [("a", rates(Some(5))), ("b", rates(None)), ("c", rates(Some(0)))];
        assert_eq!(finding(&seen), "Most rehashed entries: a, 5. None in c.");
        assert_eq!(finding(&seen[..1]), "Most rehashed entries: a, 5.");
        let tied = [("a", rates(Some(5))), ("b", rates(Some(5)))];
        assert_eq!(finding(&tied), "Most rehashed entries: a and b, 5.");
        assert_eq!(finding(&seen[1..2]), "No map rehashed an entry.");
    }
}
