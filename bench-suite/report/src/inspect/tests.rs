use formats::inspection::{Block, Field, Inspection, Layout, Picture, SCHEMA, Slot, State, StepTaken};

use super::{Show, pairs, svg, text};

fn slot(state: State, key: u64, value: u64) -> Slot {
    let is_live = state == State::Live;
    let byte = if is_live { 0x1d } else { 1 };
    Slot { byte: Some(byte), state, key: Some(key), value: Some(value), stale: !is_live }
}

fn picture(count: &str, blocks: &[(&str, Vec<Slot>)]) -> Picture {
    let blocks = blocks.iter().map(|(name, slots)| Block {
        name: (*name).into(),
        note: "buckets".into(),
        slots: slots.clone(),
    });
    Picture { figures: vec![("count".into(), count.into())], blocks: blocks.collect() }
}

/// Two blocks; a step deletes from the first.
fn inspection(map: &str) -> Inspection {
    let live = |key| slot(State::Live, key, key + 1);
    let before = [("array 0 bucket 0", vec![live(3), live(4)]), ("array 0 bucket 1", vec![live(5)])];
    let mut after = before.clone();
    after[0].1[0] = slot(State::EmptyOne, 3, 0);
    let fields = [("tophash", 0, 8), ("keys", 8, 64), ("elems", 72, 64)];
    let fields = fields.map(|(name, offset, size)| Field { name: name.into(), offset, size });
    Inspection {
        schema: SCHEMA,
        map: map.into(),
        about: "a map".into(),
        seed: 1,
        hint: 0,
        layout: Layout { of: "bmap".into(), size: 144, fields: fields.into() },
        start: picture("3", &before),
        steps: vec![StepTaken {
            step: "del 3".into(),
            answer: "deleted value 4".into(),
            events: vec!["delete from array 0 bucket 0 slot 0".into()],
            after: picture("2", &after),
        }],
    }
}

#[test]
fn a_field_beyond_its_block_is_drawn_at_its_end() {
    let field = |offset, size| Field { name: "keys".into(), offset, size };
    let layout =
        Layout { of: "bmap".into(), size: 8, fields: vec![field(usize::MAX, usize::MAX), field(4, 4)] };
    let text = svg(&Inspection { layout, ..inspection("a") }, Show::All);
    assert!(text.contains("offset 18446744073709551615") && text.contains("</svg>"), "{text}");
}

#[test]
fn text_marks_what_a_step_changed() {
    let text = text(&inspection("m"), Show::Changes);
    let step = text.split("step 1: del 3 \u{2192} deleted value 4\n").nth(1).unwrap();
    assert!(step.starts_with("  count 3 \u{2192} 2\n  - delete from array 0 bucket 0 slot 0\n"), "{step}");
    let lines: Vec<String> =
        step.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(lines.contains(&"* 0 +0 +8 +72 | 1d live 3 4 | 01 emptyOne, stale 3 0".into()), "{step}");
    assert!(lines.contains(&"1 +1 +16 +80 | 1d live 4 5 | 1d live 4 5".into()), "{step}");
    assert!(!step.contains("bucket 1"), "{step}");
}

#[test]
fn the_bars_of_a_table_stand_below_each_other() {
    let text = text(&inspection("m"), Show::Changes);
    let bars = |line: &str| line.match_indices('|').map(|(at, _)| at).collect::<Vec<_>>();
    let mut lines = text.lines().filter(|line| line.contains('|')).map(bars);
    let first = lines.next().unwrap();
    assert_eq!(first.len(), 2);
    assert!(lines.clone().count() == 3 && lines.all(|bars| bars == first), "{text}");
}

#[test]
fn all_shows_every_block_and_changes_only_some() {
    let inspection = inspection("m");
    let (before, after) = (&inspection.start, &inspection.steps[0].after);
    assert_eq!(pairs(before, after, Show::All).len(), 2);
    assert_eq!(pairs(before, after, Show::Changes).len(), 1);
    let none = picture("0", &[]);
    let gone = pairs(before, &none, Show::Changes);
    assert!(gone.len() == 2 && gone.iter().all(|pair| pair.note == "gone" && pair.changed(0)));
}

#[test]
fn the_picture_says_what_it_shows_and_escapes_names() {
    let svg = svg(&inspection("<m>&\"\u{1}"), Show::All);
    assert!(svg.contains("<title id=\"title\">Slots of &lt;m&gt;&amp;&quot;: a map"), "{svg}");
    assert!(svg.contains("slot 0: 01 emptyOne, stale, key 3, value 0"), "{svg}");
    assert_eq!(svg.matches("cell freed changed stale").count(), 1);
    assert!(svg.contains("prefers-color-scheme:dark"));
}
