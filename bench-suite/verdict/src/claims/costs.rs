//! Chapter 4: hashes, times, allocations, memory.

use formats::evidence::Family;

use super::facts::{Facts, bytes, near, row, same, short, time};
use super::inside::inline_keys;
use super::{Claim, Finding, Ground, Judgement, Rule};

const CLASSIC: &[Family] = &[Family::Classic];
const MAPS: &[Family] = &[Family::Classic, Family::Swiss];
const PYTHON: &[Family] = &[Family::Python];

const fn measured(
    number: u8,
    text: &'static str,
    experiments: &'static [&'static str],
    families: &'static [Family],
    judge: fn(&Facts<'_>) -> Judgement,
) -> Claim {
    let rule = Rule { experiments, families, needs_runtime: false, judge };
    Claim { number, chapter: 4, text, ground: Ground::Measured(rule) }
}

/// A claim whose figures only the real runtime has.
const fn on_runtime(
    number: u8,
    text: &'static str,
    experiments: &'static [&'static str],
    families: &'static [Family],
    judge: fn(&Facts<'_>) -> Judgement,
) -> Claim {
    let rule = Rule { experiments, families, needs_runtime: true, judge };
    Claim { number, chapter: 4, text, ground: Ground::Measured(rule) }
}

const fn source(number: u8, text: &'static str, why: &'static str) -> Claim {
    Claim { number, chapter: 4, text, ground: Ground::Source(why) }
}

