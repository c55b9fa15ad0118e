//! A real debugger stops a real program and shows the maps slot by slot, through the script embedded in it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The debugger. Without one the test is skipped, except in CI, where it fails.
fn gdb() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("gdb")).find(|file| file.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "CI needs a debugger: apt-get install gdb"
        );
        eprintln!("skipped: no gdb found; apt-get install gdb");
    }
    found
}

/// The example program, which cargo builds together with the tests.
fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let program = here.parent().and_then(Path::parent).unwrap().join("examples/stopped");
    assert!(program.is_file(), "{} is missing: cargo build --example stopped", program.display());
    program
}

/// What gdb prints when it stops at each of the four steps and is told to print both maps and the one bucket.
fn transcript(gdb: &Path) -> String {
    let program = program();
    let mut command = Command::new(gdb);
    command.args(["--batch", "-nx", "-iex"]);
    command.arg(format!("add-auto-load-safe-path {}", program.parent().unwrap().display()));
    // A container may forbid it, and no address is looked at.
    command.args(["-iex", "set disable-randomization off"]);
    command.args(["-ex", "break stopped::stopped", "-ex", "run"]);
    for step in ["filled", "deleted", "put", "grown"] {
        command.args(["-ex", &format!("echo == {step} ==\\n"), "-ex", "up"]);
        command.args(["-ex", "print map", "-ex", "print swiss", "-ex", "continue"]);
    }
    let output = command.arg(program).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    // gdb also warns that the printers of the standard library are missing: only `rust-gdb` finds them.
    assert!(!stderr.contains("declined") && !stderr.contains("Python"), "{stderr}");
    stdout
}

/// What was printed at one step, for one map.
fn shown<'a>(transcript: &'a str, step: &str, map: &str) -> &'a str {
    let (_, from) =
        transcript.split_once(&format!("== {step} ==\n")).unwrap_or_else(|| panic!("{transcript}"));
    let from = &from[from.find(map).unwrap_or_else(|| panic!("{transcript}"))..];
    from.split("\n$").next().unwrap().split("\n\n").next().unwrap()
}

/// The line of a slot, its spaces made one.
fn slot(shown: &str, number: usize) -> String {
    let start = format!("slot {number} ");
    let line = shown.lines().find(|line| line.trim_start().starts_with(&start));
    line.unwrap_or_else(|| panic!("{shown}")).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn gdb_shows_what_a_delete_leaves_and_what_the_next_insert_takes() {
    let Some(gdb) = gdb() else { return };
    let transcript = transcript(&gdb);
    let classic = |step| shown(&transcript, step, "Hmap count");
    let swiss = |step| shown(&transcript, step, "swiss::Map used");

    let filled = classic("filled");
    assert!(filled.starts_with("Hmap count 8, B 0, flags 0, noverflow 0, hash0 0x"), "{filled}");
    assert_eq!(filled.matches(" live ").count(), 8, "{filled}");
    let deleted = slot(classic("deleted"), 3);
    assert_eq!(deleted, "slot 3 01 emptyOne key 3 value 0 stale");
    assert_eq!(classic("deleted").matches(" stale").count(), 1);
    let put = classic("put");
    assert!(put.contains("oldbuckets: none") && !put.contains("overflow of"), "{put}");
    assert!(slot(put, 3).ends_with("live key 100 value 1100"), "{put}");
    assert!(!put.contains(" stale"), "{put}");

    let grown = classic("grown");
    assert!(grown.starts_with("Hmap count 24, B 2,"), "{grown}");
    assert!(grown.contains("buckets: 4, and 0 spare"), "{grown}");

    assert_eq!(swiss("filled").matches(" live ").count(), 8);
    assert_eq!(slot(swiss("deleted"), 3), "slot 3 80 empty key 3 value 0 stale");
    assert!(slot(swiss("put"), 3).ends_with("live key 100 value 1100"));
    let grown = swiss("grown");
    assert!(grown.contains("table 0: local depth 0, used 23 of 32"), "{grown}");
}
