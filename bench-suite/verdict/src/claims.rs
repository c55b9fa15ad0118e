//! What the article claims about Go's maps, and what the evidence says to it.
//!
//! ```text
//! Evidence of every implementation ─▶ rule of the claim ─▶ a finding for each ─▶ the verdict
//! ```
//!
//! A rule states the claim itself: other measurements would give another verdict. No verdict is written down.

mod costs;
mod facts;
mod inside;
mod slots;
mod sync_map;

use std::fmt;

use formats::evidence::{Evidence, Family};
use serde::Serialize;

pub use facts::Facts;

/// A claim of the article, in our words.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Its number in the order of the article, from 1.
    pub number: u8,
    /// The chapter it stands in.
    pub chapter: u8,
    /// What it says.
    pub text: &'static str,
    /// What could decide it.
    pub ground: Ground,
}

/// What could decide a claim.
#[derive(Debug, Clone, Copy)]
pub enum Ground {
    /// A measurement.
    Measured(Rule),
    /// Only a look at source code, a compiler or a program that the article does not give; with the reason.
    Source(&'static str),
}

/// Whether a claim holds, and the figures that say so. Nothing where a figure is absent.
type Judgement = Option<(Finding, String)>;

/// How a claim is decided by what was measured of one implementation.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The experiments it reads.
    pub experiments: &'static [&'static str],
    /// Kinds of map that it makes sense for.
    pub families: &'static [Family],
    /// Only the real runtime has the figures: the ports have no garbage collector and no profile of their own.
    pub needs_runtime: bool,
    /// Whether the claim holds, and the figures that say so. Nothing where a figure is absent.
    pub judge: fn(&Facts<'_>) -> Option<(Finding, String)>,
}

/// Whether a claim holds for one implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It does.
    Holds,
    /// In part, or under conditions that the claim does not name.
    Depends,
    /// It does not.
    Fails,
}

impl Finding {
    /// Of a claim that holds or does not.
    const fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }

    /// Of a claim with several parts.
    fn of_parts(parts: &[bool]) -> Self {
        match parts.iter().filter(|part| **part).count() {
            0 => Self::Fails,
            all if all == parts.len() => Self::Holds,
            _ => Self::Depends,
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Depends => "depends",
            Self::Fails => "does not hold",
        }
    }
}

/// What the evidence of all implementations says to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds for every one.
    Confirmed,
    /// It holds for some, or in part.
    Depends,
    /// It holds for none.
    Refuted,
    /// There is no evidence.
    NotMeasured,
    /// No measurement can decide it.
    AboutSource,
}

impl Verdict {
    /// Every verdict, in the order of tables.
    pub const ALL: [Self; 5] =
        [Self::Confirmed, Self::Depends, Self::Refuted, Self::NotMeasured, Self::AboutSource];

    /// As people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Depends => "depends",
            Self::Refuted => "refuted",
            Self::NotMeasured => "not measured",
            Self::AboutSource => "about source",
        }
    }

    fn over(cells: &[Cell]) -> Self {
        let Some(first) = cells.first() else { return Self::NotMeasured };
        match first.finding {
            _ if cells.iter().any(|cell| cell.finding != first.finding) => Self::Depends,
            Finding::Holds => Self::Confirmed,
            Finding::Depends => Self::Depends,
            Finding::Fails => Self::Refuted,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A claim and what the evidence says to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The number of the claim.
    pub number: u8,
    /// Its chapter.
    pub chapter: u8,
    /// What it says.
    pub claim: &'static str,
    /// Over all implementations.
    pub verdict: Verdict,
    /// What each implementation says, in the order of the evidence.
    pub cells: Vec<Cell>,
    /// Why there is no evidence, or why no measurement decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What one implementation says to a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The implementation.
    pub implementation: String,
    /// Whether the claim holds for it.
    pub finding: Finding,
    /// The figures that say so.
    pub figure: String,
}

/// Every claim, in the order of the article.
pub fn all() -> impl Iterator<Item = Claim> {
    [slots::CLAIMS, inside::CLAIMS, sync_map::CLAIMS, costs::CLAIMS].into_iter().flatten().copied()
}

/// Judges every claim by this evidence.
#[must_use]
pub fn judge(evidence: &[Evidence]) -> Vec<Judged> {
    all().map(|claim| claim.judge(evidence)).collect()
}

impl Claim {
    /// Judges it by this evidence.
    #[must_use]
    pub fn judge(&self, evidence: &[Evidence]) -> Judged {
        let judged = |verdict, cells, why| Judged {
            number: self.number,
            chapter: self.chapter,
            claim: self.text,
            verdict,
            cells,
            why,
        };
        match self.ground {
            Ground::Source(why) => judged(Verdict::AboutSource, Vec::new(), Some(why.to_owned())),
            Ground::Measured(rule) => {
                let cells = rule.cells(evidence);
                let why = cells.is_empty().then(|| rule.missing());
                judged(Verdict::over(&cells), cells, why)
            }
        }
    }
}

impl Rule {
    fn cells(&self, evidence: &[Evidence]) -> Vec<Cell> {
        let about = |one: &&Evidence| {
            self.experiments.contains(&one.experiment.as_str()) && self.families.contains(&one.family)
        };
        let mut by_implementation: Vec<(&str, Facts<'_>)> = Vec::new();
        for one in evidence.iter().filter(about) {
            let known = by_implementation.iter_mut().find(|(name, _)| *name == one.implementation);
            match known {
                Some((_, facts)) => facts.add(&one.figures),
                None => by_implementation.push((&one.implementation, Facts::new(&one.figures))),
            }
        }
        let cell = |(implementation, facts): (&str, Facts<'_>)| {
            let (finding, figure) = (self.judge)(&facts)?;
            Some(Cell { implementation: implementation.to_owned(), finding, figure })
        };
        by_implementation.into_iter().filter_map(cell).collect()
    }

    fn missing(&self) -> String {
        let from = if self.needs_runtime { "a real Go runtime" } else { "any implementation" };
        format!("no figures of `{}` from {from}", self.experiments.join("`, `"))
    }
}

#[cfg(test)]
mod tests;
