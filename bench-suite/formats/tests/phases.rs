//! The phases of a recipe, as they are written.

use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Act, Order, Popularity, Recipe, Rules, Source, Victim, Workload};

const GOOD: &str = "\
name = \"test\"
why = \"A test.\"
live = 1000
ops = 5000
mix = { insert = 45, remove = 45, get = 8, get_absent = 2 }
";

fn parse(text: &str) -> Result<Workload, Fault> {
    Workload::parse(text, Path::new("test.toml"))
}

fn recipe(text: &str) -> Recipe {
    match parse(text).unwrap_or_else(|fault| panic!("{fault}")).source {
        Source::Recipe(recipe) => recipe,
        source => panic!("{source:?}"),
    }
}

fn rules(text: &str) -> Rules {
    recipe(text).phases[0].rules
}

/// `GOOD` with these phases in place of `ops`.
fn with_phases(phases: &str) -> String {
    GOOD.replace("ops = 5000", &format!("phases = [{phases}]"))
}

#[test]
fn a_phase_has_rules_and_a_name_of_its_own() {
    let text = with_phases(
        "{ fill = 9 }, { churn = 5, name = \"evening\", mix = { get = 100 }, get = \"latest\", order = \"random\" }, \
         { same_key = 3 }, { drain = 2, remove = \"newest\" }",
    );
    let phases = recipe(&text).phases;
    let names: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["fill", "evening", "same_key", "drain"]);
    assert_eq!(phases[1].rules.mix.get, 100);
    assert_eq!((phases[1].rules.get, phases[1].rules.order), (Popularity::Latest, Order::Random));
    assert_eq!((phases[3].act, phases[3].rules.remove), (Act::Drain(2), Victim::Newest));
    assert_eq!(phases[0].rules, rules(GOOD));
    // A mix for all is not needed where each phase has one.
    let line = "mix = { insert = 45, remove = 45, get = 8, get_absent = 2 }\n";
    assert_eq!(recipe(&text.replace(line, "")).phases[1].rules.mix.get, 100);
}

#[test]
fn what_makes_no_sense_in_a_phase_is_refused() {
    for (phases, wants) in [
        (
            "{ fill = 9, churn = 3 }",
            &["test.toml:4: phases: ", "one of `fill`, `churn`, `drain`, `same_key`"] as &[&str],
        ),
        ("{ name = \"x\" }", &["test.toml:4: phases: ", "one of `fill`"]),
        ("\"shuffle\"", &["test.toml:4: phases", "`shuffle`", "`\"clear\"`", "`same_key`"]),
        ("7", &["test.toml:4: phases", "`fill`"]),
        ("{ churn = 9, live = 3 }", &["test.toml:4: phases", "`live`", "`same_key`"]),
        ("{ churn = 9, mix = { get = 99 } }", &["phases: mix: the shares sum to 99"]),
        ("{ churn = 9, mix = { remove = 100 } }", &["phases: mix: ", "drain"]),
        ("{ churn = 9, get = { zipf = 5 } }", &["phases: get: zipf = 5"]),
        ("{ drain = 9, get = \"latest\" }", &["phases: get: means nothing in a phase of `drain`"]),
        ("{ fill = 9, remove = \"newest\" }", &["phases: remove: means nothing in a phase of `fill`"]),
        ("{ churn = 9, remove = { ttl = 5 } }", &["phases: remove: ", "in every phase"]),
        ("{ churn = 9, name = \"Evening!\" }", &["phases: name: `Evening!`", "lower-case"]),
        ("{ same_key = 0 }", &["phases: same_key = 0; allowed are 1 to 500000000"]),
    ] {
        let said = parse(&with_phases(phases)).unwrap_err().to_string();
        for want in wants {
            assert!(said.contains(want), "{phases}: {said}");
        }
    }
}
