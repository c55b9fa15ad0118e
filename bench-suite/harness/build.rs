//! Tells the program which compiler built it and for what, since a session says so, and hands it what it needs where it
//! is installed alone: the workloads, the sources of the Go program, and those of the measured programs.

#[path = "build/program_sources.rs"]
mod program_sources;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use program_sources::Source;

fn main() {
    let compiler = std::env::var("RUSTC").expect("cargo names the compiler");
    let version = Command::new(compiler).arg("--version").output().expect("the compiler tells its version");
    println!("cargo::rustc-env=CHURNMARK_RUSTC={}", String::from_utf8_lossy(&version.stdout).trim());
    let target = std::env::var("TARGET").expect("cargo names the target");
    println!("cargo::rustc-env=CHURNMARK_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let here =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder of this crate"));
    write_list("real_go.rs", "SOURCES", &go_sources(&here.join("real-go")));
    write_list("workloads.rs", "WORKLOADS", &workloads(&here.join("workloads")));
    write_list("programs.rs", "PROGRAM_SOURCES", &programs(&here.join("../..")));
}

/// The files in `real-go` that a build needs.
fn go_sources(folder: &Path) -> BTreeMap<String, Source> {
    let mut files = files(folder);
    files.retain(|name, _| match name.rsplit_once('.') {
        Some((stem, "go")) => !stem.ends_with("_test"),
        Some((_, ending)) => ending == "s" || name == "go.mod",
        None => false,
    });
    files
}

/// The workloads that are shipped, what they show, their recordings, and whose those are.
fn workloads(folder: &Path) -> BTreeMap<String, Source> {
    let mut workloads = files(folder);
    workloads.retain(|name, _| Path::new(name).extension().is_some_and(|ending| ending == "toml"));
    for inner in ["findings", "traces"] {
        let files = files(&folder.join(inner));
        workloads.extend(files.into_iter().map(|(name, file)| (format!("{inner}/{name}"), file)));
    }
    workloads
}

/// The sources of the measured programs, where they are. A package of this crate alone has none, and a build for tests
/// needs none: it stands beside the programs.
fn programs(root: &Path) -> BTreeMap<String, Source> {
    let wanted = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if !wanted || !root.join("bench-suite/maps").is_dir() {
        return BTreeMap::new();
    }
    let sources = program_sources::list(root);
    println!("cargo::rerun-if-changed={}", root.join("Cargo.toml").display());
    // A new file beside those that are there changes the list.
    for source in sources.values() {
        if let Source::File(file) = source {
            println!("cargo::rerun-if-changed={}", file.parent().unwrap_or(root).display());
        }
    }
    sources
}

fn files(folder: &Path) -> BTreeMap<String, Source> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files =
        entries.map(|entry| entry.expect("a folder can be read")).filter(|entry| entry.path().is_file());
    let name = |name: std::ffi::OsString| name.into_string().expect("sources have plain names");
    files.map(|entry| (name(entry.file_name()), Source::File(entry.path()))).collect()
}

/// Writes a list of files with what is in them, as a constant.
fn write_list(file: &str, constant: &str, sources: &BTreeMap<String, Source>) {
    let mut list = format!("const {constant}: [(&str, &[u8]); {}] = [\n", sources.len());
    for (name, source) in sources {
        match source {
            Source::File(path) => {
                writeln!(list, "({name:?}, include_bytes!({:?})),", path.display().to_string())
            }
            Source::Text(text) => writeln!(list, "({name:?}, {text:?}.as_bytes()),"),
        }
        .expect("text has room");
    }
    list.push_str("];\n");
    let out = std::env::var("OUT_DIR").expect("cargo names a folder for what is generated");
    std::fs::write(Path::new(&out).join(file), list).expect("the list can be written");
}
