//! A base that is a commit: it is built as the head was, once, and leaves the repository alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use formats::gate::{Conclusion, GATE_FILE, Gate, Metric, Verdict};

use super::{all_unchanged, ended, finding, last, newest, programs, sandbox};
use crate::sandbox::{Said, Sandbox, subject};

/// Builds the programs of a commit and counts the builds in a file outside of it.
const BUILD: &str = "set -e
[ -z \"$1\" ] || echo built >> \"$1\"
echo compiling mine >&2
if [ -e broken ]; then echo 'error: mine is broken' >&2; exit 101; fi
mkdir -p $CARGO_TARGET_DIR/debug
cp mine mine-counted $CARGO_TARGET_DIR/debug/
";

/// Plays another map under the name of the base's.
const SWAP: &str = r#"
for word do
  shift
  if [ "$word" = hashbrown ]; then word=canary-oversized; fi
  set -- "$@" "$word"
done
if [ "$1" = play ]; then $real "$@" | sed s/canary-oversized/hashbrown/g; exit; fi
"#;

/// A repository whose programs are the real ones.
fn repository() -> Sandbox {
    let sandbox = sandbox();
    sandbox.git("init --quiet");
    fs::write(sandbox.path(".gitignore"), "/target\n/reports\n/tapes\n/flamegraphs\n/built\n").unwrap();
    fs::write(sandbox.path("build.sh"), BUILD).unwrap();
    fs::create_dir(sandbox.path("target")).unwrap();
    fs::write(sandbox.path("target/CACHEDIR.TAG"), "").unwrap();
    commit(&sandbox, "first");
    sandbox
}

/// Commits everything and tags it.
fn commit(sandbox: &Sandbox, title: &str) {
    // The folder is in the message, so that no other run has this commit.
    fs::write(sandbox.path("message"), format!("{title} {}", sandbox.path("").display())).unwrap();
    sandbox.git("add --all");
    sandbox.git("commit --quiet --file message");
    sandbox.git(&format!("tag {title}"));
}

/// `gate` of the work tree, which is built now, against a commit that `build` builds.
fn against(sandbox: &Sandbox, base: &str, build: &str) -> Command {
    let mut head = sandbox.program(Path::new("sh"), "build.sh");
    assert!(head.env("CARGO_TARGET_DIR", sandbox.path("target")).status().unwrap().success());
    let subjects = "--subject target/debug/mine --subject target/debug/mine-counted";
    let mut command = sandbox.churnmark(&format!("gate --layer exact {subjects} --base {base}"));
    command.args(["--base-build", build]);
    command
}

/// What is kept of the commits of this repository beside the programs under test.
struct Kept<'a>(&'a Sandbox);

impl Kept<'_> {
    fn folders(&self) -> Vec<PathBuf> {
        let target = Path::new(env!("CARGO_BIN_EXE_churnmark")).ancestors().nth(2).unwrap();
        let commits = self.0.git("rev-list --all");
        let Ok(entries) = fs::read_dir(target.join("bases")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let ours = |name: &str| commits.lines().any(|commit| name.contains(commit));
        paths.filter(|path| path.file_name().is_some_and(|name| ours(&name.to_string_lossy()))).collect()
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        for folder in self.folders() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[test]
fn a_commit_is_built_once_and_the_repository_stays_as_it_is() {
    let sandbox = repository();
    let kept = Kept(&sandbox);
    programs(&sandbox, SWAP);
    commit(&sandbox, "second");
    fs::write(sandbox.path("staged"), "in the index").unwrap();
    sandbox.git("add staged");
    fs::write(sandbox.path("staged"), "and then changed").unwrap();
    let state = || {
        let seen =
            ["status --porcelain", "worktree list", "diff", "diff --cached", "stash list", "branch --all"];
        (seen.map(|command| sandbox.git(command)), fs::read(sandbox.path(".git/index")).unwrap())
    };
    let before = state();
    let build = format!("sh build.sh {}", sandbox.path("built").display());
    let builds = || fs::read_to_string(sandbox.path("built")).unwrap().lines().count();

    for _ in 0..2 {
        let (said, found) = ended(&sandbox, against(&sandbox, "first", &build), Conclusion::Regressed);
        assert_eq!(builds(), 1, "{}", said.stderr);
        assert_eq!(finding(&found, Metric::PeakBytes).verdict, Some(Verdict::Regressed));
    }
    let found = Gate::read(&newest(&sandbox).join(GATE_FILE)).unwrap();
    assert_eq!(
        (found.base.name.as_str(), found.base.revision.as_str()),
        ("first", sandbox.git("rev-parse first").trim())
    );
    let head = sandbox.git("rev-parse second");
    assert_eq!(found.head.revision, format!("{}+", &head[..found.head.revision.len() - 1]));
    let names: Vec<&str> = found.base.programs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["mine", "mine-counted"]);

    let (said, found) = ended(&sandbox, against(&sandbox, "second", &build), Conclusion::Passed);
    assert!(all_unchanged(&found), "{}", said.stdout);
    assert_eq!(builds(), 2);
    assert!(before == state(), "the repository has changed");
    let sources = kept.folders().into_iter().filter(|path| path.display().to_string().contains("source-"));
    assert_eq!(sources.count(), 0, "the checked-out commit stays");
}

#[test]
fn a_base_that_does_not_build_is_no_base() {
    let sandbox = repository();
    let kept = Kept(&sandbox);
    fs::write(sandbox.path("broken"), "").unwrap();
    commit(&sandbox, "second");
    sandbox.git("rm --quiet broken");
    let revision = sandbox.git("rev-parse second");
    let said = Said::of(against(&sandbox, "second", "sh build.sh").output().unwrap(), 5);
    let why = format!(
        "churnmark: the base `second` has no programs: {} does not build by `sh build.sh`:\n\
         compiling mine\nerror: mine is broken\n",
        revision.trim()
    );
    assert!(said.stderr.ends_with(&why), "{}", said.stderr);
    let said = Said::of(against(&sandbox, "first", "true").output().unwrap(), 5);
    assert!(last(&said.stderr).ends_with("builds, but `true` makes no `debug/mine`"), "{}", said.stderr);
    assert_eq!(kept.folders(), [] as [PathBuf; 0]);
    // Nor is an old commit, which is looked at last, an anchor.
    let mut gate = against(&sandbox, "first", "sh build.sh");
    Said::of(gate.args(["--anchor", "second"]).output().unwrap(), 5);
    assert_eq!(sandbox.sessions(""), [sandbox.path("reports/baseline")], "nothing was measured");
}

/// The crate with the programs is new: the base gets it from the work tree, and is built again when it changes.
#[test]
fn a_base_without_the_programs_gets_them() {
    let sandbox = repository();
    let _kept = Kept(&sandbox);
    fs::create_dir(sandbox.path("bench")).unwrap();
    let log = sandbox.path("built");
    let script = |round: u32| format!("# {round}\nsh build.sh {}\n", log.display());
    for (round, builds) in [(1, 1), (1, 1), (2, 2)] {
        fs::write(sandbox.path("bench/build.sh"), script(round)).unwrap();
        let mut gate = against(&sandbox, "first", "sh bench/build.sh");
        gate.args(["--base-with", "bench"]);
        ended(&sandbox, gate, Conclusion::Passed);
        assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), builds);
    }
    let said = Said::of(against(&sandbox, "first", "true").arg("--base-with=../x").output().unwrap(), 2);
    assert!(said.stderr.contains("allowed are paths from the root of the repository"), "{}", said.stderr);
}

