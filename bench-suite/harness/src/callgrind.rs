//! callgrind, a part of valgrind: a simulated processor that counts the instructions of a program by function.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use formats::observation::Instructions;
use formats::tape::{KINDS, Kind};

use crate::surroundings;

/// The measured loop: only what happens inside is counted.
const LOOP: &str = "*subject::play::play*";
/// Is called where the phases that count begin.
const LOAD: &str = "*subject::stage::instructions::load_begins*";
/// Whose functions, one for each kind of operation, call the map.
const BY_KIND: &str = "subject::stage::instructions::ByKind<";
/// What a count must not depend on: which variants of `memcpy` and its like glibc takes for this processor, and when
/// jemalloc finds that it is time to give memory back.
const STEADY: [(&str, &str); 2] = [
    ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-ERMS"),
    ("_RJEM_MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1"),
];
/// The program to install.
const VALGRIND: &str = "valgrind";
/// What somebody is told who has none.
pub(crate) const MISSING: &str = "there is no valgrind here (apt-get install valgrind)";

/// callgrind, found on this machine.
#[derive(Debug)]
pub(crate) struct Callgrind {
    valgrind: PathBuf,
}

impl Callgrind {
    /// `None` where valgrind is not installed.
    pub(crate) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let files = std::env::split_paths(&path).map(|folder| folder.join(VALGRIND));
        files.into_iter().find(|file| file.is_file()).map(|valgrind| Self { valgrind })
    }

    /// Starts a subject program with its arguments on the simulated processor, which writes its counts to `out`.
    pub(crate) fn around(&self, program: &Command, out: &CountsFile) -> Command {
        let mut command = surroundings::bare(&self.valgrind);
        command.args(["--tool=callgrind", &format!("--toggle-collect={LOOP}")]);
        command.arg(format!("--zero-before={LOAD}"));
        command.arg(format!("--callgrind-out-file={}", out.0.display()));
        command.arg(program.get_program()).args(program.get_args()).envs(STEADY);
        for (name, value) in program.get_envs() {
            let Some(value) = value else { continue };
            match STEADY.iter().find(|(steady, _)| name == *steady) {
                // Settings of jemalloc stand in one variable, of which the last ones hold.
                Some((_, steady)) => command.env(name, format!("{steady},{}", value.to_string_lossy())),
                None => command.env(name, value),
            };
        }
        command
    }
}

/// Where the counts of a pass go. It is gone when this is.
#[derive(Debug)]
pub(crate) struct CountsFile(PathBuf);

impl CountsFile {
    /// One that nobody else of this process uses who has another name.
    pub(crate) fn new(name: &str) -> Self {
        let file = format!("churnmark-{}-{name}.callgrind", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    /// What was counted. Empty where the program did not start, or crashed.
    pub(crate) fn read(&self) -> Counts {
        Counts(fs::read_to_string(&self.0).unwrap_or_default())
    }
}

impl Drop for CountsFile {
    fn drop(&mut self) {
        // It may not be there.
        let _ = fs::remove_file(&self.0);
    }
}

/// What callgrind wrote.
#[derive(Debug)]
pub(crate) struct Counts(String);

impl Counts {
    /// All instructions of the measured loop.
    pub(crate) fn total(&self) -> Result<u64, String> {
        let total = self.field("totals:").or_else(|| self.field("summary:"));
        match total.and_then(|total| total.split_whitespace().next()?.parse().ok()) {
            Some(0) => Err("the measured loop is not found in the program".into()),
            Some(count) => Ok(count),
            None => Err("callgrind wrote no count".into()),
        }
    }

    /// Adds the instructions to the operations that a program says it played; why they do not belong together.
    pub(crate) fn add_to(&self, seen: &mut Instructions) -> Result<(), String> {
        let total = self.total()?;
        let of_map = self.by_kind();
        for one in &mut seen.kinds {
            let (calls, instructions) = of_map[one.kind as usize];
            if calls != one.ops {
                let (kind, ops) = (one.kind.name(), one.ops);
                return Err(format!("{calls} calls of {kind} were counted, and {ops} are said to be played"));
            }
            one.instructions = instructions;
        }
        let of_map = seen.kinds.iter().map(|one| one.instructions).fold(0, u64::saturating_add);
        seen.around = total.saturating_sub(of_map);
        seen.counter = self.field("creator:").unwrap_or("callgrind").trim().into();
        Ok(())
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name))
    }

