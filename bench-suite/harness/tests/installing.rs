//! What `cargo install` and a registry need is there: packages without a hole, and the sources of the measured programs.

#[path = "../build/program_sources.rs"]
mod program_sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use program_sources::Source;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn cargo(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn packages(metadata: &[u8]) -> Vec<Value> {
    serde_json::from_slice::<Value>(metadata).unwrap()["packages"].as_array().unwrap().clone()
}

fn names(packages: &[Value]) -> BTreeSet<&str> {
    packages.iter().filter_map(|package| package["name"].as_str()).collect()
}

/// Cargo takes what is embedded for a workspace in which it builds both programs, with the versions of our lock file.
#[test]
fn the_sources_of_the_measured_programs_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let sources = program_sources::list(&root());
    for (name, source) in &sources {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        match source {
            Source::File(from) => fs::copy(from, &file).map(drop).unwrap(),
            Source::Text(text) => fs::write(&file, text).unwrap(),
        }
    }
    assert!(sources.keys().all(|name| !name.contains("/tests/")), "tests are not built");
    read_files_are_there(&folder.path().join("bench-suite"));
    // What other systems need is not here, and not asked for.
    let host = env!("CHURNMARK_TARGET");
    let asked = ["metadata", "--offline", "--filter-platform", host, "--format-version", "1"];
    let (here, there) = (packages(&cargo(&root(), &asked)), packages(&cargo(folder.path(), &asked)));
    let ours = names(&there).into_iter().filter(|name| name.starts_with("churnmark")).collect::<Vec<_>>();
    assert!(ours.contains(&"churnmark-maps") && ours.contains(&"churnmark-article"), "{ours:?}");
    assert!(!ours.contains(&"churnmark") && !ours.contains(&"churnmark-report"), "{ours:?}");
    let version = |packages: &[Value], name: &str| -> BTreeSet<String> {
        let of_name = packages.iter().filter(|package| package["name"] == name);
        of_name.map(|package| package["version"].to_string()).collect()
    };
    for name in names(&there) {
        let (theirs, locked) = (version(&there, name), version(&here, name));
        assert!(theirs.is_subset(&locked), "{name}: {theirs:?} is not of {locked:?}");
    }
}

/// The packages as a registry would get them, unpacked.
#[test]
fn packages_hold_all_that_their_builds_read() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target").display().to_string();
    let metadata = packages(&cargo(&root(), &["metadata", "--no-deps", "--format-version", "1"]));
    // No registry is allowed for the others.
    let (published, others): (Vec<_>, Vec<_>) =
        metadata.into_iter().partition(|package| package["publish"].is_null());
    assert!(published.len() > others.len(), "{:?}", names(&others));
    let mut package =
        vec!["package", "--workspace", "--no-verify", "--offline", "--allow-dirty", "--target-dir", &target];
    package.extend(names(&others).into_iter().flat_map(|name| ["--exclude", name]));
    cargo(&root(), &package);
    for name in names(&published) {
        let archive =
            folder.path().join(format!("target/package/{name}-{}.crate", env!("CARGO_PKG_VERSION")));
        let unpacked =
            Command::new("tar").arg("xzf").arg(&archive).current_dir(folder.path()).status().unwrap();
        assert!(unpacked.success(), "{}", archive.display());
        let package = folder.path().join(format!("{name}-{}", env!("CARGO_PKG_VERSION")));
        for file in ["LICENSE", "README.md", "Cargo.lock", "Cargo.toml"] {
            assert!(package.join(file).is_file(), "{name} has no {file}");
        }
        read_files_are_there(&package.join("src"));
    }
    let ours = folder.path().join(format!("churnmark-{}", env!("CARGO_PKG_VERSION")));
    for linked in ["workloads", "workloads/findings", "workloads/traces", "real-go"] {
        let files = |folder: PathBuf| -> BTreeSet<_> {
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
        };
        let (packed, here) =
            (files(ours.join(linked)), files(root().join("bench-suite/harness").join(linked)));
        assert_eq!(packed, here, "{linked}");
    }
}

/// Every file that a source includes by its path.
fn read_files_are_there(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_files_are_there(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for call in ["include_str!(\"", "include_bytes!(\"", "#[path = \"", "gdb_script_file = \""] {
                for named in text.split(call).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                    assert!(path.parent().unwrap().join(named).is_file(), "{}: {named}", path.display());
                }
            }
        }
    }
}
