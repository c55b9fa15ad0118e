//! A bound on a figure, as it is written: `p99.9 <= 50us`, `peak <= 100MiB`, `throughput >= 10M`.

use std::fmt;
use std::str::FromStr;

use formats::figure::{Figure, FigureError};

use crate::map_result::MapResult;
use crate::measured;

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
    /// The figure or the number is none.
    #[error(transparent)]
    NoFigure(#[from] FigureError),
}

/// Whether a need is met.
pub(super) enum Outcome {
    Met,
    /// By how much it is missed.
    Missed(String),
    /// What is not known.
    Undecided(String),
}

impl Need {
    /// The collectors that measure its figure, as they are typed.
    pub(super) fn collectors(&self) -> impl Iterator<Item = &'static str> {
        self.figure.collectors().iter().map(|collector| collector.name())
    }

    /// Whether it is about times, of which more rounds tell more.
    pub(super) const fn is_throughput(&self) -> bool {
        matches!(self.figure, Figure::Throughput | Figure::NsPerOp | Figure::LateOverEarly)
    }

    /// Whether a map meets it: in every round, in none, or in some, which decides nothing.
    pub(super) fn judge(&self, load: &str, result: &MapResult<'_>) -> Outcome {
        let values: Vec<f64> = measured::by_round(self.figure, result).into_values().collect();
        let holds = |value: &f64| if self.at_least { *value >= self.bound } else { *value <= self.bound };
        let met = values.iter().filter(|value| holds(value)).count();
        let name = self.figure.name();
        if values.is_empty() {
            return Outcome::Undecided(format!("{name} was not measured on {load}"));
        }
        if met == values.len() {
            return Outcome::Met;
        }
        let range = measured::range(self.figure, &values);
        if met > 0 {
            return Outcome::Undecided(format!(
                "{name} on {load} is {range}: {met} of {} rounds meet {self}",
                values.len()
            ));
        }
        Outcome::Missed(format!("{name} on {load} is {range}, not {self}"))
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.at_least { ">=" } else { "<=" };
        write!(f, "{sign} {}", measured::text(self.figure, self.bound))
    }
}

impl FromStr for Need {
    type Err = NeedError;

    fn from_str(text: &str) -> Result<Self, NeedError> {
        let parts = text.split_once("<=").map(|parts| (false, parts));
        let parts = parts.or_else(|| text.split_once(">=").map(|parts| (true, parts)));
        let (at_least, (name, bound)) = parts.ok_or_else(|| NeedError::NoComparison(text.to_owned()))?;
        let figure = Figure::parse(name.trim())?;
        Ok(Self { figure, at_least, bound: figure.amount(bound)? })
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