    /// Calls from the functions for each kind of operation, with the instructions until they returned.
    ///
    /// The file names a function where it occurs first, `fn=(7) name`, and later by its number. Below `fn=` stands what
    /// it took itself; below `calls=` what a function took that it called.
    fn by_kind(&self) -> [(u64, u64); KINDS] {
        let mut counts = [(0_u64, 0_u64); KINDS];
        let mut kinds: Vec<(&str, Kind)> = Vec::new();
        let (mut within, mut calls) = (None, None);
        for line in self.0.lines() {
            let called = line.strip_prefix("cfn=");
            if let Some(function) = called.or_else(|| line.strip_prefix("fn=")) {
                let (number, name) = function.split_once(' ').unwrap_or((function, ""));
                if let Some(kind) = kind(name) {
                    kinds.push((number, kind));
                }
                if called.is_none() {
                    within = kinds.iter().find(|(known, _)| *known == number).map(|(_, kind)| *kind);
                }
            } else if let Some(call) = line.strip_prefix("calls=") {
                calls = call.split(' ').next().and_then(|count| count.parse::<u64>().ok());
            } else if let Some(count) = calls.take()
                && let Some(kind) = within
            {
                let took = line.split(' ').nth(1).and_then(|took| took.parse::<u64>().ok()).unwrap_or(0);
                let sum = &mut counts[kind as usize];
                *sum = (sum.0.saturating_add(count), sum.1.saturating_add(took));
            }
        }
        counts
    }
}

/// The kind of operation for which a function calls the map, if it is such a function.
fn kind(function: &str) -> Option<Kind> {
    let (_, method) = function.split_once(BY_KIND)?;
    Kind::by_name(method.rsplit("::").next()?)
}

#[cfg(test)]
mod tests {
    use formats::observation::KindInstructions;

    use super::*;

    const WRITTEN: &str = "\
version: 1
creator: callgrind-3.19.0
events: Ir

fn=(1) subject::play::play
3 7
cfn=(2) <subject::stage::instructions::ByKind<K,V> as subject::map::Map<K,V>>::insert
calls=4 0
+5 812

fn=(2)
9 40
cfn=(3) <maps::std_hash::Adapter<K,V> as subject::map::Map<K,V>>::insert
calls=4 0
* 772

fn=(3)
1 772
fn=(1)
-2 5
cfn=(4) <subject::stage::instructions::ByKind<K,V> as subject::map::Map<K,V>>::remove_first
calls=2 0
* 30
fn=(4)
8 10
cfn=(3)
calls=2 0
* 20
totals: 854
";

    fn seen(inserts: u64) -> Instructions {
        let of = |kind, ops| KindInstructions { kind, ops, instructions: 0 };
        let kinds = vec![of(Kind::Insert, inserts), of(Kind::RemoveFirst, 2)];
        Instructions { kinds, ..Instructions::default() }
    }

    #[test]
    fn the_total_is_read() {
        let total = |text: &str| Counts(text.into()).total();
        assert_eq!(total("version: 1\nevents: Ir\nfn=(1) play\n3 7\nsummary: 812\ntotals: 812\n"), Ok(812));
        assert_eq!(total("events: Ir\nsummary: 44 \n"), Ok(44));
        assert!(total("totals: 0\n").unwrap_err().contains("not found"));
        assert!(total("").unwrap_err().contains("no count"));
        assert!(total("totals: many\n").is_err());
    }

    #[test]
    fn what_the_map_takes_is_told_from_what_calls_it() {
        let mut instructions = seen(4);
        Counts(WRITTEN.into()).add_to(&mut instructions).unwrap();
        let of_map: Vec<u64> = instructions.kinds.iter().map(|one| one.instructions).collect();
        assert_eq!((of_map, instructions.around), (vec![772, 20], 62));
        assert_eq!(instructions.counter, "callgrind-3.19.0");
        let said = Counts(WRITTEN.into()).add_to(&mut seen(5)).unwrap_err();
        assert_eq!(said, "4 calls of insert were counted, and 5 are said to be played");
        assert!(Counts("totals: 7\n".into()).add_to(&mut seen(4)).is_err());
    }
}
