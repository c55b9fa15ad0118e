//! Pairs of real children on small tapes. What the times are is nobody's business here.

use std::fs;
use std::path::PathBuf;

use formats::gate::TimeMetric;
use tempfile::TempDir;

use super::*;
use crate::turns::small::{Played, play, subject};

/// What a comparison needs beside its two sides.
struct Field {
    played: Played,
    policy: Policy,
    interrupt: Interrupt,
    time_limit: Duration,
}

impl Field {
    fn new(threads: u16) -> Self {
        Self {
            played: play(threads, 6000),
            policy: Policy { slices: 256, discarded: 32, ..Policy::default() },
            interrupt: Interrupt::default(),
            time_limit: Duration::from_mins(2),
        }
    }

    fn runner<'a>(&'a self, head: Contestant<'a>, base: Contestant<'a>) -> PairRunner<'a> {
        let Self { played, policy, interrupt, time_limit } = self;
        let context = PairContext { policy, seed: 1, time_limit: *time_limit, interrupt };
        PairRunner { head, base, tape: &played.tape, file: &played.file, context }
    }
}

fn contestant<'a>(program: &'a Path, map: &'a str) -> Contestant<'a> {
    Contestant { program, map, kind: MapKind::Single, injected: InjectedWork::default() }
}

/// For each pair whether the base went first, and what was taken.
fn metrics(outcome: PairOutcome) -> Vec<(bool, Vec<TimeMetric>)> {
    let PairOutcome::Measured(pairs) = outcome else { panic!("{outcome:?}") };
    assert!(pairs.iter().all(|pair| pair.seconds > 0.0), "{pairs:?}");
    assert!(pairs.iter().flat_map(|pair| &pair.log_ratios).all(|(_, log)| log.is_finite()), "{pairs:?}");
    let metrics = |log_ratios: LogRatios| log_ratios.into_iter().map(|(metric, _)| metric).collect();
    pairs.into_iter().map(|pair| (pair.base_first, metrics(pair.log_ratios))).collect()
}

#[test]
fn every_processor_is_in_one_lane() {
    assert_eq!(lanes(&[]), [""]);
    assert_eq!(lanes(&[3]), ["3"]);
    assert_eq!(lanes(&[0, 1]), ["0", "1"]);
    assert_eq!(lanes(&[0, 1, 2, 5, 7]), ["0,2,7", "1,5"]);
}

#[test]
fn two_children_play_a_tape_in_turn() {
    let (program, field) = (subject(), Field::new(1));
    let runner = field.runner(contestant(&program, "hashbrown"), contestant(&program, "std"));
    assert_eq!(runner.design(), Design::Turns);
    let mut draws = Randomization::new(1, "two children", 0);
    let wanted = vec![TimeMetric::MedianSlice, TimeMetric::TotalCpu];
    let blocks = [(); 2].map(|()| metrics(runner.pairs(&mut draws).unwrap()));
    assert!(blocks.iter().all(|pairs| pairs.len() == lanes(&surroundings::processors()).len()));
    let pairs = blocks.concat();
    assert!(pairs.iter().all(|(_, metrics)| *metrics == wanted), "{pairs:?}");
    assert_eq!(pairs.iter().filter(|(base_first, _)| *base_first).count(), pairs.len() / 2);
}

#[test]
fn threads_are_compared_pass_by_pass() {
    let (program, field) = (subject(), Field::new(2));
    let shared = Contestant { kind: MapKind::Shared, ..contestant(&program, "dashmap") };
    let runner = field.runner(shared, shared);
    assert_eq!(runner.design(), Design::Abba);
    let mut draws = Randomization::new(1, "threads", 0);
    let of_passes = |outcome| metrics(outcome).into_iter().map(|(_, metrics)| metrics).collect::<Vec<_>>();
    let times = of_passes(runner.pairs(&mut draws).unwrap());
    assert_eq!(times, [[TimeMetric::Wall, TimeMetric::TotalCpu]]);
    let percentiles = of_passes(runner.latencies(&mut draws).unwrap());
    assert_eq!(percentiles, [[TimeMetric::P99, TimeMetric::P999]]);
}

#[test]
fn the_side_that_fails_is_named_and_not_its_partner() {
    let (program, field) = (subject(), Field::new(1));
    for (map, wanted) in [
        ("canary-crashing", "crashed: signal"),
        ("canary-wrong", "wrong answer"),
        ("canary-unsteady", "crashed: exit code 4"),
    ] {
        let (sound, faulty) = (contestant(&program, "std"), contestant(&program, map));
        for (head, base, side) in [(faulty, sound, Side::Head), (sound, faulty, Side::Base)] {
            let mut draws = Randomization::new(1, map, 0);
            let outcome = field.runner(head, base).pairs(&mut draws).unwrap();
            let PairOutcome::Failed(failed, failure) = outcome else { panic!("{outcome:?}") };
            assert_eq!(failed, side);
            assert!(failure.to_string().starts_with(wanted), "{failure}");
        }
    }
}

#[test]
fn a_partner_that_never_comes_is_not_waited_for() {
    let program = subject();
    let folder = TempDir::new().unwrap();
    let killed: PathBuf = folder.path().join("killed");
    // Written by a process of its own: a file that is open for writing anywhere cannot be started.
    let script = "printf '#!/bin/sh\\nkill -9 $$\\n' > \"$0\" && chmod +x \"$0\"";
    assert!(Command::new("/bin/sh").args(["-c", script]).arg(&killed).status().unwrap().success());
    assert!(fs::metadata(&killed).unwrap().is_file());
    let field = Field { time_limit: Duration::from_hours(1), ..Field::new(1) };
    let runner = field.runner(contestant(&killed, "std"), contestant(&program, "std"));
    let outcome = runner.pairs(&mut Randomization::new(1, "killed", 0)).unwrap();
    let PairOutcome::Failed(Side::Head, failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.to_string(), "crashed: signal 9");
}
