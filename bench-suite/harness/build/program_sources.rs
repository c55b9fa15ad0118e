//! Which files the measured programs are built from: those of the crates that they use, in a workspace of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates of the measured programs; with them come those that they use.
const PROGRAMS: [&str; 2] = ["maps", "article"];

/// What lies in a crate and no build reads.
const UNREAD: [&str; 4] = ["tests", "target", "recorder", "LICENSE"];

/// A file of the workspace that the programs are built in.
pub(crate) enum Source {
    /// As it lies there.
    File(PathBuf),
    /// Written anew.
    Text(String),
}

/// Every file, by its path from the root of the workspace. Cargo drops from the lock file what is not used.
pub(crate) fn list(root: &Path) -> BTreeMap<String, Source> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the workspace has a manifest");
    let crates = crates(root, &manifest);
    let mut sources = BTreeMap::from([("Cargo.toml".into(), Source::Text(with_members(&manifest, &crates)))]);
    for file in ["Cargo.lock", ".cargo/config.toml"] {
        sources.insert(file.into(), Source::File(root.join(file)));
    }
    for folder in &crates {
        add(root, folder, &mut sources);
    }
    sources
}

/// The folders of the crates that the programs use, and of the programs.
fn crates(root: &Path, manifest: &str) -> Vec<String> {
    let mut folders: Vec<String> = PROGRAMS.map(|name| format!("bench-suite/{name}")).into();
    let mut seen = 0;
    while seen < folders.len() {
        let file = root.join(&folders[seen]).join("Cargo.toml");
        let used = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let names =
            used.lines().filter_map(|line| line.split_once(".workspace = true")).map(|(name, _)| name);
        for folder in names.filter_map(|name| folder_of(manifest, name)) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        seen += 1;
    }
    folders.sort();
    folders
}

/// Where the workspace has a crate of ours: `name = { package = "…", path = "…", … }`.
fn folder_of(manifest: &str, name: &str) -> Option<String> {
    let line =
        manifest.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(" = {")))?;
    let (_, path) = line.split_once("path = \"")?;
    Some(path.split('"').next()?.into())
}

/// The manifest of the workspace with these members only.
fn with_members(manifest: &str, members: &[String]) -> String {
    let part = |from: &str| {
        let start = manifest.find(from).expect("the workspace lists its members and what it excludes");
        start..start + manifest[start..].find(']').expect("a list ends")
    };
    let (listed, excluded) = (part("members = ["), part("exclude = ["));
    let (before, between) = (&manifest[..listed.start], &manifest[listed.end..excluded.start]);
    format!("{before}members = {members:?}\n{}exclude = []{}", &between[1..], &manifest[excluded.end + 1..])
}

fn add(root: &Path, folder: &str, sources: &mut BTreeMap<String, Source>) {
    for entry in fs::read_dir(root.join(folder)).expect("a crate has a folder") {
        let entry = entry.expect("a folder can be read");
        let name = entry.file_name().into_string().expect("sources have plain names");
        let path = format!("{folder}/{name}");
        if UNREAD.contains(&name.as_str()) {
            continue;
        }
        if entry.path().is_dir() {
            add(root, &path, sources);
        } else {
            sources.insert(path, Source::File(entry.path()));
        }
    }
}
