//! What a session comes to in five figures for each workload and map, and who leads in which.
//!
//! ```text
//! Session ─▶ Headlines ⇄ headlines.csv
//!                └─▶ leaders: a table in Markdown
//! ```

use formats::session::Session;
use formats::subject::MapKind;
use serde::{Deserialize, Serialize};

use crate::map_result::Landed;
use crate::markdown::cell;
use crate::number::{self, NONE};
use crate::view::{View, WorkloadResults};

/// What one map did under one load. `None` where a collector did not run, failed, or saw nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// The name of the workload.
    pub workload: String,
    /// The name of the map.
    pub map: String,
    /// How the map can be used.
    pub kind: MapKind,
    /// Whether the other maps are compared with this one.
    pub is_reference: bool,
    /// Operations a second: the median over the rounds.
    pub ops_per_second: Option<f64>,
    /// The same over that of the reference map: the median over paired rounds.
    pub speed_ratio: Option<f64>,
    /// The lower end of the interval for that ratio.
    pub speed_ratio_low: Option<f64>,
    /// Its upper end.
    pub speed_ratio_high: Option<f64>,
    /// The 99.9th percentile of the service time of all operations, ns.
    pub p999_ns: Option<u64>,
    /// Bytes held over entries alive.
    pub bytes_per_entry: Option<f64>,
    /// The share of inserts that reused a slot, 0 to 1.
    pub reuse: Option<f64>,
    /// The share of look-ups that found their entry in a bounded cache, 0 to 1.
    #[serde(default)]
    pub hits: Option<f64>,
}

/// The headlines of a session, in the order of the report. Maps that do nothing have none.
#[must_use]
pub fn headlines(session: &Session) -> Vec<Headline> {
    of_view(&View::new(session))
}

pub(crate) fn of_view(view: &View<'_>) -> Vec<Headline> {
    view.workloads.iter().flat_map(|workload| of_workload(view, workload)).collect()
}

fn of_workload(view: &View<'_>, workload: &WorkloadResults<'_>) -> Vec<Headline> {
    let results = workload.results.iter().filter(|result| !result.is_null);
    results
        .map(|result| {
            let figures = &result.figures;
            let interval = figures.speed_ratio.and_then(|ratio| ratio.interval);
            Headline {
                workload: workload.name.to_owned(),
                map: result.map.to_owned(),
                kind: view.info(result.map).map_or(MapKind::Single, |info| info.kind),
                is_reference: result.map == workload.reference,
                ops_per_second: figures.ops_per_second,
                speed_ratio: figures.speed_ratio.map(|ratio| ratio.estimate),
                speed_ratio_low: interval.map(|interval| interval.low),
                speed_ratio_high: interval.map(|interval| interval.high),
                p999_ns: figures.percentiles.and_then(|quoted| quoted[2]),
                bytes_per_entry: figures.bytes_per_entry,
                reuse: figures.landed.map(Landed::reuse),
                hits: figures.hit_rate(),
            }
        })
        .collect()
}

/// Headlines as CSV, a line for each.
#[must_use]
pub fn write(headlines: &[Headline]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    for headline in headlines {
        // Writing to memory does not fail, and every headline has the same columns.
        let _ = out.serialize(headline);
    }
    out.into_inner().unwrap_or_default()
}

/// Headlines from CSV; an error names the line.
pub fn read(bytes: &[u8]) -> Result<Vec<Headline>, csv::Error> {
    csv::Reader::from_reader(bytes).deserialize().collect()
}

/// A figure of the table, and which of two is the better.
struct Column {
    figure: fn(&Headline) -> Option<f64>,
    highest: bool,
    text: fn(f64) -> String,
}

const COLUMNS: [Column; 4] = [
    Column {
        figure: |headline| headline.ops_per_second,
        highest: true,
        text: |speed| number::significant(speed / 1e6),
    },
    Column { figure: |headline| headline.p999_ns.map(|ns| ns as f64), highest: false, text: number::nanos },
    Column { figure: |headline| headline.bytes_per_entry, highest: false, text: number::bytes_each },
    Column { figure: |headline| headline.reuse, highest: true, text: number::percent },
];

