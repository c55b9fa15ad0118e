//! What a map answers, and the digest that all its answers fold into.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a map said to one operation: the stamp of the value concerned, or that there is none.
///
/// | operation | answer |
/// |---|---|
/// | insert, update, upsert | stamp of the value replaced, or absent |
/// | remove, `remove_first`, get, hold | stamp of the value found, or absent |
/// | iterate | wrapping sum of the stamps of all entries |
/// | clear, retain | entries removed |
/// | len, copy | entries |
/// | shrink, reserve, release | absent |
///
/// The stamp of a value is the position on its thread's tape of the operation that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer(u64);

impl Answer {
    /// There is no such entry.
    pub const ABSENT: Self = Self(u64::MAX);

    /// An entry was found, or a number was asked for.
    #[must_use]
    #[inline]
    pub const fn of(stamp: u64) -> Self {
        Self(stamp)
    }

    /// Whether an entry was found.
    #[must_use]
    #[inline]
    pub const fn is_present(self) -> bool {
        self.0 != u64::MAX
    }

    /// The stamp, sum or count itself; 0 when absent.
    #[must_use]
    #[inline]
    pub const fn number(self) -> u64 {
        if self.is_present() { self.0 } else { 0 }
    }
}

impl From<Option<u64>> for Answer {
    #[inline]
    fn from(stamp: Option<u64>) -> Self {
        stamp.map_or(Self::ABSENT, Self::of)
    }
}

/// All the answers of one thread, folded into one number. A single wrong answer always changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(into = "String", try_from = "String")]
pub struct Digest(u64);

impl Digest {
    /// Adds the answer to operation `index`. The weight is odd, hence invertible: no other answer in its
    /// place gives the same sum. The chain from one operation to the next is one addition.
    #[inline]
    pub fn fold(&mut self, index: u64, answer: Answer) {
        let weight = index.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        self.0 = self.0.wrapping_add((answer.0 ^ 0xA5A5_5A5A_C3C3_3C3C).wrapping_mul(weight));
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(&text, 16).ok().filter(|_| digits);
        number.map(Self).ok_or_else(|| format!("`{text}` is no digest of 16 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_answer_changes_the_digest() {
        let fold = |answers: &[Answer]| {
            let mut digest = Digest::default();
            for (index, answer) in answers.iter().enumerate() {
                digest.fold(index as u64, *answer);
            }
            digest
        };
        let right = [Answer::of(0), Answer::ABSENT, Answer::of(1)];
        for wrong in [
            [Answer::of(0), Answer::ABSENT, Answer::ABSENT],
            [Answer::of(1), Answer::ABSENT, Answer::of(1)],
            [Answer::ABSENT, Answer::of(0), Answer::of(1)],
        ] {
            assert_ne!(fold(&right), fold(&wrong));
        }
    }

    #[test]
    fn a_digest_survives_json() {
        let mut digest = Digest::default();
        digest.fold(7, Answer::of(3));
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
        assert!(serde_json::from_str::<Digest>("\"xyz\"").is_err());
    }
}
