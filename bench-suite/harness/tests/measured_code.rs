//! What is measured does not change when an experiment of the article does: the code of the maps is built before and
//! after, and compared byte for byte.

mod layer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use layer::{Layer, root};
use serde_json::Value;

/// The crates that hold every measured loop.
const MEASURED: [&str; 4] = ["formats", "go_maps", "subject", "maps"];
const EXPERIMENT: &str = "bench-suite/article/src/experiment/bucket.rs";

/// Sources that may be changed.
enum Sources {
    /// Those of the checkout, with all that is built of them.
    Layer(Layer),
    /// A copy beside what is built, of which nothing is.
    Copy(PathBuf),
}

impl Sources {
    fn new(folder: &Path) -> Self {
        Layer::new(folder.into()).map_or_else(|| Self::Copy(copy()), Self::Layer)
    }

    /// Where a file below the root was written, or else the one of the checkout.
    fn file(&self, below: &Path) -> PathBuf {
        let written = match self {
            Self::Layer(layer) => layer.written().join(below),
            Self::Copy(copy) => copy.join(below),
        };
        if written.is_file() { written } else { root().join(below) }
    }

    fn change(&self, below: &str, text: &str) {
        let file = match self {
            Self::Layer(layer) => layer.written().join(below),
            Self::Copy(copy) => copy.join(below),
        };
        write(&file, text.as_bytes());
    }

    /// Builds what is there: the bytes of the libraries that are measured, and which targets were built anew.
    fn build(&self) -> (BTreeMap<PathBuf, Vec<u8>>, BTreeSet<String>) {
        let (mut cargo, at) = match self {
            // As the tests are: then all of it is there.
            Self::Layer(layer) => {
                let whole = "cargo test --offline --locked --no-run --workspace --message-format=json";
                (layer.shell(whole), root())
            }
            Self::Copy(copy) => {
                let mut cargo = Command::new(env!("CARGO"));
                cargo.args([
                    "build",
                    "--offline",
                    "--message-format=json",
                    "--package",
                    "churnmark-maps",
                    "--lib",
                ]);
                cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
                cargo.current_dir(copy);
                (cargo, copy.clone())
            }
        };
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        // The programs that it built are named in words.
        let artifacts = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let name = |one: &Value| one["target"]["name"].as_str().unwrap_or_default().to_owned();
        let ours: Vec<Value> = artifacts
            .filter(|one| {
                let manifest = one["manifest_path"].as_str().unwrap_or_default();
                one["reason"] == "compiler-artifact" && Path::new(manifest).starts_with(&at)
            })
            .collect();
        let anew = ours.iter().filter(|one| one["fresh"] == false).map(name).collect();
        let measured = ours.iter().filter(|one| MEASURED.contains(&name(one).as_str()));
        let files = measured.flat_map(|one| one["filenames"].as_array().unwrap().clone());
        let files = files.filter_map(|file| file.as_str().map(PathBuf::from));
        let libraries = files.filter(|file| file.extension().is_some_and(|extension| extension == "rlib"));
        let bytes = libraries.map(|library| {
            let file = library.strip_prefix(root()).map_or(library.clone(), |below| self.file(below));
            (library, fs::read(file).unwrap())
        });
        (bytes.collect(), anew)
    }
}

/// A copy of the sources beside what is built.
fn copy() -> PathBuf {
    let root = root();
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

#[test]
fn an_experiment_is_no_part_of_what_is_measured() {
    let folder = tempfile::TempDir::new().unwrap();
    let sources = Sources::new(folder.path());
    let (before, _) = sources.build();
    let named =
        |name: &str| before.keys().any(|file| file.display().to_string().contains(&format!("lib{name}")));
    assert!(MEASURED.iter().all(|name| named(name)), "{:?}", before.keys());
    let text = fs::read_to_string(root().join(EXPERIMENT)).unwrap();
    let start = text.find("fn run(").and_then(|start| Some(start + text[start..].find('{')? + 1)).unwrap();
    let changed = format!("{}\n    std::hint::black_box(1);{}", &text[..start], &text[start..]);
    sources.change(EXPERIMENT, &changed);
    let (after, anew) = sources.build();
    if let Sources::Layer(_) = sources {
        assert_eq!(
            anew,
            BTreeSet::from(["churnmark-article".into()]),
            "the change is built, and nothing else"
        );
    }
    assert!(before == after, "the code of the maps changed with an experiment of the article");
}
