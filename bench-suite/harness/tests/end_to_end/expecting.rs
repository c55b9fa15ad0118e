//! What a workload expects of maps: a session and a gate in which it holds, and in which it is broken.

use std::fs;

use formats::expectation::{Judgement, Outcome};
use formats::gate::{Conclusion, GATE_FILE, Gate};

use crate::sandbox::{CHURN, Sandbox};

fn sandbox(bound: &str) -> Sandbox {
    let expect = format!(
        "\n[[expect]]\nfigure = \"peak\"\nmaps = [\"hashbrown\", \"papaya\"]\n{bound}\nreason = \"It has to fit.\"\n"
    );
    Sandbox::with(&[&(CHURN.to_owned() + &expect)])
}

#[test]
fn a_broken_expectation_ends_a_session_with_3_and_stands_in_every_form() {
    let sandbox = self::sandbox("at_most = \"1KiB\"");
    let said = sandbox.run("measure -w churn -m hashbrown -c allocations", 3);
    assert!(said.stderr.contains("Expectations: 1 broken, 1 undecided."), "{}", said.stderr);
    let broken = "BROKEN: hashbrown on churn: peak is ";
    assert!(
        said.stderr.contains(broken)
            && said.stderr.contains("expected is at most 1.00 KiB. Why: It has to fit.")
    );
    let folder = sandbox.only("");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("index.html").contains(broken) && read("summary.md").contains(broken));
    assert!(read("junit.xml").contains("<failure"));
    let judged: Vec<Judgement> = serde_json::from_str(&read("data/expectations.json")).unwrap();
    let outcomes: Vec<_> = judged.iter().map(|one| (one.map.as_str(), one.outcome)).collect();
    assert_eq!(outcomes, [("hashbrown", Outcome::Broken), ("papaya", Outcome::Undecided)]);
}

#[test]
fn one_that_holds_or_is_not_measured_ends_it_well() {
    let sandbox = self::sandbox("at_most = \"1MiB\"");
    let said = sandbox.run("measure -w churn -m hashbrown -c allocations", 0);
    assert!(said.stderr.contains("Expectations: 1 held, 1 undecided."), "{}", said.stderr);
}

#[test]
fn a_gate_judges_whole_tapes_of_the_head() {
    // Nothing is compared: no base is wanted.
    let ask = "gate --layer expected -w churn -m hashbrown";
    for (bound, code, conclusion) in
        [("at_most = \"1MiB\"", 0, Conclusion::Passed), ("at_most = \"1KiB\"", 3, Conclusion::Broken)]
    {
        let sandbox = self::sandbox(bound);
        let said = sandbox.run(ask, code);
        let gate = Gate::read(&sandbox.only("").join(GATE_FILE)).unwrap();
        assert_eq!(gate.conclusion, conclusion);
        assert_eq!(gate.expectations.len(), 2);
        let last = said.stdout.lines().last().unwrap();
        let junit = fs::read_to_string(sandbox.only("").join("junit.xml")).unwrap();
        if conclusion == Conclusion::Broken {
            assert!(
                last.starts_with("GATE: EXPECTATION BROKEN (exit 3): hashbrown on churn: peak is "),
                "{last}"
            );
            assert!(junit.contains("ExpectationBroken"), "{junit}");
        } else {
            assert!(said.stdout.contains("Expectations\n") && !junit.contains("<failure"), "{}", said.stdout);
        }
    }
}
