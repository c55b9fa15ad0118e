//! The verbs of the command, one file each.

pub(crate) mod baseline;
pub(crate) mod bisect;
pub(crate) mod choose;
pub(crate) mod claims;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod evidence;
pub(crate) mod export;
pub(crate) mod flame;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod measure;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod tape;
pub(crate) mod truth;
pub(crate) mod verify;

/// A time limit in seconds, as typed.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 1e6 => Ok(seconds),
        _ => Err("allowed are seconds above 0 up to 1000000".into()),
    }
}
