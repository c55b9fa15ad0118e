//! What a change of each usual kind touches, and that the compiler leads to every place of it: one of each is added to
//! a copy of the workspace, which is then checked by the compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// What is added: new files with their texts, and lines that follow a line of a file that is there.
#[derive(Clone, Copy)]
struct Addition {
    files: &'static [(&'static str, &'static str)],
    lines: &'static [Insertion],
}

/// A line to be added.
struct Insertion {
    file: &'static str,
    /// Behind the first line that reads so.
    behind: &'static str,
    line: &'static str,
}

const OBSERVATION: &str = "bench-suite/formats/src/observation.rs";
const STAGE: &str = "bench-suite/subject/src/stage.rs";
const SECTIONS: &str = "bench-suite/report/src/section/mod.rs";
const METRICS: &str = "bench-suite/formats/src/gate/exact.rs";
const FIGURES: &str = "bench-suite/harness/src/gate/exact/figures.rs";
const MAPS: &str = "bench-suite/maps/src/lib.rs";
const MAPS_MANIFEST: &str = "bench-suite/maps/Cargo.toml";

/// What a collector sees, and its name in the list of all collectors. The compiler asks for the rest.
const COLLECTOR_FIGURES: Addition = Addition {
    files: &[(
        "bench-suite/formats/src/observation/page_faults.rs",
        include_str!("extending/collector_figures.rs"),
    )],
    lines: &[
        Insertion { file: OBSERVATION, behind: "mod latency;", line: "mod page_faults;" },
        Insertion {
            file: OBSERVATION,
            behind: "pub use self::stacks::Stacks;",
            line: "pub use self::page_faults::PageFaults;",
        },
        Insertion {
            file: OBSERVATION,
            behind: "Stacks = \"stacks\",",
            line: "    /// Page faults.\n    PageFaults = \"page_faults\",",
        },
    ],
};

/// How it is seen, and how it is shown.
const COLLECTOR_REST: Addition = Addition {
    files: &[
        ("bench-suite/subject/src/stage/page_faults.rs", include_str!("extending/collector_stage.rs")),
        ("bench-suite/report/src/section/page_faults.rs", include_str!("extending/collector_section.rs")),
    ],
    lines: &[
        Insertion { file: STAGE, behind: "mod latency;", line: "mod page_faults;" },
        Insertion {
            file: STAGE,
            behind: "Collector::Stacks => self.stacks(driver)?,",
            line: "            Collector::PageFaults => self.page_faults(driver)?,",
        },
        Insertion { file: SECTIONS, behind: "cpu,", line: "        page_faults," },
    ],
};

/// A figure that a gate compares, and what it is.
const METRIC_NAME: Addition = Addition {
    files: &[],
    lines: &[Insertion {
        file: METRICS,
        behind: "Instructions = \"instructions\": INSTRUCTIONS,",
        line: "    /// Times that a key was hashed.\n    KeyHashes = \"key_hashes\": count(Collector::Calls),",
    }],
};

/// Where it comes from.
const METRIC_VALUE: Addition = Addition {
    files: &[],
    lines: &[Insertion {
        file: FIGURES,
        behind: "Metric::Instructions => None,",
        line: "        Metric::KeyHashes => Some(calls()?.phases.iter().map(|phase| phase.hashes).sum()),",
    }],
};

const MAP: Addition = Addition {
    files: &[("bench-suite/maps/src/hashbrown_xxh3.rs", include_str!("extending/map.rs"))],
    lines: &[
        Insertion { file: MAPS, behind: "single btree;", line: "            single hashbrown_xxh3;" },
        Insertion { file: MAPS_MANIFEST, behind: "[dependencies]", line: "xxhash-rust.workspace = true" },
    ],
};

const SECTION: Addition = Addition {
    files: &[("bench-suite/report/src/section/count.rs", include_str!("extending/section.rs"))],
    lines: &[Insertion { file: SECTIONS, behind: "verdict,", line: "        count," }],
};

/// Every file that some additions touch.
fn touched(additions: &[Addition]) -> BTreeSet<&'static str> {
    let new = |addition: &Addition| addition.files.iter().map(|(file, _)| *file);
    let changed = |addition: &Addition| addition.lines.iter().map(|insertion| insertion.file);
    additions.iter().flat_map(new).chain(additions.iter().flat_map(changed)).collect()
}

