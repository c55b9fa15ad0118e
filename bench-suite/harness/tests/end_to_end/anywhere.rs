//! Exact figures are the same on every machine, for every user, in every folder.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::sandbox::{CHURN, Said, Sandbox, subject};

/// Maps that ask how many processors there are, themselves or in what they are made of, and some that do not.
const POLICY: &str = r#"
workloads = ["churn"]
maps = ["go-*", "papaya", "dashmap", "std", "slab"]
exact_scale = 1
seeds = [1]
"#;
const CHECK: &str = "gate --layer exact";

/// What tells a process that it has `$CLAIMED` processors: glibc's own function is not reached.
const CLAIM: &str = r#"
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
    int claimed = atoi(getenv("CLAIMED"));
    memset(set, 0, size);
    for (int cpu = 0; cpu < claimed; cpu++) CPU_SET_S(cpu, size, set);
    return 0;
}
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with(&[CHURN]);
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    fs::write(sandbox.path("reports/baseline/policy.toml"), POLICY).unwrap();
    sandbox.run("baseline update --reason first", 0);
    sandbox
}

fn passes(command: &mut Command, where_: &str) {
    let said = Said::of(command.output().unwrap(), 0);
    assert!(said.stdout.contains("GATE: PASSED"), "{where_}: {}", said.stdout);
    assert!(said.stdout.contains("none regressed"), "{where_}: {}", said.stdout);
}

/// A library that claims processors.
fn claim(sandbox: &Sandbox) -> PathBuf {
    let (source, library) = (sandbox.path("claim.c"), sandbox.path("claim.so"));
    fs::write(&source, CLAIM).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    assert!(compiler.status().unwrap().success());
    library
}

#[test]
fn however_many_processors_there_are() {
    let sandbox = sandbox();
    let library = claim(&sandbox);
    for claimed in ["1", "2", "4", "16"] {
        let mut command = sandbox.churnmark(CHECK);
        command.env("LD_PRELOAD", &library).env("CLAIMED", claimed);
        passes(&mut command, &format!("{claimed} processors claimed"));
    }
    let allowed = sched_getaffinity(None).unwrap();
    let first = (0..CpuSet::MAX_CPU).find(|&cpu| allowed.is_set(cpu)).unwrap();
    let mut one = CpuSet::new();
    one.set(first);
    let mut command = sandbox.churnmark(CHECK);
    let bind = move || sched_setaffinity(None, &one).map_err(io::Error::from);
    // SAFETY: one system call, which touches no memory of this process.
    unsafe { command.pre_exec(bind) };
    passes(&mut command, "one processor");
}

/// That nothing differs above would be no wonder if no map looked.
#[test]
fn a_claim_reaches_a_map_that_is_started_by_hand() {
    let sandbox = sandbox();
    let library = claim(&sandbox);
    sandbox.run("tape churn --out churn.tape", 0);
    let allocated = |claimed: &str| {
        let arguments = "play --tape churn.tape --collector allocations --map go-pool";
        let mut command = sandbox.program(&subject("-counted"), arguments);
        command.env("LD_PRELOAD", &library).env("CLAIMED", claimed);
        Said::of(command.output().unwrap(), 0).stdout
    };
    assert_ne!(allocated("1"), allocated("16"));
    assert_eq!(allocated("4"), allocated("4"));
}

#[test]
fn whatever_the_user_has_set() {
    let sandbox = sandbox();
    let long = "x".repeat(100_000);
    // All at once: no two of them are of the same matter.
    let set = [
        ("LANG", "tr_TR.UTF-8"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("TZ", "Asia/Kathmandu"),
        ("HOME", "/nowhere"),
        ("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,tcache:false,narenas:7"),
        ("MALLOC_CONF", "tcache:false"),
        ("RUSTFLAGS", "-Copt-level=0"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_MIN_STACK", "65536"),
        ("GLIBC_TUNABLES", "glibc.malloc.arena_max=1"),
        ("MALLOC_ARENA_MAX", "1"),
        ("MALLOC_PERTURB_", "7"),
        ("GOMAXPROCS", "1"),
        ("GOGC", "off"),
        ("LARGE", &long),
    ];
    passes(sandbox.churnmark(CHECK).envs(set), "an environment of one's own");
}

#[test]
fn in_whichever_folder() {
    let first = sandbox();
    let second = Sandbox::with(&[]);
    let deep = second.path(&"a folder with a long name/".repeat(6));
    copy(&first.path("workloads"), &deep.join("workloads"));
    copy(&first.path("reports/baseline"), &deep.join("reports/baseline"));
    let mut command = second.churnmark(CHECK);
    command.current_dir(&deep).env("CHURNMARK_TAPES", deep.join("tapes"));
    // Programs of a path of another length, too.
    for ending in ["", "-counted"] {
        let program = deep.join(format!("churnmark-maps{ending}"));
        std::os::unix::fs::symlink(subject(ending), &program).unwrap();
        command.arg("--subject").arg(program);
    }
    passes(&mut command, "a deep folder");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
