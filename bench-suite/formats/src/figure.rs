//! The figures of a map under a load on which somebody can put a bound, as they are typed, and the units of each.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::observation::Collector;

named! {
    /// A figure of one map under one load. All are of the phases that count, but those of bytes held after them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(into = "String", try_from = "String")]
    pub enum Figure {
        /// Operations a second.
        Throughput = "throughput",
        /// The median of the service times of all operations.
        P50 = "p50",
        /// Their 99th percentile.
        P99 = "p99",
        /// Their 99.9th percentile.
        P999 = "p99.9",
        /// The longest of them.
        Max = "max",
        /// Time for each operation: the inverse of the throughput.
        NsPerOp = "ns/op",
        /// Time for each operation in the last quarter of the longest phase, over that in its first quarter: how dear the
        /// same becomes.
        LateOverEarly = "late/early",
        /// Most bytes held at once.
        Peak = "peak",
        /// Most bytes held after the filling that the tape begins with, over those held when it ended: how far a map
        /// grows beside entries that are no more. Seen at the borders of slices, so that a table which is just being
        /// copied counts once.
        PeakOverFresh = "peak/fresh",
        /// Bytes held at the end of the tape.
        End = "end",
        /// Bytes held after every entry was removed.
        Drained = "drained",
        /// Bytes held after the map was dropped.
        Dropped = "dropped",
        /// Bytes held over entries alive, both summed over the tape.
        BytesPerEntry = "bytes/entry",
        /// Blocks allocated for each operation.
        AllocationsPerOp = "allocations/op",
        /// Times that a key was hashed, for each operation that names one: above 1, entries are hashed again because
        /// their table is rebuilt.
        HashesPerOp = "hashes/op",
        /// Times that two keys were compared, for each operation that names one.
        ComparisonsPerOp = "comparisons/op",
        /// Instructions of the map for each operation, the loop around it left out.
        InstructionsPerOp = "instructions/op",
        /// The share of gets and fetches that found their entry in a bounded cache: its hit rate.
        Hits = "hits",
        /// The share of inserts that landed in a slot where an entry had lived.
        Reused = "reused",
        /// The largest share of a table that dead slots took.
        Dead = "dead",
    }
}

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Operations a second.
    Rate,
    /// ns.
    Time,
    /// Bytes.
    Bytes,
    /// 0 to 1.
    Share,
    /// A plain number.
    Number,
}

/// Why a text names no figure, or no amount of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// There is no figure of this name.
    #[error("there is no figure `{name}`; there are {}", Figure::names())]
    Unknown {
        /// What was written.
        name: String,
    },
    /// The number or its unit is none of the figure's.
    #[error("`{0}` is no bound for {1}; allowed is a number from 0 on with one of {2}")]
    NoAmount(String, &'static str, &'static str),
}

impl Unit {
    /// The ways to write it, each with its size.
    const fn sizes(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Rate => &[("", 1.0), ("/s", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9)],
            Self::Time => &[("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)],
            Self::Bytes => &[
                ("B", 1.0),
                ("", 1.0),
                ("KiB", 1024.0),
                ("MiB", 1_048_576.0),
                ("GiB", 1_073_741_824.0),
                ("kB", 1e3),
                ("MB", 1e6),
                ("GB", 1e9),
            ],
            Self::Share => &[("%", 0.01), ("", 1.0)],
            Self::Number => &[("", 1.0)],
        }
    }

    /// The same in words.
    const fn allowed(self) -> &'static str {
        match self {
            Self::Rate => "the units k, M, G or none",
            Self::Time => "the units ns, us, ms, s",
            Self::Bytes => "the units B, KiB, MiB, GiB, kB, MB, GB or none",
            Self::Share => "the unit %, or none for a share of 1",
            Self::Number => "no unit",
        }
    }
}

impl JsonSchema for Figure {
    fn schema_name() -> Cow<'static, str> {
        "Figure".into()
    }

    /// Where people write it, `bytes_per_entry` is as good as `bytes/entry`.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut names = Self::ALL.map(|figure| figure.name().to_owned()).to_vec();
        if generator.contract().is_deserialize() {
            names.extend(
                Self::ALL
                    .iter()
                    .filter(|one| one.name().contains('/'))
                    .map(|one| one.name().replace('/', "_per_")),
            );
        }
        json_schema!({ "description": "A figure of a map under a load.", "enum": names })
    }
}

