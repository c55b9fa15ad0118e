//! The program around the maps: what a child process does from its first line to its last.

mod listed;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use formats::observation::{Collector, SCHEMA};
use formats::subject::{Axis, Subject, Variant};
use formats::tape::Tape;

pub use formats::observation::Allocator;
pub use tikv_jemallocator::Jemalloc;

pub use self::listed::{Listed, Play, with_own_threads};

use crate::axes::Settings;
use crate::huge_pages;
use crate::job::{Job, Unsupported};
use crate::progress;
use crate::stdout::{fail, print};
use crate::turns::Turns;
use crate::watch::heap::describe_allocator;

/// Makes a program of maps: its allocator, its settings and its `main`.
///
/// A crate has two such programs, because counting blocks would slow the timed passes down:
/// `subject!(undisturbed, "name", maps())` and `subject!(counting, "name-counted", maps())`, where
/// `maps()` gives a [`Vec<Listed>`](Listed). Further ones have another allocator, a value of the axis `allocator`:
/// `subject!(Path::To::ALLOCATOR, "value", "what it is", "name-value", maps())`.
#[macro_export]
macro_rules! subject {
    (undisturbed, $name:expr, $maps:expr) => {
        #[global_allocator]
        static ALLOCATOR: $crate::program::Jemalloc = $crate::program::Jemalloc;

        fn main() -> ::std::process::ExitCode {
            $crate::program::main($name, $crate::program::Allocator::Plain, &$maps)
        }
    };
    ($allocator:path, $value:expr, $about:expr, $name:expr, $maps:expr) => {
        #[global_allocator]
        static ALLOCATOR: $allocator = $allocator;

        fn main() -> ::std::process::ExitCode {
            $crate::program::main_with($name, $value, $about, &$maps)
        }
    };
    (counting, $name:expr, $maps:expr) => {
        #[global_allocator]
        static ALLOCATOR: $crate::watch::ledger::CountingAllocator = $crate::watch::ledger::CountingAllocator;

        // jemalloc reads this pointer to a C string before `main` is reached.
        // SAFETY: the name is jemalloc's own, for exactly this type, and no other symbol has it.
        #[unsafe(export_name = "_rjem_malloc_conf")]
        static SETTINGS: &[u8; $crate::program::STEADY.len()] = $crate::program::STEADY;

        fn main() -> ::std::process::ExitCode {
            $crate::program::main($name, $crate::program::Allocator::Counting, &$maps)
        }
    };
}

/// Settings of jemalloc under which the same tape gives the same addresses on every run: freed pages are kept
/// for ever, and a thread's cache is tidied up after so many bytes instead of after so much time.
pub const STEADY: &[u8; 65] = b"dirty_decay_ms:-1,muzzy_decay_ms:-1,experimental_tcache_gc:false\0";

/// Exit code for a pass that was begun and came to nothing.
const LOST: u8 = 1;
/// Exit code for bad usage or an unreadable tape.
const USAGE: u8 = 2;
/// Exit code for a pass that this map or machine cannot make; the reason is the last line of stderr.
const UNSUPPORTED: u8 = 3;

/// Exit code for a map that answers the same operations in two ways.
const UNSTEADY: u8 = 4;

#[derive(Parser)]
#[command(about = "Plays tapes into maps and prints what was observed")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Print the maps and collectors inside as one line of JSON
    List,
    /// Play a tape into a map and print one observation as one line of JSON
    Play {
        /// The tape
        #[arg(long)]
        tape: PathBuf,
        /// The map, by name
        #[arg(long)]
        map: String,
        /// What to look at
        #[arg(long, value_parser = collector_names())]
        collector: Collector,
        /// Slices (and windows) that the tape is divided into, about
        #[arg(long, default_value_t = 100)]
        samples: u64,
        /// Samples of a CPU profile in each second of CPU time; above the kernel's tick they do not come
        #[arg(long, default_value_t = 99)]
        hz: u32,
        /// Milliseconds of CPU time that a profile covers at least
        #[arg(long, default_value_t = 2000)]
        profile_ms: u64,
        #[command(flatten)]
        turns: Option<Turns>,
        /// Work injected inside the clock, a slowdown of a known size: multiplications for every 64 operations
        #[arg(long, value_name = "STEPS", default_value_t = 0)]
        inject_work: u64,
        /// Bytes allocated and kept before anything else, so that no two processes have the same addresses
        #[arg(long, value_name = "BYTES", default_value_t = 0)]
        pad: usize,
    },
}

/// The collectors by name, as they are typed.
fn collector_names() -> impl TypedValueParser<Value = Collector> {
    let named = |name: String| Collector::by_name(&name).ok_or("there is no such collector");
    PossibleValuesParser::new(Collector::ALL.map(Collector::name)).try_map(named)
}

/// What the maps of a program have around them.
struct Around {
    /// The collectors that it can serve.
    collectors: Vec<Collector>,
    /// Its allocator, for people.
    allocator: String,
    /// In what it can be otherwise.
    axes: Vec<Axis>,
}

