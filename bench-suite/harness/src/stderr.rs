//! What a person is told beside the data: lines on stderr.
//!
//! Nothing here fails. A reader that is gone or a disk that is full behind stderr costs the words, never what was
//! measured; the exit code does not need them.

use std::fmt;
use std::io::Write;

use formats::shown::shown_line;

/// Tells a person one line: `eprintln!`, without its panic.
macro_rules! tell {
    ($($words:tt)*) => {
        $crate::stderr::line(format_args!($($words)*))
    };
}

pub(crate) use tell;

/// Writes one line to stderr, whatever names are in it.
pub(crate) fn line(words: fmt::Arguments<'_>) {
    write(&(shown_line(&words.to_string()) + "\n"));
}

/// Writes lines to stderr, each as [`line`] does.
pub(crate) fn lines(text: &str) {
    write(&text.lines().map(|line| shown_line(line) + "\n").collect::<String>());
}

/// Writes a text to stderr, as it is.
pub(crate) fn write(text: &str) {
    // There is no other place where the failure could be told.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
