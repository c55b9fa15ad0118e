//! Every recording of the real runtime replays without a difference.

use std::fs::File;
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

#[test]
fn classic() {
    let verified = all("classic");
    assert_eq!((verified.len(), operations(&verified)), (9, 49_924));
    assert!(verified.iter().all(|one| one.hashes > 0 && one.dumps > 0 && one.placements > 0));
}

#[test]
fn swiss() {
    let verified = all("swiss");
    assert_eq!((verified.len(), operations(&verified)), (6, 46_612));
    assert!(verified.iter().all(|one| one.hashes > 0 && one.dumps > 0 && one.placements > 0));
}

#[test]
fn sync_map() {
    let verified = all("syncmap");
    assert_eq!((verified.len(), operations(&verified)), (2, 3_600));
}

#[test]
fn hash_trie() {
    let verified = all("hashtrie");
    assert_eq!((verified.len(), operations(&verified)), (1, 3_000));
    assert!(verified.iter().all(|one| one.hashes == 400 && one.dumps == 60));
}

#[test]
fn pool() {
    let verified = all("pool");
    assert_eq!((verified.len(), verified[0].skipped.len(), verified[0].dumps), (1, 6, 30));
    assert_eq!((verified[0].go.as_str(), verified[0].results), ("go1.27.3", 264));
}
