//! The entry of a gate in the history.

use std::path::Path;

use anyhow::Result;
use formats::gate::{ExactFinding, Gate, Pair, Verdict};
use formats::history::{Entry, ExactMove, HISTORY_FILE, Ratio};
use formats::observation::SCHEMA;

/// Appends what a gate measured to the history among the sessions: ratios, never nanoseconds.
pub(crate) fn append(
    reports: &Path,
    gate: &Gate,
    pairs: &[Pair],
    anchor: Option<(String, Vec<Ratio>)>,
) -> Result<()> {
    // A figure that does not repeat has no verdict: it did not move.
    let has_moved = |one: &&ExactFinding| matches!(one.verdict, Some(Verdict::Regressed | Verdict::Improved));
    let moved = gate.exact.iter().filter(has_moved);
    let (anchor, against_anchor) =
        anchor.map_or_else(Default::default, |(name, ratios)| (Some(name), ratios));
    let entry = Entry {
        schema: SCHEMA,
        when: gate.started.clone(),
        revision: gate.head.revision.clone(),
        parent: if gate.base.revision.is_empty() {
            gate.base.name.clone()
        } else {
            gate.base.revision.clone()
        },
        anchor,
        against_parent: verdict::history::ratios(pairs),
        against_anchor,
        exact_moved: moved
            .map(|finding| ExactMove {
                workload: finding.workload.clone(),
                map: finding.map.clone(),
                metric: finding.metric,
                base: finding.base.clone(),
                head: finding.head.clone(),
            })
            .collect(),
    };
    Ok(entry.append(&reports.join(HISTORY_FILE))?)
}