/// The name of the axis that each program has one value of.
const ALLOCATOR: &str = "allocator";

/// Runs a subject program: `name` is its own, and it serves the collectors that need such an allocator.
#[must_use]
pub fn main(name: &str, allocator: Allocator, maps: &[Listed]) -> ExitCode {
    let serves = |collector: &Collector| collector.info().allocator == allocator;
    let around = Around {
        collectors: Collector::ALL.into_iter().filter(serves).collect(),
        allocator: describe_allocator(),
        axes: vec![Axis::new(ALLOCATOR, ["jemalloc"], "jemalloc"), huge_pages::axis()],
    };
    run(name, &around, maps)
}

/// Runs a subject program with an allocator that is not jemalloc: `value` is its name on the axis. What reads the
/// statistics of jemalloc, or counts blocks, is not served.
#[must_use]
pub fn main_with(name: &str, value: &str, about: &str, maps: &[Listed]) -> ExitCode {
    let serves = |collector: &Collector| !collector.needs_counting() && *collector != Collector::Heap;
    let around = Around {
        collectors: Collector::ALL.into_iter().filter(serves).collect(),
        allocator: about.into(),
        axes: vec![Axis::new(ALLOCATOR, [value], value)],
    };
    run(name, &around, maps)
}

/// The map of this name, and how it is to be made; what is wrong with the name.
fn meant<'m>(maps: &'m [Listed], name: &str, around: &Around) -> Result<(&'m Listed, Settings), String> {
    let of_name = |name: &str| maps.iter().find(|entry| entry.info.name == name);
    if let Some(entry) = of_name(name) {
        return Ok((entry, Settings::new()));
    }
    let variant = Variant::parse(name);
    let variant = variant.and_then(|variant| Some((of_name(&variant.map)?, variant.settings)));
    let (entry, settings) = variant.ok_or_else(|| format!("there is no map `{name}`; `list` names them"))?;
    entry.info.made(&settings, &around.axes)?;
    Ok((entry, settings))
}

fn run(name: &str, around: &Around, maps: &[Listed]) -> ExitCode {
    match Arguments::parse().verb {
        Verb::List => {
            let maps = maps.iter().map(|entry| entry.info.clone()).collect();
            let Around { collectors, allocator, axes } = around;
            let (collectors, allocator, axes) = (collectors.clone(), allocator.clone(), axes.clone());
            let program = name.into();
            print(&Subject { schema: SCHEMA, program, allocator, collectors, maps, takes_turns: true, axes })
        }
        Verb::Play { tape, map, collector, samples, hz, profile_ms, turns, inject_work, pad } => {
            if collector != Collector::Throughput && (turns.is_some() || inject_work > 0) {
                return fail(USAGE, "--turn and --inject-work are for --collector throughput");
            }
            let (entry, settings) = match meant(maps, &map, around) {
                Ok(meant) => meant,
                Err(problem) => return fail(USAGE, &problem),
            };
            let huge_pages = settings.iter().find(|(axis, _)| axis == huge_pages::NAME);
            if let Some(Err(why)) = huge_pages.map(|(_, wanted)| huge_pages::in_effect(wanted)) {
                return fail(UNSUPPORTED, &why);
            }
            if !around.collectors.contains(&collector) {
                return fail(
                    UNSUPPORTED,
                    &format!("{name} does not serve the {} collector", collector.name()),
                );
            }
            let tape = match Tape::read(&tape) {
                Ok(tape) => tape,
                Err(error) => return fail(USAGE, &error.to_string()),
            };
            progress::begin();
            let profile_ns = profile_ms.saturating_mul(1_000_000);
            let job = Job { tape, collector, samples, hz, profile_ns, turns, inject_work };
            match padded(pad, || entry.play_as(&map, &settings, &job)) {
                Ok(observation) => print(&observation),
                Err(Unsupported::Turns(error)) => fail(LOST, &error.to_string()),
                Err(unsteady @ Unsupported::Unsteady { .. }) => fail(UNSTEADY, &unsteady.to_string()),
                Err(unsupported) => fail(UNSUPPORTED, &unsupported.to_string()),
            }
        }
    }
}

/// Acts with so many bytes of the heap in use, and the stack that much further down within a page.
fn padded<R>(bytes: usize, act: impl FnOnce() -> R) -> R {
    let pad = black_box(vec![1u8; bytes]);
    let result = deeper(bytes % 4096 / size_of::<Frame>(), act);
    drop(black_box(pad));
    result
}

/// What a call of [`deeper`] takes of the stack at least.
type Frame = [u8; 64];

fn deeper<R, F: FnOnce() -> R>(frames: usize, act: F) -> R {
    let frame = black_box::<Frame>([0; _]);
    let result = if frames == 0 { act() } else { deeper(frames - 1, act) };
    black_box(frame);
    result
}
