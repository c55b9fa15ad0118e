//! Bucket paths: through how many places the hits, misses and inserts of a map go.

use std::collections::BTreeMap;

use formats::observation::{KindProbes, ProbeUnit, Probes};
use maud::Markup;

use super::Look;
use crate::chart::figure::{Table, figure as captioned};
use crate::chart::grid::{Among, GridRow, grid};
use crate::chart::scale::Unit;
use crate::map_result::MapResult;
use crate::number;
use crate::prose::listed;
use crate::section::SHADES;
use crate::view::WorkloadResults;

/// Longer paths stand in columns of a factor of two.
const SINGLE: u64 = 8;

/// The column of a path: one for each length, then one for each doubling.
fn column(length: u64) -> usize {
    let column = match length {
        0..=SINGLE => length,
        _ => SINGLE + u64::from(((length - 1) / SINGLE).ilog2()) + 1,
    };
    usize::try_from(column).unwrap_or(usize::MAX)
}

/// What stands above it.
fn head(column: usize) -> String {
    let column = column as u64;
    if column <= SINGLE {
        return column.to_string();
    }
    let low = SINGLE << (column - SINGLE - 1);
    format!("{} to {}", number::count(low + 1), number::count(low.saturating_mul(2)))
}

/// How many operations have a path of each length.
type Paths = BTreeMap<u64, u64>;

fn paths(result: &MapResult<'_>, seen: &Probes, look: Look) -> Paths {
    let kinds = result.counted(&seen.phases).iter().flat_map(|phase| &phase.kinds);
    let mut paths = Paths::new();
    for (length, ops) in kinds.filter(|one: &&KindProbes| Look::of(one) == look).flat_map(|one| &one.lengths)
    {
        let sum = paths.entry(*length).or_default();
        *sum = sum.saturating_add(*ops);
    }
    paths
}

/// The figure of the maps that can tell.
pub(super) fn figure(workload: &WorkloadResults<'_>, seen: &[(&MapResult<'_>, &Probes)]) -> Markup {
    let all: Vec<(&MapResult<'_>, ProbeUnit, Look, Paths)> = seen
        .iter()
        .flat_map(|(result, seen)| {
            Look::ALL.map(|look| (*result, seen.unit, look, paths(result, seen, look)))
        })
        .filter(|(.., paths)| paths.values().any(|ops| *ops > 0))
        .collect();
    let ends = || all.iter().flat_map(|(.., paths)| paths.keys().copied());
    let (first, last) = (ends().min().map_or(0, column), ends().max().map_or(0, column));
    let heads: Vec<String> = (first..=last).map(head).collect();
    let mut data =
        Table::new(["map", "looked for", "unit"].map(str::to_owned).into_iter().chain(heads.clone()));
    let mut rows = Vec::new();
    for (result, unit, look, paths) in &all {
        let ops = number::total(paths.values()) as f64;
        let mut figures = vec![0.0; heads.len()];
        for (length, of_length) in paths {
            figures[column(*length) - first] += *of_length as f64 / ops;
        }
        let shares =
            figures.iter().map(|share| if *share > 0.0 { number::percent(*share) } else { String::new() });
        let about = [result.map, look.name(), unit.name()].map(str::to_owned);
        data.row(about.into_iter().chain(shares));
        rows.push(GridRow { name: result.map, part: Some(look.name()), figures });
    }
    let id = format!("{}-probes-paths", workload.anchor);
    let title = format!("Places gone to in {}", workload.name);
    let about = "For each map a row of hits, one of misses and one of inserts; a column for each number of places gone to.";
    let chart = grid(&id, &title, about, &heads, (Unit::Share, Among::All), &rows);
    let finding = format!(
        "{}Columns: groups, buckets or nodes gone to; shades: the share of the operations. {SHADES}",
        finding(&all)
    );
    captioned(&id, "Bucket paths: places gone to on the way to a key", &finding, &chart, &data)
}

/// Of each unit, the maps of which the fewest hits end where they begin: units are not compared.
fn finding(all: &[(&MapResult<'_>, ProbeUnit, Look, Paths)]) -> String {
    let mut by_unit: BTreeMap<ProbeUnit, Vec<(&str, f64)>> = BTreeMap::new();
    for (result, unit, _, paths) in
        all.iter().filter(|(result, _, look, _)| result.is_candidate && *look == Look::Hit)
    {
        let at_first = number::total(paths.range(..=1).map(|(_, ops)| ops)) as f64;
        by_unit.entry(*unit).or_default().push((result.map, at_first / number::total(paths.values()) as f64));
    }
    let told = by_unit.iter().filter_map(|(unit, maps)| {
        let least = maps.iter().map(|(_, share)| *share).reduce(f64::min)?;
        let least = number::percent(least);
        let tied: Vec<&str> =
            maps.iter().filter(|(_, share)| number::percent(*share) == least).map(|(map, _)| *map).collect();
        Some(format!("{least} at the first {} in {}", unit.name(), listed(&tied, 4)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        String::new()
    } else {
        format!("Hits that end where they begin, the fewest of each unit: {}. ", told.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use formats::observation::{PhaseProbes, Reading};
    use formats::tape::Kind;

    use super::*;
    use crate::view::View;

    #[test]
    fn every_length_has_a_column_and_long_ones_share_it() {
        let columns = [0, 1, 8, 9, 16, 17, 32, 33].map(column);
        assert_eq!(columns, [0, 1, 8, 9, 9, 10, 10, 11]);
        assert_eq!([1, 8, 9, 10].map(head), ["1", "8", "9 to 16", "17 to 32"]);
        assert!(column(u64::MAX) < 100);
    }

    #[test]
    fn paths_are_told_by_map_and_by_what_is_looked_for() {
        let mut session = crate::sample::sized(&["hashbrown", "std"], &["a"], 1, 4);
        crate::sample::each_reading(&mut session, |pass, reading| {
            let Reading::Probes(seen) = reading else { return };
            let kind = |found, lengths| KindProbes { kind: Kind::Get, found, lengths };
            let kinds = if pass.map == "std" {
                vec![kind(true, vec![(1, 70), (2, 30)]), kind(false, vec![(20, 5)])]
            } else {
                vec![kind(true, vec![(1, 100)])]
            };
            let phase = |name: &str, kinds| PhaseProbes { phase: name.into(), ops: 100, kinds };
            seen.phases = vec![phase("fill", Vec::new()), phase("churn", kinds)];
        });
        let view = View::new(&session);
        let workload = &view.workloads[0];
        let seen: Vec<_> =
            workload.results.iter().filter_map(|result| Some((result, result.first::<Probes>()?))).collect();
        let page = figure(workload, &seen).into_string();
        for said in [
            "the fewest of each unit: 70.0 % at the first group in std.",
            "data-columns=\"1|2|3|4|5|6|7|8|9 to 16|17 to 32\"",
            "data-name=\"std: miss\" data-figures=\"|||||||||100 %\"",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
    }
}
