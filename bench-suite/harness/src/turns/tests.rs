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
    Player { program, map, family: Family::Single, toil: Toil::default() }
}

fn metrics(met: Met) -> (bool, Vec<TimeMetric>) {
    let Met::Measured(measured) = met else { panic!("{met:?}") };
    assert!(measured.log_ratios.iter().all(|(_, log)| log.is_finite()), "{measured:?}");
    assert!(measured.seconds > 0.0);
    (measured.base_first, measured.log_ratios.into_iter().map(|(metric, _)| metric).collect())
}

#[test]
fn two_children_play_a_tape_in_turn() {
    let (program, interrupt) = (subject(), Interrupt::default());
    let played = play(1, 6000);
    let meeting = meeting(&played, player(&program, "hashbrown"), player(&program, "std"), &interrupt);
    assert_eq!(meeting.design(), Design::Turns);
    let mut chance = Chance::new(1, "two children", 0);
    let wanted = vec![TimeMetric::MedianSlice, TimeMetric::TotalCpu];
    let [(first, of_first), (second, of_second)] =
        [(); 2].map(|()| metrics(meeting.pair(&mut chance).unwrap()));
    assert_eq!((&of_first, &of_second), (&wanted, &wanted));
    assert_ne!(first, second, "each side is first once");
}

#[test]
fn threads_are_compared_pass_by_pass() {
    let (program, interrupt) = (subject(), Interrupt::default());
    let played = play(2, 6000);
    let shared = Player { family: Family::Shared, ..player(&program, "dashmap") };
    let meeting = meeting(&played, shared, shared, &interrupt);
    assert_eq!(meeting.design(), Design::Abba);
    let mut chance = Chance::new(1, "threads", 0);
    let (_, times) = metrics(meeting.pair(&mut chance).unwrap());
    assert_eq!(times, [TimeMetric::Wall, TimeMetric::TotalCpu]);
    let (_, percentiles) = metrics(meeting.latencies(&mut chance).unwrap());
    assert_eq!(percentiles, [TimeMetric::P99, TimeMetric::P999]);
}

#[test]
fn the_side_that_fails_is_named_and_not_its_partner() {
    let (program, interrupt) = (subject(), Interrupt::default());
    let played = play(1, 6000);
    for (map, wanted) in [("canary-crashing", "crashed: signal"), ("canary-wrong", "wrong answer")] {
        let (sound, faulty) = (player(&program, "std"), player(&program, map));
        for (head, base, side) in [(faulty, sound, Which::Head), (sound, faulty, Which::Base)] {
            let mut chance = Chance::new(1, map, 0);
            let met = meeting(&played, head, base, &interrupt).pair(&mut chance).unwrap();
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
    let met = meeting.pair(&mut Chance::new(1, "killed", 0)).unwrap();
    let Met::Broken(Which::Head, failure) = met else { panic!("{met:?}") };
    assert_eq!(failure.to_string(), "crashed: signal 9");
}
