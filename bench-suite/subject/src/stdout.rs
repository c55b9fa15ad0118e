//! What a program prints: one line of JSON on stdout, or one line on stderr and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

/// Prints one line of JSON.
///
/// # Panics
/// If the value has keys that are no strings; observations have none.
#[must_use]
pub fn print(value: &impl serde::Serialize) -> ExitCode {
    let mut line = serde_json::to_vec(value).expect("observations have string keys and finite numbers");
    line.push(b'\n');
    write(&line)
}

/// Prints bytes as they are.
#[must_use]
pub fn write(bytes: &[u8]) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("stdout: {error}")),
    }
}

/// Says on stderr why nothing was printed, and gives the exit code.
#[must_use]
pub fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}
