//! Counting how far each operation has to look.

use std::collections::BTreeMap;

use formats::answer::Answer;
use formats::observation::{KindProbes, PhaseProbes, ProbeUnit, Probes};
use formats::tape::Kind;

use super::ledger::{self, Ledger};
use super::{Boundary, Watch};
use crate::entry::Value;
use crate::map::Map;
use crate::prepare::Step;
use crate::probe_length;

/// Takes the probe length of every operation that names a key.
pub struct ProbesWatch {
    names: Vec<String>,
    unit: ProbeUnit,
    foreseen: u64,
    /// By kind, and by whether the key was there.
    lengths: BTreeMap<(Kind, bool), BTreeMap<u64, u64>>,
    phases: Vec<PhaseProbes>,
}

impl ProbesWatch {
    /// A watch for a map with this unit and a tape with phases of these names. A ledger is to be installed for this thread.
    #[must_use]
    pub fn new(unit: ProbeUnit, names: &[String]) -> Self {
        let phases = Vec::with_capacity(names.len());
        Self { names: names.to_vec(), unit, foreseen: 0, lengths: BTreeMap::new(), phases }
    }

    /// What was seen on the tape.
    #[must_use]
    pub fn finish(self) -> Probes {
        Probes { unit: self.unit, phases: self.phases }
    }
}

impl Watch for ProbesWatch {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        match boundary {
            Boundary::PhaseStart(phase) => {
                self.phases.push(PhaseProbes { phase: self.names[phase].clone(), ..PhaseProbes::default() });
            }
            Boundary::SliceStart => {}
            Boundary::SliceEnd { ops, .. } => {
                if let Some(phase) = self.phases.last_mut() {
                    phase.ops += ops;
                }
            }
            Boundary::PhaseEnd => {
                let kinds = std::mem::take(&mut self.lengths).into_iter();
                let kinds = kinds.map(|((kind, found), lengths)| {
                    let lengths = lengths.into_iter().collect();
                    KindProbes { kind, found, lengths }
                });
                if let Some(phase) = self.phases.last_mut() {
                    phase.kinds = kinds.collect();
                }
            }
        }
    }

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, step: &Step<K>) {
        self.foreseen = if step.kind.names_key() { map.probe_length(&step.key) } else { 0 };
        // What the map went to while it was asked is no operation's.
        let _ = probe_length::take();
        ledger::with(Ledger::reopen);
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, step: &Step<K>, answer: Answer) {
        ledger::with(Ledger::close);
        let length = self.foreseen + probe_length::take();
        if step.kind.names_key() {
            let lengths = self.lengths.entry((step.kind, answer.is_present())).or_default();
            *lengths.entry(length).or_default() += 1;
        }
    }
}
