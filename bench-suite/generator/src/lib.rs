//! A workload in, a tape out.
//!
//! ```text
//! Recipe ─▶ draw ────┐
//! Script ─▶ unroll ──┼─▶ Drawn ─▶ play_model ─▶ Tape
//! Trace ──▶ read ────┘
//! ```
//!
//! A tape depends on its workload and on [`VERSION`] alone: the random numbers come from a named algorithm, and
//! no function of the system's mathematics library is called.

#![forbid(unsafe_code)]

mod beginning;
mod bounded;
mod dealt;
mod draw;
mod entries;
mod fresh;
mod hold;
mod laws;
mod model;
mod order;
mod popular;
pub mod random;
mod ranked;
mod recipe;
mod script;
mod size;
mod sizes;
pub mod trace;
mod written;
pub mod zipf;

use formats::fault::Fault;
use formats::tape::{Beside, Header, Kind, Op, RoleMark, SizeMark, Tape};
use formats::workload::{Source, Workload};

use self::trace::Played;
pub use beginning::beginning;
pub use model::play_model;
pub use recipe::{Drawn, draw};
pub use size::{Size, size};

/// Version of the generator. It changes whenever any workload gives another tape than before.
pub const VERSION: u32 = 2;

/// Makes the tape of a workload. Only a trace can be at fault: its file was written by somebody else.
pub fn generate(workload: &Workload) -> Result<Tape, Fault> {
    let capacity = match &workload.source {
        Source::Recipe(recipe) => recipe.capacity,
        Source::Script(_) | Source::Trace(_) => None,
    };
    let roles = match &workload.source {
        Source::Recipe(recipe) => recipe.roles.iter().map(RoleMark::from).collect(),
        Source::Script(_) | Source::Trace(_) => Vec::new(),
    };
    let mut drawn = match &workload.source {
        Source::Recipe(recipe) => {
            let draw = if workload.bound.is_some() { bounded::draw } else { draw };
            draw(recipe, workload.seed, workload.threads, workload.keys_shared)
        }
        Source::Script(script) => script::unroll(script),
        Source::Trace(trace) => {
            dealt::deal(trace::read_as(trace, &Played::of(workload))?.drawn, workload.threads)
                .map_err(|problem| Fault::of_file(&trace.file, problem))?
        }
    };
    let sizes = sizes::sizes(workload.values, workload.seed, &mut drawn);
    let bound = workload.bound.map(|bound| match &workload.source {
        Source::Trace(trace) => trace::of_sample(bound, trace.sample),
        Source::Recipe(_) | Source::Script(_) => bound,
    });
    let threads: Vec<&[Op]> = drawn.threads.iter().map(Vec::as_slice).collect();
    if let Source::Trace(trace) = &workload.source {
        check_many(workload, threads.first().copied().unwrap_or_default())
            .map_err(|problem| Fault::of_file(&trace.file, problem))?;
    }
    let depends_on_luck = workload.keys_shared || bound.is_some();
    let executed = play_model(drawn.distinct, depends_on_luck, &threads);
    let holds = executed.kinds[Kind::Hold as usize] > 0;
    let holds_over_writes = holds && hold::holds_over_writes(&threads);
    let header = Header {
        workload: workload.name.clone(),
        seed: workload.seed,
        generator: VERSION,
        keys: workload.keys,
        key_pattern: workload.key_pattern,
        values: workload.values,
        sizes: workload.values.vary().then(|| SizeMark::of(&sizes)),
        keys_shared: workload.keys_shared,
        roles,
        pace: workload.pace,
        recorded_ns: drawn.due_ns.iter().filter_map(|times| times.last().copied()).max(),
        capacity,
        many: workload.many,
        bound,
        holds_over_writes,
        distinct: drawn.distinct,
        phases: drawn.phases,
        executed,
    };
    let beside = Beside { due_ns: whole(drawn.due_ns), sizes };
    Ok(Tape::with(header, whole(drawn.threads), beside))
}

/// Refuses a recording of what is about all entries of a map where there are many: what is wrong.
fn check_many(workload: &Workload, ops: &[Op]) -> Result<(), String> {
    let of_all = |op: &&Op| !op.kind().names_key();
    match (workload.many, ops.iter().find(of_all)) {
        (Some(many), Some(op)) => Err(format!(
            "cannot be played into {many} maps in turn: one of its operations is `{}`, which is about all entries of a map",
            op.kind().name()
        )),
        _ => Ok(()),
    }
}

/// What belongs to each thread, one behind the other.
fn whole<T: Copy>(threads: Vec<Vec<T>>) -> Vec<T> {
    match <[Vec<T>; 1]>::try_from(threads) {
        Ok([only]) => only,
        Err(threads) => threads.concat(),
    }
}
