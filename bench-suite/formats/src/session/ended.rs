//! Runs of which it is read how they ended, and not what was seen: nearly all of a session is figures.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::observation::{Answers, Observation};
use crate::run::{Failure, Outcome, Pass, Run};
use crate::tape::TapeId;

/// A run without its reading.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    schema: u32,
    pub(super) pass: Pass,
    started: String,
    seconds: f64,
    outcome: End,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Measured(Box<Measured>),
    Failed(Failure),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    schema: u32,
    map: String,
    tape: TapeId,
    answers: Answers,
    #[serde(rename = "reading")]
    _reading: IgnoredAny,
}

impl From<Ended> for Run {
    fn from(ended: Ended) -> Self {
        let Ended { schema, pass, started, seconds, outcome } = ended;
        let outcome = match outcome {
            End::Failed(failure) => Outcome::Failed(failure),
            End::Measured(measured) => {
                let Measured { schema, map, tape, answers, .. } = *measured;
                let reading = pass.collector.nothing();
                Outcome::Measured(Box::new(Observation { schema, map, tape, answers, reading }))
            }
        };
        Self { schema, pass, started, seconds, outcome }
    }
}
