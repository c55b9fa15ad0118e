//! The figures of a session as files that other tools read.

mod trace;

use std::path::Path;

use formats::session::Session;
use formats::shown::{shown_json, shown_text};

use crate::answer;
use crate::expected;
use crate::file_name::file_name;
use crate::headline;
use crate::prometheus;
use crate::section;
use crate::sweep;
use crate::view::View;

/// What other tools read, and that is written when somebody asks for it: it takes more room than all that it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Tables, one for each workload, map and kind of figure.
    Csv,
    /// Logs of `HdrHistogram`.
    Hlog,
    /// Percentiles for the plotter of `HdrHistogram`.
    Hgrm,
    /// Films of slots, a picture each.
    Film,
    /// One trace of all runs, in Chrome's format.
    Trace,
    /// Counters and gauges in Prometheus' text format.
    Prometheus,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Csv, Self::Hlog, Self::Hgrm, Self::Film, Self::Trace, Self::Prometheus];

    /// What the names of its files end with.
    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Hlog => ".hlog",
            Self::Hgrm => ".hgrm",
            Self::Film => ".film.png",
            Self::Trace => TRACE,
            Self::Prometheus => METRICS,
        }
    }
}

const TRACE: &str = "trace.json";
const METRICS: &str = "metrics.prom";

/// Every data file of a session, as paths below its `data` folder and bytes: those that stand beside the report, and the
/// exports.
#[must_use]
pub fn files(session: &Session) -> Vec<(String, Vec<u8>)> {
    let view = View::new(session);
    let exports = exports(&view, &Form::ALL);
    beside(&view).into_iter().chain(exports).collect()
}

/// What is written with the report: `answer.json`, the answer; `headlines.csv`, five figures for each workload and map;
/// `sweeps.csv`, the points of swept workloads; `expectations.json`, what became of what was expected, where anything
/// was.
pub(crate) fn beside(view: &View<'_>) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("answer.json".to_owned(), serde_json::to_vec_pretty(&answer::of_view(view)).unwrap_or_default()),
        ("headlines.csv".to_owned(), headline::write(&headline::of_view(view))),
    ];
    files.extend(sweep::csv(view).map(|bytes| ("sweeps.csv".to_owned(), bytes)));
    let judged = expected::of_view(view);
    if !judged.is_empty() {
        let json = serde_json::to_vec_pretty(&judged).unwrap_or_default();
        files.push(("expectations.json".to_owned(), json));
    }
    files.into_iter().map(shown).collect()
}

/// The exports in these forms, one after the other: `trace.json`, with phases, slices, heap and structural changes of
/// every run; `metrics.prom`, the newest figures; and for each workload and map, at `<workload>/<map>.<name>`, the files of every section of the report.
pub(crate) fn exports<'v>(
    view: &'v View<'_>,
    forms: &'v [Form],
) -> impl Iterator<Item = (String, Vec<u8>)> + use<'v> {
    let trace = forms.contains(&Form::Trace).then(|| (TRACE.to_owned(), trace::json(view)));
    let metrics = forms
        .contains(&Form::Prometheus)
        .then(|| (METRICS.to_owned(), prometheus::text(view.session).into_bytes()));
    let results = view
        .workloads
        .iter()
        .flat_map(|workload| workload.results.iter().map(move |result| (workload, result)));
    let of_results = results.flat_map(|(workload, result)| {
        let path = format!("{}/{}", file_name(workload.name), file_name(result.map));
        let of_sections = section::EACH.iter().flat_map(|section| (section.files)(workload, result));
        of_sections.map(|(name, bytes)| (format!("{path}.{name}"), bytes)).collect::<Vec<_>>()
    });
    let is_asked_for = |(name, _): &(String, Vec<u8>)| forms.iter().any(|form| name.ends_with(form.ending()));
    trace.into_iter().chain(metrics).chain(of_results).filter(is_asked_for).map(shown)
}

/// The bytes of a file without anything in them that a terminal obeys: names come from outside. Whatever is no text
/// stays as it is.
fn shown((path, bytes): (String, Vec<u8>)) -> (String, Vec<u8>) {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if Path::new(&path).extension().is_some_and(|ending| ending == "json") => {
            shown_json(text).into_bytes()
        }
        Ok(text) => shown_text(text).into_bytes(),
        Err(error) => error.into_bytes(),
    };
    (path, bytes)
}
