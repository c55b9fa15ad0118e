//! Which entries a retain keeps. The rule looks at the stamp of a value and at nothing else, so that every map, in any
//! language, and the model keep the same ones.

use std::fmt;

/// A rule by which a retain keeps entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// So many of a million, chosen at random anew by each retain.
    Share(u32),
    /// Those written within so many operations before.
    Younger(u64),
}

/// The rule at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Entries of which [`scattered`] is below `below` of a million.
    Share {
        /// What tells this retain from others.
        salt: u64,
        /// Of a million.
        below: u64,
    },
    /// Those with this stamp or a greater one.
    Since(u64),
}

impl Keep {
    /// The share of all.
    pub const ALL: u32 = 1_000_000;
    /// Stands in the argument with [`Keep::Younger`].
    const YOUNGER: u64 = 1 << 59;

    /// The number by which it stands on a tape.
    #[must_use]
    pub const fn argument(self) -> u64 {
        match self {
            Self::Share(millionths) => millionths as u64,
            Self::Younger(ops) => Self::YOUNGER | (ops & (Self::YOUNGER - 1)),
        }
    }

    /// The rule with this number.
    #[must_use]
    pub const fn of_argument(argument: u64) -> Self {
        if argument & Self::YOUNGER != 0 {
            return Self::Younger(argument & (Self::YOUNGER - 1));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a million at most")]
        let millionths = if argument > Self::ALL as u64 { Self::ALL } else { argument as u32 };
        Self::Share(millionths)
    }

    /// The rule for the operation at this position on its thread's tape.
    #[must_use]
    pub const fn at(self, index: u64) -> Kept {
        match self {
            Self::Share(millionths) => Kept::Share { salt: index, below: millionths as u64 },
            Self::Younger(ops) => Kept::Since(index.saturating_sub(ops)),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(millionths) => write!(f, "{} %", f64::from(*millionths) / 10_000.0),
            Self::Younger(ops) => write!(f, "younger than {ops}"),
        }
    }
}

impl Kept {
    /// Whether an entry stays whose value has this stamp.
    #[must_use]
    #[inline]
    pub const fn keeps(self, stamp: u64) -> bool {
        match self {
            Self::Share { salt, below } => ((scattered(stamp, salt) >> 32) * Keep::ALL as u64) >> 32 < below,
            Self::Since(first) => stamp >= first,
        }
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014) over both numbers.
const fn scattered(stamp: u64, salt: u64) -> u64 {
    let mut z = stamp ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_from_its_number() {
        for keep in [Keep::Share(0), Keep::Share(Keep::ALL), Keep::Younger(0), Keep::Younger(1 << 40)] {
            assert_eq!(Keep::of_argument(keep.argument()), keep);
        }
    }

    #[test]
    fn a_share_is_kept_and_another_one_each_time() {
        let kept = |index| (0..100_000).filter(move |stamp| Keep::Share(250_000).at(index).keeps(*stamp));
        for index in [100_000, 100_001] {
            assert!((24_500..25_500).contains(&kept(index).count()), "{}", kept(index).count());
        }
        assert!(!kept(100_000).eq(kept(100_001)));
        let (none, all) = (Keep::Share(0).at(7), Keep::Share(Keep::ALL).at(7));
        assert!((0..1000).all(|stamp| !none.keeps(stamp) && all.keeps(stamp)));
        let young = Keep::Younger(10).at(100);
        assert_eq!([89, 90, 99].map(|stamp| young.keeps(stamp)), [false, true, true]);
    }
}
