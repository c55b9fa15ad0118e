//! Chapter 3: sync.Map.

use formats::evidence::Family;

use super::facts::{Facts, bytes, same, short, zero};
use super::{Claim, Finding, Ground, Rule};

const SYNC_MAP: &[Family] = &[Family::SyncMap];
const SHARED: &[Family] = &[Family::SyncMap, Family::HashTrie];
/// The smallest bucket of a map in sync.Map: eight states, eight pairs of two words each and one word, and a
/// pointer.
const BUCKET_BYTES: f64 = 144.0;

const fn measured(
    number: u8,
    text: &'static str,
    families: &'static [Family],
    judge: fn(&Facts<'_>) -> Option<(Finding, String)>,
) -> Claim {
    let rule = Rule { experiments: &["sync"], families, needs_runtime: false, judge };
    Claim { number, chapter: 3, text, ground: Ground::Measured(rule) }
}

const fn source(number: u8, text: &'static str, why: &'static str) -> Claim {
    Claim { number, chapter: 3, text, ground: Ground::Source(why) }
}

pub(super) const CLAIMS: &[Claim] = &[
    measured(34, "There is a read map without a lock, and a dirty one behind a mutex.", SHARED, |facts| {
        let dirty = facts.flag("has_dirty")?;
        Some((Finding::of(dirty), if dirty { "read and dirty" } else { "no dirty map" }.to_owned()))
    }),
    measured(35, "After a delete, a store tends to allocate new buckets.", SHARED, |facts| {
        let (blocks, size) = (facts.number("restore_allocations")?, facts.number("restore_bytes")?);
        let figure = format!("{} blocks, {} for each store of a deleted key", short(blocks), bytes(size));
        Some((Finding::of(size >= BUCKET_BYTES), figure))
    }),
    measured(
        36,
        "What allocates a bucket array is the first new key after a promotion.",
        SYNC_MAP,
        |facts| {
            let (blocks, size) = (facts.number("new_key_allocations")?, facts.number("new_key_bytes")?);
            let restore = facts.number("restore_bytes")?;
            let figure = format!("{} blocks, {} for the first new key", short(blocks), bytes(size));
            Some((Finding::of(size >= 100.0 * BUCKET_BYTES && restore < BUCKET_BYTES), figure))
        },
    ),
    measured(37, "A look-up that misses the read map counts a miss.", SHARED, |facts| {
        if facts.flag("has_dirty") == Some(false) {
            return Some((Finding::Fails, "there is no count of misses".to_owned()));
        }
        let (plain, amended) = (facts.number("misses_unamended")?, facts.number("misses_amended")?);
        let figure = format!("3 misses count {}, with a dirty map {}", short(plain), short(amended));
        Some((Finding::of_parts(&[same(plain, 3.0), same(amended, 3.0)]), figure))
    }),
    source(
        38,
        "The misses are counted without a lock, by atomic.LoadUintptr.",
        "how a field is read in source code",
    ),
    measured(39, "The dirty map is promoted when the misses equal its length.", SYNC_MAP, |facts| {
        let (misses, dirty) = (facts.number("promoted_misses")?, facts.number("promoted_dirty")?);
        let figure = format!("promoted at {} misses, {} keys", short(misses), short(dirty));
        Some((Finding::of(same(misses, dirty)), figure))
    }),
    measured(40, "A promotion hashes every key again, into new buckets.", SYNC_MAP, |facts| {
        let (kept, size) = (facts.flag("promotion_same_map")?, facts.number("promotion_bytes"));
        let map = if kept { "the dirty map becomes the read map" } else { "another map" };
        let size = size.map_or_else(String::new, |size| format!(", {} allocated", bytes(size)));
        Some((Finding::of(!kept), format!("{map}{size}")))
    }),
    measured(41, "A promotion empties the dirty map and sets the misses to zero.", SYNC_MAP, |facts| {
        let (misses, dirty) = (facts.number("misses_after")?, facts.number("dirty_after")?);
        let gone = if same(dirty, -1.0) { "none".to_owned() } else { format!("{} keys", short(dirty)) };
        let holds = [zero(misses), dirty < 0.5];
        Some((Finding::of_parts(&holds), format!("misses {}, dirty map {gone}", short(misses))))
    }),
    measured(42, "The first store makes no new bucket: it only marks the map as amended.", SHARED, |facts| {
        let (blocks, size) = (facts.number("first_store_allocations")?, facts.number("first_store_bytes")?);
        let figure = format!("{} blocks, {}", short(blocks), bytes(size));
        Some((Finding::of(size < BUCKET_BYTES), figure))
    }),
    source(43, "The source of upgradeDirty is as quoted.", "a quotation of source code"),
    measured(
        44,
        "A delete only marks; expunged entries stay in the read map until it is replaced.",
        SYNC_MAP,
        |facts| {
            let expunged = facts.number("expunged")?;
            Some((
                Finding::of(expunged >= 1.0),
                format!("{} expunged entries in the read map", short(expunged)),
            ))
        },
    ),
    source(
        45,
        "go tool trace shows an event newBucket with a capacity of 64.",
        "the list of events of a tool",
    ),
    source(46, "Store looks whether the load is above 0.75.", "a step that would stand in source code"),
    source(47, "Delete evicts overflow buckets.", "a step that would stand in source code"),
    source(48, "Writers go by a version number and try again.", "pseudo code for no map in particular"),
];