/// What a crate outside of the repository holds goes into the programs; a path to it from the repository does not lead
/// there from where the base is built.
#[test]
fn a_crate_outside_of_the_commit_is_part_of_the_base() {
    let sandbox = repository();
    let _kept = Kept(&sandbox);
    let outside = tempfile::tempdir().unwrap();
    let write = |file: PathBuf, text: String| {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let package =
        |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write(outside.path().join("Cargo.toml"), package("outside"));
    let library = |note: &str| format!("// {note}\npub const PROGRAM: &str = {:?};\n", subject(""));
    write(outside.path().join("src/lib.rs"), library("first"));
    for ending in ["", "-counted"] {
        let main = format!(
            "use std::os::unix::process::CommandExt;\nfn main() {{\n    let program = format!(\"{{}}{ending}\", outside::PROGRAM);\n    \
             panic!(\"{{}}\", std::process::Command::new(program).args(std::env::args().skip(1)).exec());\n}}\n"
        );
        write(sandbox.path(&format!("src/bin/mine{ending}.rs")), main);
    }
    let depends = |path: &Path| {
        format!("{}[workspace]\n[dependencies]\noutside = {{ path = {path:?} }}\n", package("mine"))
    };
    write(sandbox.path("Cargo.toml"), depends(outside.path()));
    commit(&sandbox, "absolute");

    let log = sandbox.path("built");
    let build = format!("echo built >> {} && cargo build --offline", log.display());
    for (note, builds) in [("first", 1), ("first", 1), ("second", 2)] {
        write(outside.path().join("src/lib.rs"), library(note));
        ended(&sandbox, against(&sandbox, "absolute", &build), Conclusion::Passed);
        assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), builds, "{note}");
    }
    write(sandbox.path("Cargo.toml"), depends(Path::new("../outside")));
    commit(&sandbox, "relative");
    let said = Said::of(against(&sandbox, "relative", &build).output().unwrap(), 5);
    assert!(
        last(&said.stderr).ends_with("a `path` that leads out of the repository must be absolute"),
        "{}",
        said.stderr
    );
}

#[test]
fn what_names_no_base_is_refused() {
    let sandbox = repository();
    for reference in ["nowhere", "HEAD:build.sh", "HEAD~7"] {
        let said = Said::of(against(&sandbox, reference, "sh build.sh").output().unwrap(), 5);
        said.complains(&[&format!("there is no commit `{reference}` here"), "shallow clone"]);
    }
    let mine = "--subject target/debug/mine";
    sandbox.run(&format!("gate --base first {mine}"), 2).complains(&["say it with --base-build"]);
    fs::remove_file(sandbox.path("target/CACHEDIR.TAG")).unwrap();
    let said = sandbox.run(&format!("gate --base first --base-build true {mine}"), 2);
    said.complains(&["stands in no folder that cargo builds in", "--base-program"]);
    let both = format!("gate --base first --base-program {}", subject("").display());
    assert!(sandbox.run(&both, 2).stderr.contains("cannot be used with"));
}
