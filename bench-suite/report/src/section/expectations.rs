//! Expectations: what the workloads say must hold, and what became of it.

use maud::Markup;

use super::SessionSection;
use crate::expected;
use crate::view::View;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "expectations", title: "What was expected", render };

fn render(view: &View<'_>) -> Markup {
    expected::section(&expected::of_view(view))
}