impl Figure {
    /// All names, for a list in a sentence.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The figure of this name; `bytes_per_entry` and `peak / fresh` are as good as `bytes/entry` and `peak/fresh`.
    pub fn parse(text: &str) -> Result<Self, FigureError> {
        let name = text.replace("_per_", "/").replace(char::is_whitespace, "");
        Self::by_name(&name).ok_or_else(|| FigureError::Unknown { name: text.into() })
    }

    /// What it is measured in.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Throughput => Unit::Rate,
            Self::P50 | Self::P99 | Self::P999 | Self::Max | Self::NsPerOp => Unit::Time,
            Self::Peak | Self::End | Self::Drained | Self::Dropped | Self::BytesPerEntry => Unit::Bytes,
            Self::Hits | Self::Reused | Self::Dead => Unit::Share,
            Self::LateOverEarly
            | Self::PeakOverFresh
            | Self::AllocationsPerOp
            | Self::HashesPerOp
            | Self::ComparisonsPerOp
            | Self::InstructionsPerOp => Unit::Number,
        }
    }

    /// The collectors that measure it; one of them is enough.
    #[must_use]
    pub const fn collectors(self) -> &'static [Collector] {
        match self {
            Self::Throughput | Self::NsPerOp | Self::LateOverEarly | Self::Hits => &[Collector::Throughput],
            Self::P50 | Self::P99 | Self::P999 | Self::Max => &[Collector::Latency],
            Self::Peak | Self::End | Self::Drained | Self::Dropped => {
                &[Collector::Allocations, Collector::Heap]
            }
            Self::BytesPerEntry | Self::PeakOverFresh => &[Collector::Heap],
            Self::AllocationsPerOp => &[Collector::Allocations],
            Self::HashesPerOp | Self::ComparisonsPerOp => &[Collector::Calls],
            Self::InstructionsPerOp => &[Collector::Instructions],
            Self::Reused | Self::Dead => &[Collector::Slots],
        }
    }

    /// Whether a clock has a part in it, so that every run gives another one. It has in what some caches find: they drop
    /// entries later.
    #[must_use]
    pub fn is_timed(self) -> bool {
        self.collectors().iter().any(|collector| collector.is_timed())
    }

    /// An amount of it as written, `50us` or `100 MiB`, in its smallest unit.
    pub fn amount(self, text: &str) -> Result<f64, FigureError> {
        let (text, unit) = (text.trim(), self.unit());
        let wrong = || FigureError::NoAmount(text.into(), self.name(), unit.allowed());
        let digits = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == '_'));
        let (number, written) = text.split_at(digits.unwrap_or(text.len()));
        let (_, size) = unit.sizes().iter().find(|(name, _)| *name == written.trim()).ok_or_else(wrong)?;
        let number: f64 = number.replace('_', "").parse().map_err(|_| wrong())?;
        Ok(number * size)
    }
}

impl From<Figure> for String {
    fn from(figure: Figure) -> Self {
        figure.name().into()
    }
}

impl TryFrom<String> for Figure {
    type Error = FigureError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_as_people_write_them() {
        for (text, figure) in [
            ("bytes_per_entry", Figure::BytesPerEntry),
            ("peak / fresh", Figure::PeakOverFresh),
            ("allocations_per_op", Figure::AllocationsPerOp),
            ("ns/op", Figure::NsPerOp),
        ] {
            assert_eq!(Figure::parse(text), Ok(figure));
        }
        let said = Figure::parse("p98").unwrap_err().to_string();
        assert!(said.starts_with("there is no figure `p98`; there are throughput, p50, p99, p99.9, max"));
    }

    #[test]
    fn amounts_are_read_with_their_units() {
        for (figure, text, amount) in [
            (Figure::P999, "50us", 50_000.0),
            (Figure::P999, "50 µs", 50_000.0),
            (Figure::Peak, "100 MiB", 104_857_600.0),
            (Figure::Throughput, "1_000k", 1e6),
            (Figure::Reused, "90 %", 0.9),
            (Figure::Dead, "0.5", 0.5),
        ] {
            assert_eq!(figure.amount(text), Ok(amount), "{text}");
        }
        for (figure, text, allowed) in [
            (Figure::P999, "50", "the units ns, us, ms, s"),
            (Figure::Peak, "100us", "the units B, KiB"),
            (Figure::Peak, "-1MiB", "is no bound for peak"),
            (Figure::Dead, "", "the unit %"),
        ] {
            let said = figure.amount(text).unwrap_err().to_string();
            assert!(said.contains(allowed), "{text}: {said}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_an_error(text in "(?s).{0,20}", at in 0..Figure::ALL.len()) {
            if let Ok(amount) = Figure::ALL[at].amount(&text) {
                prop_assert!(amount >= 0.0);
            }
        }
    }
}
