//! How fast recordings are read: MB a second and core, beside the target, and bytes of memory an operation.
//!
//! `cargo bench --package churnmark-generator --bench reading`
//!
//! The recording is made here: five million requests, of keys by Zipf's law, as CSV and as libCacheSim's records. What is
//! measured is the processor time of the one thread that works; keys are numbered and the cache is played in it.

use std::io::Write;
use std::path::{Path, PathBuf};

use formats::workload::{Layout, Trace, TraceFormat};
use generator::random::Random;
use generator::trace;
use generator::zipf::Zipf;
use rustix::time::{ClockId, clock_gettime};

const REQUESTS: u64 = 5_000_000;
const KEYS: u64 = 90_000;
const CAPACITY: u64 = 20_000;
const ROUNDS: usize = 5;
/// More than this an operation is too much memory.
const BYTES: f64 = 16.0;

fn seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Memory of this process, bytes, where the system tells it.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kibibytes.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

fn write(folder: &Path) -> [PathBuf; 2] {
    let mut random = Random::new(1, 0);
    let zipf = Zipf::new(0.9, KEYS);
    let (mut csv, mut oracle) = (Vec::new(), Vec::new());
    for at in 0..REQUESTS {
        // As long as an identifier of a real log.
        let key = 3_000_000_000 + zipf.draw(&mut random) * 7;
        let time = u32::try_from(at / 1000).expect("a few thousand");
        writeln!(csv, "{time},{key},1").expect("memory takes all");
        oracle.extend_from_slice(&time.to_le_bytes());
        oracle.extend_from_slice(&key.to_le_bytes());
        oracle.extend_from_slice(&1u32.to_le_bytes());
        oracle.extend_from_slice(&(-1i64).to_le_bytes());
    }
    [("requests.csv", csv), ("requests.bin", oracle)].map(|(name, bytes)| {
        let file = folder.join(name);
        std::fs::write(&file, bytes).expect("the temporary folder has room");
        file
    })
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [csv, oracle] = write(folder.path());
    for (name, file, format, target) in [
        ("CSV", csv, TraceFormat::Requests, 250.0),
        ("oracleGeneral", oracle, TraceFormat::OracleGeneral, 400.0),
    ] {
        let megabytes = file.metadata().expect("it was written here").len() as f64 / 1e6;
        let trace = Trace {
            file,
            format,
            layout: Layout::default(),
            capacity: Some(CAPACITY),
            ttl: None,
            skip: 0,
            limit: None,
            sample: None,
            origin: None,
            licence: None,
        };
        let (mut speeds, mut memory) = (Vec::new(), 0.0f64);
        for _ in 0..ROUNDS {
            let (before, start) = (resident(), seconds());
            let read = trace::read(&trace).unwrap_or_else(|fault| panic!("{fault}"));
            speeds.push(megabytes / (seconds() - start));
            if let (Some(before), Some(after)) = (before, resident()) {
                let operations: usize = read.drawn.threads.iter().map(Vec::len).sum();
                memory = memory.max((after - before) / operations as f64);
            }
        }
        speeds.sort_by(f64::total_cmp);
        let median = speeds[ROUNDS / 2];
        println!(
            "{name:<14} {megabytes:.0} MB: {median:.0} MB/s ({:.0} to {:.0}), {:.2} of the target of {target}; \
             {memory:.1} bytes an operation, target {BYTES}",
            speeds[0],
            speeds[ROUNDS - 1],
            median / target,
        );
    }
}
