//! What the operations of a thread come to.

use formats::answer::Digest;

/// What one thread's operations come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All answers, folded.
    pub digest: Digest,
    /// Inserts that added an entry, less entries taken out.
    pub balance: i64,
    /// Sum of the stamps of the entries that the map chose to give away, wrapping.
    pub taken: u64,
    /// Operations played.
    pub played: u64,
}
