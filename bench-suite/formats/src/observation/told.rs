//! What threads that share keys were told of some of them, and when: enough to say whether it can all be true.

use serde::{Deserialize, Serialize};

use crate::tape::Kind;

/// What threads were told of the keys that they contend for most, in a play of its own that nobody times. Every call to
/// those keys is there that began before [`until`](Self::until).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The moment at which the first thread had no more room. A call that was not over by then may or may not have done
    /// anything, for all that is known.
    pub until: u64,
    /// For each key all calls, those of one thread in order.
    pub keys: Vec<KeyCalls>,
}

impl Told {
    /// Whether so many threads can have made these calls, one after the other each.
    pub fn check(&self, threads: usize) -> Result<(), String> {
        for KeyCalls { key, calls } in &self.keys {
            let mut free = vec![0; threads];
            for Call { thread, from, to, .. } in calls {
                let thread = usize::try_from(*thread).ok().and_then(|thread| free.get_mut(thread));
                let known = thread.filter(|free| **free <= *from && from < to);
                *known
                    .ok_or_else(|| format!("a call to key {key} at {from} that no thread can have made"))? =
                    *to;
            }
        }
        Ok(())
    }

    /// Calls to all keys.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.keys.iter().map(|key| key.calls.len() as u64).sum()
    }
}

/// The calls to one key, which is not in the map before the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyCalls {
    /// Number of the key on the tape.
    pub key: u64,
    /// The calls.
    pub calls: Vec<Call>,
}

/// One operation, its answer, and the moments at which it began and was over: numbers of which each is given out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(from = "Wire", into = "Wire")]
pub struct Call {
    /// The thread.
    pub thread: u32,
    /// What it asked for.
    pub kind: Kind,
    /// The stamp that its value carries, if it writes one; no other call of the play has it.
    pub stamp: u64,
    /// What it was told: the stamp of the value concerned, or that there is none.
    pub answer: Option<u64>,
    /// When it began.
    pub from: u64,
    /// When it was over.
    pub to: u64,
}

/// A list without names: there are many of them.
type Wire = (u32, Kind, u64, Option<u64>, u64, u64);

impl From<Wire> for Call {
    fn from((thread, kind, stamp, answer, from, to): Wire) -> Self {
        Self { thread, kind, stamp, answer, from, to }
    }
}

impl From<Call> for Wire {
    fn from(call: Call) -> Self {
        (call.thread, call.kind, call.stamp, call.answer, call.from, call.to)
    }
}
