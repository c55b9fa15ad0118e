//! Stacks of the calls that allocate, sampled by bytes.
//!
//! ```text
//! bytes allocated, one after the other   ────x────────x──x───────────────x──────▶
//! ```
//!
//! Samples (x) lie an exponentially distributed number of bytes apart, m on average, so that no pattern of sizes is in
//! step with them. A block of s bytes is hit with probability p = 1 − e^(−s/m). One that is hit stands for s/p bytes and
//! 1/p blocks, so that sums are right on average whatever the sizes: the estimator of Horvitz and Thompson (1952), as in
//! the heap profiles of jemalloc and Go.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::hash::BuildHasherDefault;

use formats::observation::{HeapProfile, HeapStacks};
use pprof::Symbol;
use rustc_hash::FxHasher;

use super::stacks::profile::{Measured, Profile};
use super::stacks::{packed, plain};
use crate::map::Address;

/// Mean bytes between two samples.
const EVERY: u64 = 2048;
/// Frames of a stack that are kept.
const DEEPEST: usize = 96;
/// The function below which operations are played.
const ROOT: &str = "play::play";
/// The root of what is allocated outside of operations: the map is made.
const MADE: &str = "the map is made";
/// What the values of entries are called that the loop makes for the map.
const VALUE: &str = "value of an entry";
/// What the keys of entries are called that a map clones.
const KEY: &str = "key of an entry";

/// What the values of a sample are, as Go's heap profiles have them: the last one is looked at first.
const MEASURED: Measured = Measured {
    types: &[
        ("alloc_objects", "count"),
        ("alloc_space", "bytes"),
        ("inuse_objects", "count"),
        ("inuse_space", "bytes"),
    ],
    period: EVERY.cast_signed(),
};

/// Takes samples of blocks as they come and go.
#[derive(Debug)]
pub struct HeapSampler {
    random: Random,
    /// Bytes until the next sample.
    left: f64,
    stacks: HashMap<Box<[usize]>, usize, BuildHasherDefault<FxHasher>>,
    /// Blocks that were hit, by stack and size.
    allocated: BTreeMap<(usize, usize), u64>,
    /// Those of them that live.
    live: HashMap<Address, (usize, usize), BuildHasherDefault<FxHasher>>,
    /// All bytes that were allocated.
    bytes: u64,
}

impl Default for HeapSampler {
    fn default() -> Self {
        let mut random = Random(0);
        let left = random.distance();
        Self {
            random,
            left,
            stacks: HashMap::default(),
            allocated: BTreeMap::new(),
            live: HashMap::default(),
            bytes: 0,
        }
    }
}

impl HeapSampler {
    /// A block of so many bytes came.
    pub fn allocated(&mut self, block: Address, size: usize) {
        self.bytes += size as u64;
        self.left -= size as f64;
        if self.left <= 0.0 {
            // What is left of the block has no memory of the sample: the next distance begins behind it.
            self.left = self.random.distance();
            let next = self.stacks.len();
            let stack = *self.stacks.entry(capture()).or_insert(next);
            *self.allocated.entry((stack, size)).or_default() += 1;
            self.live.insert(block, (stack, size));
        }
    }

    /// A block went.
    pub fn freed(&mut self, block: Address) {
        self.live.remove(&block);
    }

    /// What was seen, of a map that holds so many bytes.
    pub fn finish(self, held: u64) -> std::io::Result<HeapStacks> {
        let mut live = BTreeMap::<(usize, usize), u64>::new();
        for sample in self.live.into_values() {
            *live.entry(sample).or_default() += 1;
        }
        let mut names = Names::default();
        let mut stacks: Vec<_> = self.stacks.into_iter().collect();
        stacks.sort_unstable_by_key(|(_, number)| *number);
        let stacks: Vec<Vec<String>> = stacks.into_iter().map(|(frames, _)| names.of(&frames)).collect();
        let mut sums = BTreeMap::<&[String], [Sum; 2]>::new();
        for (&(stack, size), &hits) in &self.allocated {
            let still = live.get(&(stack, size)).copied().unwrap_or(0);
            let [all, alive] = sums.entry(&stacks[stack]).or_default();
            all.add(size, hits);
            alive.add(size, still);
        }
        let churned = self.bytes.saturating_sub(held);
        Ok(HeapStacks {
            every_bytes: EVERY,
            live: folded(held, sums.iter().map(|(stack, [_, alive])| (*stack, *alive))),
            churned: folded(churned, sums.iter().map(|(stack, [all, alive])| (*stack, all.without(*alive)))),
            profile: packed(&profile(&sums))?,
        })
    }
}

/// Random numbers: `SplitMix64` (Steele, Lea and Flood, 2014), always the same ones.
#[derive(Debug)]
struct Random(u64);

