//! One pass, kept: one line of `runs.jsonl`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use crate::answer::Digest;
use crate::observation::{Call, Collector, Observation};
use crate::shown::{shown, shown_json};

/// Version of a line of `runs.jsonl`. Since 3 each has a checksum.
pub const SCHEMA: u32 = 4;

/// What a line ends in: the checksum of the document without it, in 16 hex digits.
const CHECK: &str = ",\"check\":\"";
/// The same without its marks.
const CHECK_FIELD: &str = "check";

/// One child: one map, one tape, one collector, and which repetition it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// Name of the workload.
    pub workload: String,
    /// Name of the map.
    pub map: String,
    /// What is looked at.
    pub collector: Collector,
    /// Repetition, from 0. Passes of one round ran next to each other and are compared in pairs.
    pub round: u32,
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", shown(&self.workload), shown(&self.map), self.collector.name())?;
        if self.round > 0 {
            write!(f, " #{}", self.round + 1)?;
        }
        Ok(())
    }
}

/// One pass, kept: what ran and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Version of this format.
    pub schema: u32,
    /// What ran.
    pub pass: Pass,
    /// When it started, UTC, RFC 3339.
    pub started: String,
    /// How long the child lived, s.
    pub seconds: f64,
    /// How it ended.
    pub outcome: Outcome,
}

/// A run as a line of `runs.jsonl`: with the digest of all that stands before it. For its schema.
#[derive(Debug)]
pub struct Line;

impl JsonSchema for Line {
    fn schema_name() -> Cow<'static, str> {
        "Line".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Run::json_schema(generator);
        let digest = json_schema!({
            "description": "XXH3-64 of the line up to here, closed by a brace, in hex.",
            "type": "string",
            "pattern": "^[0-9a-f]{16}$",
        });
        if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            fields.insert(CHECK_FIELD.into(), digest.to_value());
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.push(CHECK_FIELD.into());
        }
        schema
    }
}

impl Run {
    /// A run of this version.
    #[must_use]
    pub fn new(pass: Pass, started: String, seconds: f64, outcome: Outcome) -> Self {
        Self { schema: SCHEMA, pass, started, seconds, outcome }
    }

    /// The line of `runs.jsonl`, with its end.
    ///
    /// # Panics
    /// Never: a run holds string keys only.
    #[must_use]
    pub fn line(&self) -> String {
        let json = shown_json(serde_json::to_string(self).expect("a run is JSON"));
        let check = xxh3_64(json.as_bytes());
        let open = json.strip_suffix('}').unwrap_or(&json);
        format!("{open}{CHECK}{check:016x}\"}}\n")
    }

    /// The document of a line that was written as [`line`](Self::line) writes it, if not a byte of it has changed; else
    /// what is wrong.
    pub(crate) fn unchanged(line: &str) -> Result<String, String> {
        let none = || "has no checksum at its end".to_owned();
        let (open, check) = line.rsplit_once(CHECK).ok_or_else(none)?;
        let check = check.strip_suffix("\"}").ok_or_else(none)?;
        let json = format!("{open}}}");
        if check == format!("{:016x}", xxh3_64(json.as_bytes())) {
            Ok(json)
        } else {
            Err("does not have the checksum at its end: the line was altered".into())
        }
    }

    /// Why it failed; `None` where it was measured, and where the map cannot make such a pass and says so.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.outcome {
            Outcome::Measured(_) | Outcome::Failed(Failure::Unavailable { .. }) => None,
            Outcome::Failed(failure) => Some(failure),
        }
    }

    /// The reason that the map gave for making no such pass.
    #[must_use]
    pub fn unavailable(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Failed(Failure::Unavailable { why }) => Some(why),
            Outcome::Measured(_) | Outcome::Failed(_) => None,
        }
    }

    /// The observation, if the pass succeeded.
    #[must_use]
    pub fn observation(&self) -> Option<&Observation> {
        match &self.outcome {
            Outcome::Measured(observation) => Some(observation),
            Outcome::Failed(_) => None,
        }
    }
}

/// How a pass ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The child printed its observation and every answer was right.
    Measured(Box<Observation>),
    /// It did not.
    Failed(Failure),
}

/// Why a pass has no figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "failure")]
pub enum Failure {
    /// The child was still running when its time was up, and was killed.
    Timeout {
        /// Its time, s.
        after_s: f64,
        /// How far it had come; `None` where the program does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reached: Option<Reached>,
    },
    /// The child ended without an observation.
    Crash {
        /// Exit code, or `None` when a signal ended it.
        code: Option<i32>,
        /// The signal.
        signal: Option<i32>,
        /// The last lines it wrote to stderr.
        stderr: String,
    },
    /// The map gave a wrong answer somewhere. Its speed is of no interest.
    WrongAnswer {
        /// The first thread whose digest differs, with the digest of the model and that of the map.
        digest: Option<WrongDigest>,
        /// Entries that must be left, and that the map says it holds.
        entries: Option<WrongLength>,
        /// What threads were told of one key and cannot all be true.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<WronglyTold>,
        /// What must be left of the sum of all stamps that went in, and what is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stamps: Option<Box<WrongStamps>>,
    },
    /// The child printed something that is no observation of this pass, or too much.
    #[serde(alias = "garbled")]
    InvalidOutput {
        /// What does not fit.
        problem: String,
    },
    /// This pass cannot be made, and why.
    Unavailable {
        /// The reason.
        why: String,
    },
}

