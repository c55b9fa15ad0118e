//! How many bytes the values in boxes have: all as many, by a law, or as a recording says.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many bytes the values in boxes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "files", schemars(with = "Written"))]
pub enum Sizes {
    /// All as many.
    Same(u32),
    /// The size of a key's value follows from its number and the seed.
    Drawn(Spread),
    /// Each write has the size that its recording says.
    Recorded,
}

/// Sizes from the one to the other, by a law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Bytes of the smallest value, 8 or more.
    pub from: u32,
    /// Bytes of the largest value, up to 1 MiB.
    pub to: u32,
    /// How often each size is.
    #[serde(default, skip_serializing_if = "SizeLaw::is_uniform")]
    pub law: SizeLaw,
}

/// How often each size is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SizeLaw {
    /// Every size is as likely.
    #[default]
    Uniform,
    /// From each size to its double it is as likely as from there to the next double, and within one every size is as
    /// likely: many are small, few are large.
    LogUniform,
}

impl SizeLaw {
    /// Whether it is the one that nobody has to ask for.
    #[must_use]
    pub const fn is_uniform(&self) -> bool {
        matches!(self, Self::Uniform)
    }
}

impl Sizes {
    /// Whether values have different sizes, which then stand on the tape.
    #[must_use]
    pub const fn vary(self) -> bool {
        !matches!(self, Self::Same(_))
    }
}

/// Parts of a whole double that a law by doubles counts in.
const PARTS: u64 = 1 << 20;

impl Spread {
    /// The size that 128 random bits come to.
    #[must_use]
    pub fn size(self, which: u64, within: u64) -> u32 {
        let (from, to) = match self.law {
            SizeLaw::Uniform => (self.from, self.to),
            SizeLaw::LogUniform => self.double(below(which, self.parts())),
        };
        from + low(below(within, u64::from(to - from) + 1))
    }

    /// The mean of all sizes, rounded.
    #[must_use]
    pub fn mean(self) -> u64 {
        let middle = |(from, to): (u32, u32)| u128::from(from) + u128::from(to);
        let twice = match self.law {
            SizeLaw::Uniform => middle((self.from, self.to)),
            SizeLaw::LogUniform => {
                let parts = self.parts();
                let whole = parts / PARTS;
                let weigh = |part: u64, weight: u64| middle(self.double(part)) * u128::from(weight);
                let whole_doubles: u128 = (0..whole).map(|double| weigh(double * PARTS, PARTS)).sum();
                (whole_doubles + weigh(whole * PARTS, parts % PARTS)) / u128::from(parts)
            }
        };
        u64::try_from(twice.div_ceil(2)).unwrap_or(u64::MAX)
    }

    /// All parts: those of each whole double, and of the last one so many as its width is of a whole one.
    fn parts(self) -> u64 {
        let whole = (self.to / self.from).ilog2();
        let start = u64::from(self.from) << whole;
        let rest = (u64::from(self.to) - start + 1) * PARTS / start;
        u64::from(whole) * PARTS + rest.min(PARTS - 1)
    }

    /// The sizes of the double that a part is of.
    fn double(self, part: u64) -> (u32, u32) {
        let start = u64::from(self.from) << (part / PARTS);
        (low(start), low((2 * start - 1).min(self.to.into())))
    }
}

/// A number below `bound`, from 64 random bits.
fn below(bits: u64, bound: u64) -> u64 {
    u64::try_from((u128::from(bits) * u128::from(bound)) >> 64).unwrap_or(0)
}

fn low(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(bytes) => write!(f, "{bytes}"),
            Self::Drawn(Spread { from, to, law: SizeLaw::Uniform }) => write!(f, "{from}-to-{to}"),
            Self::Drawn(Spread { from, to, law: SizeLaw::LogUniform }) => {
                write!(f, "{from}-to-{to}-log-uniform")
            }
            Self::Recorded => f.write_str("recorded"),
        }
    }
}

/// As it is written: `1024`, `{ from = 16, to = 4096 }`, `"recorded"`.
#[derive(Serialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Written {
    Same(u32),
    Drawn(Spread),
    Word(Word),
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Word {
    Recorded,
}

