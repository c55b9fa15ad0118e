//! Chapter 2: how a bucket lies in memory, and what decides about reuse.

use formats::evidence::Family;

use super::facts::{Facts, hex, near, row, same, short, zero};
use super::slots::stale;
use super::{Claim, Finding, Ground, Judgement, Rule};

const CLASSIC: &[Family] = &[Family::Classic];
const MAPS: &[Family] = &[Family::Classic, Family::Swiss];
/// Experiments that are about no map of Go in particular.
const ANY: &[Family] =
    &[Family::Classic, Family::Swiss, Family::SyncMap, Family::HashTrie, Family::Pool, Family::Python];

const fn measured(
    number: u8,
    text: &'static str,
    experiments: &'static [&'static str],
    families: &'static [Family],
    judge: fn(&Facts<'_>) -> Judgement,
) -> Claim {
    let rule = Rule { experiments, families, needs_runtime: false, judge };
    Claim { number, chapter: 2, text, ground: Ground::Measured(rule) }
}

const fn source(number: u8, text: &'static str, why: &'static str) -> Claim {
    Claim { number, chapter: 2, text, ground: Ground::Source(why) }
}

pub(super) const CLAIMS: &[Claim] = &[
    measured(
        14,
        "Buckets start at multiples of 64 bytes, against false sharing.",
        &["layout"],
        MAPS,
        |facts| {
            let starts = facts.list("address_mod_64")?;
            let aligned = starts.iter().skip(1).all(|count| zero(*count));
            Some((
                Finding::of(aligned),
                format!("starts at 0, 8, … 56 beyond a multiple of 64: {}", row(starts)),
            ))
        },
    ),
    measured(15, "Only the first four bytes of the tophash array are used.", &["bucket"], CLASSIC, |facts| {
        let states = facts.list("states_full")?;
        let used = states.iter().filter(|state| !zero(**state)).count();
        Some((Finding::of(used <= 4), format!("{used} of {} are used: {}", states.len(), hex(states))))
    }),
    measured(
        16,
        "Keys stand at byte 8, values at 72, the overflow pointer at 136, and a bucket has 144 bytes.",
        &["layout"],
        MAPS,
        |facts| {
            let overflow = facts.number("overflow_offset");
            let (keys, values) = (facts.number("keys_offset")?, facts.number("values_offset")?);
            let size = facts.number("bucket_bytes")?;
            let holds = same(keys, 8.0)
                && same(values, 72.0)
                && overflow.is_some_and(|at| same(at, 136.0))
                && same(size, 144.0);
            let overflow = overflow.map_or_else(|| "none".to_owned(), short);
            let (keys, values, size) = (short(keys), short(values), short(size));
            Some((
                Finding::of(holds),
                format!("keys {keys}, values {values}, overflow {overflow}, size {size}"),
            ))
        },
    ),
    measured(17, "A bucket has arrays of pointers to keys and values.", &["layout"], MAPS, inline_keys),
    measured(18, "A delete clears the bytes of the key.", &["bucket"], MAPS, |facts| {
        let (key, value) = (facts.number("stale_key")?, facts.number("stale_value")?);
        Some((Finding::of(zero(key)), stale(key, value)))
    }),
    measured(19, "emptyOne is 1.", &["bucket"], CLASSIC, |facts| {
        let state = facts.state("states_deleted", "freed_slot")?;
        Some((
            Finding::of(same(state, 1.0)),
            format!("{} after a delete with live slots behind", short(state)),
        ))
    }),
    measured(20, "emptyRest is 2.", &["bucket"], CLASSIC, |facts| {
        let state = facts.number("last_slot_state")?;
        Some((Finding::of(same(state, 2.0)), format!("{} after a delete of the last slot", short(state))))
    }),
    measured(
        21,
        "After a delete, empty slots at the end of the chain become emptyRest.",
        &["tail"],
        CLASSIC,
        |facts| {
            let last = [("after_1", 7), ("after_3", 5), ("after_4", 3)];
            let merged = |(name, from): (&str, usize)| -> Option<bool> {
                Some(facts.list(name)?.get(from..)?.iter().all(|state| zero(*state)))
            };
            let merged = last.map(merged).into_iter().collect::<Option<Vec<bool>>>()?;
            Some((Finding::of_parts(&merged), format!("{} at the end", hex(facts.list("after_4")?))))
        },
    ),
    source(22, "`&m.buckets[0]` reads a slot of a map.", "a compile error: a map has no field of that name"),
    measured(23, "A debugger still shows the key of a deleted slot.", &["bucket"], MAPS, |facts| {
        let (key, value) = (facts.number("stale_key")?, facts.number("stale_value")?);
        Some((Finding::of(!zero(key)), stale(key, value)))
    }),
    measured(24, "A deleted slot has tophash 0 and its memory is untouched.", &["bucket"], MAPS, |facts| {
        let state = facts.state("states_deleted", "freed_slot")?;
        let (key, value) = (facts.number("stale_key")?, facts.number("stale_value")?);
        let untouched = !zero(key) && !zero(value);
        let figure = format!("state {}, {}", hex(&[state]), stale(key, value));
        Some((Finding::of_parts(&[zero(state), untouched]), figure))
    }),
    Claim {
        number: 25,
        chapter: 2,
        text: "sync.Pool.Put takes 38 % of the CPU, and runtime.convT2E is the bottleneck.",
        ground: Ground::Measured(Rule {
            experiments: &["pool"],
            families: &[Family::Classic, Family::Swiss, Family::Pool],
            needs_runtime: true,
            judge: |facts| {
                let (share, samples) = (facts.number("put_share_pointer")?, facts.number("convt2e_samples")?);
                let percent = short(100.0 * share);
                let figure = format!("Put {percent} %, {} samples in convT2E", short(samples));
                Some((Finding::of(near(share, 0.38) && samples >= 1.0), figure))
            },
        }),
    },
    source(26, "RecordReuse takes 29 % of the CPU, in mu.Lock.", "a profile of a program that is not given"),
    measured(27, "A sharded counter raises the reuse rate by 37 %.", &["trackers"], ANY, |facts| {
        let (lock, sharded) = (facts.number("reused_lock")?, facts.number("reused_sharded")?);
        let inserts = facts.number("inserts")?;
        let more = sharded / lock - 1.0;
        let rate = |reused: f64| format!("{:.2} %", 100.0 * reused / inserts);
        Some((Finding::of(near(more, 0.37)), format!("one lock {}, sharded {}", rate(lock), rate(sharded))))
    }),
    measured(28, "A sharded counter lowers lock contention by 92 %.", &["trackers"], ANY, |facts| {
        let (lock, sharded) = (facts.number("wait_ns_lock")?, facts.number("wait_ns_sharded")?);
        let less = 1.0 - sharded / lock;
        let finding = match less {
            close if (close - 0.92).abs() <= 0.03 => Finding::Holds,
            lower if lower > 0.0 => Finding::Depends,
            _ => Finding::Fails,
        };
        (lock > 0.0).then(|| (finding, format!("{:.1} % less time waited for locks", 100.0 * less)))
    }),
    source(29, "The reuse decision stands in mapdelete_fast64, as quoted.", "a quotation of source code"),
    measured(
        30,
        "A slot is used again only if its chain has no overflow bucket.",
        &["decision"],
        CLASSIC,
        |facts| {
            let reused = facts.flag("chain_reused")?;
            Some((Finding::of(!reused), again("in a chain of two buckets", reused)))
        },
    ),
    measured(31, "A slot is used again only if the map is not growing.", &["decision"], CLASSIC, |facts| {
        let (pairs, reused) = (facts.number("growing_pairs")?, facts.number("growing_reused")?);
        let growing = facts.flag("growing")? && pairs >= 1.0;
        growing.then(|| (Finding::of(zero(reused)), while_growing(pairs, reused)))
    }),
    measured(
        32,
        "A slot is used again only if all slots behind it are emptyRest.",
        &["decision"],
        CLASSIC,
        |facts| {
            let reused = facts.flag("later_taken_reused")?;
            Some((Finding::of(!reused), again("with live slots behind it", reused)))
        },
    ),
    measured(
        33,
        "During a growth no slot is used again before its bucket is evacuated.",
        &["decision"],
        CLASSIC,
        |facts| {
            let (pairs, reused) = (facts.number("growing_pairs")?, facts.number("growing_reused")?);
            // A write evacuates the bucket it touches, so that nothing ever has to wait.
            let finding = if zero(reused) { Finding::Holds } else { Finding::Depends };
            let growing = facts.flag("growing")? && pairs >= 1.0;
            growing.then(|| {
                (finding, format!("{}: a write evacuates its bucket first", while_growing(pairs, reused)))
            })
        },
    ),
];

/// Claims 17 and 63: whether keys stand in the bucket or behind a pointer.
pub(super) fn inline_keys(facts: &Facts<'_>) -> Judgement {
    let inline = facts.flag("key_inline")?;
    let figure = if inline { "keys stand in the bucket" } else { "keys stand behind pointers" };
    Some((Finding::of(!inline), figure.to_owned()))
}

fn again(place: &str, reused: bool) -> String {
    format!("{place}: {}", if reused { "used again" } else { "not used again" })
}

fn while_growing(pairs: f64, reused: f64) -> String {
    format!("{} of {} slots used again while growing", short(reused), short(pairs))
}
