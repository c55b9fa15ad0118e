//! Instructions, counted by callgrind where valgrind is installed.

use std::path::PathBuf;

use formats::observation::{Collector, Instructions, Reading};
use formats::session::Session;
use formats::tape::Kind;

use crate::sandbox::{CHURN, Said, Sandbox};

/// Whether valgrind is installed; where it is not, what needs it is left out, as
/// `without_valgrind_it_is_left_out_with_a_reason` sees.
fn is_there() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("valgrind").is_file())
}

fn seen<'a>(session: &'a Session, map: &str) -> &'a Instructions {
    let run = session.runs.iter().find(|run| run.pass.map == map).unwrap();
    match &run.observation().unwrap_or_else(|| panic!("{run:?}")).reading {
        Reading::Instructions(seen) => seen,
        other => panic!("{other:?}"),
    }
}

/// Instructions for each get.
fn each_get(session: &Session, map: &str) -> f64 {
    let get = seen(session, map).kinds.iter().find(|one| one.kind == Kind::Get).unwrap();
    get.instructions as f64 / get.ops as f64
}

#[test]
fn twice_the_work_takes_twice_as_many_and_every_run_as_many() {
    if !is_there() {
        return;
    }
    let expecting = format!(
        "{CHURN}[[expect]]\nfigure = \"instructions/op\"\nmaps = [\"canary-slow\"]\nof = \"canary-slow:steps=0\"\n\
         at_least = 1.05\nreason = \"it works before each operation\"\n"
    );
    let sandbox = Sandbox::with(&[&expecting]);
    let maps = "null,canary-slow:steps=0,canary-slow,canary-slow:steps=64";
    let said = sandbox.run(&format!("measure -w churn -m {maps} -c instructions"), 0);
    let session = sandbox.session();
    let of_twin = each_get(&session, "canary-slow:steps=0");
    let [once, twice] = ["canary-slow", "canary-slow:steps=64"].map(|map| each_get(&session, map) - of_twin);
    assert!(once > 32.0 && (twice / once - 2.0).abs() < 0.1, "{once} {twice}");
    assert!(each_get(&session, "null") < of_twin / 2.0, "a call that does nothing");
    let first = seen(&session, "canary-slow").clone();
    assert!(first.around > 0 && first.beginning.is_none());
    let index = sandbox.path(said.stdout.trim());
    let page = std::fs::read_to_string(&index).unwrap();
    assert!(page.contains("Counted by callgrind-") && page.contains("loop around"), "the section is there");
    assert!(said.stderr.contains("Expectations: 1 held."), "{}", said.stderr);

    std::fs::remove_dir_all(sandbox.path("reports")).unwrap();
    sandbox.run("measure -w churn -m canary-slow -c instructions", 0);
    assert_eq!(*seen(&sandbox.session(), "canary-slow"), first);
}

#[test]
fn of_a_long_tape_the_beginning_is_counted_and_its_answers_are_checked() {
    if !is_there() {
        return;
    }
    // A walk counts as the 600 entries that it meets: after some hundred of them enough is played.
    let walking = CHURN.replace("get = 10, get_absent = 5, update = 5", "iterate = 20");
    let sandbox = Sandbox::with(&[&walking]);
    sandbox.run("measure -w churn -m hashbrown -c instructions", 0);
    let session = sandbox.session();
    let seen = seen(&session, "hashbrown");
    let begun = seen.beginning.as_ref().unwrap();
    assert_eq!((seen.ops(), begun.of), (begun.ops, 6000));
    assert!((500..3000).contains(&begun.ops), "{begun:?}");
    let page = std::fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    assert!(page.contains(" operations of 6,000 were played"));
    // Whoever reads the session judges the run again, without the answers to the beginning.
    sandbox.run("report", 0);
}

#[test]
fn without_valgrind_it_is_left_out_with_a_reason() {
    let sandbox = Sandbox::with(&[CHURN]);
    std::fs::create_dir(sandbox.path("bin")).unwrap();
    let mut command = sandbox.churnmark("measure -w churn -m hashbrown -c instructions,calls");
    command.env("PATH", PathBuf::from("bin"));
    Said::of(command.output().unwrap(), 0);
    let session = sandbox.session();
    assert!(session.runs.iter().all(|run| run.pass.collector == Collector::Calls) && session.runs.len() == 1);
    let left_out = &session.manifest.left_out;
    let why = "instructions are not counted: there is no valgrind here (apt-get install valgrind)";
    assert!(left_out.iter().any(|row| row.collectors == [Collector::Instructions] && row.why == why));
}