impl Column {
    /// What the best of these maps has.
    fn best(&self, headlines: &[&Headline]) -> Option<f64> {
        let figures = headlines.iter().filter_map(|headline| (self.figure)(headline));
        if self.highest { figures.max_by(f64::total_cmp) } else { figures.min_by(f64::total_cmp) }
    }
}

/// For each of these workloads the reference map and the maps that are best in a figure, as a table in Markdown; the
/// best figures are bold. Slot managers are left out: they are asked for keys of their own.
#[must_use]
pub fn leaders(headlines: &[Headline], workloads: &[&str]) -> String {
    let mut out = String::from(
        "| load | map | Mop/s | × reference | p99.9 | B/entry | reused |\n|---|---|--:|--:|--:|--:|--:|\n",
    );
    for workload in workloads {
        let plays = |headline: &&Headline| headline.workload == *workload && headline.kind.has_keys();
        let maps: Vec<&Headline> = headlines.iter().filter(plays).collect();
        let best = COLUMNS.each_ref().map(|column| column.best(&maps));
        let leads = |headline: &&&Headline| {
            let first = |(column, best): (&Column, &Option<f64>)| {
                let has = |other: &&Headline| (column.figure)(other) == *best;
                best.is_some()
                    && maps.iter().copied().find(has).is_some_and(|lead| std::ptr::eq(lead, **headline))
            };
            headline.is_reference || COLUMNS.iter().zip(&best).any(first)
        };
        let mut load = cell(workload);
        for headline in maps.iter().filter(leads) {
            out += &row(&load, headline, &best);
            load.clear();
        }
    }
    out
}

fn row(load: &str, headline: &Headline, best: &[Option<f64>; 4]) -> String {
    let [speed, tail, bytes, reuse] = std::array::from_fn(|at| {
        let figure = (COLUMNS[at].figure)(headline);
        let text = figure.map_or_else(|| NONE.to_owned(), COLUMNS[at].text);
        if figure.is_some() && figure == best[at] { format!("**{text}**") } else { text }
    });
    let ratio = match (headline.is_reference, headline.speed_ratio) {
        (true, _) => "reference".to_owned(),
        (_, Some(ratio)) => number::significant(ratio) + &interval(headline),
        (_, None) => NONE.to_owned(),
    };
    format!("| {load} | {} | {speed} | {ratio} | {tail} | {bytes} | {reuse} |\n", cell(&headline.map))
}

fn interval(headline: &Headline) -> String {
    match (headline.speed_ratio_low, headline.speed_ratio_high) {
        (Some(low), Some(high)) => {
            format!(" ({}–{})", number::factor_digits(low), number::factor_digits(high))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(map: &str, kind: MapKind, speed: f64, p999_ns: u64, reuse: f64) -> Headline {
        Headline {
            workload: "churn".to_owned(),
            map: map.to_owned(),
            kind,
            is_reference: map == "std",
            ops_per_second: Some(speed),
            speed_ratio: Some(speed / 1e7),
            speed_ratio_low: None,
            speed_ratio_high: None,
            p999_ns: Some(p999_ns),
            bytes_per_entry: None,
            reuse: Some(reuse),
            hits: None,
        }
    }

    fn some() -> Vec<Headline> {
        vec![
            headline("slab", MapKind::SlotManager, 9e7, 1, 1.0),
            headline("fast", MapKind::Single, 2e7, 900, 0.5),
            headline("std", MapKind::Single, 1e7, 400, 0.5),
            headline("dull", MapKind::Single, 9e6, 500, 0.4),
            headline("tree", MapKind::Single, 5e6, 300, 0.5),
        ]
    }

    #[test]
    fn who_leads_is_in_the_table_and_nobody_else() {
        let table = leaders(&some(), &["churn", "absent"]);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| churn | fast | **20.0** | 2.00 | 900 ns | – | **50.0 %** |",
                "|  | std | 10.0 | reference | 400 ns | – | **50.0 %** |",
                "|  | tree | 5.00 | 0.50 | **300 ns** | – | **50.0 %** |",
            ]
        );
    }

    #[test]
    fn what_was_written_reads_back() {
        assert_eq!(read(&write(&some())).unwrap(), some());
        let error = read(b"workload,map\nchurn,std,1\n").unwrap_err().to_string();
        assert!(error.contains("line: 2"), "{error}");
    }
}
