//! Tells each map the version of the library behind it: what `Cargo.lock` resolved, and which rustc ships std.
//!
//! Sets `VERSION_OF_<NAME>` for every direct dependency, the name in upper case with `_` for `-`, and
//! `VERSION_OF_STD`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() -> Result<(), String> {
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let file = lock_file(&folder)
        .ok_or_else(|| format!("no Cargo.lock in {} or above it: versions are unknown", folder.display()))?;
    println!("cargo::rerun-if-changed={}", file.display());
    println!("cargo::rerun-if-changed=build.rs");
    let lock = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    for (name, version) in dependencies(&lock, &variable("CARGO_PKG_NAME")?)? {
        tell(&name, &version);
    }
    tell("std", &rustc_version()?);
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn lock_file(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|above| above.join("Cargo.lock")).find(|file| file.is_file())
}

fn tell(name: &str, version: &str) {
    println!("cargo::rustc-env=VERSION_OF_{}={version}", name.to_uppercase().replace('-', "_"));
}

/// Name and version of each direct dependency of `package`. The lock file writes `"name version"` where
/// several versions are in the tree, and `"name"` where there is one.
fn dependencies(lock: &str, package: &str) -> Result<Vec<(String, String)>, String> {
    let blocks: Vec<&str> = lock.split("[[package]]").collect();
    let named = |name: &str| {
        blocks
            .iter()
            .copied()
            .find(|block| field(block, "name") == Some(name))
            .ok_or_else(|| format!("Cargo.lock does not list {name}"))
    };
    let entries = named(package)?.lines().filter(|line| line.starts_with(" \""));
    entries
        .map(|line| {
            let mut words = line.trim_matches([' ', '"', ',']).split(' ');
            let name = words.next().unwrap_or_default();
            let version = match words.next() {
                Some(version) => version,
                None => field(named(name)?, "version")
                    .ok_or_else(|| format!("Cargo.lock gives {name} no version"))?,
            };
            Ok((name.to_owned(), version.to_owned()))
        })
        .collect()
}

/// The text of `key = "text"`.
fn field<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    let value = |line: &'a str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
    block.lines().find_map(value)
}

fn rustc_version() -> Result<String, String> {
    let rustc = variable("RUSTC")?;
    let output = Command::new(&rustc)
        .arg("--version")
        .output()
        .map_err(|error| format!("{rustc} --version: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split(' ').nth(1).ok_or_else(|| format!("{rustc} --version says {text:?}"))?;
    Ok(version.trim().to_owned())
}
