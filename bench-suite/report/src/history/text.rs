//! For a terminal, without colour.

use std::fmt::Write;

use formats::history::Entry;
use verdict::history::{HistoryFindings, Series};

use super::{by_gravity, changes, counts, drift_verdict, drifted, moves, newest, span, title};
use crate::flame::printable;
use crate::gate::exact_title;

/// Exact moves that are told; the page has all.
const MOVES: usize = 20;

/// A history as a table of series, what drifted or changed first, and the exact figures that moved.
#[must_use]
pub fn text(entries: &[Entry], found: &HistoryFindings) -> String {
    let mut out = format!("History: {}\n", printable(&span(entries, found)));
    let series = by_gravity(found);
    let changed: Vec<Vec<String>> = series
        .iter()
        .flat_map(|one| {
            changes(entries, one).into_iter().map(|said| [names(one).to_vec(), vec![said]].concat())
        })
        .collect();
    if !changed.is_empty() {
        out += "\nChanged against the anchor, and stayed so\n";
        out += &table(&changed);
    }
    let rows: Vec<Vec<String>> = series.iter().map(|one| row(entries, one)).collect();
    if !rows.is_empty() {
        out += "\nSeries\n";
        let head = ["workload", "map", "figure", "gates", "against anchor", "newest step", "drift"];
        out += &table(&[vec![head.map(str::to_owned).to_vec()], rows].concat());
    }
    let moves = moves(entries);
    if !moves.is_empty() {
        out += "\nExact figures that moved, newest first\n";
        let told = moves.iter().take(MOVES).map(|(commit, moved)| {
            vec![
                commit.clone(),
                moved.workload.clone(),
                moved.map.clone(),
                exact_title(moved.metric),
                counts(moved),
            ]
        });
        out += &table(&told.collect::<Vec<_>>());
        if moves.len() > MOVES {
            // Writing to a string does not fail.
            let _ = writeln!(out, "  and {} more", moves.len() - MOVES);
        }
    }
    out
}

fn names(one: &Series) -> [String; 3] {
    [one.workload.clone(), one.map.clone(), title(one).to_owned()]
}

fn row(entries: &[Entry], one: &Series) -> Vec<String> {
    let figures = [
        one.levels.len().max(one.steps.len()).to_string(),
        drifted(one),
        newest(&one.steps),
        drift_verdict(entries, one),
    ];
    names(one).into_iter().chain(figures).collect()
}

/// Rows whose columns stand below each other.
fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "  {cell:width$}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}
