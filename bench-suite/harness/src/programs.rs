//! The subject programs: where they are, what they say of themselves, which one serves a pass.

pub(crate) mod ours;
mod variants;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use formats::observation::{Collector, SCHEMA};
use formats::session::Program;
use formats::subject::{Fact, MapInfo, Subject, Variant};

use crate::child::{self, End, Limits};
use crate::digest;
use crate::exit;
use crate::interrupt::Interrupt;
use crate::stderr::tell;
use crate::surroundings;

/// The longest name of a map, in bytes.
const LONGEST_NAME: usize = 4096;

/// A list is short and needs no work.
const LIST_LIMITS: Limits = Limits { time: Duration::from_secs(20), stdout: 16 << 20 };

/// One program and what it answered to `list`.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Of what is loaded from it.
    digest: String,
    /// What it said.
    subject: Subject,
    /// Whether the user named it.
    named: bool,
}

/// All programs of a session. Where two hold a map of the same name, the first one plays it.
#[derive(Debug)]
pub(crate) struct Programs {
    found: Vec<Found>,
}

impl Programs {
    /// The programs named on the command line, and our own. A named program goes first: where
    /// two hold a map of the same name, it is the user's that plays.
    pub(crate) fn find(named: &[PathBuf]) -> Result<Self> {
        let mut found = named.iter().map(|path| find(path, true)).collect::<Result<Vec<_>>>()?;
        match ours::maps() {
            Ok(ours) => found.extend(ours.iter().map(|path| find(path, false)).collect::<Result<Vec<_>>>()?),
            Err(error) if named.is_empty() => return Err(error),
            Err(error) => tell!("churnmark: its own maps do not play: {}", exit::told(&error)),
        }
        Ok(Self { found })
    }

    /// The same, with those that have another allocator if one of these names of maps asks for one.
    pub(crate) fn find_for<'n>(named: &[PathBuf], maps: impl IntoIterator<Item = &'n str>) -> Result<Self> {
        let mut programs = Self::find(named)?;
        if variants::ask_for_allocator(maps) {
            for path in ours::on_allocators() {
                programs.found.push(find(&path, false)?);
            }
        }
        Ok(programs)
    }

    /// These programs and no other.
    pub(crate) fn exactly(paths: &[PathBuf]) -> Result<Self> {
        let found = paths.iter().map(|path| find(path, true)).collect::<Result<Vec<_>>>()?;
        Ok(Self { found })
    }

    /// The programs that are gated: those named, each with the one that counts beside it, or else our own.
    pub(crate) fn of_head(named: &[PathBuf]) -> Result<Self> {
        if named.is_empty() { Self::find(&[]) } else { Self::exactly(&with_counted(named)) }
    }

    /// Whether the user named a program that holds this map.
    pub(crate) fn named(&self, map: &str) -> bool {
        self.found.iter().any(|program| program.named && program.holds(map))
    }

    /// Every map, each once.
    pub(crate) fn maps(&self) -> Vec<MapInfo> {
        let mut maps: Vec<MapInfo> = Vec::new();
        for map in self.found.iter().flat_map(|program| &program.subject.maps) {
            if maps.iter().all(|known| known.name != map.name) {
                maps.push(map.clone());
            }
        }
        maps
    }

    /// The program that plays this map and serves this collector.
    pub(crate) fn serving(&self, map: &str, collector: Collector) -> Option<&Found> {
        let mut serving = self.found.iter().filter(|program| program.serves(collector));
        let variant = || Variant::parse(map);
        match serving.clone().find(|program| program.holds(map)) {
            None => variant().and_then(|variant| serving.find(|program| program.can_make(&variant))),
            holding => holding,
        }
    }

    /// The program that plays this map for times in turn with another, if the map can: one that has threads of its own
    /// works while the other plays.
    pub(crate) fn taking_turns(&self, map: &MapInfo) -> Option<&Found> {
        let alone = map.states(Fact::OwnThreads) || map.states(Fact::HandsOverWrites);
        self.serving(&map.name, Collector::Throughput).filter(|program| program.subject.takes_turns && !alone)
    }

    /// The allocators of the programs that serve one of these collectors, as they describe them.
    pub(crate) fn allocators(&self, collectors: &[Collector]) -> String {
        let serves =
            |program: &&Found| program.subject.collectors.iter().any(|served| collectors.contains(served));
        let named = self.found.iter().filter(serves).map(|program| program.subject.allocator.as_str());
        named.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" and ")
    }

    /// The programs as a session records them, each with those of `maps` that it can play.
    pub(crate) fn record(&self, maps: &[MapInfo]) -> Vec<Program> {
        let serves = |program: &Found, map: &MapInfo| {
            let mut serving =
                Collector::ALL.into_iter().filter_map(|collector| self.serving(&map.name, collector));
            serving.any(|serving| std::ptr::eq(serving, program))
        };
        let plays = |program: &Found, map: &MapInfo| {
            if map.variant_of.is_some() {
                serves(program, map)
            } else {
                program.holds(&map.name) && !program.is_on_allocator()
            }
        };
        let record = |program: &Found| Program {
            name: program.name(),
            digest: program.digest.clone(),
            maps: maps.iter().filter(|map| plays(program, map)).cloned().collect(),
        };
        let here = self.found.iter().map(|program| (program.is_on_allocator(), record(program)));
        here.filter(|(optional, program)| !optional || !program.maps.is_empty())
            .map(|(_, program)| program)
            .collect()
    }

    /// Refuses to go on with a session whose programs are not these.
    pub(crate) fn must_be(&self, recorded: &[Program]) -> Result<()> {
        for program in recorded {
            let name = &program.name;
            // Two programs may have one name: their folders differ.
            let mut of_name = self.found.iter().filter(|found| found.name() == *name);
            let Some(found) = of_name.clone().find(|found| found.digest == program.digest).or(of_name.next())
            else {
                bail!("the session was measured with `{name}`, which is not here; give it with --subject");
            };
            ensure!(
                found.digest == program.digest,
                "`{name}` has changed since the session began (digest {} then, {} now): \
                 build that revision again, or start a new session",
                program.digest,
                found.digest
            );
        }
        Ok(())
    }
}

