//! A few steps written by hand: `put 0..8; del 3; put 100`.
//!
//! | step | what it asks of the map |
//! |---|---|
//! | `put K`, `put A..B` | put the key, or every key from A up to but not including B |
//! | `put K=V`, `put A..B=V` | the same with this value |
//! | `del K`, `del A..B` | take them out |
//! | `get K`, `get A..B` | look them up |
//! | `clear` | take every entry out |
//!
//! Steps are separated by `;` or by the end of a line. Numbers are decimal.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::tape::Op;

/// The steps of a script, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script(Vec<Step>);

/// One step. Ranges of keys hold at least one key, and none above [`Op::MAX_KEY`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Puts every key, in ascending order.
    Put {
        /// The keys.
        keys: Range<u64>,
        /// The value of each; `None` leaves it to whoever plays the script.
        value: Option<u64>,
    },
    /// Takes every key out, in ascending order.
    Del(Range<u64>),
    /// Looks every key up, in ascending order.
    Get(Range<u64>),
    /// Takes every entry out.
    Clear,
}

/// What is wrong with a script: the step, the word at fault, and what is allowed there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step}: {problem}")]
pub struct ScriptError {
    /// The step at fault, counted from 1.
    pub step: usize,
    /// The word and what is allowed instead.
    pub problem: String,
}

/// What a step may be.
const ALLOWED: &str = "`put KEYS`, `put KEYS=VALUE`, `del KEYS`, `get KEYS`, `clear`";
/// The same where nobody chooses the values.
const WITHOUT_VALUES: &str = "`put KEYS`, `del KEYS`, `get KEYS`, `clear`";

impl Script {
    /// Reads a script for which values are chosen elsewhere: errors do not offer any. A step that names one all the same
    /// is read, for the caller to refuse it where it stands.
    pub fn without_values(text: &str) -> Result<Self, ScriptError> {
        Self::read(text, WITHOUT_VALUES)
    }

    fn read(text: &str, allowed: &str) -> Result<Self, ScriptError> {
        let texts = text.split([';', '\n']).map(str::trim).filter(|step| !step.is_empty());
        let steps: Vec<Step> = (1..)
            .zip(texts)
            .map(|(step, text)| parse_step(text, allowed).map_err(|problem| ScriptError { step, problem }))
            .collect::<Result<_, _>>()?;
        if steps.is_empty() {
            return Err(ScriptError { step: 1, problem: format!("there is none; allowed are {allowed}") });
        }
        Ok(Self(steps))
    }

    /// Its steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Operations in all: one for each key of a range, one for a clear.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.0.iter().fold(0, |sum, step| sum.saturating_add(step.operations()))
    }

    /// The same steps this many times in a row. None at all is taken as once.
    #[must_use]
    pub fn repeated(self, times: usize) -> Self {
        let steps = self.0.len() * times.max(1);
        Self(self.0.into_iter().cycle().take(steps).collect())
    }
}

impl Step {
    /// Operations: one for each key of a range, one for a clear.
    #[must_use]
    pub const fn operations(&self) -> u64 {
        match self {
            Self::Put { keys, .. } | Self::Del(keys) | Self::Get(keys) => keys.end - keys.start,
            Self::Clear => 1,
        }
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        Self::read(text, ALLOWED)
    }
}

fn parse_step(text: &str, allowed: &str) -> Result<Step, String> {
    let mut words = text.split_whitespace();
    let (verb, keys, more) = (words.next().unwrap_or_default(), words.next(), words.next());
    let step = match (verb, keys) {
        ("put" | "del" | "get", None) => {
            return Err(format!("`{verb}` needs keys: `{verb} 3`, or `{verb} 0..8` for 0 to 7"));
        }
        ("put", Some(keys)) => match keys.split_once('=') {
            Some((keys, value)) => Step::Put { keys: parse_keys(keys)?, value: Some(parse_value(value)?) },
            None => Step::Put { keys: parse_keys(keys)?, value: None },
        },
        ("del", Some(keys)) => Step::Del(parse_keys(keys)?),
        ("get", Some(keys)) => Step::Get(parse_keys(keys)?),
        ("clear", None) => Step::Clear,
        ("clear", Some(word)) => return Err(format!("`{word}` behind `clear`, which stands alone")),
        _ => return Err(format!("`{verb}` is no step; allowed are {allowed}")),
    };
    match more {
        Some(word) => Err(format!(
            "`{word}` stands behind the end of the step; steps are separated by `;` or a new line"
        )),
        None => Ok(step),
    }
}

