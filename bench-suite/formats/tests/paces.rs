//! When operations start, as a workload says it: at one pace, phase by phase, at one rate after the other.

use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Act, Pace, Phase, Source, Workload};
use proptest::prelude::*;

const HEAD: &str = "name = \"test\"\nwhy = \"A test.\"\nlive = 1000\nmix = { insert = 50, remove = 50 }\n";

fn parse(rest: &str) -> Result<Workload, Fault> {
    Workload::parse(&format!("{HEAD}{rest}"), Path::new("test.toml"))
}

fn phases(workload: &Workload) -> &[Phase] {
    match &workload.source {
        Source::Recipe(recipe) => &recipe.phases,
        source => panic!("{source:?}"),
    }
}

fn said(rest: &str) -> (String, Vec<(String, Act, Option<String>)>) {
    let workload = parse(rest).unwrap_or_else(|fault| panic!("{fault}"));
    let phase = |phase: &Phase| (phase.name.clone(), phase.act, phase.pace.map(|pace| pace.to_string()));
    (workload.schedule().unwrap_or_default(), phases(&workload).iter().map(phase).collect())
}

#[test]
fn each_rate_is_a_phase() {
    let (schedule, phases) = said("pace = { rates = { per_second = [1_000, 30_000, 1_000], each = 0.25 } }");
    assert_eq!(schedule, "1000, then 30000, then 1000 operations a second");
    let at = |rate: u32, ops| {
        (format!("{rate}-per-second"), Act::Churn(ops), Some(format!("{rate} operations a second")))
    };
    let fill = ("fill".to_owned(), Act::Fill(1000), None);
    assert_eq!(phases, [fill, at(1000, 250), at(30_000, 7500), at(1000, 250)]);
    let (_, seldom) = said("pace = { rates = { per_second = [1], each = 0.001 } }");
    assert_eq!(seldom[1].1, Act::Churn(1), "a rate at which nothing comes is none");
}

#[test]
fn a_phase_has_a_pace_of_its_own() {
    let (schedule, phases) = said(
        "pace = { per_second = 100 }\nphases = [{ fill = 10 }, { churn = 5 }, { churn = 7, pace = \"closed\" }, \
         { drain = 2, pace = { bursts = { per_second = 50, on = 1, off = 2 } } }, { fill = 9, pace = { per_second = 3 } }]",
    );
    assert_eq!(
        schedule,
        "100 operations a second; then no schedule; then 50 operations a second for 1 s, then none for 2 s; \
         then 3 operations a second"
    );
    let paces: Vec<&str> = phases.iter().map(|(.., pace)| pace.as_deref().unwrap_or("-")).collect();
    let bursts = "50 operations a second for 1 s, then none for 2 s";
    assert_eq!(paces, ["-", "-", "no schedule", bursts, "3 operations a second"]);
}

#[test]
fn what_has_a_schedule_is_paced_and_can_be_played_without() {
    let paced = |rest: &str| parse(rest).unwrap_or_else(|fault| panic!("{fault}")).has_tag("paced");
    let churn = "phases = [{ fill = 10 }, { churn = 5, pace = \"closed\" }]\n";
    assert!(!paced("ops = 9") && !paced(churn) && !paced(&format!("{churn}pace = {{ per_second = 5 }}")));
    assert!(paced("pace = { rates = { per_second = [5], each = 1 } }"));
    assert!(paced("phases = [{ fill = 10, pace = { per_second = 9 } }]"), "filling is the load");
    assert!(paced("phases = [{ fill = 10 }, { churn = 5 }, { drain = 0, pace = { per_second = 9 } }]"));
    let mut workload = parse("pace = { rates = { per_second = [50, 60], each = 1 } }").unwrap();
    let acts = |workload: &Workload| phases(workload).iter().map(|phase| phase.act).collect::<Vec<_>>();
    let before = acts(&workload);
    workload.unpace();
    assert!(!workload.is_paced() && workload.schedule().is_none());
    assert_eq!(acts(&workload), before);
}

