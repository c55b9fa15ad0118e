//! Evidence recorded from the ports gives the verdicts that people came to on the real runtime.

use formats::evidence::Evidence;
use verdict::claims::{Cell, Finding, judge};

/// What the ports printed in their experiments that are the same on every run.
const RECORDED: &str = include_str!("evidence/ports.jsonl");

/// For each claim what was found on Go 1.23 and on Go 1.27: C confirmed, R refuted, D depends, and `-` where the
/// claim makes no sense or the recording does not decide it.
const FOUND: &[(u8, char, char)] = &[
    (1, 'C', 'D'),
    (2, 'C', 'C'),
    (3, 'R', 'R'),
    (4, 'R', '-'),
    (5, 'D', 'D'),
    (6, 'R', '-'),
    (7, 'D', '-'),
    (8, 'R', '-'),
    (9, 'C', '-'),
    (10, 'R', '-'),
    (11, 'C', '-'),
    (12, 'R', 'R'),
    (13, 'R', 'R'),
    (14, 'R', 'R'),
    (15, 'R', '-'),
    (16, 'C', 'R'),
    (17, 'R', 'R'),
    (18, 'R', 'R'),
    (19, 'C', '-'),
    (20, 'R', '-'),
    (21, 'C', '-'),
    (23, 'C', 'C'),
    (24, 'R', 'R'),
    (30, 'R', '-'),
    (31, 'R', '-'),
    (32, 'R', '-'),
    (33, 'D', '-'),
    (34, 'C', 'R'),
    (35, 'R', 'R'),
    (36, 'C', '-'),
    (37, 'D', 'R'),
    (39, 'R', '-'),
    (40, 'R', '-'),
    (41, 'C', '-'),
    (42, 'R', 'R'),
    (44, 'C', '-'),
    (49, 'R', '-'),
    (50, 'C', '-'),
    (55, 'R', '-'),
    (57, 'C', 'C'),
    (59, 'R', 'R'),
    (63, 'R', 'R'),
];

/// Implementations of the maps of Go 1.23, and of 1.27. Python stands in the first column.
const OLD: [&str; 3] = ["port-classic", "port-sync-map", "python"];
const NEW: [&str; 2] = ["port-swiss", "port-hash-trie"];

fn letter(cells: &[Cell], implementations: &[&str]) -> char {
    let cell = cells.iter().find(|cell| implementations.contains(&cell.implementation.as_str()));
    match cell.map(|cell| cell.finding) {
        None => '-',
        Some(Finding::Holds) => 'C',
        Some(Finding::Depends) => 'D',
        Some(Finding::Fails) => 'R',
    }
}

#[test]
fn the_ports_agree_with_what_was_found_on_the_real_runtime() {
    let evidence: Vec<Evidence> = RECORDED.lines().map(|line| Evidence::parse(line).unwrap()).collect();
    let judged = judge(&evidence);
    for &(number, old, new) in FOUND {
        let one = judged.iter().find(|one| one.number == number).unwrap();
        let found = (letter(&one.cells, &OLD), letter(&one.cells, &NEW));
        assert_eq!(found, (old, new), "claim {number}: {:?}", one.cells);
    }
}