/// `7`, or `0..8`.
fn parse_keys(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = match text.split_once("..") {
        Some((start, end)) => (parse_key(start, Op::MAX_KEY)?, parse_key(end, Op::MAX_KEY + 1)?),
        None => parse_key(text, Op::MAX_KEY).map(|key| (key, key + 1))?,
    };
    if start < end {
        Ok(start..end)
    } else {
        Err(format!("`{text}` holds no key: the end of a range is above its start, and is not in it"))
    }
}

fn parse_key(text: &str, most: u64) -> Result<u64, String> {
    parse_number(text)
        .filter(|key| *key <= most)
        .ok_or_else(|| format!("`{text}` is no key; allowed are whole numbers from 0 to {most}"))
}

fn parse_value(text: &str) -> Result<u64, String> {
    parse_number(text)
        .ok_or_else(|| format!("`{text}` is no value; allowed are whole numbers from 0 to {}", u64::MAX))
}

/// Digits only: the standard reader takes a plus sign too.
fn parse_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, keys, value) = match self {
            Self::Put { keys, value } => ("put", keys, *value),
            Self::Del(keys) => ("del", keys, None),
            Self::Get(keys) => ("get", keys, None),
            Self::Clear => return f.write_str("clear"),
        };
        write!(f, "{verb} {}", keys.start)?;
        if self.operations() > 1 {
            write!(f, "..{}", keys.end)?;
        }
        value.map_or(Ok(()), |value| write!(f, "={value}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let keys = || {
            (0..=Op::MAX_KEY, 1..=Op::MAX_KEY + 1)
                .prop_map(|(start, len)| start..start.saturating_add(len).min(Op::MAX_KEY + 1))
        };
        let step = prop_oneof![
            (keys(), any::<Option<u64>>()).prop_map(|(keys, value)| Step::Put { keys, value }),
            (0..100_u64).prop_map(|key| Step::Put { keys: key..key + 1, value: None }),
            keys().prop_map(Step::Del),
            keys().prop_map(Step::Get),
            Just(Step::Clear),
        ];
        proptest::collection::vec(step, 1..20)
    }

    proptest! {
        #[test]
        fn what_was_printed_is_read(steps in steps()) {
            let script = Script(steps);
            prop_assert_eq!(script.to_string().parse(), Ok(script.clone()));
            prop_assert_eq!(script.to_string().replace("; ", "\n").parse(), Ok(script));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[a-z0-9 .=;\n]{0,40}|.*") {
            let _ = text.parse::<Script>();
        }
    }

    #[test]
    fn the_script_of_the_article_is_read() {
        let script: Script = "put 0..8; del 3; put 100=7;\n get 100\n\nclear".parse().unwrap();
        let steps = [
            Step::Put { keys: 0..8, value: None },
            Step::Del(3..4),
            Step::Put { keys: 100..101, value: Some(7) },
            Step::Get(100..101),
            Step::Clear,
        ];
        assert_eq!(script.steps(), steps);
        assert_eq!(script.operations(), 12);
    }

    #[test]
    fn errors_name_the_step_and_the_word() {
        for (text, step, problem) in [
            (" ;\n", 1, "there is none; allowed are `put KEYS`"),
            ("put 1; drop 2", 2, "`drop` is no step; allowed are `put KEYS`"),
            ("put", 1, "`put` needs keys: `put 3`"),
            ("put 1; del 1; put x", 3, "`x` is no key; allowed are whole numbers from 0 to"),
            ("put +1", 1, "`+1` is no key"),
            ("put ..", 1, "`` is no key"),
            ("put 8..8", 1, "`8..8` holds no key"),
            ("put 1=", 1, "`` is no value"),
            ("put 1=99999999999999999999", 1, "`99999999999999999999` is no value"),
            ("get 1=2", 1, "`1=2` is no key"),
            ("put 1152921504606846976", 1, "`1152921504606846976` is no key"),
            ("put 0..1152921504606846977", 1, "`1152921504606846977` is no key"),
            ("put 1 2", 1, "`2` stands behind the end of the step"),
            ("clear 1", 1, "`1` behind `clear`"),
            ("PUT 1", 1, "`PUT` is no step"),
        ] {
            let error = text.parse::<Script>().unwrap_err();
            assert_eq!(error.step, step, "{text}: {error}");
            assert!(error.problem.starts_with(problem), "{text}: {error}");
        }
        assert!("put 0..1152921504606846976".parse::<Script>().is_ok());
    }
}