#[test]
fn a_mistake_is_told_with_line_field_and_remedy() {
    let rates = |inner: &str| format!("pace = {{ rates = {{ {inner} }} }}");
    let good = rates("per_second = [5, 6], each = 1");
    let phase = |more: &str| format!("phases = [\n  {{ fill = 10 }},\n  {{ {more} }},\n]");
    for (rest, want) in [
        (
            rates("per_second = [5, 0], each = 1"),
            "test.toml:5: pace: per_second = 0; allowed are 1 to 1000000",
        ),
        (rates("per_second = [], each = 1"), "test.toml:5: pace: rates: of 0 rates; allowed are 1 to 100"),
        (
            rates("per_second = [5], each = 0"),
            "test.toml:5: pace: each = 0; allowed are 0.001 to 3600 seconds",
        ),
        (rates("per_second = [5], each = nan"), "pace: each = NaN; allowed are 0.001 to 3600 seconds"),
        (rates("per_second = [5]"), "each: is missing"),
        (rates("per_second = 5, each = 1"), "pace: is `5`; allowed is a list in brackets"),
        (rates("per_second = [5], each = 1, on = 1"), "unknown field `on`, expected `per_second` or `each`"),
        (format!("{good}\nops = 9"), "test.toml:6: ops: and a pace of `rates` exclude each other"),
        (format!("{good}\nphases = [{{ fill = 1 }}]"), "test.toml:5: pace: rates: make phases of their own"),
        (format!("{good}\nrepeat = 2"), "test.toml:6: repeat: repeats `phases`, and there are none"),
        (
            rates("per_second = [1_000_000], each = 1_001"),
            "test.toml:5: pace: the phases come to 1001001000 operations",
        ),
        (
            "pace = \"slow\"".into(),
            "test.toml:5: pace: `slow` is no pace; allowed are `closed`, `recorded`, or a table with one of",
        ),
        (
            "pace = { rate = 5 }".into(),
            "test.toml:5: pace: `rate` is no pace; allowed are `closed`, `recorded`, or a table",
        ),
        ("pace = {}".into(), "pace: is a table of one name; allowed are"),
        ("pace = { per_second = 5, rates = 6 }".into(), "pace: is a table of one name; allowed are"),
        ("pace = { bursts = 6 }".into(), "pace: is `6`; allowed is a table of `per_second`, `on` and `off`"),
        ("pace = 5".into(), "test.toml:5: pace: is `5`; allowed is `closed`, `recorded`, or a table"),
        (
            phase("churn = 5, pace = { per_second = 0 }"),
            "test.toml:7: phases: pace: per_second = 0; allowed are 1 to 1000000",
        ),
        (
            phase("churn = 5, pace = { rates = { per_second = [5], each = 1 } }"),
            "test.toml:7: phases: pace: rates: make phases of their own and are said once, outside",
        ),
        (phase("churn = 5, pace = \"open\""), "`open` is no pace"),
        (
            phase("copy = { reserve = true }, pace = { per_second = 5 }"),
            "test.toml:7: phases: pace: means nothing in a phase of `copy`",
        ),
        (
            "phases = [{ fill = 10, pace = { per_second = 5 } }, { churn = 5 }]".into(),
            "test.toml:5: phases: pace: means nothing in a filling that the tape begins with",
        ),
    ] {
        let fault = match parse(&rest) {
            Ok(workload) => panic!("accepted:\n{rest}\n{workload:?}"),
            Err(fault) => fault.to_string(),
        };
        assert!(fault.contains(want), "`{want}` is not said of\n{rest}\n{fault}");
        assert!(!fault.contains('\n'), "{fault}");
    }
    let again = "phases = [{ fill = 10, pace = { per_second = 5 } }, { churn = 5 }]\nrepeat = 2";
    assert!(parse(again).is_ok(), "when it comes again it counts");
}

#[test]
fn rates_are_those_of_a_recipe() {
    let text = "name = \"test\"\nwhy = \"A test.\"\nscript = \"put 1\"\npace = { rates = { per_second = [5], each = 1 } }\n";
    let fault = Workload::parse(text, Path::new("test.toml")).expect_err("a script has steps").to_string();
    assert!(fault.starts_with("test.toml:4: pace: rates: are those of a recipe"), "{fault}");
}

