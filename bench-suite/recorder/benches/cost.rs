//! What recording costs an operation of std's map, beside the same map alone, ns: in full, and of a sample of 1 %.
//!
//! `cargo bench --package churnmark-recorder`; targets: 25 in full, 3 with the sample. What is measured is the time of
//! this thread on a processor, where the system tells it, so that others on the same machine disturb it as little as
//! possible; the thread that writes is not in it.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use churnmark_recorder::{Options, Recorded, Recorder};

const LIVE: u64 = 10_000;
const OPS: u64 = 600_000;
const ROUNDS: usize = 41;

/// The churn of a window: the oldest leaves, a new one comes, and one is looked up.
macro_rules! churn {
    ($map:expr) => {{
        let mut map = $map;
        for key in 0..LIVE {
            map.insert(key, key);
        }
        let start = busy();
        for key in LIVE..LIVE + OPS / 3 {
            map.remove(&(key - LIVE));
            map.insert(key, key);
            black_box(map.get(&(key - LIVE / 2)));
        }
        let nanoseconds = (busy() - start) / OPS as f64;
        drop(map);
        nanoseconds
    }};
}

/// How long this thread was on a processor, ns; how long it is since the first call where nobody tells that.
fn busy() -> f64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    told.unwrap_or_else(|| FIRST.get_or_init(Instant::now).elapsed().as_nanos() as f64)
}

fn file(round: usize) -> PathBuf {
    std::env::temp_dir().join(format!("churnmark-cost-{}-{round}.churn", std::process::id()))
}

fn recorded(round: usize, sample: Option<f64>) -> (f64, u64) {
    let file = file(round);
    let recorder =
        Recorder::with(&file, Options { secret: None, sample }).expect("a file in the temporary folder");
    let nanoseconds = churn!(Recorded::by(recorder.clone(), HashMap::<u64, u64>::new()));
    recorder.finish().expect("the disk has room");
    let dropped = recorder.dropped();
    std::fs::remove_file(file).expect("it was made here");
    (nanoseconds, dropped)
}

fn main() {
    let mut rows: [Vec<f64>; 3] = [const { Vec::new() }; 3];
    let mut dropped = 0;
    for round in 0..ROUNDS {
        let alone = churn!(HashMap::<u64, u64>::new());
        let (full, lost) = recorded(round, None);
        let (sampled, _) = recorded(round, Some(0.01));
        dropped += lost;
        // Of the same round: what else the machine does is in both.
        for (row, figure) in rows.iter_mut().zip([alone, full - alone, sampled - alone]) {
            row.push(figure);
        }
    }
    let names = ["std's map alone", "recorded in full adds", "a sample of 1 % adds"];
    for ((name, target), mut row) in names.into_iter().zip([None, Some(25.0), Some(3.0)]).zip(rows) {
        row.sort_by(f64::total_cmp);
        let (median, low, high) = (row[ROUNDS / 2], row[0], row[ROUNDS - 1]);
        let missed = target.is_some_and(|target| median > target);
        let target = target.map_or(String::new(), |target| format!("  target {target}"));
        println!(
            "{name:<24} {median:6.2} ns an operation ({low:.2} to {high:.2}){target}{}",
            if missed { ", missed" } else { "" }
        );
    }
    println!("dropped in full: {dropped} of {} operations", OPS * ROUNDS as u64);
}
