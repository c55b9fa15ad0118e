//! Tapes that must never change. `BLESS=1` writes the lists anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use formats::tape::TapeId;

/// Compares the tapes with the list in `tests/golden/<file>`.
///
/// A tape depends on its workload and on the version of the generator. Where the workloads are `fixed`, a tape
/// that changed while the version did not is refused even when blessed.
pub(crate) fn check(file: &str, tapes: &BTreeMap<String, TapeId>, fixed: bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let head = format!("generator {}\n", generator::VERSION);
    let mut text = head.clone();
    for (name, id) in tapes {
        writeln!(text, "{id} {name}").unwrap();
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("BLESS").is_none() {
        assert_eq!(old, text, "tapes changed; if they should, raise generator::VERSION and set BLESS=1");
        return;
    }
    if fixed && old.starts_with(&head) {
        for (id, name) in old.lines().skip(1).filter_map(|line| line.split_once(' ')) {
            let same = tapes.get(name).is_none_or(|now| now.to_string() == id);
            assert!(same, "`{name}` gives another tape than before: raise generator::VERSION, then bless");
        }
    }
    std::fs::write(&path, text).unwrap();
}
