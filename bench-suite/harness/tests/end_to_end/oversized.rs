//! More than there is room for: refused in one line with what it would need, before any of it is taken.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::sandbox::{CHURN, Said, Sandbox, failure};

/// Runs `churnmark` where no process can address more than so many KiB.
fn within(kibibytes: u64, sandbox: &Sandbox, arguments: &str, code: i32) -> Said {
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", &format!("ulimit -v {kibibytes}; exec \"$0\" \"$@\"")]);
    limited.arg(env!("CARGO_BIN_EXE_churnmark")).args(arguments.split(' '));
    limited.current_dir(sandbox.path("")).env("CHURNMARK_TAPES", sandbox.path("tapes"));
    Said::of(limited.process_group(0).output().unwrap(), code)
}

fn churn(name: &str, rest: &str) -> String {
    format!(
        "name = \"{name}\"\nwhy = \"Too much.\"\nmix = {{ insert = 25, remove = 25, get = 50 }}\n{rest}\n"
    )
}

#[test]
fn a_tape_that_does_not_fit_is_not_begun() {
    let sandbox = Sandbox::with(&[
        &churn("big-ops", "live = 1000\nops = 999_000_000"),
        &churn("big-live", "live = 100_000_000\nops = 1_000_000"),
        &churn("big-boxes", "live = 100_000\nops = 1000\nvalues = { boxed = 1048576 }"),
        &churn("many", "live = 1000\nphases = [{ fill = 1000 }, { churn = 100_000 }]\nrepeat = 5000"),
    ]);
    for (arguments, said) in [
        ("measure -w big-ops -m std -c throughput", "needs 14.9 GiB of memory at least"),
        ("tape big-ops", "it has 999001000 operations, and 1000 live entries"),
        ("verify -w big-live -m std", "needs 2.2 GiB of memory at least"),
        ("measure -w big-boxes -m btree -c heap", "needs 97.7 GiB of memory at least"),
        (
            "tape many --scale 1000",
            "`many` at scale 1000 comes to 500001000000 operations; at most 1000000000",
        ),
        ("measure -w many -m std -c throughput --scale 3", "comes to 1500003000 operations"),
    ] {
        within(2_000_000, &sandbox, arguments, 2).complains(&[said]);
    }
    assert!(!sandbox.path("reports").exists());
}

fn recording(name: &str, format: &str) -> String {
    format!("name = \"{name}\"\nwhy = \"Too much.\"\n[trace]\nfile = \"{name}.bin\"\nformat = \"{format}\"\n")
}

#[test]
fn a_recording_that_does_not_fit_is_not_read() {
    let keys = recording("keys", "keys_u64") + "capacity = 10\n";
    let sandbox = Sandbox::with(&[&keys, &recording("lines", "operations")]);
    // A hole takes no disk.
    fs::File::create(sandbox.path("workloads/keys.bin")).unwrap().set_len(8 << 30).unwrap();
    fs::write(sandbox.path("workloads/lines.bin"), "op,key\n".to_owned() + &"get,7\n".repeat(17 << 20))
        .unwrap();
    for arguments in ["tape keys", "verify -w keys -m std", "import workloads/keys.bin --format keys_u64"] {
        let said = within(250_000, &sandbox, arguments, 2);
        said.complains(&[
            "keys.bin: gives about 966367642 operations, which need 14.4 GiB of memory at least",
        ]);
    }
    within(250_000, &sandbox, "tape lines", 2)
        .complains(&["lines.bin: gives about 16", "`limit` and `sample`"]);
    let few = recording("lines", "operations") + "limit = 1000\n";
    fs::write(sandbox.path("workloads/lines.toml"), few).unwrap();
    within(250_000, &sandbox, "tape lines", 0);
}

#[test]
fn what_has_no_end_is_no_workload() {
    let sandbox = Sandbox::with(&[CHURN]);
    let file = sandbox.path("workloads/x.toml");
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    within(400_000, &sandbox, "tape x", 2)
        .complains(&["workloads/x.toml: cannot be read: is no regular file"]);
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    within(400_000, &sandbox, "tape x", 2)
        .complains(&["workloads/x.toml: cannot be read: is no regular file"]);
    fs::remove_file(&file).unwrap();
    fs::File::create(&file).unwrap().set_len(3 << 30).unwrap();
    within(400_000, &sandbox, "tape x", 2)
        .complains(&["x.toml: cannot be read: has more than 1048576 bytes"]);
}

#[test]
fn a_child_that_gets_no_memory_or_prints_too_much_is_said_to_have() {
    let sandbox = Sandbox::with(&[CHURN]);
    let script = sandbox.script(
        &["greedy", "sliced"],
        r"case $map in
            greedy) echo 'memory allocation of 88 bytes failed' >&2; kill -ABRT $$ ;;
            sliced) yes '[],' | tr -d '\n' | head -c 40000000; echo ;;
        esac",
    );
    let maps = "-m greedy,sliced -c throughput --rounds 1";
    sandbox.run(&format!("measure -w churn --subject {} {maps}", script.display()), 1);
    let session = sandbox.session();
    assert_eq!(failure(&session, "greedy"), "out of memory: memory allocation of 88 bytes failed");
    let said = failure(&session, "sliced");
    assert!(said.contains("an observation of this tape has less than 1003"), "{said}");
}
