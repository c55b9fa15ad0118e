//! Headers of tapes for tests.

use formats::tape::{Executed, Header, PhaseMark};
use formats::workload::{Keys, Pace, Values};

/// One thread that plays these phases.
pub(crate) fn tape(phases: &[(&str, u64)]) -> Header {
    let mark = |&(name, ops): &(&str, u64)| PhaseMark { name: name.into(), ops: vec![ops] };
    Header {
        workload: "w".into(),
        seed: 1,
        generator: 1,
        keys: Keys::U64,
        values: Values::U64,
        keys_shared: false,
        pace: Pace::Closed,
        distinct: 1,
        phases: phases.iter().map(mark).collect(),
        executed: Executed::default(),
    }
}

/// The usual two phases.
pub(crate) fn fill_and_churn(fill: u64, churn: u64) -> Header {
    tape(&[("fill", fill), ("churn", churn)])
}
