//! How a command ended, and its exit code.

use std::process::ExitCode;

use formats::baseline::BaselineError;
use formats::gate::Conclusion;
use formats::run::Run;

/// How a command that did its work ended. One that could not start or go on is an error instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// All is well.
    Success,
    /// A pass or a check failed; the rest was done.
    Failed,
    /// The user asked to stop; what was measured is kept.
    Interrupted,
    /// A file that was asked for was refused; the rest was done.
    Refused,
    /// All passes are well, and a map breaks what a workload expects of it.
    Broken,
    /// A gate came to its end.
    Gated(Conclusion),
}

/// There is nothing that the head could be compared with: the base does not build, or the baseline is missing,
/// damaged, or made under other conditions. Ends the program with the code of [`Conclusion::NothingCompared`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoBase(pub(crate) String);

/// An error with all its causes on one line. Many errors say in their own text what caused them: what was said is not
/// said again.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text += ": ";
            text += &cause;
        }
    }
    text
}

impl ExitStatus {
    /// Failed if one of the runs did. A pass that a map cannot make is no failure: it says why.
    pub(crate) fn of<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Self {
        if runs.into_iter().any(|run| run.failure().is_some()) { Self::Failed } else { Self::Success }
    }

    /// Its exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::Interrupted => 130,
            Self::Broken => Conclusion::Broken.code(),
            Self::Gated(conclusion) => conclusion.code(),
        }
    }

    /// The exit code of an error: that of [`Conclusion::NothingCompared`] where a base is what lacks; else that of
    /// wrong usage, bad input, or a place that cannot be written to.
    pub(crate) fn code_of(error: &anyhow::Error) -> u8 {
        let no_base = error.chain().any(|cause| cause.is::<NoBase>() || cause.is::<BaselineError>());
        if no_base { Conclusion::NothingCompared.code() } else { 2 }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        status.code().into()
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("a file: {source}")]
    struct Doubling {
        source: std::io::Error,
    }

    #[test]
    fn a_cause_is_told_once() {
        let source = std::io::Error::from_raw_os_error(2);
        let cause = source.to_string();
        let error = Err::<(), _>(Doubling { source }).context("the session").unwrap_err();
        assert_eq!(told(&error), format!("the session: a file: {cause}"));
        assert_eq!(told(&anyhow::anyhow!("alone")), "alone");
    }
}
