//! Answers for the points of one swept workload, told as one.

use super::{Category, Choice, Load};
use crate::prose::listed;

/// Loads that are told together: one, or the points of a workload.
pub(super) struct Group<'l> {
    loads: Vec<&'l Load>,
}

impl<'l> Group<'l> {
    /// All loads, those of one swept workload together.
    pub(super) fn all(loads: &'l [Load]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for load in loads {
            let same = |group: &&mut Self| load.point.is_some() && group.loads[0].base() == load.base();
            match groups.iter_mut().find(same) {
                Some(group) => group.loads.push(load),
                None => groups.push(Self { loads: vec![load] }),
            }
        }
        groups
    }

    /// The name of the workload, with the first and the last of its points.
    pub(super) fn name(&self) -> String {
        match &self.loads[..] {
            [first, .., last] => format!("{} ({} to {})", first.base(), first.place(), last.place()),
            loads => loads[0].workload.clone(),
        }
    }

    /// The kinds of maps that play any of them.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Category> {
        Category::ALL.into_iter().filter(|kind| self.loads.iter().any(|load| load.choice(*kind).is_some()))
    }

    /// The loads for which maps of this kind are to be taken, and the answer for each.
    pub(super) fn choices(&self, kind: Category) -> Vec<(&'l Load, &'l Choice)> {
        self.loads.iter().filter_map(|load| Some((*load, load.choice(kind)?))).collect()
    }
}

impl Load {
    /// The name of the workload without its point.
    fn base(&self) -> &str {
        formats::point::base_name(&self.workload)
    }

    /// The point, or the name where there is none.
    fn place(&self) -> &str {
        self.point.as_deref().unwrap_or(&self.workload)
    }

    fn choice(&self, kind: Category) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.kind == kind)
    }
}

/// The maps to take at the points of a workload, stretch by stretch: `a (10 live to 1,000 live), b (2,000 live)`.
pub(super) fn stretches(choices: &[(&Load, &Choice)]) -> String {
    let told = choices.chunk_by(|a, b| a.1.maps() == b.1.maps()).map(|stretch| {
        let maps = stretch[0].1.maps();
        match stretch {
            _ if stretch.len() == choices.len() => maps,
            [only] => format!("{maps} ({})", only.0.place()),
            [first, .., last] => format!("{maps} ({} to {})", first.0.place(), last.0.place()),
            [] => maps,
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Names of loads in a sentence; points of one workload are one name.
pub(super) fn names(of: &[&Load], all: &[Load]) -> Vec<String> {
    let of_one = |a: &&Load, b: &&Load| a.point.is_some() && a.base() == b.base();
    of.chunk_by(of_one).map(|points| name(points, all)).collect()
}

/// The name of a load, or of points of one workload: those that follow each other in `all` by the first and the last.
fn name(points: &[&Load], all: &[Load]) -> String {
    let first = points[0];
    if first.point.is_none() {
        return first.workload.clone();
    }
    if all.iter().filter(|load| load.base() == first.base()).count() == points.len() {
        return first.base().to_owned();
    }
    let index = |load: &Load| all.iter().position(|one| std::ptr::eq(one, load));
    let follows = |a: &&Load, b: &&Load| index(a).zip(index(b)).is_some_and(|(a, b)| a + 1 == b);
    let stretches = points.chunk_by(follows).map(|stretch| match stretch {
        [first, .., last] => format!("{} to {}", first.place(), last.place()),
        points => points[0].place().to_owned(),
    });
    let stretches: Vec<String> = stretches.collect();
    let stretches: Vec<&str> = stretches.iter().map(String::as_str).collect();
    format!("{} with {}", first.base(), listed(&stretches, 3))
}
