//! What a subject program says of one recording of the real Go runtime that it replayed on its ports.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One recording and how its replay ended: one line of JSON for each file of `replay FILE...`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Version of this format; see [`crate::observation::SCHEMA`].
    pub schema: u32,
    /// The recording, as the user named it.
    pub file: String,
    /// How it ended.
    pub ending: Ending,
}

/// How the replay of a recording ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ending {
    /// The port did all that was recorded.
    Same(Compared),
    /// The port did something else.
    Differs {
        /// What was compared up to the difference.
        compared: Compared,
        /// The first difference.
        difference: Difference,
    },
    /// The recording cannot be read, or is not what the recorders write.
    Malformed {
        /// The line, counted from 1; `None` when the whole file is at fault (it is missing, say).
        line: Option<u64>,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

/// How much of a recording was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// What was recorded: `classic`, `swiss`, `sync_map`, `hash_trie` or `pool`.
    pub port: String,
    /// The release of Go that was recorded.
    pub go: String,
    /// Operations replayed.
    pub operations: u64,
    /// Digests of the whole state.
    pub digests: u64,
    /// Places of a key after it was put.
    pub placements: u64,
    /// Answers.
    pub results: u64,
    /// Operations whose event, or lack of one, was compared.
    pub events: u64,
    /// Full dumps, slot by slot.
    pub dumps: u64,
    /// Hashes of keys; 0 when the hash keys of the process were not recorded.
    pub hashes: u64,
    /// Lines that say nothing about a port.
    pub skipped: u64,
}

/// The first thing in which a port and the real runtime differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The line of the recording, counted from 1.
    pub line: u64,
    /// The operation, counted from 0; `None` before the first.
    pub operation: Option<u64>,
    /// What differs.
    pub what: String,
    /// What the real runtime did.
    pub recorded: String,
    /// What the port did.
    pub ported: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, operation, what, recorded, ported } = self;
        write!(f, "line {line}, ")?;
        match operation {
            Some(operation) => write!(f, "operation {operation}: ")?,
            None => f.write_str("before the first operation: ")?,
        }
        write!(f, "{what}: recorded {recorded}, ported {ported}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_survives_json_and_nothing_is_overlooked() {
        let compared = Compared {
            port: "classic".into(),
            go: "go1.23.9".into(),
            operations: 10,
            digests: 9,
            placements: 8,
            results: 7,
            events: 6,
            dumps: 5,
            hashes: 4,
            skipped: 3,
        };
        let difference = Difference {
            line: 21,
            operation: None,
            what: "digest".into(),
            recorded: "00".into(),
            ported: "11".into(),
        };
        assert_eq!(
            difference.to_string(),
            "line 21, before the first operation: digest: recorded 00, ported 11"
        );
        for ending in [
            Ending::Same(compared.clone()),
            Ending::Differs { compared, difference },
            Ending::Malformed { line: None, problem: "missing".into() },
        ] {
            let replay = Replay { schema: 1, file: "a".into(), ending };
            let text = serde_json::to_string(&replay).unwrap();
            assert_eq!(serde_json::from_str::<Replay>(&text).unwrap(), replay);
            let more = text.replacen("\"file\"", "\"more\":0,\"file\"", 1);
            assert!(serde_json::from_str::<Replay>(&more).is_err(), "{more}");
            let inside = text.replacen("}}", ",\"more\":0}}", 1);
            assert!(serde_json::from_str::<Replay>(&inside).is_err(), "{inside}");
        }
    }
}
