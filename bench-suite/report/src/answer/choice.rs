//! Who is to be taken for a load: the best of its kind, and all that cannot be told from it. The best is the fastest, or
//! where a schedule says when operations start, the one whose requests wait the shortest.

use super::against::{self, Trouble};
use super::field::Field;
use super::why;
use super::{Choice, Load};
use crate::asked;
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{listed, plural};
use crate::ratio::MIN_ROUNDS;
use crate::sweep;
use crate::view::{View, WorkloadResults};

/// The best that nothing rules out, and those that rounds do not tell from it.
fn leaders<'v, 'a>(field: &Field<'v, 'a>) -> (Vec<&'v MapResult<'a>>, Option<&'v MapResult<'a>>) {
    let sound: Vec<_> =
        field.maps.iter().copied().filter(|one| against::ruled_out(field, one).is_none()).collect();
    let Some((first, others)) = sound.split_first() else { return (Vec::new(), None) };
    let behind = |one: &MapResult<'_>| one.lead_over(first);
    let is_tied =
        |one: &&&MapResult<'_>| behind(one).is_some_and(|ratio| ratio.interval.is_some() && !ratio.differs());
    let tied = others.iter().filter(is_tied).copied();
    let next = others.iter().find(|one| !is_tied(one)).copied();
    (std::iter::once(*first).chain(tied).collect(), next)
}

/// The answer for a load; `None` where no map has the figure by which they are ranked.
pub(super) fn of_load(view: &View<'_>, workload: &WorkloadResults<'_>) -> Option<Load> {
    let choices: Vec<Choice> = Field::all(view, workload).iter().map(|field| choose(view, field)).collect();
    let point = workload.point().map(sweep::text);
    let asked = || asked::of_workload(view, workload);
    (!choices.is_empty()).then(|| Load { workload: workload.name.to_owned(), point, asked: asked(), choices })
}

fn choose(view: &View<'_>, field: &Field<'_, '_>) -> Choice {
    let (leaders, next) = leaders(field);
    let Some(first) = leaders.first() else {
        return Choice {
            kind: field.kind,
            take: Vec::new(),
            against: set_aside(field, &field.maps).join("; "),
            why: "every map of this kind is ruled out by what it did".to_owned(),
            sure: "these are counts and failures, not times".to_owned(),
            change: "another map of this kind".to_owned(),
        };
    };
    let faster: Vec<&MapResult<'_>> =
        field.maps.iter().copied().take_while(|one| !std::ptr::eq(*one, *first)).collect();
    let mut against = set_aside(field, &faster);
    against.extend(against::troubles(field, first).into_iter().take(2).map(|trouble: Trouble| trouble.text));
    Choice {
        kind: field.kind,
        take: leaders.iter().map(|one| one.map.to_owned()).collect(),
        against: if against.is_empty() { "nothing in these figures".to_owned() } else { against.join("; ") },
        why: why::why(&leaders, next),
        sure: sure(&leaders, next),
        change: change(view, field, first),
    }
}

/// Maps that would be faster and are not to be taken.
fn set_aside(field: &Field<'_, '_>, faster: &[&MapResult<'_>]) -> Vec<String> {
    let told = faster.iter().filter_map(|one| Some((one.map, against::ruled_out(field, one)?)));
    told.map(|(map, why)| format!("{map} is set aside: {why}")).take(2).collect()
}

/// How far the rounds tell the first from the next.
fn sure(leaders: &[&MapResult<'_>], next: Option<&MapResult<'_>>) -> String {
    let first = leaders[0];
    let tied: Vec<&str> = leaders.iter().map(|one| one.map).collect();
    let rounds = plural(first.ranked_rounds(), "round");
    if tied.len() > 1 {
        return format!("{rounds} cannot tell {} apart", listed(&tied, 4));
    }
    let Some(next) = next else { return "no other map of this kind played it".to_owned() };
    let Some(ratio) = first.lead_over(next) else {
        return format!("it and {} share no round", next.map);
    };
    let factor = number::factor(ratio.estimate);
    let of_next = if first.is_paced() {
        format!("the p99.9 of the response time of {} is {factor} its own", next.map)
    } else {
        format!("{factor} of {}", next.map)
    };
    match ratio.interval {
        Some(interval) => format!(
            "{of_next}, {}–{} at {} from {}",
            number::factor_digits(interval.low),
            number::factor_digits(interval.high),
            number::confidence(interval.confidence),
            plural(ratio.rounds, "paired round")
        ),
        None => format!(
            "not claimed: {of_next} in {}, and a difference needs {MIN_ROUNDS}",
            plural(ratio.rounds, "paired round")
        ),
    }
}

/// Other needs and loads under which another map of the kind is the one to take.
fn change(view: &View<'_>, field: &Field<'_, '_>, first: &MapResult<'_>) -> String {
    let mut said = against::other_needs(field, first);
    let threads = |workload: &WorkloadResults<'_>| workload.threads();
    let here = threads(field.workload);
    let elsewhere = view.workloads.iter().filter(|other| threads(other) != here).filter_map(|other| {
        let fields = Field::all(view, other);
        let same = fields.iter().find(|of| of.kind == field.kind)?;
        let (leaders, _) = leaders(same);
        let names: Vec<&str> = leaders.iter().map(|one| one.map).collect();
        let differs = !names.is_empty() && !names.contains(&first.map);
        let threads = plural(threads(other), "thread");
        differs.then(|| format!("with {threads} ({}) {}", other.name, listed(&names, 2)))
    });
    said.extend(elsewhere.take(1));
    if said.is_empty() { "nothing that this session measured".to_owned() } else { said.join("; ") }
}
