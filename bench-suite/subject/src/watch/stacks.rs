//! CPU profiles with pprof-rs.
//!
//! The sampler takes the start of a function for its identity and resolves inlined functions from the first
//! address it saw there, so what it says about inlined frames is chance. Only the functions that exist in the
//! machine code are kept; to make the operations of a map visible as such, a profiled pass calls them through
//! pointers.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use base64::Engine;
use formats::observation::Stacks;
use pprof::protos::Message;
use pprof::{Frames, ProfilerGuard, Report};

use crate::clock::process_cpu_ns;

/// The function below which stacks are of interest.
const ROOT: &str = "play::play";

/// A running CPU profile of this process.
pub struct Sampler {
    guard: ProfilerGuard<'static>,
    hz: u32,
    start_ns: u64,
}

impl Sampler {
    /// Starts taking `hz` samples in each second of CPU time.
    pub fn start(hz: u32) -> pprof::Result<Self> {
        let rate = i32::try_from(hz).unwrap_or(i32::MAX);
        let guard = pprof::ProfilerGuardBuilder::default().frequency(rate).build()?;
        Ok(Self { guard, hz, start_ns: process_cpu_ns() })
    }

    /// CPU time since the start, ns.
    #[must_use]
    pub fn cpu_ns(&self) -> u64 {
        process_cpu_ns() - self.start_ns
    }

    /// Stops and puts the samples together.
    pub fn finish(self, plays: u32) -> pprof::Result<Stacks> {
        let cpu_ns = self.cpu_ns();
        let report = self.guard.report().build()?;
        let samples = report.data.values().map(|count| count.unsigned_abs() as u64).sum();
        let report = Report { data: merge(report.data), timing: report.timing };
        let folded = fold(&report.data);
        Ok(Stacks { hz: self.hz, samples, cpu_ns, plays, folded, profile: encode(&report, samples, cpu_ns)? })
    }
}

/// Keeps what lies below the measured loop, and of each frame only the function that exists.
fn merge(data: HashMap<Frames, isize>) -> HashMap<Frames, isize> {
    let mut merged: BTreeMap<Vec<String>, (Frames, isize)> = BTreeMap::new();
    for (mut stack, count) in data {
        // Frames start with the innermost; the last symbol of a frame is the function it was compiled into.
        for frame in &mut stack.frames {
            frame.drain(..frame.len().saturating_sub(1));
        }
        stack.frames.retain(|frame| !frame.is_empty());
        let name = |frame: &Vec<pprof::Symbol>| frame[0].name();
        let Some(root) = stack.frames.iter().position(|frame| plain(&name(frame)).ends_with(ROOT)) else {
            continue;
        };
        stack.frames.truncate(root + 1);
        let names: Vec<_> = stack.frames.iter().rev().map(|frame| plain(&name(frame))).collect();
        merged.entry(names).or_insert((stack, 0)).1 += count;
    }
    merged.into_values().collect()
}

/// One line for each stack, outermost function first, in a fixed order.
fn fold(data: &HashMap<Frames, isize>) -> String {
    let mut lines: Vec<String> = data
        .iter()
        .map(|(stack, count)| {
            let names: Vec<_> = stack.frames.iter().rev().map(|frame| plain(&frame[0].name())).collect();
            format!("{} {count}\n", names.join(";"))
        })
        .collect();
    lines.sort();
    lines.concat()
}

/// The name of a function without its generic arguments and without the hash of its instance.
#[must_use]
pub fn plain(name: &str) -> String {
    let name = match name.rsplit_once("::h") {
        Some((start, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => start,
        _ => name,
    };
    let (mut text, mut depth) = (String::with_capacity(name.len()), 0_u32);
    let mut previous = ' ';
    for c in name.chars() {
        match c {
            // `<` at the start opens a qualified path such as `<T as Trait>::f`, which says what it is about.
            '<' if depth > 0 || !text.is_empty() => depth += 1,
            '>' if depth > 0 && previous != '-' => depth -= 1,
            _ if depth == 0 => text.push(c),
            _ => {}
        }
        previous = c;
    }
    text.trim_end_matches("::").replace("::::", "::").replace(';', ",")
}

/// The profile as gzipped protobuf. pprof-rs counts each sample as 1/hz of a second; the kernel's tick may
/// have allowed fewer, so the time is shared out anew.
fn encode(report: &Report, samples: u64, cpu_ns: u64) -> pprof::Result<String> {
    let mut profile = report.pprof()?;
    let share = cpu_ns.checked_div(samples).unwrap_or(0).cast_signed();
    for sample in &mut profile.sample {
        sample.value[1] = sample.value[0] * share;
    }
    profile.period = share;
    let mut bytes = Vec::new();
    profile.encode(&mut bytes).map_err(|_| pprof::Error::CreatingError)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&bytes)?;
    Ok(base64::engine::general_purpose::STANDARD.encode(gzip.finish()?))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn generic_arguments_and_hashes_are_dropped() {
        for (name, want) in [
            ("subject::play::play::h0123456789abcdef", "subject::play::play"),
            ("subject::play::play::<u64, alloc::vec::Vec<u8>, M>", "subject::play::play"),
            ("alloc::vec::Vec<T, A>::push", "alloc::vec::Vec::push"),
            (
                "<hashbrown::map::HashMap<K, V> as Extend>::extend",
                "<hashbrown::map::HashMap as Extend>::extend",
            ),
            (
                "core::ops::function::FnOnce::call_once{{vtable.shim}}",
                "core::ops::function::FnOnce::call_once{{vtable.shim}}",
            ),
            ("apply::<fn(u8) -> u8, T>", "apply"),
            ("_rjem_je_arena_tcache_fill", "_rjem_je_arena_tcache_fill"),
        ] {
            assert_eq!(plain(name), want);
        }
    }
}
