//! Sessions of earlier versions, made to say what those of this one say.
//!
//! | schema | did not say | what is taken |
//! |---|---|---|
//! | 3 | of which of the phases of one name a histogram is | it is of all of them |
//! | 2 | what a line of runs came to when it was written | it is taken as it stands |
//! | 1 | which phases count | what the report took then: a leading phase named `fill` does not, if another phase follows; histograms of a name count if a phase of that name does |

use serde_json::Value;

use super::Manifest;
use crate::observation::{Collector, SCHEMA};
use crate::run;
use crate::workload::Act;

/// Brings a manifest up to this version.
pub(super) fn manifest(manifest: &mut Value) {
    if manifest["schema"] != 1 {
        return set(manifest, "schema", SCHEMA);
    }
    let tapes = manifest.get_mut("tapes").and_then(Value::as_object_mut).into_iter().flatten();
    for phases in tapes.filter_map(|(_, tape)| tape.pointer_mut("/header/phases")?.as_array_mut()) {
        let prepares = |phase: &Value| phase["name"] == Act::Fill(0).name();
        let first = phases.iter().position(|phase| !prepares(phase)).unwrap_or(0);
        for (index, phase) in phases.iter_mut().enumerate() {
            set(phase, "counts", index >= first);
        }
    }
    set(manifest, "schema", SCHEMA);
}

/// Brings a run up to this version; `manifest` has been.
pub(super) fn run(run: &mut Value, manifest: &Manifest) {
    if run["schema"] != 1 {
        return set(run, "schema", run::SCHEMA);
    }
    let tape = run["pass"]["workload"].as_str().and_then(|workload| manifest.tapes.get(workload));
    let counts = |name: &Value| {
        tape.is_none_or(|tape| tape.header.phases.iter().any(|phase| phase.counts && *name == *phase.name))
    };
    let reading = run.pointer_mut("/outcome/measured/reading");
    let latency = reading.filter(|reading| reading["collector"] == Collector::Latency.name());
    let kinds = latency.and_then(|latency| latency.get_mut("kinds")?.as_array_mut());
    for kind in kinds.into_iter().flatten() {
        let counts = counts(&kind["phase"]);
        set(kind, "counts", counts);
    }
    set(run, "schema", run::SCHEMA);
}

/// Sets a field of an object; what should be one and is not is refused when it is read.
fn set(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Some(object) = object.as_object_mut() {
        object.insert(field.into(), value.into());
    }
}
