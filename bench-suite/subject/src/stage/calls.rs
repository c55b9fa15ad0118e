//! `calls`: how often keys are hashed and compared.

use formats::observation::{Answers, Calls, PhaseCalls, Reading};

use super::{Stage, answers};
use crate::calls::{KeyCalls, take_calls};
use crate::driver::Host;
use crate::watch::Boundary;
use crate::watch::untimed::Untimed;

impl<K: Sync> Stage<'_, K> {
    pub(crate) fn calls(&self, host: &mut dyn Host<K, u64>) -> (Answers, Reading) {
        host.recreate(self.prepared.room);
        let mut phases = Vec::with_capacity(self.names.len());
        let mut rest = self.job.tape.thread(0);
        let mut boundary = |boundary: Boundary<'_>| match boundary {
            Boundary::PhaseStart(_) => {
                // What was asked before the phase belongs to none.
                let _ = take_calls();
            }
            Boundary::PhaseEnd => {
                let KeyCalls { hashes, comparisons } = take_calls();
                let mark = &self.route.phases[phases.len()];
                let ops = mark.ops[0];
                let (here, behind) = rest.split_at(usize::try_from(ops).expect("a tape in memory"));
                rest = behind;
                let key_ops = here.iter().filter(|op| op.kind().names_key()).count() as u64;
                phases.push(PhaseCalls { phase: mark.name.clone(), ops, key_ops, hashes, comparisons });
            }
            Boundary::SliceStart | Boundary::SliceEnd { .. } => {}
        };
        let mut watch = Untimed { boundary: &mut boundary, inject_work: 0 };
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        (answers(&[tally], host), Reading::Calls(Calls { phases }))
    }
}
