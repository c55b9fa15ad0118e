//! What is measured does not change when an experiment of the article does: the code of the maps is built before and
//! after, and compared byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A copy of the sources beside what is built.
fn copy() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured-code");
    let listed = Command::new("git").args(["ls-files", "bench-suite"]).current_dir(&root).output().unwrap();
    assert!(listed.status.success(), "the sources are in a git repository");
    let listed = String::from_utf8(listed.stdout).unwrap();
    for file in listed.lines().filter(|file| root.join(file).is_file()).chain(["Cargo.lock"]) {
        write(&copy.join(file), &fs::read(root.join(file)).unwrap());
    }
    // Another version: what is built of the copy must never be taken for what is built of the workspace.
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("version = \"0.1.0\"", "version = \"0.1.0-copied\"");
    write(&copy.join("Cargo.toml"), manifest.as_bytes());
    copy
}

/// Writes a file unless it reads so already: cargo goes by the time of a change.
fn write(file: &Path, bytes: &[u8]) {
    if fs::read(file).is_ok_and(|there| there == bytes) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

/// Builds the library of the maps, which holds every measured loop, and gives the bytes of each library of the suite
/// that went into it.
fn libraries(copy: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--message-format=json", "--package", "churnmark-maps", "--lib"]);
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    let output = cargo.current_dir(copy).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let artifacts = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ours = artifacts.filter(|one| {
        let manifest = one["manifest_path"].as_str().unwrap_or_default();
        one["reason"] == "compiler-artifact" && Path::new(manifest).starts_with(copy)
    });
    let files = ours.flat_map(|one| one["filenames"].as_array().unwrap().clone());
    let files = files.filter_map(|file| file.as_str().map(PathBuf::from));
    let libraries = files.filter(|file| file.extension().is_some_and(|extension| extension == "rlib"));
    libraries.map(|file| (file.display().to_string(), fs::read(file).unwrap())).collect()
}

#[test]
fn an_experiment_is_no_part_of_what_is_measured() {
    let copy = copy();
    let before = libraries(&copy);
    let names = ["formats", "go_maps", "subject", "maps"];
    assert!(names.iter().all(|name| before.keys().any(|file| file.contains(&format!("lib{name}")))));
    let experiment = copy.join("bench-suite/article/src/experiment/bucket.rs");
    let text = fs::read_to_string(&experiment).unwrap();
    let start = text.find("fn run(").and_then(|start| Some(start + text[start..].find('{')? + 1)).unwrap();
    let changed = format!("{}\n    std::hint::black_box(1);{}", &text[..start], &text[start..]);
    write(&experiment, changed.as_bytes());
    let after = libraries(&copy);
    assert!(before == after, "the code of the maps changed with an experiment of the article");
}
