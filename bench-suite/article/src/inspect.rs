//! Plays a script into one of Go's maps and takes a picture of every slot before and after each step.
//!
//! Nothing here is timed: the maps are those of `go-maps`, told apart from the subjects by what one can see of
//! their inside.

mod classic;
mod diary;
mod hash_trie;
mod swiss;
mod sync_map;

use std::ops::Range;
use std::rc::Rc;

use formats::inspection::{
    Inspection, Layout, MAX_OPERATIONS, MAX_SLOTS, MAX_SLOTS_IN_ALL, Picture, SCHEMA, StepTaken,
};
use formats::script::{Script, ScriptError, Step};
use go_maps::classic::{NoReuse, Reuse};
use go_maps::hash::Aes;

use diary::{Diary, Unit};

/// What to inspect.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Request {
    /// The map, by name
    #[arg(long)]
    map: String,
    /// Where the seeds of its hashes start
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Entries it is made for
    #[arg(long, default_value_t = 0)]
    hint: usize,
    /// Steps such as `put 0..8; del 3; put 100`
    script: String,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InspectError {
    /// There is no such map.
    #[error("there is no map `{0}` to inspect; there is {names}", names = names())]
    Map(String),
    /// The script makes no sense.
    #[error("the script: {0}")]
    Script(#[from] ScriptError),
    /// The script is too long.
    #[error("the script has {0} operations; allowed are {MAX_OPERATIONS}")]
    Operations(u64),
    /// The hint is too large.
    #[error("a hint of {0} entries; allowed are 0 to {MAX_SLOTS}")]
    Hint(usize),
    /// The map takes no hint.
    #[error("`{0}` is not made for a number of entries; leave the hint out")]
    NoHint(&'static str),
    /// The map is too large.
    #[error("step {step}: the map has {slots} slots; pictures are taken of up to {MAX_SLOTS}")]
    Slots {
        /// The step, counted from 1; 0 is before the first.
        step: usize,
        /// Slots then.
        slots: usize,
    },
    /// All pictures together are too large.
    #[error("step {0}: the pictures have more than {MAX_SLOTS_IN_ALL} slots together; take fewer steps")]
    InAll(usize),
}

/// A map whose slots can be seen.
trait Inspected {
    fn put(&mut self, key: u64, value: u64) -> Option<u64>;
    fn del(&mut self, key: u64) -> Option<u64>;
    /// Takes `&mut self` though nothing is put: a look-up moves things inside sync.Map.
    fn get(&mut self, key: u64) -> Option<u64>;
    fn clear(&mut self);
    fn layout(&self) -> Layout;
    fn picture(&self, diary: &Diary) -> Picture;
}

type Make = fn(hint: usize, hasher: Aes, seed: u64, diary: Rc<Diary>) -> Box<dyn Inspected>;

/// One map that can be inspected.
struct Inspectable {
    name: &'static str,
    about: &'static str,
    unit: Unit,
    /// Whether Go makes it for a number of entries.
    hinted: bool,
    make: Make,
}

static INSPECTABLE: [Inspectable; 5] = [
    Inspectable {
        name: "go-classic",
        about: "the built-in map of Go 1.19 to 1.23",
        unit: Unit { memory: "array", bucket: "bucket" },
        hinted: true,
        make: classic::make::<Reuse>,
    },
    Inspectable {
        name: "go-classic-no-reuse",
        about: "the same, were a deleted slot out of use until the table is rebuilt",
        unit: Unit { memory: "array", bucket: "bucket" },
        hinted: true,
        make: classic::make::<NoReuse>,
    },
    Inspectable {
        name: "go-swiss",
        about: "the built-in map of Go 1.27",
        unit: Unit { memory: "table", bucket: "group" },
        hinted: true,
        make: swiss::make,
    },
    Inspectable {
        name: "go-sync-map",
        about: "sync.Map of Go 1.19 to 1.23",
        unit: Unit { memory: "array", bucket: "bucket" },
        hinted: false,
        make: sync_map::make,
    },
    Inspectable {
        name: "go-hash-trie",
        about: "sync.Map of Go 1.24 to 1.27",
        unit: Unit { memory: "trie", bucket: "node" },
        hinted: false,
        make: hash_trie::make,
    },
];

fn names() -> String {
    INSPECTABLE.iter().map(|map| map.name).collect::<Vec<_>>().join(", ")
}

/// Plays the script and takes the pictures.
pub(crate) fn inspect(request: &Request) -> Result<Inspection, InspectError> {
    let Some(map) = INSPECTABLE.iter().find(|map| map.name == request.map) else {
        return Err(InspectError::Map(request.map.clone()));
    };
    let script: Script = request.script.parse()?;
    if script.operations() > MAX_OPERATIONS {
        return Err(InspectError::Operations(script.operations()));
    }
    if request.hint > MAX_SLOTS {
        return Err(InspectError::Hint(request.hint));
    }
    if request.hint > 0 && !map.hinted {
        return Err(InspectError::NoHint(map.name));
    }
    let diary = Rc::new(Diary::new(map.unit));
    let mut inspected = (map.make)(request.hint, Aes::seeded(request.seed), request.seed, Rc::clone(&diary));
    let mut camera = Camera { slots: 0 };
    let start = camera.take(0, inspected.picture(&diary))?;
    let mut steps = Vec::new();
    let mut operations = 0;
    for (number, step) in (1..).zip(script.steps()) {
        let answer = play(inspected.as_mut(), step, operations);
        operations += step.operations();
        let after = camera.take(number, inspected.picture(&diary))?;
        steps.push(StepTaken { step: step.to_string(), answer, events: diary.tear_out(), after });
    }
    Ok(Inspection {
        schema: SCHEMA,
        map: map.name.into(),
        about: map.about.into(),
        seed: request.seed,
        hint: request.hint,
        layout: inspected.layout(),
        start,
        steps,
    })
}

/// Counts the slots of all pictures.
struct Camera {
    slots: usize,
}

impl Camera {
    fn take(&mut self, step: usize, picture: Picture) -> Result<Picture, InspectError> {
        let slots = picture.slots();
        if slots > MAX_SLOTS {
            return Err(InspectError::Slots { step, slots });
        }
        self.slots += slots;
        if self.slots > MAX_SLOTS_IN_ALL {
            return Err(InspectError::InAll(step));
        }
        Ok(picture)
    }
}

/// Takes one step and says what the map answered. A value that the script leaves open is the number of its
/// operation, counted from 1: a value that was zeroed can be told from all of them.
fn play(map: &mut dyn Inspected, step: &Step, operations: u64) -> String {
    match step {
        Step::Put { keys, value } => {
            let mut number = operations;
            answer(keys, ["new", "replaced"], |key| {
                number += 1;
                map.put(key, value.unwrap_or(number))
            })
        }
        Step::Del(keys) => answer(keys, ["absent", "deleted"], |key| map.del(key)),
        Step::Get(keys) => answer(keys, ["absent", "found"], |key| map.get(key)),
        Step::Clear => {
            map.clear();
            "cleared".into()
        }
    }
}

/// The answers to every key of a range: the one value, or how many there were of each kind.
fn answer(keys: &Range<u64>, [without, with]: [&str; 2], mut ask: impl FnMut(u64) -> Option<u64>) -> String {
    let answers: Vec<Option<u64>> = keys.clone().map(&mut ask).collect();
    match answers[..] {
        [None] => without.into(),
        [Some(value)] => format!("{with} value {value}"),
        _ => {
            let hits = answers.iter().flatten().count();
            let counts = [(answers.len() - hits, without), (hits, with)];
            let told = counts.iter().filter(|(count, _)| *count > 0);
            told.map(|(count, kind)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests;
