//! Page faults: what the kernel did for each map.

use formats::observation::{Collector, PageFaults};
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::map_result::MapResult;
use crate::number;
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "page-faults",
    title: "Page faults",
    shows: &[Collector::PageFaults],
    render,
    files,
};

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let mut table = Table::new(["map", "minor page faults"]);
    for result in &workload.results {
        if let Some(seen) = result.first::<PageFaults>() {
            table.row([result.map.to_owned(), number::count(seen.minor)]);
        }
    }
    html! { @if !table.rows.is_empty() { (table.markup()) } }
}

fn files(_: &WorkloadResults<'_>, _: &MapResult<'_>) -> Files {
    Files::new()
}
