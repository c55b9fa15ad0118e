//! A chart with what to conclude from it, and its data.

use maud::{Markup, html};

/// A table of text; the first column names the row.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    pub(crate) fn markup(&self) -> Markup {
        html! {
            div .scroll { table {
                thead { tr { @for cell in &self.head { th scope="col" { (cell) } } } }
                tbody {
                    @for row in &self.rows {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                @if index == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            } }
        }
    }
}

/// A chart, headed by what it shows and what to conclude, with its data folded away below.
pub(crate) fn figure(id: &str, shows: &str, finding: &str, chart: &Markup, data: &Table) -> Markup {
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { (shows) } }
                p .finding { (finding) }
            }
            (chart)
            @if !data.rows.is_empty() {
                details .data { summary { "Data" } (data.markup()) }
            }
        }
    }
}
