//! CPU profiles with pprof-rs.
//!
//! The sampler takes the start of a function for its identity and resolves inlined functions from the first
//! address it saw there, so what it says about inlined frames is chance. Only the functions that exist in the
//! machine code are kept; to make the operations of a map visible as such, a profiled pass calls them through
//! pointers.

pub(in crate::watch) mod profile;

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine;
use formats::observation::Stacks;
use pprof::{Frames, ProfilerGuard, Symbol};
use prost::Message;

use self::profile::{Measured, Profile};
use crate::clock::process_cpu_ns;

/// The function below which stacks of the threads that play are of interest.
const ROOT: &str = "play::play";
/// What of a threads' stack is the suite's own, where it is not below the root.
const SUITE: [&str; 4] = ["subject::driver::", "subject::stage::", "subject::pass::", "subject::program::"];
/// Where the standard library calls what a thread is started for.
const THREAD_START: &str = "__rust_begin_short_backtrace";
/// The root of what is done by threads that the map has started.
const MAPS_THREAD: &str = "thread of the map";

/// A CPU profile of this process: taken while it is not paused.
pub struct Sampler {
    guard: ProfilerGuard<'static>,
    hz: u32,
    /// CPU time of the process when it was resumed last.
    resumed_ns: u64,
    cpu_ns: u64,
}

impl Sampler {
    /// Gets ready to take `hz` samples in each second of CPU time of all threads.
    pub fn new(hz: u32) -> pprof::Result<Self> {
        let rate = i32::try_from(hz).unwrap_or(i32::MAX);
        let guard = pprof::ProfilerGuardBuilder::default().frequency(rate).build()?;
        stand_between()?;
        Ok(Self { guard, hz, resumed_ns: 0, cpu_ns: 0 })
    }

    /// Takes samples from here on.
    pub fn resume(&mut self) {
        self.resumed_ns = process_cpu_ns();
        TAKES_SAMPLES.store(true, Ordering::Relaxed);
    }

    /// Takes none.
    pub fn pause(&mut self) {
        TAKES_SAMPLES.store(false, Ordering::Relaxed);
        self.cpu_ns += process_cpu_ns() - self.resumed_ns;
    }

    /// CPU time of all threads while samples were taken, ns.
    #[must_use]
    pub fn cpu_ns(&self) -> u64 {
        self.cpu_ns
    }

    /// Puts the samples together.
    pub fn finish(self, plays: u32) -> pprof::Result<Stacks> {
        let report = self.guard.report().build()?;
        let arrived = report.data.values().map(|count| count.unsigned_abs() as u64).sum::<u64>();
        let stacks = merge(report.data);
        let samples = stacks.iter().map(|(_, count)| count.unsigned_abs() as u64).sum::<u64>();
        // The profiler counts each sample as 1/hz of a second; the kernel's tick may have allowed fewer.
        let share = self.cpu_ns.checked_div(arrived).unwrap_or(0).cast_signed();
        let counted = stacks.iter().map(|(stack, count)| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            (stack.frames.iter().flatten(), vec![count, count.saturating_mul(share)])
        });
        let measured = Measured { types: &[("samples", "count"), ("cpu", "nanoseconds")], period: share };
        let taken = (report.timing.start_time, report.timing.duration);
        let profile = Profile::new(&measured, counted, Some(taken));
        Ok(Stacks {
            hz: self.hz,
            samples,
            outside: arrived - samples,
            cpu_ns: self.cpu_ns,
            plays,
            folded: fold(&stacks),
            profile: packed(&profile)?,
        })
    }
}

/// Whether samples are taken at present.
static TAKES_SAMPLES: AtomicBool = AtomicBool::new(false);
/// The profiler's handler of its signal.
static HANDLER: AtomicUsize = AtomicUsize::new(0);

