//! What a pass is asked to do, and why it cannot.

use formats::entry::{Keys, Values};
use formats::observation::Collector;
use formats::subject::Incompatible;
use formats::tape::Tape;

use crate::turns::{TurnError, Turns};

/// What is to be done: everything but the map.
#[derive(Debug)]
pub struct Job {
    /// The tape to play.
    pub tape: Tape,
    /// What to look at.
    pub collector: Collector,
    /// Into how many slices (and windows) the tape is divided, about.
    pub samples: u64,
    /// Samples of a CPU profile in each second of CPU time.
    pub hz: u32,
    /// CPU time that a profile is to cover, ns: the tape is played again until it does.
    pub profile_ns: u64,
    /// With whom slices are played in turn; `None`: alone. For the throughput collector.
    pub turns: Option<Turns>,
    /// Steps of added work for every 64 operations; see [`inject_work`](crate::inject_work::inject_work).
    pub inject_work: u64,
}

impl Job {
    /// Bytes of a value; of the largest, where they differ.
    pub(crate) fn value_bytes(&self) -> usize {
        usize::try_from(self.tape.header().most_value_bytes()).unwrap_or(usize::MAX)
    }
}

/// Why a pass cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unsupported {
    /// The map is not made for the tape's threads.
    #[error("{map}: {misfit}")]
    Tape {
        /// The map.
        map: String,
        /// What does not fit.
        misfit: Incompatible,
    },
    /// The collector watches one thread.
    #[error("the {} collector follows one thread, and the tape has {threads}", collector.name())]
    CollectorThreads {
        /// The collector.
        collector: Collector,
        /// Threads of the tape.
        threads: usize,
    },
    /// The collector would not see what the map's own threads do.
    #[error("{map} has a thread of its own, which the {} collector does not see", collector.name())]
    OwnThreads {
        /// The map.
        map: String,
        /// The collector.
        collector: Collector,
    },
    /// The map is not made for such keys and values.
    #[error("{map} does not take keys of {keys:?} with values of {values:?}")]
    Entries {
        /// The map.
        map: String,
        /// Keys of the tape.
        keys: Keys,
        /// Values of the tape.
        values: Values,
    },
    /// The map has no keys that count, or none at all.
    #[error("{map} cannot be asked with keys that count their calls{}", if *has_keys { "" } else { ": it has no keys" })]
    Keys {
        /// The map.
        map: String,
        /// Whether it has keys.
        has_keys: bool,
    },
    /// The machine does not let the collector work.
    #[error("the {} collector cannot work here: {why}", collector.name())]
    Collector {
        /// The collector.
        collector: Collector,
        /// What the system said.
        why: String,
    },
    /// The pass has more to do than its turns.
    #[error("{map}: turns are taken by one thread at full speed, and {why}")]
    NoTurns {
        /// The map.
        map: String,
        /// What there is beside.
        why: &'static str,
    },
    /// The same operations were answered in two ways.
    #[error(
        "the map answered differently when the tape was played for the {play}. time: one of the two is wrong"
    )]
    Unsteady {
        /// Which play was the first to differ, counted from 1.
        play: u64,
    },
    /// Turns were to be taken and were not.
    #[error(transparent)]
    Turns(#[from] TurnError),
}
