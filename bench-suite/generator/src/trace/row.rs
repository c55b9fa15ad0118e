//! One row of a recording, and what is wrong with it.

use std::fmt::Write;
use std::path::Path;

use formats::fault::Fault;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// One row, divided into its columns.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) columns: &'a [(usize, usize)],
    pub(super) file: &'a Path,
    pub(super) line: u64,
}

impl<'a> Row<'a> {
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether it is the first line of its file.
    #[inline]
    pub(super) fn is_first(&self) -> bool {
        self.line == 1
    }

    /// Whether its first column is one of these words, in whatever case.
    pub(super) fn begins_with(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.bytes(0).eq_ignore_ascii_case(word.as_bytes()))
    }

    /// The bytes of a column, empty when the row is shorter.
    #[inline]
    pub(super) fn bytes(&self, column: usize) -> &'a [u8] {
        self.columns.get(column).map_or(&[], |&(start, end)| &self.bytes[start..end])
    }

    /// A key: any text that is not empty.
    #[inline]
    pub(super) fn key(&self, column: usize) -> Result<&'a [u8], Fault> {
        match self.bytes(column) {
            [] => Err(self.fault("key", "is empty; any text is allowed")),
            key => Ok(key),
        }
    }

    /// A whole number.
    #[inline]
    pub(super) fn whole(&self, column: usize, name: &str) -> Result<u64, Fault> {
        whole(self.bytes(column)).ok_or_else(|| self.not(column, name, "a whole number from 0 on"))
    }

    /// A whole number, or 0 where the column is empty or missing.
    #[inline]
    pub(super) fn whole_or_none(&self, column: usize, name: &str) -> Result<u64, Fault> {
        if self.bytes(column).is_empty() { Ok(0) } else { self.whole(column, name) }
    }

    /// How often something was done in a row.
    pub(super) fn count(&self, column: usize, name: &str, most: u64) -> Result<u64, Fault> {
        let count = self.whole(column, name)?;
        if count <= most {
            return Ok(count);
        }
        Err(self.not(column, name, &format!("a whole number up to {most}")))
    }

    /// A time, as nanoseconds: see [`moment`].
    #[inline]
    pub(super) fn time(&self, column: usize, name: &str) -> Result<u64, Fault> {
        moment(self.bytes(column)).ok_or_else(|| {
            self.not(column, name, "a number of seconds, or a date and time such as 2026-11-01T12:00:05.25Z")
        })
    }

    /// The fault of a column that holds something else than what is allowed.
    #[cold]
    pub(super) fn not(&self, column: usize, name: &str, allowed: &str) -> Fault {
        self.fault(name, &format!("`{}` is not allowed; allowed is {allowed}", shown(self.bytes(column))))
    }

    /// The fault of a row that has too few or too many columns.
    #[cold]
    pub(super) fn columns_fault(&self, expected: &[&str]) -> Fault {
        let found = self.len();
        let field = expected.get(found).copied().unwrap_or_default();
        let mut problem = format!("the row has {found} columns; expected are {}", expected.join(","));
        if found == 1 && expected.len() > 1 {
            let _ = write!(problem, "; it reads `{}`", shown(self.bytes));
            if let Some(&other) =
                [b' ', b'\t', b';', b'|', b','].iter().find(|&other| self.bytes.contains(other))
            {
                let _ = write!(problem, ", and may want `divider = {:?}`", char::from(other).to_string());
            }
        }
        self.fault(field, &problem)
    }

    #[cold]
    pub(super) fn fault(&self, name: &str, problem: &str) -> Fault {
        Fault::at(self.file, self.line, name, problem)
    }
}

/// The beginning of some bytes, as a person can read it.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(40).collect::<String>().escape_debug().to_string()
}

/// A whole number from 0 on, in decimal digits.
#[inline]
pub(super) fn whole(digits: &[u8]) -> Option<u64> {
    match digits.len() {
        // So few digits are always below 2^64.
        1..=19 => {
            let mut number = 0;
            for &digit in digits {
                let digit = digit.wrapping_sub(b'0');
                if digit > 9 {
                    return None;
                }
                number = number * 10 + u64::from(digit);
            }
            Some(number)
        }
        20 if digits.iter().all(u8::is_ascii_digit) => std::str::from_utf8(digits).ok()?.parse().ok(),
        _ => None,
    }
}

/// A number of seconds, as nanoseconds; what lies before 0 is 0.
#[inline]
pub(super) fn nanoseconds(text: &[u8]) -> Option<u64> {
    if let Some(seconds) = whole(text) {
        return Some(seconds.saturating_mul(1_000_000_000));
    }
    let seconds = std::str::from_utf8(text).ok()?.parse::<f64>().ok().filter(|number| number.is_finite())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest whole number there is"
    )]
    Some((seconds.max(0.0) * 1e9) as u64)
}

/// A time as logs have it, as nanoseconds since 1970: a number of seconds, or a date and time of ISO 8601 (RFC 3339), with
/// `T` or a space between the two; without an offset from UTC it is in UTC. What lies before 1970 is 0.
#[inline]
pub(super) fn moment(text: &[u8]) -> Option<u64> {
    nanoseconds(text).or_else(|| dated(text))
}

/// A date and time, as nanoseconds since 1970.
pub(super) fn dated(text: &[u8]) -> Option<u64> {
    // A date alone is no time: it would be midnight.
    let text = std::str::from_utf8(text).ok().filter(|text| text.contains(':'))?;
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let here: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(here).ok()
    })?;
    Some(u64::try_from(time.as_nanosecond().max(0)).unwrap_or(u64::MAX))
}

/// A number in hexadecimal digits, with or without `0x`.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let digits = digits.strip_prefix(b"0x").unwrap_or(digits);
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits
        .iter()
        .try_fold(0u64, |number, &digit| Some(number << 4 | u64::from(char::from(digit).to_digit(16)?)))
}