impl Serialize for Sizes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match *self {
            Self::Same(bytes) => Written::Same(bytes),
            Self::Drawn(spread) => Written::Drawn(spread),
            Self::Recorded => Written::Word(Word::Recorded),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sizes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfSizes;

        impl<'de> Visitor<'de> for OfSizes {
            type Value = Sizes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes, `{ from = 16, to = 4096 }` or \"recorded\"")
            }

            fn visit_u64<E: Error>(self, bytes: u64) -> Result<Sizes, E> {
                u32::try_from(bytes)
                    .map(Sizes::Same)
                    .map_err(|_| E::custom(format!("{bytes} bytes; allowed are 8 to 1048576")))
            }

            fn visit_i64<E: Error>(self, bytes: i64) -> Result<Sizes, E> {
                u32::try_from(bytes)
                    .map(Sizes::Same)
                    .map_err(|_| E::custom(format!("{bytes} bytes; allowed are 8 to 1048576")))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Sizes, E> {
                match word {
                    "recorded" => Ok(Sizes::Recorded),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sizes, A::Error> {
                Spread::deserialize(MapAccessDeserializer::new(map)).map(Sizes::Drawn)
            }
        }

        deserializer.deserialize_any(OfSizes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(from: u32, to: u32, law: SizeLaw) -> Spread {
        Spread { from, to, law }
    }

    proptest! {
        #[test]
        fn every_size_is_within_its_bounds(
            from in 8..=1u32 << 20, more in 0..=1u32 << 20, log: bool, which: u64, within: u64,
        ) {
            let law = if log { SizeLaw::LogUniform } else { SizeLaw::Uniform };
            let spread = spread(from, from.saturating_add(more).min(1 << 20), law);
            for bits in [0, which, u64::MAX] {
                prop_assert!((spread.from..=spread.to).contains(&spread.size(bits, within)));
            }
            prop_assert!((u64::from(spread.from)..=u64::from(spread.to)).contains(&spread.mean()));
            prop_assert_eq!(spread.size(0, 0), spread.from);
            prop_assert!(!log || spread.to < 2 * spread.from || spread.size(u64::MAX, u64::MAX) > spread.to / 2);
        }
    }

    /// Sizes over an even grid of bits.
    fn sizes(spread: Spread) -> Vec<u32> {
        let grid = |count: u64| (0..count).map(move |at| at * (u64::MAX / count));
        grid(500).flat_map(|which| grid(100).map(move |within| spread.size(which, within))).collect()
    }

    #[test]
    fn laws_are_what_they_say() {
        for (law, mean, small) in [(SizeLaw::Uniform, 4104, 0.124), (SizeLaw::LogUniform, 1362, 0.667)] {
            let spread = spread(16, 8192, law);
            let sizes = sizes(spread);
            let share =
                |at_most: u32| sizes.iter().filter(|size| **size <= at_most).count() as f64 / 50_000.0;
            assert!((share(1023) - small).abs() < 0.01, "{law:?}: {}", share(1023));
            let seen = sizes.iter().map(|size| u64::from(*size)).sum::<u64>() / 50_000;
            assert!(seen.abs_diff(spread.mean()) <= mean / 50, "{law:?}: {seen} and {}", spread.mean());
            assert!(spread.mean().abs_diff(mean) <= mean / 50, "{law:?}: {}", spread.mean());
        }
    }

    #[test]
    fn what_is_written_comes_back() {
        for (sizes, written) in [
            (Sizes::Same(64), "64"),
            (Sizes::Drawn(spread(16, 64, SizeLaw::Uniform)), r#"{"from":16,"to":64}"#),
            (Sizes::Drawn(spread(16, 64, SizeLaw::LogUniform)), r#"{"from":16,"to":64,"law":"log_uniform"}"#),
            (Sizes::Recorded, r#""recorded""#),
        ] {
            assert_eq!(serde_json::to_string(&sizes).unwrap(), written);
            assert_eq!(serde_json::from_str::<Sizes>(written).unwrap(), sizes);
        }
    }
}
