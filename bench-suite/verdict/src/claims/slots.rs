//! Chapter 1: what a delete does to a slot, and where the next insert goes.

use formats::evidence::Family;

use super::facts::{Facts, bytes, hex, row, same, short, zero};
use super::{Claim, Finding, Ground, Judgement, Rule};

const CLASSIC: &[Family] = &[Family::Classic];
const MAPS: &[Family] = &[Family::Classic, Family::Swiss];

const fn measured(
    number: u8,
    text: &'static str,
    experiments: &'static [&'static str],
    families: &'static [Family],
    judge: fn(&Facts<'_>) -> Judgement,
) -> Claim {
    let rule = Rule { experiments, families, needs_runtime: false, judge };
    Claim { number, chapter: 1, text, ground: Ground::Measured(rule) }
}

pub(super) const CLAIMS: &[Claim] = &[
    measured(1, "A bucket holds eight pairs, found through a tophash.", &["layout"], MAPS, |facts| {
        let slots = facts.number("slots")?;
        let finding = match facts.number("overflow_offset") {
            _ if !same(slots, 8.0) => Finding::Fails,
            Some(_) => Finding::Holds,
            None => Finding::Depends,
        };
        let kind = if finding == Finding::Depends { "a group with control bytes" } else { "a bucket" };
        Some((finding, format!("{} slots in {kind}", short(slots))))
    }),
    measured(2, "A delete does not give the slot's memory back.", &["bucket"], MAPS, |facts| {
        let (before, after) = (facts.number("bytes_before_delete")?, facts.number("bytes_after_delete")?);
        Some((Finding::of(after >= before), format!("{} before, {} after", bytes(before), bytes(after))))
    }),
    measured(3, "A later insert is not placed into the freed slot.", &["bucket"], MAPS, |facts| {
        let (freed, taken) = (facts.number("freed_slot")?, facts.number("taken_slot")?);
        let same_slot = same(freed, taken) && facts.flag("same_address") != Some(false);
        Some((Finding::of(!same_slot), format!("freed slot {}, taken slot {}", short(freed), short(taken))))
    }),
    measured(
        4,
        "A delete sets the slot's tophash to emptyRest, which is 0.",
        &["bucket"],
        CLASSIC,
        |facts| {
            let state = facts.state("states_deleted", "freed_slot")?;
            Some((Finding::of(zero(state)), format!("tophash {} after the delete", short(state))))
        },
    ),
    measured(5, "A delete also clears the bytes of key and value.", &["bucket"], MAPS, |facts| {
        let (key, value) = (facts.number("stale_key")?, facts.number("stale_value")?);
        Some((Finding::of_parts(&[zero(key), zero(value)]), stale(key, value)))
    }),
    measured(
        6,
        "A look-up skips an emptyRest slot and scans on; no insert stops there either.",
        &["decision"],
        CLASSIC,
        emptyrest_is_passed_over,
    ),
    measured(7, "emptyOne is 0, and emptyRest is 0.", &["bucket"], CLASSIC, |facts| {
        let (one, rest) = (facts.state("states_deleted", "freed_slot")?, facts.number("last_slot_state")?);
        let figure = format!("emptyOne {}, emptyRest {}", short(one), short(rest));
        Some((Finding::of_parts(&[zero(one), zero(rest)]), figure))
    }),
    measured(
        8,
        "A slot never used has tophash 1 (emptyOne), a deleted one 0 (emptyRest).",
        &["bucket", "layout"],
        CLASSIC,
        |facts| {
            let deleted = facts.state("states_deleted", "freed_slot")?;
            let fresh = facts.number("fresh_state")?;
            let figure = format!("never used {}, deleted {}", short(fresh), short(deleted));
            Some((Finding::of_parts(&[same(fresh, 1.0), zero(deleted)]), figure))
        },
    ),
    measured(9, "A slot with emptyOne can be used again.", &["bucket"], CLASSIC, |facts| {
        let state = facts.state("states_deleted", "freed_slot")?;
        let again = same(facts.number("freed_slot")?, facts.number("taken_slot")?);
        let figure =
            format!("tophash {}, {}", short(state), if again { "taken again" } else { "left alone" });
        Some((Finding::of(same(state, 1.0) && again), figure))
    }),
    measured(
        10,
        "A slot with emptyRest cannot be used again: it forces an overflow bucket or a growth.",
        &["decision"],
        CLASSIC,
        emptyrest_is_passed_over,
    ),
    measured(
        11,
        "A full bucket without an emptyOne slot gets an overflow bucket.",
        &["overflow"],
        CLASSIC,
        |facts| {
            let (grew, linked) = (facts.flag("full_bucket_grew")?, facts.number("overflow_buckets")?);
            let figure =
                format!("{} overflow bucket(s){}", short(linked), if grew { ", and a growth" } else { "" });
            Some((Finding::of(!grew && linked >= 1.0), figure))
        },
    ),
    measured(
        12,
        "The program prints 9, which proves that the slot was not used again.",
        &["bucket"],
        MAPS,
        |facts| {
            let length = facts.number("length")?;
            Some((Finding::of(same(length, 9.0)), format!("prints {}", short(length))))
        },
    ),
    measured(13, "Key 100 goes to an overflow bucket.", &["bucket"], MAPS, |facts| {
        let linked = facts.number("overflow_buckets")?;
        let states = facts.list("states_put").map(hex).unwrap_or_default();
        Some((Finding::of(linked >= 1.0), format!("{} overflow buckets; states {states}", short(linked))))
    }),
];

/// Claims 6 and 10: what happens at a slot that never held anything before.
fn emptyrest_is_passed_over(facts: &Facts<'_>) -> Judgement {
    let (inserts, accepted) = (facts.number("rest_inserts")?, facts.number("rest_accepted")?);
    let finding = match accepted {
        none if zero(none) => Finding::Holds,
        all if same(all, inserts) => Finding::Fails,
        _ => Finding::Depends,
    };
    let figure = format!("{} of {} inserts took an emptyRest slot", short(accepted), short(inserts));
    (inserts >= 1.0).then_some((finding, figure))
}

/// What is left of an entry in its slot.
pub(super) fn stale(key: f64, value: f64) -> String {
    format!("key bytes {}, value bytes {}", row(&[key]), row(&[value]))
}
