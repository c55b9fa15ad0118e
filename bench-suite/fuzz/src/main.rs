//! Damages the corpus for some minutes and keeps what a parser panics at, or takes long for, in `artifacts/`.

#[cfg(feature = "guided")]
mod covered;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fuzz::corpus;
use fuzz::mutate::{Random, damage};
use fuzz::target::{ALL, Target, by_name};

const USAGE: &str = "usage: churnmark-fuzz [--minutes M] [--seed N] [TARGET]...
  M minutes in all [default: 10], shared by all targets, or those that are named;
  churnmark-fuzz TARGET FILE... runs one target once on each of these files";
/// What takes longer than this is kept too.
const SLOW: Duration = Duration::from_secs(2);
/// How long a target has its turn.
const TURN: Duration = Duration::from_secs(5);
/// Memory that no input of this size needs.
const MEMORY: u64 = 3 << 30;

/// Where the last panic was.
static PANIC: Mutex<String> = Mutex::new(String::new());

struct Arguments {
    minutes: f64,
    seed: u64,
    targets: Vec<&'static Target>,
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    // A parser that takes more ends the process, and leaves the input that did it.
    let limit = rustix::process::Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) };
    if let Err(why) = rustix::process::setrlimit(rustix::process::Resource::As, limit) {
        eprintln!("churnmark-fuzz: memory is not limited: {why}");
    }
    std::panic::set_hook(Box::new(|about| {
        if let Ok(mut last) = PANIC.lock() {
            *last = about.to_string();
        }
    }));
    let found = if arguments.files.is_empty() { fuzz(&arguments) } else { replay(&arguments) };
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn arguments() -> Option<Arguments> {
    let mut read = Arguments { minutes: 10.0, seed: 1, targets: Vec::new(), files: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--minutes" => read.minutes = words.next()?.parse().ok()?,
            "--seed" => read.seed = words.next()?.parse().ok()?,
            name => match by_name(name) {
                Some(target) => read.targets.push(target),
                None if Path::new(name).is_file() => read.files.push(name.into()),
                None => return None,
            },
        }
    }
    if read.targets.is_empty() {
        read.targets = ALL.iter().collect();
    }
    (read.files.is_empty() || read.targets.len() == 1).then_some(read)
}

fn replay(arguments: &Arguments) -> usize {
    let target = arguments.targets[0];
    let bad = |file: &&PathBuf| {
        let bytes = std::fs::read(file).unwrap_or_default();
        let (said, took) = once(target, &bytes);
        println!("{} {}: {said:?} in {took:?}", target.name, file.display());
        said.is_err() || took > SLOW
    };
    arguments.files.iter().filter(bad).count()
}

/// The inputs of a target, and what they came to.
struct Campaign {
    target: &'static Target,
    inputs: Vec<Vec<u8>>,
    runs: u64,
    taken: u64,
    found: Vec<String>,
}

fn fuzz(arguments: &Arguments) -> usize {
    let end = Instant::now() + Duration::from_secs_f64(arguments.minutes * 60.0);
    let mut random = Random::new(arguments.seed);
    let campaign = |target: &&'static Target| Campaign {
        target,
        inputs: corpus::of(target),
        runs: 0,
        taken: 0,
        found: Vec::new(),
    };
    let mut campaigns: Vec<Campaign> = arguments.targets.iter().map(campaign).collect();
    'all: loop {
        for campaign in &mut campaigns {
            let turn = Instant::now();
            while turn.elapsed() < TURN {
                if Instant::now() > end {
                    break 'all;
                }
                campaign.step(&mut random);
            }
        }
    }
    for Campaign { target, inputs, runs, taken, found } in &campaigns {
        println!(
            "{:18} {runs:>10} runs, {taken:>9} taken, {:>5} inputs, {} found",
            target.name,
            inputs.len(),
            found.len()
        );
        for sentence in found {
            println!("    {sentence}");
        }
    }
    campaigns.iter().map(|campaign| campaign.found.len()).sum()
}

impl Campaign {
    fn step(&mut self, random: &mut Random) {
        let [one, other] = [0; 2].map(|_| random.below(self.inputs.len()));
        let input = damage(&self.inputs[one], &self.inputs[other], random);
        let running = keep(self.target, "running", &input);
        let (said, took) = once(self.target, &input);
        let _ = std::fs::remove_file(running);
        self.runs += 1;
        let sentence = match said {
            Ok(taken) => {
                self.taken += u64::from(taken);
                (took > SLOW).then(|| format!("takes {took:?}"))
            }
            Err(panic) => Some(panic),
        };
        // The same panic is kept once.
        if let Some(sentence) = sentence
            && !self.found.iter().any(|known| known.starts_with(&sentence))
        {
            let file = keep(self.target, &format!("{:04}", self.found.len()), &input);
            eprintln!("{}: {sentence} ({})", self.target.name, file.display());
            self.found.push(format!("{sentence} ({})", file.display()));
        }
        #[cfg(feature = "guided")]
        if covered::anything_new() {
            self.inputs.push(input);
        }
    }
}

fn once(target: &Target, input: &[u8]) -> (Result<bool, String>, Duration) {
    let started = Instant::now();
    let said = std::panic::catch_unwind(|| (target.run)(input));
    let panic = |_| PANIC.lock().map_or_else(|_| String::new(), |last| last.replace('\n', " "));
    (said.map_err(panic), started.elapsed())
}

fn keep(target: &Target, name: &str, input: &[u8]) -> PathBuf {
    let folder = Path::new("artifacts");
    let file = folder.join(format!("{}-{name}", target.name));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, input))
        .expect("artifacts/ can be written");
    file
}
