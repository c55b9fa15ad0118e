//! `calls`: how often keys are hashed and compared.

use formats::observation::{Answers, Calls, PhaseCalls, Reading};

use super::{Stage, answers};
use crate::calls::{KeyCalls, take_calls};
use crate::host::Host;
use crate::watch::Border;
use crate::watch::untimed::Untimed;

impl<K: Sync> Stage<'_, K> {
    pub(crate) fn calls(&self, host: &mut dyn Host<K, u64>) -> (Answers, Reading) {
        host.renew();
        let mut phases = Vec::with_capacity(self.names.len());
        let mut rest = self.job.tape.thread(0);
        let mut border = |border: Border<'_>| match border {
            Border::PhaseStart(_) => {
                // What was asked before the phase belongs to none.
                let _ = take_calls();
            }
            Border::PhaseEnd => {
                let KeyCalls { hashes, comparisons } = take_calls();
                let mark = &self.route.phases[phases.len()];
                let ops = mark.ops[0];
                let (here, behind) = rest.split_at(usize::try_from(ops).expect("a tape in memory"));
                rest = behind;
                let key_ops = here.iter().filter(|op| op.kind().names_key()).count() as u64;
                phases.push(PhaseCalls { phase: mark.name.clone(), ops, key_ops, hashes, comparisons });
            }
            Border::SliceStart | Border::SliceEnd { .. } => {}
        };
        let mut watches = [Untimed { border: &mut border, toil: 0 }];
        let tallies = host.play_outlined(&self.route, self.prepared, &mut watches);
        (answers(&tallies, host), Reading::Calls(Calls { phases }))
    }
}