pub(super) const CLAIMS: &[Claim] = &[
    measured(
        49,
        "user_0 to user_3 take buckets 2 3 0 1 with Python's hash at seed 0, and 1 3 0 2 with md5.",
        &["bucket-paths"],
        PYTHON,
        |facts| {
            let (python, md5) = (facts.list("python_seed_0")?, facts.list("md5")?);
            let holds = [equal(python, &[2.0, 3.0, 0.0, 1.0]), equal(md5, &[1.0, 3.0, 0.0, 2.0])];
            Some((Finding::of_parts(&holds), format!("seed 0: {}; md5: {}", row(python), row(md5))))
        },
    ),
    measured(50, "Python's hash depends on PYTHONHASHSEED.", &["bucket-paths"], PYTHON, |facts| {
        let seeds = ["python_seed_0", "python_seed_1", "python_seed_2"];
        let buckets: Vec<&[f64]> = seeds.iter().map(|seed| facts.list(seed)).collect::<Option<_>>()?;
        let differs = buckets.iter().any(|other| !equal(other, buckets[0]));
        let rows: Vec<String> = buckets.iter().map(|buckets| row(buckets)).collect();
        Some((Finding::of(differs), format!("seeds 0, 1, 2: {}", rows.join(" | "))))
    }),
    source(51, "A trace region is opened as in the quoted program.", "a compile error: no such function"),
    measured(52, "A delete takes 120 ns.", &["times"], MAPS, |facts| {
        let times = facts.list("delete_ns")?;
        Some((compared(times, 120.0), span("for 1,000 to 1,000,000 entries", times)))
    }),
    measured(53, "A growth takes 8.3 µs.", &["times"], MAPS, |facts| {
        let times = facts.list("grow_ns")?;
        Some((compared(times, 8_300.0), span("small to large", times)))
    }),
    measured(54, "An evacuation takes 42 µs.", &["times"], CLASSIC, |facts| {
        let times = facts.list("evacuate_ns")?;
        let all = facts.list("evacuate_all_ns").and_then(|all| all.first());
        let all = all.map_or_else(String::new, |all| format!("; all of 256 buckets {}", time(*all)));
        Some((compared(times, 42_000.0), format!("{}{all}", span("for a bucket", times))))
    }),
    measured(55, "A full bucket makes the map grow.", &["overflow"], CLASSIC, |facts| {
        let (grew, linked) = (facts.flag("full_bucket_grew")?, facts.number("overflow_buckets")?);
        let figure =
            if grew { "it grew".to_owned() } else { format!("{} overflow bucket(s)", short(linked)) };
        Some((Finding::of(grew), figure))
    }),
    on_runtime(
        56,
        "Buckets are evacuated more often during a garbage collection.",
        &["growth"],
        CLASSIC,
        |facts| {
            let (before, after) = (facts.number("evacuated_before")?, facts.number("evacuated_after_gc")?);
            Some((
                Finding::of(after > before),
                format!("evacuated {} before, {} after", short(before), short(after)),
            ))
        },
    ),
    measured(57, "A delete moves no entry unless a growth is pending.", &["growth"], MAPS, |facts| {
        let grows = facts.number("grows_by_delete")?;
        Some((Finding::of(grows < 0.5), format!("{} growths by 100,000 deletes", short(grows))))
    }),
    on_runtime(
        58,
        "mallocgc is called 2.4 M times a second for 16 bytes, 87,000 for 512, 3,000 for large blocks.",
        &["times"],
        MAPS,
        |facts| {
            let rates = facts.list("allocate_per_second")?;
            let claimed = [(0, 2.4e6), (2, 8.7e4), (3, 3e3)];
            let close = claimed.iter().map(|&(at, rate)| rates.get(at).map(|found| near(*found, rate)));
            let figure = format!("16, 144, 512, 40960 B: {} a second", row(rates));
            Some((Finding::of_parts(&close.collect::<Option<Vec<_>>>()?), figure))
        },
    ),
    measured(59, "A bucket has 512 bytes, or 8 kB.", &["classes"], MAPS, |facts| {
        let bucket = facts.number("bucket_size")?;
        let top =
            facts.number("top_size").map_or_else(String::new, |top| format!("; most blocks {}", bytes(top)));
        let holds = same(bucket, 512.0) || same(bucket, 8192.0);
        Some((Finding::of(holds), format!("{}{top}", bytes(bucket))))
    }),
    on_runtime(60, "16 bytes are size class 2.", &["classes"], MAPS, |facts| {
        let class = facts.number("class_of_16")?;
        Some((Finding::of(same(class, 2.0)), format!("class {}", short(class))))
    }),
    source(61, "makemap64 calls newobject for the buckets.", "a call in source code"),
    source(
        62,
        "The third argument of mallocgc makes the collector scan imprecisely.",
        "a parameter in source code",
    ),
    measured(63, "Buckets hold pointers.", &["layout"], MAPS, inline_keys),
    measured(
        64,
        "A bucket lives as long as its map; hardly any is freed early.",
        &["memory"],
        MAPS,
        |facts| {
            let live =
                ["live_bytes_1m", "live_bytes_1500k", "live_bytes_2500k"].map(|name| facts.number(name));
            let live = live.into_iter().collect::<Option<Vec<f64>>>()?;
            let shrunk = live.windows(2).any(|pair| pair[1] < 0.99 * pair[0]);
            let gone = live[2] < 0.5 * live[0];
            let finding = if gone {
                Finding::Fails
            } else if shrunk {
                Finding::Depends
            } else {
                Finding::Holds
            };
            let figure: Vec<String> = live.iter().map(|size| bytes(*size)).collect();
            Some((finding, format!("{} after 1, 1.5 and 2.5 M pairs", figure.join(", "))))
        },
    ),
    measured(
        65,
        "Under the article's load a map takes 186.4 MB of heap and a sync.Map 42.1 MB.",
        &["pressure"],
        MAPS,
        |facts| {
            let new = (facts.number("map_average_bytes")?, facts.number("sync_average_bytes")?);
            let kept =
                (facts.number("map_average_bytes_bounded")?, facts.number("sync_average_bytes_bounded")?);
            let [new_ratio, kept_ratio] = [new, kept].map(|(map, sync)| sync / map);
            let finding = match (new_ratio, kept_ratio) {
                (a, b) if near(a, 42.1 / 186.4) && near(b, 42.1 / 186.4) => Finding::Holds,
                (a, b) if a >= 1.0 && b >= 1.0 => Finding::Fails,
                _ => Finding::Depends,
            };
            let pair = |(map, sync): (f64, f64)| format!("{} against {}", bytes(map), bytes(sync));
            Some((finding, format!("new keys {}, 100,000 keys {}", pair(new), pair(kept))))
        },
    ),
    on_runtime(
        66,
        "There are 4.7 collections a minute with a map and 0.9 with a sync.Map.",
        &["pressure"],
        MAPS,
        |facts| {
            let new = (facts.number("map_cycles")?, facts.number("sync_cycles")?);
            let kept = (facts.number("map_cycles_bounded")?, facts.number("sync_cycles_bounded")?);
            let close = |(map, sync): (f64, f64)| near(map, 4.7) && near(sync, 0.9);
            let fewer = |(map, sync): (f64, f64)| sync < map;
            let finding = match () {
                () if close(new) || close(kept) => Finding::Holds,
                // In one of the two loads, and by other numbers.
                () if fewer(new) && fewer(kept) => Finding::Depends,
                () => Finding::Fails,
            };
            let pair = |(map, sync): (f64, f64)| format!("{map:.2} against {sync:.2}");
            Some((finding, format!("new keys {}, 100,000 keys {} a minute", pair(new), pair(kept))))
        },
    ),
    measured(67, "sync.Map smooths the curve of the heap.", &["churn"], MAPS, |facts| {
        let (map, sync) = (facts.number("map_peak_bytes")?, facts.number("sync_peak_bytes")?);
        Some((
            Finding::of(sync <= map),
            format!("peak {} with a map, {} with a sync.Map", bytes(map), bytes(sync)),
        ))
    }),
];

/// Times compared with one that is claimed for all of them: near it, around it, or elsewhere.
fn compared(times: &[f64], claimed: f64) -> Finding {
    let close = times.iter().filter(|time| near(**time, claimed)).count();
    let above = times.iter().any(|time| *time > claimed);
    let below = times.iter().any(|time| *time < claimed);
    match close {
        all if all == times.len() => Finding::Holds,
        0 if !(above && below) => Finding::Fails,
        _ => Finding::Depends,
    }
}

fn span(what: &str, times: &[f64]) -> String {
    let all: Vec<String> = times.iter().map(|nanos| time(*nanos)).collect();
    format!("{} {what}", all.join(", "))
}

fn equal(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b))
}