type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// Hands a signal on to the profiler while samples are taken. Its timer runs on all the same: one that is stopped for
/// shorter than it takes to run out loses count.
extern "C" fn sample(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let handler = HANDLER.load(Ordering::Relaxed);
    if handler != 0 && TAKES_SAMPLES.load(Ordering::Relaxed) {
        // SAFETY: the number is the profiler's handler, which was set with `SA_SIGINFO`: a function of this type.
        let handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
        handler(signal, info, context);
    }
}

/// Stands between the timer's signal and the profiler.
fn stand_between() -> std::io::Result<()> {
    // SAFETY: all zeros is a value of this type, and both calls get pointers to such values. The handler calls nothing
    // but the profiler's, and reads two atomics.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(libc::SIGPROF, std::ptr::null(), &raw mut action) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        HANDLER.store(action.sa_sigaction, Ordering::Relaxed);
        action.sa_sigaction = sample as *const () as usize;
        if libc::sigaction(libc::SIGPROF, &raw const action, std::ptr::null_mut()) != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Keeps what lies below the measured loop and what the map's own threads do, and of each frame only the function that
/// exists.
fn merge(data: HashMap<Frames, isize>) -> Vec<(Frames, isize)> {
    let mut merged: BTreeMap<Vec<String>, (Frames, isize)> = BTreeMap::new();
    for (mut stack, count) in data {
        // Frames start with the innermost; the last symbol of a frame is the function it was compiled into.
        for frame in &mut stack.frames {
            frame.drain(..frame.len().saturating_sub(1));
        }
        stack.frames.retain(|frame| !frame.is_empty());
        let names: Vec<String> = stack.frames.iter().map(|frame| plain(&frame[0].name())).collect();
        let Some((depth, root)) = of_the_map(&names) else { continue };
        stack.frames.truncate(depth);
        if let Some(root) = root {
            let name = Some(root.as_bytes().to_vec());
            stack.frames.push(vec![Symbol { name, addr: None, lineno: None, filename: None }]);
        }
        let names: Vec<_> = stack.frames.iter().rev().map(|frame| plain(&frame[0].name())).collect();
        merged.entry(names).or_insert((stack, 0)).1 += count;
    }
    merged.into_values().collect()
}

/// How many frames, the innermost first, are the map's work, and which root they get if none of them is one; `None` for
/// what the suite does around the measured loop.
fn of_the_map(names: &[String]) -> Option<(usize, Option<&'static str>)> {
    if let Some(root) = names.iter().position(|name| name.ends_with(ROOT)) {
        return Some((root + 1, None));
    }
    if names.iter().any(|name| SUITE.iter().any(|suite| name.contains(suite))) {
        return None;
    }
    let start = names.iter().position(|name| name.contains(THREAD_START));
    start.map(|start| (start, Some(MAPS_THREAD)))
}

/// One line for each stack, outermost function first, in a fixed order.
fn fold(stacks: &[(Frames, isize)]) -> String {
    let mut lines: Vec<String> = stacks
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

/// The profile as gzipped protobuf in base64.
pub(super) fn packed(profile: &Profile) -> std::io::Result<String> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&profile.encode_to_vec())?;
    Ok(base64::engine::general_purpose::STANDARD.encode(gzip.finish()?))
}

#[cfg(test)]
mod tests {
    use super::{MAPS_THREAD, of_the_map, plain};

    #[test]
    fn what_a_map_does_in_threads_of_its_own_is_told_from_what_the_suite_does() {
        let stack = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let player = stack(&["map::remove", "subject::play::play", "subject::driver::play_tape", "main"]);
        assert_eq!(of_the_map(&player), Some((2, None)));
        let waits = stack(&["std::sync::barrier::Barrier::wait", "subject::driver::play_tape", "main"]);
        assert_eq!(of_the_map(&waits), None);
        let start = "std::sys::backtrace::__rust_begin_short_backtrace";
        let own =
            stack(&["<maps::std_hash::Adapter as subject::map::Map>::insert", "maps::merge", start, "clone"]);
        assert_eq!(of_the_map(&own), Some((2, Some(MAPS_THREAD))));
        assert_eq!(of_the_map(&stack(&["clone"])), None);
    }

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
