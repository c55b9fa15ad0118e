//! Pairs of real children on small tapes. What the times are is nobody's business here.

use std::fs;
use std::path::PathBuf;

use formats::gate::TimeMetric;
use tempfile::TempDir;

use super::*;
use crate::turns::small::{Played, play, subject};

fn meeting<'a>(
    played: &'a Played,
    head: Player<'a>,
    base: Player<'a>,
    interrupt: &'a Interrupt,
) -> Meeting<'a> {
    let time = Duration::from_mins(2);
    let (file, tape) = (&played.file, &played.tape);
    Meeting { head, base, tape, file, slices: 256, discarded: 32, time, interrupt }
}

fn player<'a>(program: &'a Path, map: &'a str) -> Player<'a> {
    Player { program, map, kind: MapKind::Single, toil: Toil::default() }
}

/// For each pair whether the base went first, and what was taken.
fn metrics(met: Met) -> Vec<(bool, Vec<TimeMetric>)> {
    let Met::Measured(pairs) = met else { panic!("{met:?}") };
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
    let (program, interrupt) = (subject(), Interrupt::default());
    let played = play(1, 6000);
    let meeting = meeting(&played, player(&program, "hashbrown"), player(&program, "std"), &interrupt);
    assert_eq!(meeting.design(), Design::Turns);
    let mut chance = Chance::new(1, "two children", 0);
    let wanted = vec![TimeMetric::MedianSlice, TimeMetric::TotalCpu];
    let blocks = [(); 2].map(|()| metrics(meeting.pairs(&mut chance).unwrap()));
    assert!(blocks.iter().all(|pairs| pairs.len() == lanes(&processors()).len()));
    let pairs = blocks.concat();
    assert!(pairs.iter().all(|(_, metrics)| *metrics == wanted), "{pairs:?}");
    assert_eq!(pairs.iter().filter(|(base_first, _)| *base_first).count(), pairs.len() / 2);
}

#[test]
fn threads_are_compared_pass_by_pass() {
    let (program, interrupt) = (subject(), Interrupt::default());
    let played = play(2, 6000);
    let shared = Player { kind: MapKind::Shared, ..player(&program, "dashmap") };
    let meeting = meeting(&played, shared, shared, &interrupt);
    assert_eq!(meeting.design(), Design::Abba);
    let mut chance = Chance::new(1, "threads", 0);
    let of_passes = |met| metrics(met).into_iter().map(|(_, metrics)| metrics).collect::<Vec<_>>();
    let times = of_passes(meeting.pairs(&mut chance).unwrap());
    assert_eq!(times, [[TimeMetric::Wall, TimeMetric::TotalCpu]]);
    let percentiles = of_passes(meeting.latencies(&mut chance).unwrap());
    assert_eq!(percentiles, [[TimeMetric::P99, TimeMetric::P999]]);
}

#[test]
fn the_side_that_fails_is_named_and_not_its_partner() {
    let (program, interrupt) = (subject(), Interrupt::default());
    let played = play(1, 6000);
    for (map, wanted) in [
        ("canary-crashing", "crashed: signal"),
        ("canary-wrong", "wrong answer"),
        ("canary-unsteady", "crashed: exit code 4"),
    ] {
        let (sound, faulty) = (player(&program, "std"), player(&program, map));
        for (head, base, side) in [(faulty, sound, Which::Head), (sound, faulty, Which::Base)] {
            let mut chance = Chance::new(1, map, 0);
            let met = meeting(&played, head, base, &interrupt).pairs(&mut chance).unwrap();
            let Met::Broken(which, failure) = met else { panic!("{met:?}") };
            assert_eq!(which, side);
            assert!(failure.to_string().starts_with(wanted), "{failure}");
        }
    }
}

#[test]
fn a_partner_that_never_comes_is_not_waited_for() {
    let (program, interrupt) = (subject(), Interrupt::default());
    let folder = TempDir::new().unwrap();
    let killed: PathBuf = folder.path().join("killed");
    // Written by a process of its own: a file that is open for writing anywhere cannot be started.
    let script = "printf '#!/bin/sh\\nkill -9 $$\\n' > \"$0\" && chmod +x \"$0\"";
    assert!(Command::new("/bin/sh").args(["-c", script]).arg(&killed).status().unwrap().success());
    assert!(fs::metadata(&killed).unwrap().is_file());
    let played = play(1, 6000);
    let meeting = Meeting {
        time: Duration::from_hours(1),
        ..meeting(&played, player(&killed, "std"), player(&program, "std"), &interrupt)
    };
    let met = meeting.pairs(&mut Chance::new(1, "killed", 0)).unwrap();
    let Met::Broken(Which::Head, failure) = met else { panic!("{met:?}") };
    assert_eq!(failure.to_string(), "crashed: signal 9");
}
