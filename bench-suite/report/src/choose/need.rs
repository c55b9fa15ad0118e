//! A bound on a figure, as it is written: `p99.9 <= 50us`, `peak <= 100MiB`, `throughput >= 10M`.

use std::fmt;
use std::str::FromStr;

use crate::map_result::MapResult;
use crate::number;

/// A bound on a figure of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    figure: Figure,
    at_least: bool,
    bound: f64,
}

/// Why a text is no need.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NeedError {
    /// There is no comparison in it.
    #[error("`{0}` is no bound; a bound is a figure, `<=` or `>=`, and a number: `p99.9 <= 50us`")]
    NoComparison(String),
    /// The figure is unknown.
    #[error("there is no figure `{0}`; there are {FIGURES}")]
    NoFigure(String),
    /// The number or its unit is none of the figure's.
    #[error("`{0}` is no bound for {1}; allowed is a number from 0 on with one of {2}")]
    NoNumber(String, &'static str, &'static str),
}

/// The names of all figures.
const FIGURES: &str = "throughput, p50, p99, p99.9, max, peak, end, drained, bytes/entry, allocations/op";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Throughput,
    /// By its place among the quoted percentiles.
    Percentile(usize, &'static str),
    Peak,
    End,
    Drained,
    BytesPerEntry,
    AllocationsPerOp,
}

const ALL: [Figure; 10] = [
    Figure::Throughput,
    Figure::Percentile(0, "p50"),
    Figure::Percentile(1, "p99"),
    Figure::Percentile(2, "p99.9"),
    Figure::Percentile(3, "max"),
    Figure::Peak,
    Figure::End,
    Figure::Drained,
    Figure::BytesPerEntry,
    Figure::AllocationsPerOp,
];

/// Whether a need is met.
pub(super) enum Outcome {
    Met,
    /// By how much it is missed.
    Missed(String),
    /// What is not known.
    Undecided(String),
}

impl Figure {
    const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Percentile(_, name) => name,
            Self::Peak => "peak",
            Self::End => "end",
            Self::Drained => "drained",
            Self::BytesPerEntry => "bytes/entry",
            Self::AllocationsPerOp => "allocations/op",
        }
    }

    /// Units with their sizes, the usual one first; and how they are listed.
    const fn units(self) -> (&'static [(&'static str, f64)], &'static str) {
        match self {
            Self::Throughput => {
                (&[("", 1.0), ("/s", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9)], "the units k, M, G or none")
            }
            Self::Percentile(..) => {
                (&[("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)], "the units ns, us, ms, s")
            }
            Self::Peak | Self::End | Self::Drained | Self::BytesPerEntry => (
                &[
                    ("B", 1.0),
                    ("", 1.0),
                    ("KiB", 1024.0),
                    ("MiB", 1_048_576.0),
                    ("GiB", 1_073_741_824.0),
                    ("kB", 1e3),
                    ("MB", 1e6),
                    ("GB", 1e9),
                ],
                "the units B, KiB, MiB, GiB, kB, MB, GB or none",
            ),
            Self::AllocationsPerOp => (&[("", 1.0)], "no unit"),
        }
    }

    /// The collector that measures it.
    const fn collector(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Percentile(..) => "latency",
            Self::BytesPerEntry => "heap",
            Self::Peak | Self::End | Self::Drained => "allocations,heap",
            Self::AllocationsPerOp => "allocations",
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Throughput => format!("{}/s", number::approx(value)),
            Self::Percentile(..) => number::nanos(value),
            Self::AllocationsPerOp => number::rate(value),
            _ => number::bytes(value),
        }
    }

    /// What was measured: a figure for each round, or one.
    fn values(self, result: &MapResult<'_>) -> Vec<f64> {
        let figures = &result.figures;
        let held = |bytes: fn(crate::held::Moments) -> u64| figures.moments.map(|held| bytes(held) as f64);
        match self {
            Self::Throughput => figures.speeds.values().copied().collect(),
            Self::Percentile(at, _) => {
                let by_round = figures.percentiles_by_round.values();
                by_round.filter_map(|quoted| quoted[at].map(|ns| ns as f64)).collect()
            }
            Self::Peak => held(|held| held.peak).into_iter().collect(),
            Self::End => held(|held| held.end).into_iter().collect(),
            Self::Drained => held(|held| held.drained).into_iter().collect(),
            Self::BytesPerEntry => figures.bytes_per_entry.into_iter().collect(),
            Self::AllocationsPerOp => figures.allocations_per_op.into_iter().collect(),
        }
    }
}

