use formats::observation::PhaseTimes;
use formats::observation::Slice;
use formats::session::Session;

use super::*;
use crate::view::View;

/// A sample whose second phase, the load, is a filling too.
fn filled_twice() -> Session {
    let mut session = crate::sample::session();
    for tape in session.manifest.tapes.values_mut() {
        tape.header.phases[1].name = "fill".into();
    }
    let runs = serde_json::to_string(&session.runs).unwrap().replace("\"churn\"", "\"fill\"");
    session.runs = serde_json::from_str(&runs).unwrap();
    session
}

#[test]
fn what_a_phase_is_called_decides_nothing() {
    let (once, twice) = (crate::sample::session(), filled_twice());
    let (once, twice) = (View::new(&once), View::new(&twice));
    let figures = |view: &View<'_>| {
        let figures = |result: &MapResult<'_>| {
            let Figures { ops_per_second, percentiles, landed, bytes_per_entry, .. } = result.figures;
            (ops_per_second, percentiles, landed, bytes_per_entry, result.figures.allocations_per_op)
        };
        view.workloads[0].results.iter().map(figures).collect::<Vec<_>>()
    };
    assert_eq!(figures(&once), figures(&twice));
    assert_eq!(once.workloads[0].load(), "after the initial fill");
}

#[test]
fn a_tape_that_is_nothing_but_filling_counts() {
    let mut session = filled_twice();
    let of_load = View::new(&session).workloads[0].results[0].figures.landed.unwrap();
    for tape in session.manifest.tapes.values_mut() {
        tape.header.phases[0].counts = true;
    }
    let view = View::new(&session);
    let result = &view.workloads[0].results[0];
    assert_eq!(result.slot_windows().len(), result.first::<Slots>().unwrap().windows.len());
    assert!(result.figures.landed.unwrap().all() > of_load.all());
    assert_eq!((view.workloads[0].load(), &*view.workloads[0].left_out()), ("over the whole tape", ""));
}

#[test]
fn speed_is_of_the_phases_given() {
    let phase = |ops: u64, wall_ns: u64| PhaseTimes {
        phase: "p".into(),
        wall_ns,
        threads: vec![vec![Slice { ops, wall_ns: wall_ns / 2, cpu_ns: 1 }]],
    };
    let phases = [phase(10, 1000), phase(30, 1000)];
    assert_eq!(ops_per_second(&phases), Some(20e6));
    assert_eq!(ops_per_second(&phases[1..]), Some(30e6));
    assert_eq!(ns_per_op(&phases[1..]), Some(500.0 / 30.0));
    assert_eq!(ops_per_second(&[]), None);
}
