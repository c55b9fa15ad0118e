//! Tapes that must never change. `BLESS=1` writes the lists anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use formats::tape::Tape;
use xxhash_rust::xxh3::Xxh3;

/// What is kept of a tape: the digest of its bytes, and that of its operations alone. A header that says more than it
/// did changes the first and never the second.
pub(crate) fn digests(tape: &Tape) -> String {
    let mut ops = Xxh3::new();
    for thread in 0..tape.threads() {
        for op in tape.thread(thread) {
            ops.update(&[op.kind() as u8]);
            ops.update(&op.key().to_le_bytes());
        }
    }
    format!("{} {:032x}", tape.id(), ops.digest128())
}

/// Compares the tapes, by name what [`digests`] gives of them, with the list in `tests/golden/<file>`.
///
/// A tape depends on its workload and on the version of the generator. Where the workloads are `fixed`, a tape
/// that changed while the version did not is refused even when blessed.
pub(crate) fn check(file: &str, tapes: &BTreeMap<String, String>, fixed: bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let head = format!("generator {}\n", generator::VERSION);
    let mut text = head.clone();
    for (name, digests) in tapes {
        writeln!(text, "{digests} {name}").unwrap();
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("BLESS").is_none() {
        assert_eq!(old, text, "tapes changed; if they should, raise generator::VERSION and set BLESS=1");
        return;
    }
    if fixed && old.starts_with(&head) {
        let name = |line: &str| line.splitn(3, ' ').nth(2).map(str::to_owned);
        let known: BTreeMap<_, _> = old.lines().skip(1).map(|line| (name(line), line)).collect();
        for line in text.lines().skip(1) {
            let same = known.get(&name(line)).is_none_or(|old| *old == line);
            assert!(same, "another tape than before: raise generator::VERSION, then bless: {line}");
        }
    }
    std::fs::write(&path, text).unwrap();
}