#[test]
fn little_is_touched() {
    assert!(touched(&[COLLECTOR_FIGURES, COLLECTOR_REST]).len() <= 6, "a collector");
    assert_eq!(touched(&[METRIC_NAME, METRIC_VALUE]).len(), 2, "a metric");
    assert_eq!((MAP.files.len(), MAP.lines.len()), (1, 2), "a map: its file, its line and its dependency");
    assert_eq!((SECTION.files.len(), SECTION.lines.len()), (1, 1), "a section: its file and its line");
}

#[test]
fn the_compiler_leads_to_every_place_and_takes_one_of_each() {
    // Each step changes as few crates as can be: what is the same is not checked again.
    let mut added = vec![COLLECTOR_FIGURES, METRIC_NAME];
    assert_eq!(check(&added), BTreeSet::from([STAGE.into(), SECTIONS.into()]));
    // The harness, in which a metric has its value, stands on the report.
    added.extend([COLLECTOR_REST, MAP, SECTION]);
    assert_eq!(check(&added), BTreeSet::from([FIGURES.into()]));
    added.push(METRIC_VALUE);
    assert_eq!(check(&added), BTreeSet::new());
}

/// What the compiler says of the programs of a copy with these additions: the files that it points at.
fn check(additions: &[Addition]) -> BTreeSet<String> {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extending");
    write(&copy, extended(additions));
    ["churnmark-maps", "churnmark"].iter().flat_map(|program| pointed_at(&copy, program)).collect()
}

/// Where the compiler sees errors in a program of the copy. Each is checked by itself: none may need a feature that it
/// has only among the others.
fn pointed_at(copy: &Path, program: &str) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "check",
        "--offline",
        "--quiet",
        "--keep-going",
        "--message-format=short",
        "--package",
        program,
    ]);
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    let output = cargo.current_dir(copy).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let files = said.lines().filter_map(|line| Some(line.split_once(".rs:")?.0.to_owned() + ".rs"));
    let files: BTreeSet<String> = files.collect();
    assert_eq!(output.status.success(), files.is_empty(), "{program}: {said}");
    files
}

/// The sources of the workspace with these additions, by path from its root.
fn extended(additions: &[Addition]) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = BTreeMap::new();
    read(&root, "bench-suite", &mut files).unwrap();
    for file in ["Cargo.lock", "workloads/suites.toml"] {
        files.insert(file.into(), fs::read(root.join(file)).unwrap());
    }
    // Another version: what is built of the copy must never be taken for what is built of the workspace.
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (version, copied) = ("version = \"0.1.0\"", "version = \"0.1.0-extended\"");
    assert!(manifest.contains(version), "the version of the workspace");
    files.insert("Cargo.toml".into(), manifest.replace(version, copied).into());
    for addition in additions {
        for (file, text) in addition.files {
            assert!(files.insert((*file).into(), (*text).into()).is_none(), "{file} is there");
        }
        for Insertion { file, behind, line } in addition.lines {
            let text = std::str::from_utf8(&files[*file]).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            let place = lines.iter().position(|line| line.trim() == *behind);
            let place = place.unwrap_or_else(|| panic!("no line of {file} reads `{behind}`"));
            lines.insert(place + 1, line);
            let text = lines.join("\n") + "\n";
            files.insert((*file).into(), text.into());
        }
    }
    files
}

/// Reads the files below a folder, but for what was built there.
fn read(root: &Path, folder: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().display());
        // What a crate brings along from elsewhere is linked into it.
        if !entry.path().is_dir() {
            files.insert(path, fs::read(entry.path())?);
        } else if entry.file_name() != "target" {
            read(root, &path, files)?;
        }
    }
    Ok(())
}

/// Makes a folder hold these files and no others. What is the same stays untouched: cargo goes by the time of a
/// change.
fn write(folder: &Path, files: BTreeMap<String, Vec<u8>>) {
    let mut old = BTreeMap::new();
    if folder.is_dir() {
        read(folder, "bench-suite", &mut old).unwrap();
    }
    for gone in old.keys().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(folder.join(gone)).unwrap();
    }
    for (path, bytes) in files {
        let file: PathBuf = folder.join(path);
        if fs::read(&file).is_ok_and(|there| there == bytes) {
            continue;
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}
