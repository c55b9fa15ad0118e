//! Go's own maps, built from the sources inside the command by whatever Go there is here.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use formats::observation::Reading;
use formats::run::Outcome;

use crate::sandbox::{CHURN, OWNED, SHARED, Said, Sandbox};

/// The one line without Go.
const NO_GO: &str = "there is no Go here, so its own maps do not play: `make truth` fetches it";

/// A Go of 1.19 or later, if there is one: named in `CHURNMARK_GO`, or on `PATH`.
fn go() -> Option<PathBuf> {
    let named = std::env::var_os("CHURNMARK_GO").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("go"));
    let mut all = std::env::split_paths(&named).filter(|go| !go.as_os_str().is_empty()).chain(on_path);
    all.find(|go| go.is_file())
}

/// The command in a build folder of its own, where no Go was fetched, and with no Go on `PATH`.
fn without_go(sandbox: &Sandbox, arguments: &str) -> Command {
    let folder = sandbox.path("target/debug");
    fs::create_dir_all(&folder).unwrap();
    fs::write(sandbox.path("target/CACHEDIR.TAG"), "").unwrap();
    let real = PathBuf::from(env!("CARGO_BIN_EXE_churnmark"));
    let command = folder.join("churnmark");
    // Not a link: the program looks for its folder behind links.
    fs::hard_link(&real, &command).or_else(|_| fs::copy(&real, &command).map(drop)).unwrap();
    for name in ["churnmark-maps", "churnmark-maps-counted"] {
        symlink(real.with_file_name(name), folder.join(name)).unwrap();
    }
    let mut command = sandbox.program(&command, arguments);
    command.env("PATH", sandbox.path("nothing")).env_remove("CHURNMARK_GO");
    command
}

#[test]
fn without_go_one_line_says_so_and_the_rest_plays() {
    let sandbox = Sandbox::with(&[CHURN]);
    let output = without_go(&sandbox, "verify --real-go -m std").output().unwrap();
    let said = Said::of(output, 0);
    said.complains(&[NO_GO, "CHURNMARK_GO"]);
    assert!(said.stdout.contains("every answer  right"), "{}", said.stdout);
}

#[test]
fn a_go_that_is_named_must_be_one() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut command = without_go(&sandbox, "verify --real-go -m std");
    command.env("CHURNMARK_GO", "/bin/true");
    Said::of(command.output().unwrap(), 2).complains(&["CHURNMARK_GO", "/bin/true", "Go 1.19 or later"]);
}

#[test]
fn real_go_answers_as_the_model_and_every_collector_reads_it() {
    let sandbox = Sandbox::with(&[CHURN, OWNED, SHARED]);
    let arguments = "measure --real-go -m go1.* -c throughput,latency,heap,allocations --rounds 1";
    let Some(go) = go() else {
        // Nothing to play with is said, and that no map has such a name.
        let said = Said::of(without_go(&sandbox, arguments).output().unwrap(), 2);
        assert!(said.stderr.contains(NO_GO), "{}", said.stderr);
        return;
    };
    let mut command = sandbox.churnmark(arguments);
    Said::of(command.env("CHURNMARK_GO", go).output().unwrap(), 0);
    let session = sandbox.session();
    let mut seen = [0; 4];
    for run in &session.runs {
        // A right answer to every operation is what a measured run has been checked for.
        let Outcome::Measured(observation) = &run.outcome else {
            assert!(run.pass.map.ends_with("sync-map"), "{:?}", run.outcome);
            continue;
        };
        match &observation.reading {
            Reading::Throughput(throughput) => {
                // What threads that share keys were told was held against every order that explains it.
                let shares = run.pass.workload == "shared";
                assert_eq!(observation.answers.told.is_some(), shares, "{}", run.pass.map);
                seen[0] += throughput.phases.len();
            }
            Reading::Latency(latency) => seen[1] += latency.worst.len(),
            Reading::Heap(heap) => {
                let gc = heap.gc.as_deref().expect("Go has a garbage collector");
                assert!(gc.pauses_ns.len() as u64 == gc.cycles.min(256), "{gc:?}");
                assert!((0.0..=1.0).contains(&gc.cpu_fraction), "{gc:?}");
                assert!(heap.samples.iter().all(|sample| sample.gc_cycles.is_some()));
                seen[2] += heap.samples.len();
            }
            Reading::Allocations(allocations) => {
                assert!(allocations.peak_bytes >= 600 * 8, "{allocations:?}");
                seen[3] += allocations.classes.len();
            }
            other => panic!("{:?}", other.collector()),
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
