//! A map slot by slot, before and after every step of a script: as text for a terminal, as one SVG file.

mod svg;
mod text;

use formats::inspection::{Block, Inspection, Picture, Slot, State};

/// Which blocks of slots are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// All of them, after every step.
    All,
    /// Those that the step changed.
    Changes,
}

/// The inspection as text: slots that a step changed are marked with a star.
#[must_use]
pub fn text(inspection: &Inspection, show: Show) -> String {
    text::render(inspection, show)
}

/// The inspection as one SVG file, in light or dark as the reader prefers.
#[must_use]
pub fn svg(inspection: &Inspection, show: Show) -> String {
    svg::render(inspection, show)
}

/// One block of slots before and after a step.
struct Pair<'a> {
    name: &'a str,
    note: &'a str,
    before: Option<&'a Block>,
    after: Option<&'a Block>,
}

/// The blocks of two pictures side by side: those that are there afterwards, then those that are gone.
fn pairs<'a>(before: &'a Picture, after: &'a Picture, show: Show) -> Vec<Pair<'a>> {
    let there = after.blocks.iter().map(|block| Pair {
        name: &block.name,
        note: &block.note,
        before: before.block(&block.name),
        after: Some(block),
    });
    let gone = before.blocks.iter().filter(|block| after.block(&block.name).is_none()).map(|block| Pair {
        name: &block.name,
        note: "gone",
        before: Some(block),
        after: None,
    });
    let shown = |pair: &Pair<'_>| show == Show::All || pair.is_changed();
    there.chain(gone).filter(shown).collect()
}

impl<'a> Pair<'a> {
    /// Slots of the larger side.
    fn len(&self) -> usize {
        let len = |block: Option<&Block>| block.map_or(0, |block| block.slots.len());
        len(self.before).max(len(self.after))
    }

    /// One slot, before and after.
    fn slot(&self, number: usize) -> [Option<&'a Slot>; 2] {
        [self.before, self.after].map(|block| block?.slots.get(number))
    }

    /// Whether the step changed a slot. Memory that is new, or gone, counts where it holds an entry.
    fn changed(&self, number: usize) -> bool {
        match self.slot(number) {
            [Some(before), Some(after)] => before != after,
            [Some(one), None] | [None, Some(one)] => one.state == State::Live,
            [None, None] => false,
        }
    }

    fn is_changed(&self) -> bool {
        self.before.is_none() || self.after.is_none() || (0..self.len()).any(|number| self.changed(number))
    }
}

/// The fields of the map itself; what a step changed is shown with what it was.
fn figures(before: &Picture, after: &Picture) -> String {
    let was = |name: &str| before.figures.iter().find(|(other, _)| other == name).map(|(_, figure)| figure);
    let told = after.figures.iter().map(|(name, now)| match was(name) {
        Some(was) if was != now => format!("{name} {was} \u{2192} {now}"),
        _ => format!("{name} {now}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Every step with its number and the picture before it.
fn steps(
    inspection: &Inspection,
) -> impl Iterator<Item = (usize, &Picture, &formats::inspection::StepTaken)> {
    let before = std::iter::once(&inspection.start).chain(inspection.steps.iter().map(|step| &step.after));
    (1..).zip(before).zip(&inspection.steps).map(|((number, before), step)| (number, before, step))
}

/// What the whole is, in one line.
fn heading(inspection: &Inspection) -> String {
    let Inspection { map, about, seed, hint, .. } = inspection;
    format!("{map}: {about}; seed {seed}, made for {hint} entries")
}

#[cfg(test)]
mod tests;
