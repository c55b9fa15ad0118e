//! What is asked is answered, by figures that are there, and nothing that is said is against them.

use std::fmt::Write;

use formats::observation::{Found, Reading};
use formats::question::Question;
use formats::run::Outcome;
use formats::session::Session;
use proptest::prelude::*;

use super::{memory, of_workload, slots};
use crate::number;
use crate::sample;
use crate::view::View;

#[path = "../../tests/golden/mod.rs"]
mod golden;

const MAPS: [&str; 3] = ["hashbrown", "std", "btree"];

fn asking(mut session: Session, asks: &[Question]) -> Session {
    session.manifest.tapes.values_mut().for_each(|tape| tape.asks = asks.to_vec());
    session
}

/// The answer to the one question of the first workload.
fn answered(session: &Session) -> String {
    let view = View::new(session);
    let replies = of_workload(&view, &view.workloads[0]);
    assert_eq!(replies.len(), 1);
    replies[0].text.clone()
}

/// The last of these labels that stands in front of a name.
fn label<'l>(text: &str, map: &str, labels: &[&'l str]) -> Option<&'l str> {
    let before = &text[..text.find(map)?];
    labels
        .iter()
        .copied()
        .filter_map(|label| Some((before.rfind(label)?, label)))
        .max()
        .map(|(_, label)| label)
}

#[test]
fn each_question_has_its_sentence() {
    let mut told = String::new();
    let plain = sample::sized(&["hashbrown", "std", "btree", "null", "papaya"], &["fifo"], 5, 12);
    let swept = sample::swept(&["hashbrown", "std"], &[1000, 1_000_000]);
    for (name, session) in [("one load", plain), ("a sweep", swept)] {
        let session = asking(session, &Question::ALL);
        let view = View::new(&session);
        for reply in of_workload(&view, &view.workloads[0]) {
            writeln!(told, "{name}, {}: {}", reply.question.name(), reply.text).unwrap();
        }
    }
    golden::golden("asked.txt", &told);
}

#[test]
fn what_was_not_measured_is_said_to_be_not_measured() {
    let mut session = asking(sample::sized(&MAPS, &["fifo"], 5, 6), &Question::ALL);
    session.runs.retain(
        |run| matches!(&run.outcome, Outcome::Measured(seen) if matches!(seen.reading, Reading::Stacks(_))),
    );
    let view = View::new(&session);
    for reply in of_workload(&view, &view.workloads[0]) {
        let says_so = ["not measured; a pass of `", "one point of it", "no map played", "so there is none"];
        assert!(says_so.iter().any(|said| reply.text.contains(said)), "{}", reply.text);
    }
    session.runs.clear();
    let view = View::new(&session);
    assert_eq!(of_workload(&view, &view.workloads[0]), []);
}

#[test]
fn a_workload_that_says_nothing_asks_by_its_shape() {
    let session = sample::sized(&MAPS, &["fifo"], 5, 6);
    let questions = |session: &Session| -> Vec<Question> {
        let view = View::new(session);
        of_workload(&view, &view.workloads[0]).iter().map(|reply| reply.question).collect()
    };
    assert_eq!(questions(&session), [Question::Reuse, Question::Cost]);
    let mut drained = session.clone();
    drained.manifest.tapes.values_mut().for_each(|tape| tape.header.executed.end_live = Some(7));
    assert_eq!(questions(&drained), [Question::GivenBack, Question::Reuse]);
    assert_eq!(questions(&sample::swept(&MAPS, &[10, 20])), [Question::Sweep, Question::Reuse]);
}