impl Random {
    /// Bytes to the next sample.
    fn distance(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // 1 to 2^53 of 2^53: never 0, whose logarithm is none.
        let uniform = ((mixed >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        -uniform.ln() * EVERY as f64
    }
}

/// What some samples stand for.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    samples: u64,
    blocks: f64,
    bytes: f64,
    /// Of the bytes.
    variance: f64,
}

impl Sum {
    /// So many more blocks of a size.
    fn add(&mut self, size: usize, hits: u64) {
        let (size, count) = (size as f64, hits as f64);
        let hit = -(-size / EVERY as f64).exp_m1();
        self.samples += hits;
        self.blocks += count / hit;
        self.bytes += count * size / hit;
        self.variance += count * size * size * (1.0 - hit) / (hit * hit);
    }

    fn without(self, part: Self) -> Self {
        Self {
            samples: self.samples - part.samples,
            blocks: (self.blocks - part.blocks).max(0.0),
            bytes: (self.bytes - part.bytes).max(0.0),
            variance: (self.variance - part.variance).max(0.0),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sums of bytes are far below 2^53"
)]
fn whole(sum: f64) -> u64 {
    sum.round() as u64
}

fn folded<'a>(bytes: u64, stacks: impl Iterator<Item = (&'a [String], Sum)>) -> HeapProfile {
    let (mut samples, mut variance, mut lines) = (0, 0.0, String::new());
    for (stack, sum) in stacks.filter(|(_, sum)| sum.samples > 0) {
        samples += sum.samples;
        variance += sum.variance;
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{} {}", stack.join(";"), whole(sum.bytes));
    }
    HeapProfile { bytes, samples, deviation: whole(variance.sqrt()), folded: lines }
}

fn profile(sums: &BTreeMap<&[String], [Sum; 2]>) -> Profile {
    let named = |name: &String| Symbol {
        name: Some(name.as_bytes().to_vec()),
        addr: None,
        lineno: None,
        filename: None,
    };
    let stacks: Vec<(Vec<Symbol>, Vec<i64>)> = sums
        .iter()
        .map(|(stack, [all, alive])| {
            let values = [all.blocks, all.bytes, alive.blocks, alive.bytes];
            let values = values.map(|value| whole(value).cast_signed());
            // The innermost first.
            (stack.iter().rev().map(named).collect(), values.into())
        })
        .collect();
    let samples = stacks.iter().map(|(stack, values)| (stack.iter(), values.clone()));
    Profile::new(&MEASURED, samples, None)
}

/// Addresses of the calls that lead here, the innermost first.
#[inline(never)]
fn capture() -> Box<[usize]> {
    let mut frames = Vec::with_capacity(DEEPEST);
    backtrace::trace(|frame| {
        frames.push(frame.ip().addr());
        frames.len() < DEEPEST
    });
    frames.into()
}

/// Functions by address. Of each frame the one that exists in the machine code is named, as in a CPU profile.
#[derive(Default)]
struct Names(HashMap<usize, Option<String>>);

impl Names {
    /// The functions of a stack, the outermost first.
    fn of(&mut self, frames: &[usize]) -> Vec<String> {
        let names: Vec<String> = frames.iter().filter_map(|frame| self.function(*frame).cloned()).collect();
        of_the_map(&names)
    }

    fn function(&mut self, address: usize) -> Option<&String> {
        let resolve = || {
            let mut function = None;
            // Functions that were compiled into it come first.
            backtrace::resolve(std::ptr::without_provenance_mut(address), |symbol| {
                function = symbol.name().map(|name| name.to_string());
            });
            function
        };
        self.0.entry(address).or_insert_with(resolve).as_ref()
    }
}

/// What the map does, the outermost first, of functions from the innermost on: without those of the allocator and of
/// the suite around the measured loop.
fn of_the_map(names: &[String]) -> Vec<String> {
    let is_key = |name: &String| name.contains("Box<str") && plain(name).ends_with("::clone");
    let key = names.iter().position(is_key);
    let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let played = names.iter().position(|name| name.ends_with(ROOT));
    let outer = played.or_else(|| names.iter().position(|name| is_suite(name))).unwrap_or(names.len());
    let inner = names[..outer].iter().rposition(|name| is_allocator(name)).map_or(0, |last| last + 1);
    let inner = key.map_or(inner, |key| key + 1);
    let mut stack = vec![if played.is_some() { names[outer].clone() } else { MADE.to_owned() }];
    let between = names.get(inner..outer).unwrap_or_default();
    // The loop calls nothing but the map, and what makes a value for it.
    let makes_value = between.iter().any(|name| name.contains("subject::entry::"))
        || between.iter().all(|name| is_library(name));
    if played.is_some() && makes_value && key.is_none() {
        stack.push(VALUE.to_owned());
    } else {
        stack.extend(between.iter().rev().cloned());
    }
    stack.extend(key.map(|_| KEY.to_owned()));
    stack
}

