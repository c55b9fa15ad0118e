//! What was taken out of a map and still waits for all threads to have left it.

use formats::observation::Heap;
use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::held::held;
use crate::number;
use crate::view::WorkloadResults;

/// The maps that let what they take out wait; nothing where none does.
pub(super) fn waiting(workload: &WorkloadResults<'_>) -> Markup {
    let mut table = Table::new(["map", "end of the tape", "waiting to be freed", "held by the map itself"]);
    let mut most: Option<(&str, u64, u64)> = None;
    for result in &workload.results {
        let Some(heap) = result.first::<Heap>() else { continue };
        let (Some(last), Some(waiting)) = (heap.samples.last(), heap.waiting()) else { continue };
        let end = held(heap, last);
        let own = end.saturating_sub(waiting);
        let figures = [end, waiting, own].map(|bytes| number::bytes(bytes as f64));
        table.row(std::iter::once(result.map.to_owned()).chain(figures));
        if most.is_none_or(|(_, most, _)| waiting > most) {
            most = Some((result.map, waiting, end));
        }
    }
    let Some((map, bytes, end)) = most else { return html! {} };
    let finding = match bytes {
        0 => "Nothing waited to be freed at the end of the tape.".to_owned(),
        _ => format!(
            "At the end of the tape, {map} holds {} of {} for entries that are gone: an epoch or a reclaimer had not \
             yet freed them, and does when asked. Drained and dropped are read after that.",
            number::bytes(bytes as f64),
            number::bytes(end as f64),
        ),
    };
    let id = format!("{}-waiting", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Memory waiting to be freed" } }
                p .finding { (finding) }
            }
            (table.markup())
        }
    }
}
