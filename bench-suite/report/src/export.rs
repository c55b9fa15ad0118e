//! The figures of a session as files that other tools read.

mod trace;

use std::path::Path;

use formats::session::Session;
use formats::shown::{shown_json, shown_text};

use crate::answer;
use crate::expected;
use crate::file_name::file_name;
use crate::headline;
use crate::section;
use crate::sweep;
use crate::view::View;

/// Every data file of a session, as paths below its `data` folder and bytes: `trace.json` in Chrome's trace format,
/// with phases, slices and heap of every run; `answer.json`, the answer; `headlines.csv`, four figures for each workload
/// and map; `sweeps.csv`, the points of swept workloads; `expectations.json`, what became of what was expected, where
/// anything was; and for each workload and map, at `<workload>/<map>.<name>`, the files of every section of the report.
#[must_use]
pub fn files(session: &Session) -> Vec<(String, Vec<u8>)> {
    of_view(&View::new(session))
}

pub(crate) fn of_view(view: &View<'_>) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("trace.json".to_owned(), trace::json(view)),
        ("answer.json".to_owned(), serde_json::to_vec_pretty(&answer::of_view(view)).unwrap_or_default()),
        ("headlines.csv".to_owned(), headline::write(&headline::of_view(view))),
    ];
    files.extend(sweep::csv(view).map(|bytes| ("sweeps.csv".to_owned(), bytes)));
    let judged = expected::of_view(view);
    if !judged.is_empty() {
        let json = serde_json::to_vec_pretty(&judged).unwrap_or_default();
        files.push(("expectations.json".to_owned(), json));
    }
    for workload in &view.workloads {
        for result in &workload.results {
            let path = format!("{}/{}", file_name(workload.name), file_name(result.map));
            let of_sections = section::EACH.iter().flat_map(|section| (section.files)(workload, result));
            files.extend(of_sections.map(|(name, bytes)| (format!("{path}.{name}"), bytes)));
        }
    }
    for (path, bytes) in &mut files {
        *bytes = shown(path, std::mem::take(bytes));
    }
    files
}

/// The bytes of a file without anything in them that a terminal obeys: names come from outside. Whatever is no text
/// stays as it is.
fn shown(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) if Path::new(path).extension().is_some_and(|ending| ending == "json") => {
            shown_json(text).into_bytes()
        }
        Ok(text) => shown_text(text).into_bytes(),
        Err(error) => error.into_bytes(),
    }
}
