//! Every command in the README is run, and what it says about folders is true.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The lines of all fenced blocks of this language.
fn blocks(readme: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// What stands for a command that would take too long, or would call this test: the rest runs as it stands.
fn shortened(command: &str) -> Option<String> {
    match command {
        "make bench" => Some("make bench suite=smoke".into()),
        "make test" => None,
        command => Some(command.into()),
    }
}

#[test]
fn every_command_works() {
    let commands = blocks(&readme(), "sh");
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands.iter().filter_map(|command| shortened(command)) {
        let output = Command::new("sh").args(["-c", &command]).current_dir(root()).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{command}\n{stdout}{stderr}");
        if command.contains("measure") || command.starts_with("make bench") {
            // A make that was started by another says when it enters and leaves a folder.
            let report = stdout.lines().rfind(|line| line.ends_with("index.html")).unwrap_or_default();
            let page = std::fs::read_to_string(root().join(report)).unwrap();
            assert!(page.contains("hashbrown"), "{command}: {report}");
            assert_eq!(page.contains("sorted-vec"), command.contains("--subject"), "{command}: {report}");
        }
    }
}

#[test]
fn what_runs_before_every_change_is_what_the_readme_says() {
    let door = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(blocks(&readme(), "sh").contains(&"make test".into()) && door.contains("make test"));
}

#[test]
fn the_map_of_folders_is_true() {
    let mut above = String::new();
    for line in blocks(&readme(), "text") {
        let name = line.split_whitespace().next().unwrap();
        if line.starts_with(' ') {
            assert!(root().join(&above).join(name).is_dir(), "{above}{name}");
        } else if name.ends_with('/') {
            above = name.into();
            assert!(root().join(name).is_dir(), "{name}");
        }
    }
    assert!(!above.is_empty());
}

#[test]
fn the_table_of_the_gate_is_the_proof_itself() {
    let proof = std::fs::read_to_string(root().join("reports/gate-proof.md")).unwrap();
    let table = |text: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| !line.starts_with("| judge "));
        lines.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let peers = table(&proof).iter().filter(|row| row.contains("criterion") || row.contains("tango")).count();
    assert!(table(&proof).len() > 12 && peers == 6, "{proof}");
    assert_eq!(table(&readme()), table(&proof));
}

#[test]
fn every_linked_file_is_there() {
    let readme = readme();
    let links: Vec<&str> = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(!links.is_empty());
    for link in links {
        let file = link.split('#').next().unwrap();
        assert!(root().join(file).exists(), "{link}");
    }
}
