//! Sessions in which something is expected, and what is said of it.

use formats::expectation::{Bound, Expectation, Judgement, Outcome};
use formats::figure::Figure;
use formats::observation::Reading;
use formats::session::Session;

use super::*;
use crate::sample;

fn expect(figure: Figure, maps: &str, bound: Bound) -> Expectation {
    let json = serde_json::json!({ "figure": figure.name(), "maps": maps.split(',').collect::<Vec<_>>(),
        "at_most": 0.0, "reason": "A promise" });
    Expectation { bound, ..serde_json::from_value(json).unwrap() }
}

fn expecting(expectations: Vec<Expectation>) -> Session {
    let mut session = sample::sized(&["hashbrown", "std", "null"], &["fifo"], 5, 6);
    session.runs.retain(|run| run.pass.map != "crashing");
    session.gate = None;
    sample::set_speeds(
        &mut session,
        &[("hashbrown", [100.0; 5]), ("std", [90.0, 95.0, 100.0, 105.0, 110.0])],
    );
    sample::each_reading(&mut session, |pass, reading| match reading {
        Reading::Allocations(seen) => seen.peak_bytes = if pass.map == "std" { 4 << 20 } else { 2 << 20 },
        Reading::Heap(heap) => {
            // The filling ends with a sample.
            (heap.samples[0].ops, heap.samples[0].phase) = (28_000, "fill".into());
            for sample in &mut heap.samples {
                let tables = if sample.phase == "fill" || pass.map == "hashbrown" { 1 } else { 3 };
                sample.allocated = heap.before.allocated + (tables << 20);
            }
        }
        _ => {}
    });
    session.manifest.tapes.get_mut("fifo").unwrap().expectations = expectations;
    session
}

fn outcomes(judged: &[Judgement]) -> Vec<(&str, Outcome)> {
    judged.iter().map(|one| (one.map.as_str(), one.outcome)).collect()
}

#[test]
fn exact_figures_hold_or_are_broken() {
    let session = expecting(vec![expect(Figure::Peak, "*", Bound::AtMost(f64::from(3 << 20)))]);
    let judged = judge(&session);
    assert_eq!(outcomes(&judged), [("hashbrown", Outcome::Held), ("std", Outcome::Broken)]);
    assert_eq!(judged[1].said, "peak is 4.00 MiB; expected is at most 3.00 MiB");
    let factor =
        Expectation { of: Some("hashbrown".into()), ..expect(Figure::Peak, "std", Bound::AtMost(1.5)) };
    let judged = judge(&expecting(vec![factor]));
    assert_eq!(judged[0].outcome, Outcome::Broken);
    assert_eq!(judged[0].said, "peak is ×2.00 that of hashbrown; expected is at most ×1.50");
}

#[test]
fn growth_beside_the_same_entries_is_a_figure() {
    let session = expecting(vec![expect(Figure::PeakOverFresh, "std,hashbrown", Bound::AtMost(2.0))]);
    let judged = judge(&session);
    assert_eq!(outcomes(&judged), [("hashbrown", Outcome::Held), ("std", Outcome::Broken)]);
    assert_eq!(judged[1].said, "peak/fresh is 3.00; expected is at most 2.00");
}

#[test]
fn what_a_clock_measures_is_judged_by_its_interval() {
    for (least, outcome) in [(89.0, Outcome::Held), (100.0, Outcome::Undecided), (111.0, Outcome::Broken)] {
        let judged = judge(&expecting(vec![expect(Figure::Throughput, "std", Bound::AtLeast(least))]));
        assert_eq!(outcomes(&judged), [("std", outcome)], "{least}");
        let part =
            "throughput is 100/s (90.0/s to 110/s, 93.75 % confidence, 5 rounds); expected is at least";
        assert!(judged[0].said.starts_with(part), "{}", judged[0].said);
    }
    let mut session = expecting(vec![expect(Figure::Throughput, "std", Bound::AtLeast(1.0))]);
    session.runs.retain(|run| run.pass.round < 2);
    let judged = judge(&session);
    assert_eq!(judged[0].outcome, Outcome::Undecided);
    assert!(judged[0].said.contains("in 2 rounds; an interval needs 5"), "{}", judged[0].said);
}

#[test]
fn what_was_not_measured_is_undecided_and_says_why() {
    let mut session = expecting(vec![
        expect(Figure::Peak, "papaya", Bound::AtMost(1.0)),
        expect(Figure::Peak, "go-*", Bound::AtMost(1.0)),
        expect(Figure::Peak, "std", Bound::AtMost(1.0)),
    ]);
    session.runs.retain(|run| !matches!(run.pass.collector.name(), "allocations" | "heap"));
    let judged = judge(&session);
    let said: Vec<(&str, &str)> = judged.iter().map(|one| (one.map.as_str(), one.said.as_str())).collect();
    let unseen = "peak was not measured: it is seen by allocations or heap";
    assert_eq!(said, [("papaya", "it did not play"), ("go-*", "it did not play"), ("std", unseen)]);
    assert!(judged.iter().all(|one| one.outcome == Outcome::Undecided));
    assert_eq!(lines(&judged), ["Expectations: 3 undecided."]);

    let mut smaller = expecting(vec![expect(Figure::Peak, "std", Bound::AtMost(1.0))]);
    let tape = smaller.manifest.tapes.remove("fifo").unwrap();
    smaller.manifest.tapes.insert("fifo@0.5".into(), tape);
    smaller.runs.iter_mut().for_each(|run| run.pass.workload = "fifo@0.5".into());
    let judged = judge(&smaller);
    assert_eq!(judged[0].outcome, Outcome::Undecided);
    assert!(judged[0].said.ends_with("which was played at 0.5 of its size"), "{}", judged[0].said);
}

#[test]
fn a_broken_expectation_is_on_every_page_and_a_held_one_is_counted() {
    let peak = |most: i32| vec![expect(Figure::Peak, "std", Bound::AtMost(f64::from(most << 20)))];
    let (broken, held) = (expecting(peak(3)), expecting(peak(5)));
    let sentence = "BROKEN: std on fifo: peak is 4.00 MiB; expected is at most 3.00 MiB. Why: A promise.";
    let first = crate::answer::text(&crate::answer::answer(&broken));
    assert!(first.ends_with(&format!("Expectations: 1 broken.\n{sentence}\n")), "{first}");
    let first = crate::answer::text(&crate::answer::answer(&held));
    assert!(first.ends_with("Expectations: 1 held.\n"), "{first}");
    let page = crate::page(&broken);
    assert!(page.contains(sentence) && page.contains("id=\"expectations\""));
    assert!(page.find(sentence) < page.find("<h2><a href=\"#verdict\">"), "on the first screen");
    assert!(crate::summary(&broken).contains(&crate::markdown::cell(sentence)));
    let json = |session: &Session| {
        let files = crate::export::files(session);
        let (_, bytes) = files.into_iter().find(|(name, _)| name == "expectations.json").unwrap();
        serde_json::from_slice::<Vec<Judgement>>(&bytes).unwrap()
    };
    assert_eq!(json(&broken), judge(&broken));
    for (session, part) in [(&broken, "<failure"), (&held, "peak at most 5.00 MiB\" classname=\"fifo\"/>")] {
        let xml = junit(&judge(session));
        assert!(xml.contains(part), "{xml}");
    }
    assert_eq!(json(&held)[0].outcome, Outcome::Held);
}
