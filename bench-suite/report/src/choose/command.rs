//! The command that would decide what a session does not.

use std::collections::BTreeSet;

use formats::point::split_scale;

use super::{Ability, Contender, Demand};
use crate::ratio::MIN_ROUNDS;
use crate::view::WorkloadResults;

/// Rounds that tell more than those of a suite.
const MORE_ROUNDS: usize = 15;

/// What to measure where the session has no load that asks the same.
pub(super) fn for_loads(demand: &Demand) -> &'static str {
    match (demand.has(Ability::Threads), demand.has(Ability::Iterates)) {
        (true, false) => "churnmark measure -w 'threads-*,contended-writes'",
        (false, true) => "churnmark measure -w ycsb-e",
        (false, false) => "churnmark measure --suite standard",
        (true, true) => {
            "churnmark measure -w NAME, of a workload of yours with `threads` and `iterate` in its mix (see \
             workloads/README.md)"
        }
    }
}

/// What to measure so that maps are decided of which something is unknown, or that cannot be told from the first.
pub(super) fn for_maps(
    demand: &Demand,
    loads: &[&WorkloadResults<'_>],
    unknown: &[Contender<'_, '_>],
    meeting: &[Contender<'_, '_>],
    take: &[String],
) -> Option<String> {
    let few_rounds =
        |one: &Contender<'_, '_>| one.results.iter().any(|result| result.figures.speeds.len() < MIN_ROUNDS);
    let (maps, collectors, rounds): (Vec<&str>, BTreeSet<&str>, bool) = if !unknown.is_empty() {
        let collectors = demand.needs.iter().flat_map(super::Need::collectors).collect();
        let rounds = demand.needs.iter().any(super::Need::is_throughput);
        (unknown.iter().map(|one| one.map).collect(), collectors, rounds)
    } else if meeting.len() > 1 && (take.len() > 1 || meeting.iter().any(few_rounds)) {
        let maps = meeting
            .iter()
            .map(|one| one.map)
            .filter(|map| take.len() < 2 || take.iter().any(|one| one == map));
        (maps.collect(), BTreeSet::from(["throughput"]), true)
    } else {
        return None;
    };
    let collectors: Vec<&str> = collectors.into_iter().collect();
    let bare = |load: &&WorkloadResults<'_>| split_scale(load.name).0.to_owned();
    let names: BTreeSet<String> = loads.iter().map(bare).collect();
    let scale = loads.iter().find_map(|load| split_scale(load.name).1);
    let scale = scale.map(|scale| format!(" --scale {scale}")).unwrap_or_default();
    let rounds = if rounds { format!(" --rounds {MORE_ROUNDS}") } else { String::new() };
    Some(format!(
        "churnmark measure -w {}{scale} -m {} -c {}{rounds}",
        quoted(names.iter().map(String::as_str)),
        quoted(maps.into_iter()),
        collectors.join(",")
    ))
}

/// Names for a shell, separated by commas.
fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let text = names.collect::<Vec<_>>().join(",");
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.,@+=".contains(letter);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
