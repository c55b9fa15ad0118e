//! What an experiment found out about one implementation, and what a session keeps of all of them.
//!
//! ```text
//! PROGRAM experiment NAME ─▶ Evidence, one line for each implementation ─▶ Claims (claims.json)
//! ```
//!
//! Verdicts are not kept: they are computed from the evidence whenever they are shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Version of these formats.
pub const SCHEMA: u32 = 1;
/// Name of the file in the folder of a session.
pub const CLAIMS_FILE: &str = "claims.json";

/// What kind of map is behind a line of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Go's built-in map up to 1.23.
    Classic,
    /// Go's built-in map from 1.24 on.
    Swiss,
    /// sync.Map up to 1.23.
    SyncMap,
    /// sync.Map from 1.24 on.
    HashTrie,
    /// sync.Pool.
    Pool,
    /// A hash of `CPython`.
    Python,
}

/// One measured figure. What it counts, and in which unit, is said by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Figure {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Numbers in the order that the experiment defines.
    List(Vec<f64>),
    /// Words.
    Text(String),
}

impl From<bool> for Figure {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<f64> for Figure {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<f64>> for Figure {
    fn from(list: Vec<f64>) -> Self {
        Self::List(list)
    }
}

/// The figures of one experiment with one implementation: one line that a program prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Version of this format.
    pub schema: u32,
    /// What was tried: `go1.23.9`, `port-classic`.
    pub implementation: String,
    /// Its kind of map.
    pub family: Family,
    /// The name of the experiment.
    pub experiment: String,
    /// What was measured, by name. What an implementation cannot give is absent.
    pub figures: BTreeMap<String, Figure>,
}

/// An experiment that gave no evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FailedExperiment {
    /// The program that should have made it.
    pub program: String,
    /// Its name.
    pub experiment: String,
    /// How it failed.
    pub why: String,
}

/// Everything that was found out about the claims of the article: `claims.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Version of this format.
    pub schema: u32,
    /// What was measured, in the order it was.
    pub evidence: Vec<Evidence>,
    /// What failed.
    pub failures: Vec<FailedExperiment>,
}

/// Why a line is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// It is not of this format.
    #[error("this is no evidence: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a newer version.
    #[error("the evidence has schema {0}; this program reads up to {SCHEMA}")]
    TooNew(u32),
}

impl Evidence {
    /// Reads one line.
    pub fn parse(line: &str) -> Result<Self, EvidenceError> {
        #[derive(Deserialize)]
        #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
        struct Version {
            schema: u32,
        }
        // The version first: a newer line need not have the fields of ours.
        let version: Version = serde_json::from_str(line)?;
        if version.schema > SCHEMA {
            return Err(EvidenceError::TooNew(version.schema));
        }
        Ok(serde_json::from_str(line)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE: &str = r#"{"schema":1,"implementation":"go1.23.9","family":"classic","experiment":"bucket",
        "figures":{"length":8,"same_address":true,"states":[1,2.5],"note":"x"}}"#;

    #[test]
    fn a_line_reads_as_it_is_written() {
        let evidence = Evidence::parse(LINE).unwrap();
        assert_eq!(evidence.figures["length"], Figure::Number(8.0));
        assert_eq!(evidence.figures["same_address"], Figure::Flag(true));
        assert_eq!(evidence.figures["states"], Figure::List(vec![1.0, 2.5]));
        assert_eq!(evidence.figures["note"], Figure::Text("x".into()));
        let again = serde_json::to_string(&evidence).unwrap();
        assert_eq!(Evidence::parse(&again).unwrap(), evidence);
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for (from, to) in [
            ("\"schema\":1", "\"schema\":2"),
            ("\"classic\"", "\"clasic\""),
            ("\"length\":8", "\"length\":null"),
            ("\"length\":8", "\"length\":[true]"),
            ("\"figures\"", "\"figure\""),
            ("\"experiment\"", "\"extra\":1,\"experiment\""),
        ] {
            assert!(Evidence::parse(&LINE.replace(from, to)).is_err(), "{to}");
        }
        let newer = Evidence::parse(r#"{"schema":9}"#).unwrap_err().to_string();
        assert_eq!(newer, "the evidence has schema 9; this program reads up to 1");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,80}", at in 0..LINE.len(), byte in 0_u8..128) {
            let _ = Evidence::parse(&text);
            let mut line = LINE.as_bytes().to_vec();
            line[at] = byte;
            let _ = Evidence::parse(&String::from_utf8(line).unwrap());
        }
    }
}