/// How far a child had come when its time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// Operations that it had played, slices that were not done left out. A collector that plays a tape again and again
    /// can have played more than the tape has.
    pub done: u64,
    /// Operations of the tape.
    pub of: u64,
    /// Whether any of them were played in the second half of its time.
    pub moving: bool,
}

/// Sums of stamps that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrongStamps {
    /// Of what went in less what was taken out.
    pub want: u64,
    /// Of what a walk found.
    pub got: u64,
}

/// Digests that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrongDigest {
    /// The thread.
    pub thread: u32,
    /// What the model answers.
    pub want: Digest,
    /// What the map answered.
    pub got: Digest,
}

/// An answer that no order of what the threads did explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WronglyTold {
    /// Number of the key on the tape.
    pub key: u64,
    /// The first call that no order explains.
    pub call: Call,
}

/// Lengths that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrongLength {
    /// Entries that must be left.
    pub want: i64,
    /// Entries that the map says it holds.
    pub got: i64,
    /// Whether that many are allowed and fewer too: the bound of a cache.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
}

impl Failure {
    /// The same, of a child that ended badly with the line in which it said why: where no page shows all that it said.
    #[must_use]
    pub fn with_last_words(&self) -> String {
        let Self::Crash { stderr, .. } = self else { return self.to_string() };
        let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
        // What parses arguments says more after its error, and what panics more after its message.
        let error = lines.clone().find(|line| line.starts_with("error"));
        match error.or_else(|| lines.rfind(|line| !line.starts_with("note:"))) {
            Some(line) if lack_of_memory(stderr).is_none() => format!("{self}: {}", shown(line)),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout { after_s, reached: None } => write!(f, "timed out: killed after {after_s:.0} s"),
            Self::Timeout { after_s, reached: Some(Reached { done, of, moving: true }) } => {
                write!(f, "slow: {done} of {of} operations in {after_s:.0} s")
            }
            Self::Timeout { after_s, reached: Some(Reached { done, of, moving: false }) } => {
                write!(f, "hung: {done} of {of} operations in {after_s:.0} s, none in the second half")
            }
            Self::Crash { stderr, .. } if let Some(line) = lack_of_memory(stderr) => {
                write!(f, "out of memory: {}", shown(line))
            }
            Self::Crash { signal: Some(signal), .. } => write!(f, "crashed: signal {signal}"),
            Self::Crash { code: Some(code), .. } => write!(f, "crashed: exit code {code}"),
            Self::Crash { .. } => f.write_str("crashed"),
            Self::WrongAnswer { digest: Some(WrongDigest { thread, want, got }), .. } => {
                write!(f, "wrong answer: thread {thread} gave digest {got}, the model {want}")
            }
            Self::WrongAnswer { entries: Some(WrongLength { want, got, at_most }), .. } => {
                let most = if *at_most { "at most " } else { "" };
                write!(f, "wrong answer: {got} entries left, must be {most}{want}")
            }
            Self::WrongAnswer { told: Some(told), .. } => write!(f, "wrong answer: {told}"),
            Self::WrongAnswer { stamps: Some(stamps), .. } => {
                let WrongStamps { want, got } = **stamps;
                write!(
                    f,
                    "wrong answer: the stamps left sum to {got}, those that went in less those taken out to {want}"
                )
            }
            Self::WrongAnswer { .. } => f.write_str("wrong answer"),
            Self::InvalidOutput { problem } => write!(f, "invalid output: {}", shown(problem)),
            Self::Unavailable { why } => write!(f, "unavailable: {}", shown(why)),
        }
    }
}

/// What a child is said to have died of when the kernel killed it for want of memory, which it cannot say itself.
pub const KILLED_FOR_MEMORY: &str = "out of memory: the kernel killed it";

/// The line in which a program says that it got no memory. Rust, C++, Go, Java and the C library say it so.
fn lack_of_memory(stderr: &str) -> Option<&str> {
    let says_so = |line: &&str| {
        let allocation = line.contains("memory allocation of") && line.contains("failed");
        allocation
            || ["out of memory", "std::bad_alloc", "Cannot allocate memory", "OutOfMemoryError"]
                .iter()
                .any(|words| line.contains(words))
    };
    let line = stderr.lines().rev().find(says_so)?.trim();
    Some(line.strip_prefix("out of memory: ").unwrap_or(line))
}

impl fmt::Display for WronglyTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, call: Call { thread, kind, answer, .. } } = self;
        write!(
            f,
            "no order of what the threads did explains that {} of key {key} in thread {thread} ",
            kind.name()
        )?;
        match answer {
            Some(stamp) => write!(f, "found value {stamp}"),
            None => f.write_str("found nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_told_with_what_the_child_said_of_it() {
        for (stderr, want) in [
            ("", "crashed: exit code 2"),
            ("unknown option --inject-work\n\n", "crashed: exit code 2: unknown option --inject-work"),
            (
                "error: unexpected argument\n\nUsage: mine\nSee --help.\n",
                "crashed: exit code 2: error: unexpected argument",
            ),
            (
                "thread 'main' panicked at src/map.rs:9:5:\nno \u{1b}[31mroom\nnote: run with `RUST_BACKTRACE=1`\n",
                "crashed: exit code 2: no \\u{1b}[31mroom",
            ),
            ("memory allocation of 8 bytes failed\n", "out of memory: memory allocation of 8 bytes failed"),
        ] {
            let failure = Failure::Crash { code: Some(2), signal: None, stderr: stderr.into() };
            assert_eq!(failure.with_last_words(), want);
        }
        let failure = Failure::Timeout { after_s: 60.0, reached: None };
        assert_eq!(failure.with_last_words(), failure.to_string());
    }
}
