//! Tells the program which compiler built it and for what, since a session says so, and hands it the sources of the Go program.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

fn main() {
    let compiler = std::env::var("RUSTC").expect("cargo names the compiler");
    let version = Command::new(compiler).arg("--version").output().expect("the compiler tells its version");
    println!("cargo::rustc-env=CHURNMARK_RUSTC={}", String::from_utf8_lossy(&version.stdout).trim());
    let target = std::env::var("TARGET").expect("cargo names the target");
    println!("cargo::rustc-env=CHURNMARK_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
    list_go_sources();
}

/// Writes the list of the files in `real-go` that a build needs, with their texts.
fn list_go_sources() {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder of this crate");
    let folder = Path::new(&here).join("../real-go");
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = folder.read_dir().expect("the Go program is beside this crate");
    let names = entries.map(|entry| entry.expect("a folder can be read").file_name().into_string());
    let mut names: Vec<String> = names.map(|name| name.expect("sources have plain names")).collect();
    names.retain(|name| match name.rsplit_once('.') {
        Some((stem, "go")) => !stem.ends_with("_test"),
        Some((_, ending)) => ending == "s" || name == "go.mod",
        None => false,
    });
    names.sort();
    let mut list = format!("const SOURCES: [(&str, &str); {}] = [\n", names.len());
    for name in names {
        let file = folder.join(&name).display().to_string();
        writeln!(list, "({name:?}, include_str!({file:?})),").expect("text has room");
    }
    list.push_str("];\n");
    let out = std::env::var("OUT_DIR").expect("cargo names a folder for what is generated");
    std::fs::write(Path::new(&out).join("real_go.rs"), list).expect("the list can be written");
}
