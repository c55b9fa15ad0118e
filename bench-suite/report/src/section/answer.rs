//! The answer: which map to take for which load, and what a reviewer must know.

use maud::Markup;

use super::SessionSection;
use crate::answer;
use crate::view::View;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "answer", title: "Which map to take", render };

fn render(view: &View<'_>) -> Markup {
    answer::section(&answer::of_view(view))
}
