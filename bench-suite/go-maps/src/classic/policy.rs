//! May a deleted slot be taken by the next insert?

/// What an insert may do with a slot whose entry was deleted. Decided when the map is compiled.
pub trait Policy {
    /// A deleted slot is as good as one never used.
    const REUSES_DELETED: bool;
}

/// Go's rule: the first empty slot of the chain is taken, whatever it held before.
#[derive(Debug, Clone, Copy)]
pub enum Reuse {}

impl Policy for Reuse {
    const REUSES_DELETED: bool = true;
}

/// The article's rule: a deleted slot stays out of use until the table is rebuilt.
///
/// A delete leaves emptyOne and never turns it into emptyRest; an insert takes emptyRest only, and otherwise a
/// new overflow bucket. Growth, of either kind, leaves the deleted slots behind.
#[derive(Debug, Clone, Copy)]
pub enum NoReuse {}

impl Policy for NoReuse {
    const REUSES_DELETED: bool = false;
}
