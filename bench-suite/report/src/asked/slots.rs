//! Slots: whether those of the deleted are found again, how many stay dead, which one an insert takes.

use formats::observation::{Collector, Events};

use super::bands::{banded, tell};
use super::{NAMED, Said, figures, part, silent};
use crate::map_result::Landed;
use crate::number;
use crate::prose::spread;
use crate::view::WorkloadResults;

/// Shares from which on most, and some, inserts do something.
pub(super) const MOST: f64 = 0.9;
pub(super) const SOME: f64 = 0.1;

/// Where inserts land: of the maps that do not reuse slots, those that get memory back from the allocator apart.
pub(super) fn reuse(workload: &WorkloadResults<'_>) -> Said {
    let landed = figures(workload, |result| result.figures.landed);
    if landed.is_empty() {
        return Err(Collector::Slots);
    }
    let recycles = |landed: Landed| {
        let share = landed.recycled as f64 / landed.all() as f64;
        landed.reuse() < SOME && share >= SOME
    };
    let by_allocator: Vec<(&str, f64)> = landed
        .iter()
        .filter(|(_, landed)| recycles(*landed))
        .map(|(map, landed)| (*map, landed.recycled as f64 / landed.all() as f64))
        .collect();
    let in_place: Vec<(&str, f64)> =
        landed.iter().filter(|(_, one)| !recycles(*one)).map(|(map, one)| (*map, one.reuse())).collect();
    let bands = [(MOST, "by most inserts in"), (SOME, "by some in"), (0.0, "by few or none in")];
    let mut told: Vec<String> = Vec::new();
    if !in_place.is_empty() {
        told.push(tell(&banded(&in_place, &bands), number::percent));
    }
    if !by_allocator.is_empty() {
        let through = [(0.0, "through the allocator, which hands freed blocks out again, in")];
        told.push(tell(&banded(&by_allocator, &through), number::percent));
    }
    Ok(format!(
        "Slots of the deleted are taken again {}{}. Counted{}.",
        told.join("; "),
        silent(workload, landed.len()),
        part(workload)
    ))
}

/// The largest share of a table that dead slots take.
pub(super) fn dead(workload: &WorkloadResults<'_>) -> Said {
    let dead = figures(workload, |result| result.figures.dead);
    let told = dead.len();
    let spread = spread(dead, number::percent, ["least", "most"]).ok_or(Collector::Slots)?;
    Ok(format!(
        "Dead slots take at most, of the capacity: {spread}{}. Counted{}.",
        silent(workload, told),
        part(workload)
    ))
}

/// What maps that report it choose most often.
pub(super) fn choices(workload: &WorkloadResults<'_>) -> Said {
    if workload.candidates().all(|result| result.first::<Events>().is_none()) {
        return Err(Collector::Events);
    }
    let most = figures(workload, |result| {
        let decisions = &result.first::<Events>()?.decisions;
        let all = decisions.iter().fold(0_u64, |sum, one| sum.saturating_add(one.count));
        let mut by_slot = std::collections::BTreeMap::new();
        for one in decisions {
            let count: &mut u64 = by_slot.entry(one.taken).or_default();
            *count = count.saturating_add(one.count);
        }
        let (taken, count) = by_slot.into_iter().max_by_key(|(_, count)| *count)?;
        (all > 0).then(|| (taken.name(), count as f64 / all as f64))
    });
    if most.is_empty() {
        return Ok("Which slot an insert takes is reported by no map that played.".to_owned());
    }
    let told: Vec<String> = most
        .iter()
        .take(NAMED)
        .map(|(map, (taken, share))| {
            format!("{map} the {taken} ({} of its inserts)", number::percent(*share))
        })
        .collect();
    let more = most.len().saturating_sub(told.len());
    let more = if more > 0 { format!("; {more} more maps report it") } else { String::new() };
    Ok(format!("An insert takes most often: {}{more}. Counted over the whole tape.", told.join("; ")))
}
