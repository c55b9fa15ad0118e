//! What is not played, in few rows.

use formats::observation::Collector;
use formats::session::LeftOut;
use formats::shown::shown;
use formats::subject::MapInfo;
use formats::workload::Workload;

use super::reason::Reason;

/// Adds a map to the row of its workload, collector and reason. The rows of a workload come one after the other.
pub(super) fn add(
    rows: &mut Vec<LeftOut>,
    workload: &Workload,
    map: &MapInfo,
    collector: Collector,
    why: &Reason,
) {
    let (why, collectors) = (why.to_string(), [collector]);
    let same = |row: &&mut LeftOut| row.collectors == collectors && row.why == why;
    let of_workload = rows.iter_mut().rev().take_while(|row| row.workload == workload.name);
    match of_workload.into_iter().find(same) {
        Some(row) => row.maps.push(map.name.clone()),
        None => rows.push(LeftOut {
            workload: workload.name.clone(),
            maps: vec![map.name.clone()],
            collectors: collectors.into(),
            why,
        }),
    }
}

/// Rows that differ in the collector only become one.
pub(super) fn merge_collectors(rows: &mut Vec<LeftOut>) {
    let mut merged: Vec<LeftOut> = Vec::new();
    for row in rows.drain(..) {
        let same = |kept: &&mut LeftOut| (&kept.maps, &kept.why) == (&row.maps, &row.why);
        match merged.iter_mut().rev().take_while(|kept| kept.workload == row.workload).find(same) {
            Some(kept) => kept.collectors.extend(row.collectors),
            None => merged.push(row),
        }
    }
    *rows = merged;
}

/// What is left out, in a few lines: rows that differ in the workload only become one.
pub(crate) fn describe(rows: &[LeftOut]) -> Vec<String> {
    let mut grouped: Vec<(Vec<&str>, &LeftOut)> = Vec::new();
    for row in rows {
        let same = |kept: &LeftOut| {
            (&kept.maps, &kept.collectors, &kept.why) == (&row.maps, &row.collectors, &row.why)
        };
        match grouped.iter_mut().find(|(_, kept)| same(kept)) {
            Some((workloads, _)) => workloads.push(&row.workload),
            None => grouped.push((vec![&row.workload], row)),
        }
    }
    let line = |(workloads, row): (Vec<&str>, &LeftOut)| {
        let collectors: Vec<&str> = row.collectors.iter().map(|collector| collector.name()).collect();
        let what = if collectors.len() == Collector::ALL.len() {
            "everything".into()
        } else {
            collectors.join(", ")
        };
        shown(&format!("{}: {what} of {}: {}", workloads.join(", "), row.maps.join(", "), row.why))
    };
    grouped.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(workload: &str, maps: &[&str], collectors: &[Collector]) -> LeftOut {
        let maps = maps.iter().map(ToString::to_string).collect();
        LeftOut { workload: workload.into(), maps, collectors: collectors.into(), why: "slow".into() }
    }

    #[test]
    fn what_is_left_out_is_said_once() {
        let mut rows = vec![
            row("a", &["m"], &[Collector::Slots]),
            row("a", &["m"], &[Collector::Heap]),
            row("b", &["m"], &[Collector::Slots, Collector::Heap]),
            row("b", &["m", "n"], &Collector::ALL),
        ];
        merge_collectors(&mut rows);
        assert_eq!(rows.len(), 3);
        assert_eq!(describe(&rows), ["a, b: slots, heap of m: slow", "b: everything of m, n: slow"]);
    }
}
