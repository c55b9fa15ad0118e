use formats::observation::Reading;

use super::*;
use crate::sample;

fn session() -> Session {
    let mut session = sample::sized(&["hashbrown", "std"], &["fifo"], 5, 6);
    session.runs.retain(|run| run.pass.map != "crashing");
    sample::set_speeds(
        &mut session,
        &["hashbrown", "std"].map(|map| (map, [100.0, 101.0, 99.0, 102.0, 98.0])),
    );
    session
}

fn moved(comparison: &Comparison) -> Vec<(&str, Figure, Change)> {
    let moved = comparison.rows.iter().filter(|row| matches!(row.change, Change::Worse | Change::Better));
    moved.map(|row| (row.map.as_str(), row.figure, row.change)).collect()
}

#[test]
fn a_session_beside_itself_shows_nothing() {
    let comparison = compare(&session(), &session());
    assert!(comparison.rows.len() > 10 && moved(&comparison).is_empty(), "{:?}", moved(&comparison));
    assert_eq!(comparison.measured_with, [""; 0]);
    let said = text(&comparison, false, false);
    assert!(said.contains("0 worse, 0 better"), "{said}");
}

#[test]
fn what_moved_is_told_with_its_direction() {
    let mut after = session();
    sample::set_speeds(&mut after, &[("std", [120.0, 121.0, 122.0, 123.0, 124.0])]);
    sample::each_reading(&mut after, |pass, reading| {
        if let Reading::Allocations(seen) = reading
            && pass.map == "hashbrown"
        {
            seen.peak_bytes += 1;
        }
    });
    after.manifest.toolchain = "rustc 1.96.0".into();
    after.manifest.programs[0].maps[0].version = "2.0.0".into();
    let comparison = compare(&session(), &after);
    let expected = [("std", Figure::Throughput, Change::Better), ("hashbrown", Figure::Peak, Change::Worse)];
    assert!(expected.iter().all(|one| moved(&comparison).contains(one)), "{:?}", moved(&comparison));
    assert_eq!(moved(&comparison).len(), 2);
    assert_eq!(
        comparison.measured_with,
        ["compiler: rustc 1.95.0 → rustc 1.96.0", "hashbrown: 1.0.0 → 2.0.0"]
    );
    let said = text(&comparison, false, false);
    let row = said.lines().find(|line| line.contains("throughput")).unwrap();
    assert!(
        row.starts_with("fifo      std        throughput    100/s    122/s")
            && row.contains("×1.22 (1.19–1.25)"),
        "{row}"
    );
    assert!(text(&comparison, true, false).contains("| fifo | std | throughput | 100/s | 122/s |"));
    assert!(text(&comparison, false, true).lines().count() > said.lines().count());
}

#[test]
fn another_machine_or_another_tape_is_said_and_not_compared() {
    let mut after = session();
    after.manifest.machine.cpu = "Another".into();
    let comparison = compare(&session(), &after);
    assert!(!comparison.same_machine && comparison.rows.iter().all(|row| !row.figure.is_timed()));
    assert!(!comparison.rows.is_empty() && comparison.not_compared[0].contains("different machines"));
    after.manifest.tapes.get_mut("fifo").unwrap().id = sample::tape_id("another");
    let comparison = compare(&session(), &after);
    assert!(comparison.rows.is_empty());
    assert!(comparison.not_compared.contains(&"fifo: the two played different tapes".to_owned()));
}
