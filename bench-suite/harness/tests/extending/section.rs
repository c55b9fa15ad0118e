//! How many maps were played.

use maud::{Markup, html};

use super::SessionSection;
use crate::prose::plural;
use crate::view::View;

pub(super) const SECTION: SessionSection = SessionSection { anchor: "count", title: "How many", render };

fn render(view: &View<'_>) -> Markup {
    html! { p { (plural(view.maps.len(), "map")) } }
}
