//! `init`: what a repository of one's own needs to measure its map and to gate it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use formats::baseline::{BASELINE_FOLDER, POLICY_FILE};
use formats::policy::Policy;
use formats::shown::shown;
use formats::workload::Workload;

use crate::exit::ExitStatus;
use crate::gate::sides::inner_folder;
use crate::places::{Places, WORKLOADS};
use crate::programs::{Programs, with_counted};
use crate::{output, publish};

const WORKLOAD: &str = include_str!("init/workload.toml");
const POLICY: &str = include_str!("init/policy.toml");
const WORKFLOW: &str = include_str!("init/workflow.yml");
/// Sessions are not committed, what the gate compares with is.
const IGNORED: &str = "/*\n!/.gitignore\n!/baseline/\n";
/// The name of the workload.
const NAME: &str = "sessions";

/// Which map, and how its program is built.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Your program that plays tapes, already built, by its path from here; may be repeated
    #[arg(long = "subject", value_name = "PROGRAM", required = true)]
    subjects: Vec<PathBuf>,
    /// Command that builds it, run by a shell here
    #[arg(long, value_name = "COMMAND", default_value = "cargo build --release")]
    base_build: String,
    /// Folder of the crate with your program, if older commits lack it
    #[arg(long, value_name = "FOLDER", value_parser = inner_folder)]
    base_with: Option<PathBuf>,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    for subject in &args.subjects {
        ensure!(subject.is_relative(), "`{}`: give its path from here, as CI finds it", subject.display());
    }
    let programs = Programs::exactly(&with_counted(&args.subjects))?;
    let maps: Vec<String> =
        programs.maps().into_iter().filter(|map| !map.canary).map(|map| map.name).collect();
    ensure!(!maps.is_empty(), "`{}` holds no map", args.subjects[0].display());
    let files = files(places, args, &maps)?;
    let there: Vec<String> =
        files.iter().filter(|(file, _)| file.exists()).map(|(file, _)| file.display().to_string()).collect();
    ensure!(there.is_empty(), "{}: there already; nothing was written", there.join(", "));
    for (file, text) in &files {
        publish::write(file, text.as_bytes())?;
        output::print(&format!("written: {}\n", file.display()))?;
    }
    let subject = args.subjects[0].display();
    output::print(&format!(
        "next: make workloads/{NAME}.toml say what your map carries, then\n\
         churnmark verify -w {NAME} -m {maps} --subject {subject}\n\
         churnmark gate --subject {subject} --base HEAD --base-build {build}\n",
        maps = maps.iter().map(|map| quoted(map)).collect::<Vec<_>>().join(","),
        build = quoted(&args.base_build),
    ))?;
    Ok(ExitStatus::Success)
}

/// Every file with its text. None is written that this program could not read.
fn files(places: &Places, args: &Args, maps: &[String]) -> Result<[(PathBuf, String); 4]> {
    let quoted_maps: Vec<String> = maps.iter().map(|map| basic_string(map)).collect();
    let workload = WORKLOAD.replace("@NAME@", NAME).replace("@MAP@", &shown(&maps.join(", ")));
    let policy = POLICY.replace("@NAME@", NAME).replace("@MAPS@", &quoted_maps.join(", "));
    let options: Vec<String> = args.subjects[1..]
        .iter()
        .map(|subject| format!("--subject {}", quoted(&subject.display().to_string())))
        .chain(
            args.base_with
                .iter()
                .map(|folder| format!("--base-with {}", quoted(&folder.display().to_string()))),
        )
        .collect();
    let workflow = WORKFLOW
        .replace("@BRANCH@", &yaml(&branch()))
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@SUBJECT@", &yaml(&args.subjects[0].display().to_string()))
        .replace("@BUILD@", &yaml(&args.base_build))
        .replace("@OPTIONS@", &yaml(&options.join(" ")));
    let workload_file = Path::new(WORKLOADS).join(format!("{NAME}.toml"));
    let policy_file = places.reports.join(BASELINE_FOLDER).join(POLICY_FILE);
    Workload::parse(&workload, &workload_file)?;
    Policy::parse(&policy, &policy_file, jiff::civil::Date::MIN)?;
    Ok([
        (workload_file, workload),
        (policy_file, policy),
        (places.reports.join(".gitignore"), IGNORED.into()),
        (Path::new(".github/workflows/churnmark.yml").into(), workflow),
    ])
}

/// The branch that is checked out, which the workflow takes for the main one.
fn branch() -> String {
    let said = Command::new("git").args(["symbolic-ref", "--short", "HEAD"]).output();
    let name = said.ok().filter(|said| said.status.success()).map(|said| said.stdout);
    name.map_or_else(|| "main".into(), |name| String::from_utf8_lossy(&name).trim().into())
}

/// A text as YAML takes it, whatever is in it.
fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text as TOML takes it: its strings are those of JSON.
fn basic_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text as a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:@".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in a comment above a field, as other values for it: `"u64", { string = 24 }`.
    fn alternatives(comment: &str) -> Vec<String> {
        let list = comment.find(['"', '{']).map_or("", |at| &comment[at..]);
        let mut depth = 0;
        let parts = list.split(|letter| {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            letter == ',' && depth == 0
        });
        parts.map(|part| part.trim().to_owned()).collect()
    }

    #[test]
    fn every_value_that_the_workload_offers_is_taken() {
        let text = WORKLOAD.replace("@NAME@", NAME);
        let lines: Vec<&str> = text.lines().collect();
        let mut tried = 0;
        for pair in lines.windows(2) {
            let Some((field, value)) = pair[1].split_once('=').filter(|_| pair[0].starts_with('#')) else {
                continue;
            };
            for other in alternatives(pair[0]).iter().filter(|other| !other.is_empty()) {
                let mut changed = text.replace(&format!("={value}\n"), &format!("= {other}\n"));
                if other.contains("ttl") {
                    // These removes come on top of the mix.
                    changed = changed.replace("insert = 25, remove = 25", "insert = 50");
                }
                let read = Workload::parse(&changed, Path::new("sessions.toml"));
                assert!(read.is_ok(), "{field}= {other}: {read:?}");
                tried += 1;
            }
        }
        assert!(tried > 10, "{tried} values were tried");
    }
}