#[test]
fn what_caches_find_is_told_of_all_phases_and_of_one_that_comes_again() {
    let mut session = asking(sample::sized(&MAPS, &["fifo"], 5, 6), &[Question::Hits]);
    for tape in session.manifest.tapes.values_mut() {
        let churn = tape.header.phases[1].clone();
        tape.header.bound = Some(100);
        tape.header.phases.push(churn);
    }
    let found = |asked, found| Found { asked, found };
    for run in &mut session.runs {
        let Outcome::Measured(seen) = &mut run.outcome else { continue };
        let last = match run.pass.map.as_str() {
            "std" => 20,
            "hashbrown" => 60,
            _ => 50,
        };
        seen.answers.found = Some(vec![found(1000, 0), found(100, 60), found(100, last)]);
    }
    assert_eq!(
        answered(&session),
        "Of the look-ups so many find their entry: 40.0 % (std, least) to 60.0 % (hashbrown, most). From the first phase \
         `churn` to the last: std 60.0 % to 20.0 %; btree 60.0 % to 50.0 %; hashbrown 60.0 % to 60.0 %. Counted, after the \
         initial fill."
    );
    let (page, summary) = (crate::page(&session), crate::summary(&session));
    assert!(page.contains(">hits</th>") && page.contains(r#"<td data-v="0.4">40.0 %</td>"#), "{summary}");
    assert!(summary.contains("| reused | hits |") && summary.contains(" 55.0 % |"), "{summary}");
    // Fewer misses are an answer of their own.
    let answer = crate::answer::answer(&session);
    let said = serde_json::to_string(&answer).unwrap();
    assert!(
        said.contains("if hits count more, hashbrown (60.0 %)")
            || answer.loads[0].choices[0].take == ["hashbrown"]
    );
}

#[test]
fn the_page_the_summary_and_the_answer_say_the_same() {
    let session = asking(sample::sized(&MAPS, &["fifo"], 5, 6), &[Question::Reuse, Question::Growth]);
    let answer = crate::answer::answer(&session);
    let (page, summary) = (crate::page(&session), crate::summary(&session));
    assert_eq!(answer.loads[0].asked.len(), 2);
    for reply in &answer.loads[0].asked {
        assert!(page.contains(&format!(r#"<p class="reply">{}"#, reply.text)), "{}", reply.text);
        assert!(summary.contains(&crate::markdown::cell(&reply.text)), "{}", reply.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn where_inserts_land_is_said_of_each_map_as_it_was_seen(
        landed in prop::array::uniform3((0_u64..40, 0_u64..40, 1_u64..40)),
        dead in prop::array::uniform3(0_u64..1000),
    ) {
        let mut session = sample::sized(&MAPS, &["fifo"], 1, 6);
        sample::each_reading(&mut session, |pass, reading| {
            let Reading::Slots(seen) = reading else { return };
            let Some(at) = MAPS.iter().position(|map| *map == pass.map) else { return };
            for window in &mut seen.windows {
                (window.reused, window.recycled, window.fresh) = landed[at];
                (window.dead, window.capacity) = (Some(dead[at]), Some(1000));
            }
        });
        let text = answered(&asking(session.clone(), &[Question::Reuse]));
        for (map, (reused, recycled, fresh)) in MAPS.iter().zip(landed) {
            let all = (reused + recycled + fresh) as f64;
            let (reused, recycled) = (reused as f64 / all, recycled as f64 / all);
            let want = match reused {
                few if few < slots::SOME && recycled >= slots::SOME => "through the allocator",
                most if most >= slots::MOST => "by most inserts in",
                some if some >= slots::SOME => "by some in",
                _ => "by few or none in",
            };
            let labels = ["through the allocator", "by most inserts in", "by some in", "by few or none in"];
            prop_assert_eq!(label(&text, map, &labels), Some(want), "{}", text);
        }
        let text = answered(&asking(session, &[Question::Dead]));
        let [least, most] = [dead.iter().min(), dead.iter().max()].map(|end| number::percent(*end.unwrap() as f64 / 1000.0));
        prop_assert!(text.contains(&least) && text.contains(&most), "{}", text);
    }

    #[test]
    fn growth_is_said_of_the_maps_that_grow(permille in prop::array::uniform3(1000_u64..2000)) {
        let mut session = sample::sized(&MAPS, &["fifo"], 1, 6);
        sample::each_reading(&mut session, |pass, reading| {
            let Reading::Heap(heap) = reading else { return };
            let Some(at) = MAPS.iter().position(|map| *map == pass.map) else { return };
            let before = heap.before.allocated;
            let last = heap.samples.len() - 1;
            for (index, sample) in heap.samples.iter_mut().enumerate() {
                let held = if index == last { permille[at] } else { 1000 };
                sample.live = 1000;
                sample.allocated = before + 1000 * held;
            }
        });
        let text = answered(&asking(session, &[Question::Growth]));
        for (map, step) in MAPS.iter().zip(permille) {
            let grown = step as f64 / 1e3 >= memory::GROWS;
            prop_assert_eq!(text.contains(&format!("{map} from ")), grown, "{} {} {}", map, step, text);
        }
    }

    #[test]
    fn the_fastest_is_the_fastest_and_who_is_not_told_apart_is_not(
        speeds in prop::array::uniform3(prop::array::uniform5(50.0..150.0_f64)),
    ) {
        let mut session = sample::sized(&MAPS, &["fifo"], 5, 2);
        let given: Vec<(&str, [f64; 5])> = MAPS.into_iter().zip(speeds).collect();
        sample::set_speeds(&mut session, &given);
        let text = answered(&asking(session, &[Question::Cost]));
        let median = |speeds: &[f64; 5]| {
            let mut sorted = *speeds;
            sorted.sort_by(f64::total_cmp);
            sorted[2]
        };
        let (first, fastest) = given.iter().max_by(|a, b| median(&a.1).total_cmp(&median(&b.1))).unwrap();
        prop_assert!(text.contains(&format!(" in {first}, the fastest")), "{}", text);
        let tied = text.split("not told apart from it: ").nth(1).map_or("", |rest| rest.split(')').next().unwrap());
        for (map, speeds) in given.iter().filter(|(map, _)| map != first) {
            // Five rounds of one direction are what an interval without 1 needs.
            let slower = speeds.iter().zip(fastest).all(|(one, other)| one < other);
            prop_assert_eq!(tied.contains(map), !slower, "{} {}", map, text);
        }
    }
}
