//! Which Go a port is of: what changed inside the maps from release to release.

use std::fmt;

/// A release of Go 1, by its minor number.
///
/// Nothing on a map's usual way asks for it: only what is rare does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(u32);

impl Release {
    /// The last one whose built-in map is the classic one, and whose sync.Map has a read and a dirty map.
    pub const LAST_CLASSIC: Self = Self(23);
    /// The newest one that the ports follow.
    pub const NEWEST: Self = Self(27);

    /// Go 1.`minor`.
    #[must_use]
    pub const fn new(minor: u32) -> Self {
        Self(minor)
    }

    /// Reads what Go prints: `go1.23.9`, `go1.27rc1`. `None` for anything but a release of Go 1.
    #[must_use]
    pub fn parse(version: &str) -> Option<Self> {
        let rest = version.strip_prefix("go1.")?;
        let digits = rest.find(|mark: char| !mark.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok().map(Self)
    }

    /// Twice the entries for each bucket that are too many for a classic map: 6.5, and 6 in 1.21, by a mistake in how
    /// it was computed.
    pub(crate) const fn load_factor_num(self) -> usize {
        if self.0 == 21 { 12 } else { 13 }
    }

    /// Clearing a classic map first marks every slot empty, for those that walk over it meanwhile. Since 1.21.
    pub(crate) const fn marks_before_clearing(self) -> bool {
        self.0 >= 21
    }

    /// A block with pointers of more than 512 bytes starts with 8 bytes that say where they are. Since 1.22.
    pub(crate) const fn has_malloc_header(self) -> bool {
        self.0 >= 22
    }

    /// The multiplications of the hash without AES take keys of the process instead of constants. Since 1.23.
    pub(crate) const fn hashes_by_keys_alone(self) -> bool {
        self.0 >= 23
    }

    /// A Swiss table looks for tombstones that it can do without before it grows, and remembers whether there
    /// are any; a cleared map leaves alone what holds nothing. Since 1.25.
    pub(crate) const fn prunes_tombstones(self) -> bool {
        self.0 >= 25
    }

    /// Clearing a Swiss table looks before it zeroes a group only where that is likely to save something. Since
    /// 1.26.
    pub(crate) const fn weighs_clearing(self) -> bool {
        self.0 >= 26
    }

    /// An assignment to a key that is in a full group of eight leaves a small map small. Since 1.27.
    pub(crate) const fn assigns_in_full_group(self) -> bool {
        self.0 >= 27
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "go1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Release;

    #[test]
    fn reads_what_go_prints() {
        let read = ["go1.19", "go1.23.9", "go1.27rc1", "go1.24-devel_abc"].map(Release::parse);
        assert_eq!(read, [19, 23, 27, 24].map(|minor| Some(Release::new(minor))));
        assert_eq!(["go2.1", "1.23", "go1.", "devel +abc"].map(Release::parse), [None; 4]);
    }
}
