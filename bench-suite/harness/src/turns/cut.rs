//! Where the tape of a pair is cut into turns.

use formats::tape::{Header, PhaseMark};

/// Operations that a child plays without looking up: slices are whole chunks.
const CHUNK: u64 = 1024;

/// Whether a phase counts, in the order of the tape: filling prepares the load and is no part of it, unless it
/// is all there is.
pub(crate) fn counting(tape: &Header) -> Vec<bool> {
    let all = tape.phases.iter().all(PhaseMark::is_filling);
    tape.phases.iter().map(|phase| all || !phase.is_filling()).collect()
}

/// The number of slices of the whole tape with which the phases that count have about `slices`. A short tape
/// has fewer: a slice is never less than a chunk.
pub(crate) fn samples(tape: &Header, slices: u32) -> u64 {
    let longest = |phases: &mut dyn Iterator<Item = &PhaseMark>| {
        let mut threads: Vec<u64> = Vec::new();
        for phase in phases {
            threads.resize(threads.len().max(phase.ops.len()), 0);
            threads.iter_mut().zip(&phase.ops).for_each(|(sum, ops)| *sum += ops);
        }
        threads.into_iter().max().unwrap_or(0)
    };
    let counting = counting(tape);
    let counted =
        longest(&mut tape.phases.iter().zip(counting).filter(|(_, counts)| *counts).map(|(phase, _)| phase));
    let ops = counted.div_ceil(u64::from(slices.max(1))).max(1).next_multiple_of(CHUNK);
    longest(&mut tape.phases.iter()).div_ceil(ops).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turns::small::{fill_and_churn, tape};

    /// How a child cuts.
    fn slice_ops(tape: &Header, samples: u64) -> u64 {
        let ops: u64 = tape.phases.iter().map(|phase| phase.ops[0]).sum();
        ops.div_ceil(samples).next_multiple_of(CHUNK)
    }

    #[test]
    fn a_long_tape_gets_the_slices_that_are_wanted() {
        let tape = fill_and_churn(100_000, 1_000_000);
        let ops = slice_ops(&tape, samples(&tape, 256));
        assert_eq!(ops, 4096);
        assert_eq!(1_000_000_u64.div_ceil(ops), 245);
    }

    #[test]
    fn a_short_tape_gets_fewer_slices_of_a_chunk() {
        let tape = fill_and_churn(600, 6000);
        assert_eq!(slice_ops(&tape, samples(&tape, 256)), CHUNK);
        assert_eq!(samples(&fill_and_churn(0, 0), 256), 1);
    }

    #[test]
    fn filling_counts_only_where_it_is_alone() {
        assert_eq!(counting(&tape(&[("fill", 9), ("drain", 9), ("fill", 9)])), [false, true, false]);
        assert_eq!(counting(&tape(&[("fill", 9), ("fill", 9)])), [true, true]);
    }
}
