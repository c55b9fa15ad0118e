use formats::inspection::{Inspection, Picture, State};

use super::{INSPECTABLE, InspectError, Request, inspect};

const ARTICLE: &str = "put 0..8; del 3; put 100";

fn request(map: &str, script: &str) -> Request {
    Request { map: map.into(), seed: 1, hint: 0, script: script.into() }
}

fn inspected(map: &str, script: &str) -> Inspection {
    inspect(&request(map, script)).unwrap()
}

fn live(picture: &Picture) -> usize {
    picture.blocks.iter().flat_map(|block| &block.slots).filter(|slot| slot.state == State::Live).count()
}

#[test]
fn the_classic_map_reuses_the_slot_of_the_deleted_key() {
    let inspection = inspected("go-classic", ARTICLE);
    assert!(inspection.start.blocks.is_empty());
    let [filled, deleted, put] = [0, 1, 2].map(|step| &inspection.steps[step].after);
    for picture in [filled, deleted, put] {
        assert_eq!(picture.blocks.len(), 1, "no overflow bucket");
    }
    assert_eq!([filled, deleted, put].map(live), [8, 7, 8]);
    let slot = |picture: &Picture| {
        let slot = &picture.blocks[0].slots[3];
        (slot.state, slot.key, slot.value, slot.stale)
    };
    assert_eq!(slot(filled), (State::Live, Some(3), Some(4), false));
    assert_eq!(slot(deleted), (State::EmptyOne, Some(3), Some(0), true));
    assert_eq!(slot(put), (State::Live, Some(100), Some(10), false));
    let events = &inspection.steps[2].events;
    assert_eq!(
        events,
        &["insert into array 0 bucket 0 slot 3: the first empty slot, a live entry behind it"]
    );
    let offsets: Vec<usize> = inspection.layout.fields.iter().map(|field| field.offset).collect();
    assert_eq!((offsets, inspection.layout.size), (vec![0, 8, 72, 136], 144));
}

#[test]
fn without_reuse_the_slot_stays_and_an_overflow_bucket_comes() {
    let inspection = inspected("go-classic-no-reuse", "put 0..7; put 7; del 3; put 100");
    let last = &inspection.steps[3];
    assert_eq!(last.after.blocks[0].slots[3].state, State::EmptyOne);
    assert_eq!(last.after.blocks[1].slots[0].key, Some(100));
    assert!(last.events[0].contains("overflow bucket"), "{:?}", last.events);
}

#[test]
fn evacuation_is_seen_while_it_goes_on() {
    let inspection = inspected("go-classic", "put 0..8; del 0; put 8; put 9; put 10..27; put 27");
    let states = |step: usize| {
        let picture = &inspection.steps[step].after;
        picture.blocks.iter().flat_map(|block| &block.slots).map(|slot| slot.state).collect::<Vec<_>>()
    };
    let moved = |state: &State| matches!(state, State::EvacuatedX | State::EvacuatedY);
    assert!((0..6).any(|step| states(step).iter().any(moved)), "{inspection:?}");
    assert!(inspection.steps.iter().flat_map(|step| &step.events).any(|event| event.starts_with("evacuate")));
}

#[test]
fn the_swiss_map_leaves_tombstones_only_in_full_groups() {
    let small = inspected("go-swiss", ARTICLE);
    let slot = &small.steps[1].after.blocks[0].slots[3];
    assert_eq!((slot.byte, slot.state, slot.key, slot.stale), (Some(0x80), State::Empty, Some(3), true));
    let large = inspected("go-swiss", "put 0..24; del 0..24");
    let deleted = large.steps[1].after.blocks.iter().flat_map(|block| &block.slots);
    assert!(deleted.clone().any(|slot| slot.state == State::Deleted));
    assert!(deleted.clone().any(|slot| slot.state == State::Empty));
    assert_eq!(
        large.layout.fields.last().map(|field| (field.name.as_str(), field.offset)),
        Some(("elem[7]", 128))
    );
}

#[test]
fn sync_map_promotes_and_expunges() {
    let inspection = inspected("go-sync-map", "put 0..2; get 5; get 5; del 1; put 7");
    let dirty = |step: usize| inspection.steps[step].after.block("dirty").is_some();
    assert_eq!([0, 1, 2, 3, 4].map(dirty), [true, true, false, false, true]);
    assert!(inspection.steps[2].events.iter().any(|event| event.starts_with("promotion")));
    let read = inspection.steps[4].after.block("read").unwrap();
    assert!(read.slots.iter().any(|slot| slot.key == Some(1) && slot.state == State::Expunged), "{read:?}");
}

#[test]
fn the_trie_shows_its_nodes() {
    let inspection = inspected("go-hash-trie", "put 0..40; del 0..40");
    let [full, empty] = [0, 1].map(|step| &inspection.steps[step].after);
    assert!(full.blocks.len() > 1 && live(full) == 40);
    assert!(full.blocks[0].slots.iter().any(|slot| slot.state == State::Node));
    assert_eq!((empty.blocks.len(), live(empty)), (1, 0));
}

/// Every map gives the answers of a sorted map, and every picture shows as many entries as there are.
#[test]
fn pictures_show_every_entry() {
    let script = "put 0..50=7; del 10..20; get 0..30; put 5..15; clear; put 1; del 1; del 1; get 1";
    let answers = [
        "50 new",
        "10 deleted",
        "10 absent, 20 found",
        "5 new, 5 replaced",
        "cleared",
        "new",
        "deleted value 66",
        "absent",
        "absent",
    ];
    for map in &INSPECTABLE {
        let inspection = inspected(map.name, script);
        let said: Vec<&str> = inspection.steps.iter().map(|step| step.answer.as_str()).collect();
        // The numbers of the operations: 50 + 10 + 30 + 10 + 1 came before.
        assert_eq!(said, answers.map(|answer| answer.replace("66", "102")), "{}", map.name);
        if map.name != "go-sync-map" {
            let live: Vec<usize> = inspection.steps.iter().map(|step| live(&step.after)).collect();
            assert_eq!(live, [50, 40, 40, 45, 0, 1, 0, 0, 0], "{}", map.name);
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let refused = |map: &str, script: &str| inspect(&request(map, script)).unwrap_err();
    let error = refused("go-clasic", "put 1").to_string();
    assert!(error.contains("go-classic, go-classic-no-reuse, go-swiss"), "{error}");
    assert!(matches!(refused("go-swiss", "put 1; drop"), InspectError::Script(_)));
    assert!(matches!(refused("go-swiss", "put 0..1000000"), InspectError::Operations(1_000_000)));
    assert!(matches!(refused("go-classic", "put 1; put 0..9000"), InspectError::Slots { step: 2, .. }));
    let long = "put 0..1000".to_string() + &"; get 1".repeat(70);
    assert!(matches!(refused("go-classic", &long), InspectError::InAll(_)));
    let hint = Request { hint: 5000, ..request("go-classic", "put 1") };
    assert!(matches!(inspect(&hint), Err(InspectError::Hint(5000))));
    let hint = Request { hint: 5, ..request("go-hash-trie", "put 1") };
    assert!(matches!(inspect(&hint), Err(InspectError::NoHint("go-hash-trie"))));
}