impl Found {
    /// Whether it is there for variants only.
    fn is_on_allocator(&self) -> bool {
        !self.named && ours::ON_ALLOCATORS.contains(&self.name().as_str())
    }

    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// These programs, and beside each that counts no blocks the one that does, where it stands there under the name that the
/// suite's own have: `mine` brings `mine-counted` along.
pub(crate) fn with_counted(named: &[PathBuf]) -> Vec<PathBuf> {
    let mut programs = named.to_vec();
    for program in named {
        let mut name = program.file_name().unwrap_or_default().to_owned();
        name.push("-counted");
        let counted = program.with_file_name(name);
        if counted.is_file() && !programs.contains(&counted) {
            programs.push(counted);
        }
    }
    programs
}

/// Leaves out maps that cannot be asked for by their names, and says why. Any other name is one, in whatever script.
fn leave_out_unnamed(maps: &mut Vec<MapInfo>) -> Vec<String> {
    let (mut number, mut why, mut names) = (0, Vec::new(), HashSet::new());
    maps.retain(|MapInfo { name, .. }| {
        number += 1;
        let problem = if name.is_empty() {
            "has no name"
        } else if name.len() > LONGEST_NAME {
            "has a name of more than 4096 bytes"
        } else if name.contains('\0') {
            "has a NUL in its name, which no program can be started with"
        } else if !names.insert(name.clone()) {
            "has the name of another"
        } else {
            return true;
        };
        why.push(format!("map {number} of its list {problem}: it is left out"));
        false
    });
    why
}

/// Starts a program to learn what it holds.
fn find(path: &Path, named: bool) -> Result<Found> {
    let shown = path.display();
    let digest = digest::of(path).with_context(|| format!("the subject program `{shown}` cannot be read"))?;
    let path = std::path::absolute(path).with_context(|| format!("`{shown}` has no place"))?;
    let mut command = surroundings::bare(&path);
    command.arg("list");
    let answer = child::run(command, LIST_LIMITS, &Interrupt::default())?;
    match answer.end {
        End::Exited(status) if status.success() => {}
        End::Exited(status) => {
            bail!("`{} list` ended with {status}: {}", path.display(), answer.stderr.trim())
        }
        _ => bail!("`{} list` gave no answer and was killed", path.display()),
    }
    let mut subject: Subject = serde_json::from_slice(&answer.stdout)
        .with_context(|| format!("`{} list` printed something that is no list of maps", path.display()))?;
    ensure!(
        (1..=SCHEMA).contains(&subject.schema),
        "`{}` speaks schema {}; this churnmark reads up to {SCHEMA}: use programs built together",
        path.display(),
        subject.schema
    );
    for why in leave_out_unnamed(&mut subject.maps) {
        tell!("churnmark: `{}`: {why}", path.display());
    }
    Ok(Found { path, digest, subject, named })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_that_cannot_be_asked_for_are_left_out() {
        let names = ["fine", "", "two", "a\0b", "fine", "名前 \u{1b}[31m\n../x"];
        let mut maps: Vec<MapInfo> = names.iter().map(|name| MapInfo::new(name, "1", "")).collect();
        maps.push(MapInfo::new(&"x".repeat(5000), "1", ""));
        let why = leave_out_unnamed(&mut maps);
        assert_eq!(
            maps.iter().map(|map| map.name.as_str()).collect::<Vec<_>>(),
            [names[0], names[2], names[5]]
        );
        for (why, part) in why.iter().zip(["map 2 of its list has no name", "map 4", "map 5", "map 7"]) {
            assert!(why.starts_with(part), "{why}");
        }
        assert_eq!(why.len(), 4);
    }
}
