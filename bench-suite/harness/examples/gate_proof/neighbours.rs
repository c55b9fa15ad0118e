//! Other work on the machine that comes and goes at random: builds, short processes, burners, streamers.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use generator::random::Random;
use rustix::process::{Pid, Signal, getpgrp, kill_process_group};

/// The argument by which this program is started as a neighbour.
pub(crate) const NEIGHBOUR: &str = "--neighbour";
/// Neighbours at once, at most.
const MOST: u64 = 3;
/// How long one stays, and how long until the next may come, ms.
const STAY: (u64, u64) = (50, 4000);
const PAUSE: (u64, u64) = (20, 1500);
/// Functions in the source that a build compiles: some seconds of the compiler's work.
const FUNCTIONS: usize = 400;

/// What neighbours do.
const KINDS: [&str; 4] = ["build", "short", "burn", "stream"];

/// Neighbours, until dropped.
pub(crate) struct Neighbours {
    stop: Arc<AtomicBool>,
    host: Option<JoinHandle<()>>,
}

impl Neighbours {
    /// Lets them come and go, in an order that the seed decides. `folder` is theirs.
    pub(crate) fn invite(folder: &Path, seed: u64) -> Result<Self> {
        let folder = folder.join("neighbours");
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("source.rs"), source()))
            .with_context(|| format!("{} cannot be written", folder.display()))?;
        let program = std::env::current_exe().context("the place of this program is unknown")?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let host = thread::spawn(move || host(&program, &folder, Random::new(seed, 0), &stopped));
        Ok(Self { stop, host: Some(host) })
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(host) = self.host.take() {
            let _ = host.join();
        }
    }
}

fn between(random: &mut Random, (low, high): (u64, u64)) -> Duration {
    Duration::from_millis(low + random.below(high - low))
}

fn host(program: &Path, folder: &Path, mut random: Random, stop: &AtomicBool) {
    let mut here: Vec<(Child, Instant)> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        here.retain_mut(|(neighbour, until)| Instant::now() < *until || !leave(neighbour));
        if (here.len() as u64) < random.below(MOST + 1) {
            let kind = KINDS[usize::try_from(random.below(KINDS.len() as u64)).unwrap_or(0)];
            let mut command = Command::new(program);
            command.args([NEIGHBOUR, kind]).arg(folder).stdin(Stdio::piped()).process_group(0);
            if let Ok(neighbour) = command.spawn() {
                here.push((neighbour, Instant::now() + between(&mut random, STAY)));
            }
        }
        thread::sleep(between(&mut random, PAUSE));
    }
    for (mut neighbour, _) in here {
        leave(&mut neighbour);
    }
}

/// A neighbour goes, and all that it started.
fn leave(neighbour: &mut Child) -> bool {
    kill_process_group(Pid::from_child(neighbour), Signal::KILL).is_ok() && neighbour.wait().is_ok()
}

/// What a neighbour does until it is killed, or its host is gone.
pub(crate) fn behave(kind: &str, folder: &Path) -> ! {
    thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        kill_process_group(getpgrp(), Signal::KILL)
    });
    match kind {
        "build" => loop {
            build(folder);
        },
        "short" => loop {
            // Errors would be as short.
            let _ = Command::new("true").status();
        },
        "stream" => stream(),
        _ => loop {
            std::hint::spin_loop();
        },
    }
}

/// Compiles something for as long as the compiler takes; where there is none, that is a short process too.
fn build(folder: &Path) {
    let mut compiler = Command::new("rustc");
    compiler.args(["--edition", "2024", "--crate-type", "rlib", "-O", "-o"]);
    let out = format!("out-{}.rlib", std::process::id());
    compiler.arg(folder.join(out)).arg(folder.join("source.rs")).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = compiler.status();
}

fn source() -> String {
    let function = |at: usize| {
        format!(
            "pub fn f{at}(words: &[String]) -> std::collections::BTreeMap<String, usize> {{\n    let mut seen = \
             std::collections::BTreeMap::new();\n    for (at, word) in words.iter().enumerate().skip({at}) {{\n        \
             *seen.entry(format!(\"{{word}}-{{at}}\")).or_default() += word.len() * {at};\n    }}\n    seen\n}}\n"
        )
    };
    (0..FUNCTIONS).map(function).collect()
}

/// Reads and writes more memory than any cache has.
fn stream() -> ! {
    let mut words = vec![1u64; 32 << 20];
    loop {
        for word in &mut words {
            *word = word.rotate_left(1);
        }
        std::hint::black_box(&words);
    }
}
