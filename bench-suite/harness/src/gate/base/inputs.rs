//! What a build read outside of its commit: crates by a path, an adapter that the base does not have itself. When it
//! changes, the kept programs are no longer those of the base.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use formats::whole;
use xxhash_rust::xxh3::xxh3_128;

/// The file that says what was read, beside the programs.
pub(super) const INPUTS_FILE: &str = "inputs.json";
/// What no build reads, or what it writes.
const PASSED_OVER: [&str; 2] = ["target", ".git"];

/// Files that a build read, with the digest that each had.
type Inputs = BTreeMap<PathBuf, String>;

/// Keeps which files went into the programs, as cargo noted it beside each, but for those in the folders `known`: the
/// commit, and what the build made itself.
pub(super) fn keep(programs: &[PathBuf], known: [&Path; 2], folder: &Path) -> Result<()> {
    let read: BTreeSet<PathBuf> = programs.iter().flat_map(|program| read_by(program)).collect();
    let is_known = |file: &PathBuf| known.iter().any(|folder| file.starts_with(folder));
    let outside = read.into_iter().filter(|file| file.is_absolute() && !is_known(file));
    let mut inputs = Inputs::new();
    for file in outside {
        // Manifests decide features and versions, those of workspaces too.
        let manifests: Vec<PathBuf> = file.ancestors().map(|above| above.join("Cargo.toml")).collect();
        for file in manifests.into_iter().filter(|manifest| manifest.is_file()).chain([file]) {
            let digest = digest(&file)?;
            inputs.insert(file, digest);
        }
    }
    // One that is not there yet counts too: it can come.
    for file in configurations(known[0]) {
        let digest = digest(&file)?;
        inputs.insert(file, digest);
    }
    let text = serde_json::to_string_pretty(&inputs).context("inputs are JSON")?;
    let file = folder.join(INPUTS_FILE);
    fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// Where cargo looks for settings of a build in this folder, but for the folder itself.
fn configurations(source: &Path) -> impl Iterator<Item = PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let above = source.ancestors().skip(1).map(|folder| folder.join(".cargo"));
    above.chain(home).flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)))
}

/// The manifest that a build looked for outside of the commit and did not find, by what cargo said: a relative path that
/// leads out of the repository leads elsewhere from where the commit was checked out.
pub(super) fn missed(said: &str, source: &Path) -> Option<PathBuf> {
    let quoted = said.split('`').map(Path::new).filter(|path| path.is_absolute());
    let manifests = quoted.filter(|path| path.ends_with("Cargo.toml"));
    manifests.filter(|path| !path.starts_with(source) && !path.exists()).map(Path::to_path_buf).next()
}

/// Whether everything that went into the kept programs is as it was.
pub(super) fn are_as_they_were(folder: &Path) -> bool {
    let inputs = fs::read(folder.join(INPUTS_FILE)).ok();
    let inputs = inputs.and_then(|bytes| serde_json::from_slice::<Inputs>(&bytes).ok());
    inputs.is_some_and(|inputs| inputs.iter().all(|(file, was)| digest(file).is_ok_and(|is| is == *was)))
}

/// The files of a folder of the head that is put into a base, as bytes that change with them.
pub(super) fn of_folder(folder: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for file in files(folder)? {
        all.extend(file.as_os_str().as_encoded_bytes());
        all.extend(digest(&folder.join(&file))?.bytes());
    }
    Ok(all)
}

/// Puts the files of a folder where another one is.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let (from, to) = (from.join(&file), to.join(&file));
        let copied = fs::create_dir_all(to.parent().unwrap_or(&to)).and_then(|()| fs::copy(&from, &to));
        copied.with_context(|| format!("{} cannot be put into the base", from.display()))?;
    }
    Ok(())
}

/// The files below a folder, by their paths in it, in order.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let (mut found, mut left) = (BTreeSet::new(), vec![PathBuf::new()]);
    while let Some(inner) = left.pop() {
        let here = folder.join(&inner);
        let entries = fs::read_dir(&here).with_context(|| format!("`{}` cannot be read", here.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("`{}` cannot be read", here.display()))?;
            let path = inner.join(entry.file_name());
            if !entry.path().is_dir() {
                found.insert(path);
            } else if !PASSED_OVER.iter().any(|name| entry.file_name() == *name) {
                left.push(path);
            }
        }
    }
    Ok(found)
}

