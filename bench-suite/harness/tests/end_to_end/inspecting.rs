//! One of Go's maps slot by slot while a script runs.

use std::fs;

use formats::inspection::{Inspection, State};
use quick_xml::events::Event;

use crate::sandbox::{Said, Sandbox};
use crate::schemas::fits;

const ARTICLE: &str = "put 0..8; del 3; put 100";

/// `churnmark inspect` with these options and a script in one argument.
fn inspect(sandbox: &Sandbox, options: &str, script: &str, code: i32) -> Said {
    let command = format!("inspect {options}");
    Said::of(sandbox.churnmark(&command).arg(script).output().unwrap(), code)
}

/// The rows of the slot tables of one step, their spaces made one.
fn rows(text: &str, step: usize) -> Vec<String> {
    let step = text.split("\nstep ").nth(step).unwrap();
    let rows = step.lines().filter(|line| line.contains('|'));
    rows.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_deleted_slot_is_shown_and_taken_again() {
    let sandbox = Sandbox::with(&[]);
    let said = inspect(&sandbox, "--map go-classic", ARTICLE, 0);
    let text = &said.stdout;
    assert!(!text.contains('\u{1b}'), "no colour");
    for line in ["  bmap, a bucket: 144 bytes", "     136      4  overflow", "step 3: put 100 \u{2192} new"] {
        assert!(text.contains(line.trim_start()), "{line}\n{text}");
    }
    let live = |row: &&String| row.contains("| - | ") && row.contains(" live ");
    assert_eq!(rows(text, 1).iter().filter(live).count(), 8, "{text}");
    let deleted = &rows(text, 2)[5];
    assert!(deleted.starts_with("* 3 +3 +32 +96 | ") && deleted.contains(" live 3 4 | "), "{deleted}");
    assert!(deleted.ends_with("| 01 emptyOne, stale 3 0"), "{deleted}");
    let put = &rows(text, 3)[5];
    assert!(put.contains("| 01 emptyOne, stale 3 0 | ") && put.ends_with(" live 100 10"), "{put}");
    assert_eq!(rows(text, 3).len(), 2 + 8, "one bucket, no overflow\n{text}");
    assert!(text.contains("slot 3: the first empty slot, a live entry behind it"), "{text}");
}

#[test]
fn changes_leaves_out_what_stayed() {
    let sandbox = Sandbox::with(&[]);
    let script = "put 0..40; del 3";
    let (all, changes) =
        (inspect(&sandbox, "", script, 0).stdout, inspect(&sandbox, "--changes", script, 0).stdout);
    assert!(rows(&all, 2).len() >= 8 * 8, "{all}");
    assert_eq!(rows(&changes, 2).len(), 2 + 8, "{changes}");
}

#[test]
fn every_map_is_drawn_as_well_formed_svg() {
    let sandbox = Sandbox::with(&[]);
    for map in ["go-classic", "go-classic-no-reuse", "go-swiss", "go-sync-map", "go-hash-trie"] {
        let options = format!("--map {map} --format svg --output drawn.svg");
        let said = inspect(&sandbox, &options, "put 0..30; del 3; get 3; put 100; clear", 0);
        assert_eq!(said.stdout, "");
        let svg = fs::read_to_string(sandbox.path("drawn.svg")).unwrap();
        let mut reader = quick_xml::Reader::from_str(&svg);
        let (mut depth, mut titles) = (0_usize, 0);
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{map}: {error}")) {
                Event::Start(start) => {
                    depth += 1;
                    titles += usize::from(start.name().as_ref() == b"title");
                    start.attributes().for_each(|attribute| drop(attribute.unwrap()));
                }
                Event::End(_) => depth -= 1,
                Event::Text(text) => drop(text.decode().unwrap()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{map}");
        assert!(titles > 30, "{map}: {titles} slots have titles");
    }
}

#[test]
fn json_is_what_the_drawings_are_made_of() {
    let sandbox = Sandbox::with(&[]);
    let said = inspect(&sandbox, "--map go-swiss --seed 7 --format json", "put 0..40\ndel 3", 0);
    fits("inspection", "pictures", &serde_json::from_str(&said.stdout).unwrap());
    let inspection: Inspection = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((inspection.seed, inspection.layout.size), (7, 136));
    let slots = inspection.steps[1].after.blocks.iter().flat_map(|block| &block.slots);
    let stale: Vec<_> = slots.filter(|slot| slot.stale).collect();
    assert_eq!(stale.len(), 1);
    assert!(matches!(stale[0].state, State::Empty | State::Deleted));
    assert_eq!((stale[0].key, stale[0].value), (Some(3), Some(0)));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = Sandbox::with(&[]);
    let refused = |options: &str, script: &str, parts: &[&str]| {
        inspect(&sandbox, options, script, 2).complains(parts);
    };
    refused("", "put 0..8; drop 3", &["the script: step 2: `drop` is no step; allowed are `put KEYS`"]);
    refused("", " ; ", &["the script: step 1: there is none"]);
    refused(
        "--map go-clasic",
        "put 1",
        &["no map `go-clasic`", "go-classic, go-classic-no-reuse, go-swiss, go-sync-map, go-hash-trie"],
    );
    refused("", "put 0..9000", &["step 1: the map has", "pictures are taken of up to 4096"]);
    refused("--map go-sync-map --hint 8", "put 1", &["`go-sync-map` is not made for a number of entries"]);
    refused("--output /sys/drawn.svg", "put 1", &["`/sys/drawn.svg` cannot be written to"]);
}
