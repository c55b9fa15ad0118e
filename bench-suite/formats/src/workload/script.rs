//! The part of a workload file that is a script, and what makes sense in it.

use std::num::NonZeroU16;

use super::wire::{MAX_OPS, MAX_PHASES, Reader, WorkloadWire, refuse_recipe};
use crate::fault::Fault;
use crate::placed::Placed;
use crate::script::{Script, Step};

/// Reads the script, `repeat` unrolled.
pub(super) fn read_script(
    reader: &Reader,
    wire: &WorkloadWire,
    place: &Placed<String>,
    threads: NonZeroU16,
) -> Result<Script, Fault> {
    refuse_recipe(reader, wire, "belongs to a recipe; with `script` the steps decide")?;
    if let Some(several) = wire.threads.as_ref().filter(|_| threads.get() > 1) {
        return Err(reader.fault(several, "threads", "a script is one sequence; allowed is 1"));
    }
    let script: Script = Script::without_values(place.get_ref())
        .map_err(|error| reader.fault(place, "script", format!("{error}")))?;
    let valued = |step: &&Step| matches!(step, Step::Put { value: Some(_), .. });
    if let Some(step) = script.steps().iter().find(valued) {
        let problem = format!("`{step}` names a value; those of a workload are stamps, leave it out");
        return Err(reader.fault(place, "script", problem));
    }
    let repeat = wire.repeat.as_ref().map_or(1, |repeat| *repeat.get_ref()) as usize;
    let steps = script.steps().len().saturating_mul(repeat);
    if !(1..=MAX_PHASES).contains(&steps) {
        let problem = format!("comes to {steps} steps, repeats included; allowed are 1 to {MAX_PHASES}");
        return Err(reader.fault(place, "script", problem));
    }
    let operations = script.operations().saturating_mul(repeat as u64);
    if operations > MAX_OPS {
        let problem =
            format!("comes to {operations} operations, repeats included; allowed are 1 to {MAX_OPS}");
        return Err(reader.fault(place, "script", problem));
    }
    Ok(script.repeated(repeat))
}