#[test]
fn a_recording_with_times_says_when_it_was() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), "1,+,a\n").unwrap();
    let file = folder.path().join("t.toml");
    let read = |pace: &str, format: &str, more: &str| {
        let text = format!(
            "name = \"t\"\nwhy = \"A test.\"\npace = {pace}\n[trace]\nfile = \"t.csv\"\nformat = \"{format}\"\n{more}\n"
        );
        Workload::parse(&text, &file).map(|workload| workload.pace)
    };
    let columns = "columns = [\"time\", \"op\", \"key\"]";
    for (pace, want) in [
        ("\"recorded\"", "as recorded"),
        ("{ recorded = 1 }", "as recorded"),
        ("{ recorded = 0.25 }", "as recorded, 0.25 times as fast"),
    ] {
        assert_eq!(read(pace, "operations", columns).unwrap().to_string(), want);
        for (format, more) in
            [("requests", "capacity = 9"), ("twitter", ""), ("redis_monitor", ""), ("recorder", "")]
        {
            assert_eq!(read(pace, format, more).unwrap().to_string(), want, "{format}");
        }
    }
    for (pace, format, more, want) in [
        ("\"recorded\"", "operations", "", "pace: recorded: needs a column \"time\" among `columns`"),
        (
            "\"recorded\"",
            "requests",
            "capacity = 9\ncolumns = [\"key\"]",
            "pace: recorded: needs a column \"time\"",
        ),
        (
            "\"recorded\"",
            "keys",
            "capacity = 9",
            "pace: recorded: records of \"keys\" say nothing of when; allowed is",
        ),
        ("\"recorded\"", "heaptrack", "", "pace: recorded: records of \"heaptrack\" say nothing of when"),
        ("{ recorded = 0 }", "twitter", "", "pace: recorded = 0; allowed are 0.001 to 1000 times the speed"),
        ("{ recorded = nan }", "twitter", "", "pace: recorded = NaN; allowed are 0.001 to 1000"),
        ("{ recorded = \"fast\" }", "twitter", "", "pace: is \"fast\"; allowed is a number"),
        ("{ rates = { per_second = [5], each = 1 } }", "twitter", "", "pace: rates: are those of a recipe"),
    ] {
        let fault = read(pace, format, more).expect_err(want).to_string();
        assert!(fault.contains("t.toml:3: ") && fault.contains(want), "`{want}` is not said: {fault}");
    }
    let without = parse("ops = 9\npace = \"recorded\"").expect_err("no recording").to_string();
    assert!(
        without.contains("test.toml:6: pace: recorded: the times are those of a recording, and there is no")
    );
    let of_phase =
        parse("phases = [{ fill = 1 }, { churn = 5, pace = \"recorded\" }]").expect_err("no recording");
    assert!(of_phase.to_string().contains("test.toml:5: phases: pace: recorded: the times"), "{of_phase}");
}

/// Values that a pace may be, most of them damaged somewhere.
fn written() -> impl Strategy<Value = String> {
    let number =
        prop_oneof!["-?[0-9]{1,8}", "[0-9]{0,3}\\.[0-9]{1,4}", Just("nan".to_owned()), "\"[a-z]{0,6}\""];
    let number = number.boxed();
    let list = prop::collection::vec(number.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(", ")));
    let inner = prop::collection::vec(
        ("(per_second|each|on|off|x)", prop_oneof![number.clone(), list.clone().boxed()]),
        0..4,
    )
    .prop_map(|fields| {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        format!("{{ {} }}", fields.join(", "))
    })
    .boxed();
    let value = prop_oneof![number.clone(), list.boxed(), inner.clone()];
    let table = ("(per_second|bursts|rates|closed|recorded|x)", value)
        .prop_map(|(name, value)| format!("{{ {name} = {value} }}"));
    prop_oneof!["\"(closed|recorded|open)\"", number, inner, table]
}

proptest! {
    #[test]
    fn no_pace_makes_the_reader_panic(pace in written(), of_phase in written()) {
        for rest in [
            format!("pace = {pace}"),
            format!("ops = 5\npace = {pace}"),
            format!("pace = {pace}\nphases = [{{ fill = 5 }}, {{ churn = 5, pace = {of_phase} }}]"),
        ] {
            match parse(&rest) {
                Err(fault) => prop_assert!(!fault.problem.is_empty() && !fault.problem.contains('\n'), "{fault}"),
                Ok(workload) => {
                    let load = phases(&workload).iter().skip_while(|phase| matches!(phase.act, Act::Fill(_)));
                    let mut paces = load.map(|phase| phase.pace.unwrap_or(workload.pace));
                    let paced = paces.any(|pace| pace != Pace::Closed);
                    prop_assert_eq!(workload.is_paced(), paced, "{}", rest);
                    prop_assert_eq!(workload.schedule().is_some(), paced);
                }
            }
        }
    }
}