/// Whether it stands between whoever asks for memory and this file.
fn is_allocator(name: &str) -> bool {
    let own = ["subject::watch::heap_stacks", "subject::watch::ledger", "alloc::alloc::", "backtrace::"];
    let called = ["__rust_alloc", "__rust_realloc", "__rust_no_alloc", "__rg_"];
    own.iter().any(|own| name.contains(own)) || called.iter().any(|called| name.contains(called))
}

fn is_suite(name: &str) -> bool {
    ["subject::driver::", "subject::stage::", "subject::pass::", "subject::program::"]
        .iter()
        .any(|own| name.contains(own))
}

fn is_library(name: &str) -> bool {
    let name = name.trim_start_matches('<');
    ["alloc::", "core::", "std::"].iter().any(|library| name.starts_with(library))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(names: &[&str]) -> Vec<String> {
        of_the_map(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    /// From the innermost on.
    const ASKED: [&str; 4] = [
        "backtrace::backtrace::trace",
        "subject::watch::heap_stacks::capture",
        "<subject::watch::ledger::CountingAllocator as core::alloc::global::GlobalAlloc>::alloc",
        "__rust_alloc",
    ];
    const AROUND: [&str; 3] = [
        "subject::play::play::<u64, M>",
        "subject::driver::play_tape",
        "std::sys::backtrace::__rust_begin_short_backtrace",
    ];

    fn within(names: &[&str]) -> Vec<String> {
        stack(&[&ASKED, names, &AROUND].concat())
    }

    #[test]
    fn what_lies_between_the_loop_and_the_allocator_is_the_maps() {
        let insert = "<maps::btree::Adapter<K,V> as subject::map::Map<K,V>>::insert";
        let seen =
            within(&["alloc::alloc::exchange_malloc", "alloc::collections::btree::node::split", insert]);
        let plain = "<maps::btree::Adapter as subject::map::Map>::insert";
        assert_eq!(seen, ["subject::play::play", plain, "alloc::collections::btree::node::split"]);
        let made =
            stack(&[&ASKED[..], &["hashbrown::raw::new", "subject::driver::recreate", "main"]].concat());
        assert_eq!(made, [MADE, "hashbrown::raw::new"]);
    }

    #[test]
    fn keys_and_values_of_entries_are_called_so() {
        assert_eq!(within(&[]), ["subject::play::play", VALUE]);
        let made = [
            "<u8 as alloc::vec::SpecFromElem>::from_elem",
            "<alloc::boxed::Box<[u8]> as subject::entry::Value>::make",
        ];
        assert_eq!(within(&made), ["subject::play::play", VALUE]);
        let cloned = ["<alloc::boxed::Box<str> as core::clone::Clone>::clone", "maps::insert"];
        assert_eq!(within(&cloned), ["subject::play::play", "maps::insert", KEY]);
    }

    /// So many blocks of each size, of which every third is freed.
    fn sampled(sizes: &[(usize, u64)]) -> (HeapStacks, u64, u64) {
        let mut sampler = HeapSampler::default();
        let (mut held, mut all, mut block) = (0, 0, 0);
        for &(size, count) in sizes {
            for number in 0..count {
                block += 1;
                sampler.allocated(block, size);
                all += size as u64;
                if number % 3 == 0 {
                    sampler.freed(block);
                } else {
                    held += size as u64;
                }
            }
        }
        (sampler.finish(held).unwrap(), held, all - held)
    }

    fn sum(profile: &HeapProfile) -> f64 {
        profile.folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
    }

    #[test]
    fn sums_are_right_within_their_deviation_whatever_the_sizes() {
        let small = [(16, 90_000), (48, 20_000)];
        let mixed = [(8, 60_000), (4096, 300), (1 << 20, 5)];
        for sizes in [&small[..], &mixed] {
            let (seen, held, churned) = sampled(sizes);
            for (profile, exact) in [(&seen.live, held), (&seen.churned, churned)] {
                let apart = (sum(profile) - exact as f64).abs();
                assert_eq!(profile.bytes, exact);
                assert!(profile.deviation > 0 && apart <= 3.0 * profile.deviation as f64, "{profile:?}");
            }
            assert_eq!(sampled(sizes).0, seen, "it is the same on every run");
        }
    }

    #[test]
    fn a_block_much_larger_than_the_distance_is_always_hit() {
        let (seen, held, _) = sampled(&[(1 << 20, 9)]);
        assert_eq!((seen.live.samples, seen.churned.samples), (6, 3));
        assert!((sum(&seen.live) - held as f64).abs() < 1.0, "{seen:?}");
    }
}
