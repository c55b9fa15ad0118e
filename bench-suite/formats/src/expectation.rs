//! What must hold of maps under a load, by the word of its workload: written as `[[expect]]`, kept with the tape of a
//! session, and judged from what the session measured.

mod read;

use glob::Pattern;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::read::{ExpectWire, expectation};
use crate::figure::Figure;
use crate::named::named;

/// A bound on a figure of some maps under a load, with the reason why it must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Expectation {
    /// The figure.
    pub figure: Figure,
    /// Names of maps, or globs, of which there is at least one; see [`Expectation::is_of`].
    pub maps: Vec<Pattern>,
    /// What the figure must not pass.
    pub bound: Bound,
    /// The map whose figure is the unit, if the bound is a factor.
    pub of: Option<String>,
    /// Why it must hold: a report, a promise, a limit.
    pub reason: String,
}

/// What a figure must not pass, in its smallest unit (ns, bytes, a share of 1), or as a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// It must not be more.
    AtMost(f64),
    /// It must not be less.
    AtLeast(f64),
}

impl Bound {
    /// Whether a figure is within it.
    #[must_use]
    pub fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }

    /// The figure that is just within it.
    #[must_use]
    pub const fn limit(self) -> f64 {
        match self {
            Self::AtMost(limit) | Self::AtLeast(limit) => limit,
        }
    }
}

impl Expectation {
    /// Whether it is of a map: one that is named, or that fits a glob and that somebody could take.
    #[must_use]
    pub fn is_of(&self, map: &str, is_candidate: bool) -> bool {
        self.maps.iter().any(|pattern| pattern.as_str() == map || (is_candidate && pattern.matches(map)))
    }

    /// Its names and globs of maps, as written.
    pub fn written_maps(&self) -> impl Iterator<Item = &str> {
        self.maps.iter().map(Pattern::as_str)
    }

    /// Those that are no globs.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.written_maps().filter(|name| !name.contains(['*', '?', '[']))
    }
}

/// An expectation of one map, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The workload.
    pub workload: String,
    /// The map; the names and globs of the expectation where no such map was measured.
    pub map: String,
    /// What must hold.
    pub expectation: Expectation,
    /// Whether it does.
    pub outcome: Outcome,
    /// The figure beside the bound, or why there is none, in a sentence.
    pub said: String,
}

named! {
    /// What became of an expectation, the gravest first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Outcome {
        /// The figure passes the bound, its whole interval where it has one.
        Broken = "broken",
        /// The figure was not measured, or its interval holds the bound.
        Undecided = "undecided",
        /// The figure is within the bound, its whole interval where it has one.
        Held = "held",
    }
}

/// An expectation as it is kept with a session.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stored {
    figure: Figure,
    maps: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    reason: String,
}

impl From<Expectation> for Stored {
    fn from(one: Expectation) -> Self {
        let (at_most, at_least) = match one.bound {
            Bound::AtMost(most) => (Some(most), None),
            Bound::AtLeast(least) => (None, Some(least)),
        };
        let maps = one.maps.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        Self { figure: one.figure, maps, at_most, at_least, of: one.of, reason: one.reason }
    }
}

impl TryFrom<Stored> for Expectation {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let bound = match (stored.at_most, stored.at_least) {
            (Some(most), None) => Bound::AtMost(most),
            (None, Some(least)) => Bound::AtLeast(least),
            _ => return Err("an expectation has either `at_most` or `at_least`".into()),
        };
        if stored.maps.is_empty() || !bound.limit().is_finite() {
            return Err("an expectation names maps and a number".into());
        }
        let patterns = stored.maps.iter().map(|map| Pattern::new(map));
        let maps = patterns.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Self { figure: stored.figure, maps, bound, of: stored.of, reason: stored.reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let one = Expectation {
            figure: Figure::PeakOverFresh,
            maps: vec![Pattern::new("go-*").unwrap(), Pattern::new("null").unwrap()],
            bound: Bound::AtLeast(2.0),
            of: Some("std".into()),
            reason: "A report says so.".into(),
        };
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(
            text,
            r#"{"figure":"peak/fresh","maps":["go-*","null"],"at_least":2.0,"of":"std","reason":"A report says so."}"#
        );
        assert_eq!(serde_json::from_str::<Expectation>(&text).unwrap(), one);
        let both = text.replace("\"of\"", "\"at_most\":3.0,\"of\"");
        assert!(serde_json::from_str::<Expectation>(&both).unwrap_err().to_string().contains("either"));
        assert!(one.is_of("go-swiss", true) && !one.is_of("go-canary", false) && one.is_of("null", false));
        assert_eq!(one.named().collect::<Vec<_>>(), ["null"]);
    }

    #[test]
    fn a_figure_at_its_bound_is_within_it() {
        assert!(Bound::AtMost(2.0).holds(2.0) && !Bound::AtMost(2.0).holds(2.1));
        assert!(Bound::AtLeast(2.0).holds(2.0) && !Bound::AtLeast(2.0).holds(1.9));
    }
}
