//! The entry of a gate in the history.

use std::path::Path;

use anyhow::Result;
use formats::gate::{ExactFinding, Gate, Pair, Verdict};
use formats::history::{Entry, ExactMove, HISTORY_FILE, History, Ratio};
use formats::observation::SCHEMA;
use formats::policy::Policy;
use verdict::history::{HistoryRule, analyse};

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

/// What lasted over all gates so far, in Markdown; nothing where there is no history, or nothing in it that lasted.
pub(crate) fn lasting(reports: &Path, policy: &Policy) -> Result<String> {
    let file = reports.join(HISTORY_FILE);
    if !file.exists() {
        return Ok(String::new());
    }
    let History { entries, .. } = History::read(&file)?;
    let found = analyse(&entries, &rule(policy))?;
    Ok(report::history::lasting(&entries, &found))
}

/// How strictly a policy wants a history to be judged.
pub(crate) fn rule(policy: &Policy) -> HistoryRule {
    HistoryRule { tolerance: policy.tolerance, delta: policy.delta, alpha: policy.alpha }
}