/// What cargo wrote down as read by the build of a program: `program: file file …`, a space in a name behind a `\`.
/// Other builders write nothing down.
fn read_by(program: &Path) -> Vec<PathBuf> {
    let text = whole::read(&program.with_added_extension("d")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).replace("\\ ", "\0");
    let names = text.lines().filter_map(|line| line.split_once(": ")).flat_map(|(_, names)| names.split(' '));
    names.filter(|name| !name.is_empty()).map(|name| PathBuf::from(name.replace('\0', " "))).collect()
}

fn digest(file: &Path) -> Result<String> {
    match whole::read(file) {
        Ok(bytes) => Ok(format!("{:032x}", xxh3_128(&bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok("missing".into()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_of_the_commit_is_looked_at_again() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (file, text) in [
            ("source/src/lib.rs", "in the commit"),
            ("a dependency/Cargo.toml", "manifest"),
            ("a dependency/src/lib.rs", "outside"),
        ] {
            fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            fs::write(at(file), text).unwrap();
        }
        let noted = ["a dependency/src/lib.rs", "source/src/lib.rs", "target/made.rs"]
            .map(|file| at(file).display().to_string().replace(' ', "\\ "));
        fs::write(at("mine.d"), format!("{}: {}\n", at("mine").display(), noted.join(" "))).unwrap();
        keep(&[at("mine")], [&at("source"), &at("target")], folder.path()).unwrap();
        assert!(are_as_they_were(folder.path()));
        fs::write(at("source/src/lib.rs"), "the commit says what it is").unwrap();
        assert!(are_as_they_were(folder.path()));
        for file in ["a dependency/Cargo.toml", "a dependency/src/lib.rs"] {
            let was = fs::read(at(file)).unwrap();
            fs::write(at(file), "changed").unwrap();
            assert!(!are_as_they_were(folder.path()), "{file}");
            fs::write(at(file), was).unwrap();
        }
        fs::remove_file(at("a dependency/src/lib.rs")).unwrap();
        assert!(!are_as_they_were(folder.path()));
        assert!(!are_as_they_were(&at("source")), "what was kept without inputs is built again");
    }

    #[test]
    fn settings_of_cargo_are_looked_at_again() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("bases/source");
        keep(&[], [&source, &source], folder.path()).unwrap();
        assert!(are_as_they_were(folder.path()));
        fs::create_dir_all(folder.path().join("bases/.cargo")).unwrap();
        fs::write(folder.path().join("bases/.cargo/config.toml"), "[build]\nrustflags = []\n").unwrap();
        assert!(!are_as_they_were(folder.path()));
    }

    #[test]
    fn what_a_relative_path_missed_is_found_in_what_cargo_said() {
        let source = Path::new("/bases/source");
        let said = "error: failed to load source for dependency `other`\n\nCaused by:\n  failed to read `/bases/other/Cargo.toml`\n";
        assert_eq!(missed(said, source), Some("/bases/other/Cargo.toml".into()));
        for other in ["failed to read `/bases/source/Cargo.toml`", "`Cargo.toml` is `odd`", "error: no `"] {
            assert_eq!(missed(other, source), None, "{other}");
        }
    }

    #[test]
    fn a_folder_is_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("src")).unwrap();
        fs::create_dir_all(from.join("target")).unwrap();
        fs::write(from.join("src/lib.rs"), "one").unwrap();
        let before = of_folder(&from).unwrap();
        fs::write(from.join("target/built"), "no source").unwrap();
        assert_eq!(of_folder(&from).unwrap(), before);
        copy(&from, &to).unwrap();
        assert_eq!(of_folder(&to).unwrap(), before);
        assert!(!to.join("target").exists());
        fs::write(from.join("src/lib.rs"), "two").unwrap();
        assert_ne!(of_folder(&from).unwrap(), before);
    }
}
