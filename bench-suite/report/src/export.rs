//! The figures of a session as files that other tools read.

mod histogram;
mod table;
mod trace;

use std::fmt::Write;

use formats::session::Session;

use crate::view::View;

/// Every data file of a session, as paths below its `data` folder and bytes:
///
/// ```text
/// trace.json                          Chrome's trace format: phases, slices and heap of every run
/// <workload>/<map>.throughput.csv     times of every slice
/// <workload>/<map>.heap.csv           bytes over the tape
/// <workload>/<map>.slots.csv          where inserts landed, window by window
/// <workload>/<map>.classes.csv        allocations by size class
/// <workload>/<map>.events.csv         structural events, how often in each window
/// <workload>/<map>.event-list.csv     the first events of each kind, one by one
/// <workload>/<map>.decisions.csv      which slots inserts took
/// <workload>/<map>.calls.csv          how often keys were hashed and compared
/// <workload>/<map>.contention.csv     locks, waits and retries of each thread
/// <workload>/<map>.tracker.csv        of those, what was met at the tracker of slots
/// <workload>/<map>.hlog               HdrHistogram V2 interval log, a tag for each phase and kind
/// <workload>/<map>.<kind>.hgrm        percentiles of one kind, all rounds together
/// <workload>/<map>.<kind>.response.hgrm  the same of its response times, where the tape has a timetable
/// ```
#[must_use]
pub fn files(session: &Session) -> Vec<(String, Vec<u8>)> {
    let view = View::new(session);
    let mut files = vec![("trace.json".to_owned(), trace::json(&view))];
    for workload in &view.workloads {
        for result in &workload.results {
            let path = format!("{}/{}", file_name(workload.name), file_name(result.map));
            for (name, bytes) in table::files(result).into_iter().chain(histogram::files(workload, result)) {
                files.push((format!("{path}.{name}"), bytes));
            }
        }
    }
    files
}

/// A name from outside as the name of one file or folder: letters, digits and `-_.+@` stay, any other byte
/// becomes `=` and its hex digits, and so does a dot at the front. Different names stay different, and none
/// leads out of its folder or needs escaping in a link.
#[must_use]
pub fn file_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-_+@".contains(&byte) || (byte == b'.' && index > 0) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "={byte:02X}");
        }
    }
    if out.is_empty() { "=".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["hashbrown", "fifo-window", "indexmap_swap", "2026-a+", "v1.2", "fifo@0.3"] {
            assert_eq!(file_name(name), name);
        }
        assert_eq!(file_name(".."), "=2E.");
        assert_eq!(file_name("../a b"), "=2E.=2Fa=20b");
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_folder(a in "(?s).{0,20}", b in "(?s).{0,20}") {
            let file = file_name(&a);
            prop_assert!(!file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '"', '<', '%']));
            prop_assert_eq!(a == b, file == file_name(&b));
        }
    }
}