impl Need {
    /// The collectors that measure its figure, as they are typed.
    pub(super) const fn collectors(&self) -> &'static str {
        self.figure.collector()
    }

    /// Whether it is about times, of which more rounds tell more.
    pub(super) const fn is_throughput(&self) -> bool {
        matches!(self.figure, Figure::Throughput)
    }

    /// Whether a map meets it: in every round, in none, or in some, which decides nothing.
    pub(super) fn judge(&self, load: &str, result: &MapResult<'_>) -> Outcome {
        let values = self.figure.values(result);
        let holds = |value: &f64| if self.at_least { *value >= self.bound } else { *value <= self.bound };
        let met = values.iter().filter(|value| holds(value)).count();
        let name = self.figure.name();
        if values.is_empty() {
            return Outcome::Undecided(format!("{name} was not measured on {load}"));
        }
        if met == values.len() {
            return Outcome::Met;
        }
        let ends = [values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max)];
        let [low, high] = ends.map(|end| self.figure.text(end.unwrap_or_default()));
        if met > 0 {
            return Outcome::Undecided(format!(
                "{name} on {load} is {low} to {high}: {met} of {} rounds meet {self}",
                values.len()
            ));
        }
        let is = if low == high { low } else { format!("{low} to {high}") };
        Outcome::Missed(format!("{name} on {load} is {is}, not {self}"))
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.at_least { ">=" } else { "<=" };
        write!(f, "{sign} {}", self.figure.text(self.bound))
    }
}

impl FromStr for Need {
    type Err = NeedError;

    fn from_str(text: &str) -> Result<Self, NeedError> {
        let parts = text.split_once("<=").map(|parts| (false, parts));
        let parts = parts.or_else(|| text.split_once(">=").map(|parts| (true, parts)));
        let (at_least, (name, bound)) = parts.ok_or_else(|| NeedError::NoComparison(text.to_owned()))?;
        let (name, bound) = (name.trim(), bound.trim());
        let figure = ALL.into_iter().find(|figure| figure.name() == name);
        let figure = figure.ok_or_else(|| NeedError::NoFigure(name.to_owned()))?;
        let (units, allowed) = figure.units();
        let wrong = || NeedError::NoNumber(bound.to_owned(), figure.name(), allowed);
        let digits = bound.find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == '_'));
        let (number, unit) = bound.split_at(digits.unwrap_or(bound.len()));
        let (_, size) = units.iter().find(|(known, _)| *known == unit.trim()).ok_or_else(wrong)?;
        let number: f64 = number.replace('_', "").parse().map_err(|_| wrong())?;
        Ok(Self { figure, at_least, bound: number * size })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_read_with_their_units() {
        for (text, read, bound) in [
            ("p99.9 <= 50us", "<= 50.0 µs", 50_000.0),
            ("p99.9<=50µs", "<= 50.0 µs", 50_000.0),
            ("peak <= 100 MiB", "<= 100 MiB", 104_857_600.0),
            ("throughput >= 1_000k", ">= 1.00 M/s", 1e6),
            ("allocations/op <= 0.5", "<= 0.50", 0.5),
        ] {
            let need: Need = text.parse().unwrap();
            assert_eq!((need.to_string().as_str(), need.bound), (read, bound), "{text}");
        }
    }

    #[test]
    fn what_is_no_bound_says_what_is_allowed() {
        for (text, part) in [
            ("p99.9 < 50us", "a bound is a figure, `<=` or `>=`"),
            ("p98 <= 50us", "there is no figure `p98`; there are throughput, p50"),
            ("p99.9 <= 50", "the units ns, us, ms, s"),
            (
                "peak <= 100us",
                "`100us` is no bound for peak; allowed is a number from 0 on with one of the units B, KiB",
            ),
            ("peak <= -1MiB", "is no bound for peak"),
            ("peak <= ", "is no bound for peak"),
            ("", "is no bound"),
        ] {
            let error = text.parse::<Need>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_need_or_an_error(text in "(?s).{0,40}") {
            if let Ok(need) = text.parse::<Need>() {
                prop_assert!(need.bound >= 0.0);
            }
        }

        #[test]
        fn what_was_written_is_what_is_meant(bound in 0.0_f64..1e6, at_least: bool) {
            let sign = if at_least { ">=" } else { "<=" };
            let need: Need = format!("peak {sign} {bound}KiB").parse().unwrap();
            prop_assert_eq!(need, Need { figure: Figure::Peak, at_least, bound: bound * 1024.0 });
        }
    }
}
