//! Tapes for bounded caches: every operation takes a key of the keyspace, and nobody says which of them live.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use formats::tape::{Kind, Tape};
use formats::workload::Workload;

fn tape(rest: &str) -> Tape {
    let text = format!("name = \"test\"\nwhy = \"A test.\"\nbound = 100\nkeyspace = 1000\n{rest}");
    generator::generate(&Workload::parse(&text, Path::new("test.toml")).unwrap()).unwrap()
}

fn keys(tape: &Tape, kinds: &[Kind]) -> BTreeSet<u64> {
    let ops = (0..tape.threads()).flat_map(|thread| tape.thread(thread));
    ops.filter(|op| kinds.contains(&op.kind())).map(|op| op.key()).collect()
}

#[test]
fn a_tape_says_its_bound_and_not_what_lives() {
    let tape = tape("ops = 5000\nmix = { fetch = 80, get_absent = 5, insert = 5, remove = 5, update = 5 }");
    let header = tape.header();
    assert_eq!((header.bound, header.executed.hits, header.executed.end_live), (Some(100), None, None));
    assert!(header.executed.live.is_empty() && header.executed.answers.is_empty());
    let count = |kind: Kind| header.executed.kinds[kind as usize];
    let counts = [Kind::Insert, Kind::Remove, Kind::Get, Kind::Update, Kind::Fetch].map(count);
    assert_eq!(counts, [100 + 250, 250, 250, 250, 4000]);
    assert!(!header.phases[0].counts && header.phases[1].counts);
    // The filling puts different keys.
    let filled: BTreeSet<u64> = tape.thread(0)[..100].iter().map(|op| op.key()).collect();
    assert_eq!(filled.len(), 100);
    // What is put somewhere has the first numbers, each of them.
    assert_eq!(keys(&tape, &[Kind::Insert, Kind::Fetch]), (0..header.distinct).collect());
    assert!(header.distinct <= 1000 && header.distinct > 900);
    // No two ask for the same key that is never there.
    assert_eq!(keys(&tape, &[Kind::Get]).len(), 250);
    assert!(keys(&tape, &[Kind::Get]).iter().all(|key| *key >= header.distinct));
}

#[test]
fn keys_come_back_by_the_law_of_get() {
    let most = |law: &str| {
        let tape = tape(&format!("ops = 20000\nmix = {{ fetch = 100 }}\nget = {law}"));
        let mut often: BTreeMap<u64, u64> = BTreeMap::new();
        for op in tape.thread(0).iter().filter(|op| op.kind() == Kind::Fetch) {
            *often.entry(op.key()).or_default() += 1;
        }
        let mut often: Vec<u64> = often.into_values().collect();
        often.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
        often.iter().take(100).sum::<u64>()
    };
    // A tenth of the keys: of 1,000 by Zipf's law with 0.99 they are asked for about two times in three.
    assert!((2_600..3_100).contains(&most("\"uniform\"")), "{}", most("\"uniform\""));
    assert!((12_000..14_500).contains(&most("{ zipf = 0.99 }")), "{}", most("{ zipf = 0.99 }"));
    let hot = most("{ hotspot = { keys = 10, gets = 90 } }");
    assert!((17_700..18_300).contains(&hot), "{hot}");
}

#[test]
fn threads_own_their_keys_or_share_all() {
    let threads = |shared: bool| {
        let tape = tape(&format!(
            "threads = 3\nkeys_shared = {shared}\nops = 9000\nmix = {{ fetch = 90, remove = 5, insert = 5 }}"
        ));
        let of = |thread| tape.thread(thread).iter().map(|op| op.key()).collect::<BTreeSet<_>>();
        [of(0), of(1), of(2)]
    };
    let [a, b, c] = threads(false);
    assert!(a.is_disjoint(&b) && b.is_disjoint(&c) && a.is_disjoint(&c));
    let [a, b, _] = threads(true);
    assert!(a.intersection(&b).count() > 500);
}

#[test]
fn a_recording_reads_through_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    let played = |format: &str, records: &str| {
        std::fs::write(folder.path().join("t.csv"), records).unwrap();
        let text = format!(
            "name = \"t\"\nwhy = \"A test.\"\nbound = 8\n[trace]\nfile = \"t.csv\"\nformat = \"{format}\"\n"
        );
        std::fs::write(&file, text).unwrap();
        let tape =
            generator::generate(&Workload::read(&file).unwrap()[0]).map_err(|fault| fault.to_string())?;
        assert_eq!(tape.header().bound, Some(8));
        let ops: Vec<String> = tape.thread(0).iter().map(|op| format!("{op:?}")).collect();
        Ok::<String, String>(ops.join(", "))
    };
    assert_eq!(played("keys", "a\nb\na\n").unwrap(), "fetch 0, fetch 1, fetch 0");
    let written = "?,a\n+,b,8\n=,b\n-,a\n=,c\n";
    assert_eq!(played("operations", written).unwrap(), "fetch 0, insert 1, update 1, remove 0, update 2");
    // After three operations b leaves by itself, though it was asked for; a never does.
    let dying = "?,a\n+,b,8,3\n?,b\n?,a\n?,a\n";
    let played_on = played("operations", dying).unwrap();
    assert_eq!(played_on, "fetch 0, insert 1, fetch 1, fetch 0, remove 1, fetch 0");
    let said = played("operations", "+,a\nclear,a\n").unwrap_err();
    assert!(said.contains("t.csv: its operation 2 (clear) is about all entries"), "{said}");
}
