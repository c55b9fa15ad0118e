//! What a gate found, for people and for machines: every form is made from the one document.
//!
//! ```text
//! Gate ─▶ text        a terminal; its last line is the verdict in words, with the exit code
//!      ─▶ markdown    $GITHUB_STEP_SUMMARY, a pull request
//!      ─▶ annotations lines that GitHub shows beside the workload's file
//!      ─▶ junit       JUnit XML in the dialect of Jenkins and nextest
//! ```

mod annotations;
mod finding;
mod junit;
mod markdown;
mod summary_line;
mod text;

pub use self::annotations::annotations;
pub use self::junit::junit;
pub use self::markdown::markdown;
pub use self::summary_line::summary_line;
pub use self::text::text;

pub(crate) use self::finding::{
    Figure, Finding, Status, exact_title, findings, p_value, ratio, time_title, with_status,
};
pub(crate) use self::summary_line::why;
pub(crate) use self::text::{controls, designs, expectations, rule, sides, unsettled};
