//! Every recording of the real runtime replays without a difference.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use go_maps::recorded::{self, Verified};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn verify(path: &Path) -> Verified {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    recorded::verify(file, &name).unwrap_or_else(|error| panic!("{error}"))
}

/// Replays every recording whose name starts so.
fn all(prefix: &str) -> Vec<Verified> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the golden folder is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)))
        .collect();
    paths.sort();
    paths.iter().map(|path| verify(path)).collect()
}

fn operations(verified: &[Verified]) -> u64 {
    verified.iter().map(|verified| verified.operations).sum()
}

/// What is compared in every recording of a built-in map.
fn is_whole(verified: &Verified) -> bool {
    verified.hashes > 0 && verified.dumps > 0 && verified.placements > 0
}

/// Those that tell what was played without naming each operation.
fn in_turns(verified: &Verified) -> bool {
    verified.name.contains("fifo") || verified.name.contains("uniform")
}

#[test]
fn classic() {
    let verified = all("classic");
    assert_eq!((verified.len(), operations(&verified)), (20, 189_624));
    assert!(verified.iter().all(|one| in_turns(one) || is_whole(one)));
    assert_eq!(verified.iter().filter(|one| one.works > 0).count(), 7);
}

#[test]
fn swiss() {
    let verified = all("swiss");
    assert_eq!((verified.len(), operations(&verified)), (24, 770_112));
    assert!(verified.iter().all(|one| in_turns(one) || is_whole(one)));
    assert_eq!(verified.iter().filter(|one| one.works > 0).count(), 8);
}

/// Slots of all tables after the fill and after the last turn, as recorded.
fn slots(name: &str) -> (u64, u64) {
    #[derive(serde::Deserialize)]
    struct Turn {
        cap: Option<u64>,
    }
    let file = File::open(folder().join(name)).expect("the recording is there");
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines().map(|line| line.expect("text"));
    let turns: Vec<u64> = lines.filter_map(|line| serde_json::from_str::<Turn>(&line).ok()?.cap).collect();
    assert_eq!((turns.len(), verify(&folder().join(name)).digests), (61, 61));
    (turns[0], turns[60])
}

/// The same 2,800 entries, all replaced 60 times: with keys that Go does not prune for, tables split again and again.
#[test]
fn at_constant_size_tables_grow_most_with_keys_that_are_not_pruned_for() {
    assert_eq!(slots("swiss_go127_u64_fifo2800.jsonl.gz"), (4 * 1024, 8 * 1024));
    assert_eq!(slots("swiss_go127_uuid_fifo2800.jsonl.gz"), (4 * 1024, 14 * 1024));
}

#[test]
fn sync_map() {
    let verified = all("syncmap");
    assert_eq!((verified.len(), operations(&verified)), (2, 3_600));
}

#[test]
fn hash_trie() {
    let verified = all("hashtrie");
    assert_eq!((verified.len(), operations(&verified)), (3, 6_000));
    assert!(verified.iter().all(|one| one.hashes >= 300 && one.dumps >= 3));
}

#[test]
fn pool() {
    let verified = all("pool");
    assert_eq!((verified.len(), verified[0].skipped.len(), verified[0].dumps), (1, 6, 30));
    assert_eq!((verified[0].go.as_str(), verified[0].results), ("go1.27.3", 264));
}
