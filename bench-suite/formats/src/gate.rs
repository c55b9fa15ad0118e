//! What the gate says of a comparison.

use serde::{Deserialize, Serialize};

/// What a comparison of head with base came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Head is worse, beyond the tolerance.
    Regressed,
    /// Head is better, beyond the tolerance.
    Improved,
    /// Shown to differ by less than what matters; never for want of evidence.
    Unchanged,
    /// The evidence decides nothing.
    Inconclusive,
}
