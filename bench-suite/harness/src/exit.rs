//! How a command ended, and its exit code.

use std::process::ExitCode;

use formats::baseline::BaselineError;
use formats::gate::Conclusion;
use formats::run::{Failure, Outcome, Run};

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
    /// A gate came to its end.
    Gated(Conclusion),
}

/// There is nothing that the head could be compared with: the base does not build, or the baseline is missing,
/// damaged, or made under other conditions. Ends the program with the code of [`Conclusion::NothingCompared`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoBase(pub(crate) String);

impl ExitStatus {
    /// Failed if one of the runs did. A pass that a map cannot make is no failure: it says why.
    pub(crate) fn of<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Self {
        let failed = |run: &Run| match &run.outcome {
            Outcome::Measured(_) | Outcome::Failed(Failure::Unavailable { .. }) => false,
            Outcome::Failed(_) => true,
        };
        if runs.into_iter().any(failed) { Self::Failed } else { Self::Success }
    }

    /// Its exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::Interrupted => 130,
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
