//! A recording dealt to several threads: each plays all operations of the keys that are its own, in their order.

use std::num::NonZeroU16;

use formats::tape::Op;

use crate::random::split_mix;
use crate::recipe::Drawn;

/// Deals the operations of one thread to several. Which key is whose is a fixed function of its number. What sees the
/// entries of every thread cannot be dealt, nor can fewer keys than threads: what is wrong.
pub(crate) fn deal(drawn: Drawn, threads: NonZeroU16) -> Result<Drawn, String> {
    if threads.get() == 1 {
        return Ok(drawn);
    }
    let count = usize::from(threads.get());
    let Drawn { threads: sequences, mut phases, distinct, due_ns, sizes } = drawn;
    let times = due_ns.concat();
    let mut values = sizes.concat().into_iter();
    let each = sequences.iter().map(Vec::len).sum::<usize>() / count;
    let mut dealt: Vec<Vec<Op>> = (0..count).map(|_| Vec::with_capacity(each)).collect();
    let mut due_ns = vec![Vec::new(); if times.is_empty() { 0 } else { count }];
    let mut sizes = vec![Vec::new(); if values.len() == 0 { 0 } else { count }];
    for (position, op) in sequences.into_iter().flatten().enumerate() {
        if !op.kind().names_key() {
            return Err(format!(
                "cannot be dealt to {threads} threads: its operation {} ({}) sees the entries of all of them, so that its \
                 answer would depend on luck; allowed is threads = 1",
                position + 1,
                op.kind().name()
            ));
        }
        let owner = owner(op.key(), threads);
        dealt[owner].push(op);
        if let (Some(due_ns), Some(time)) = (due_ns.get_mut(owner), times.get(position)) {
            due_ns.push(*time);
        }
        if let Some(sizes) = sizes.get_mut(owner).filter(|_| op.kind().brings_value()) {
            sizes.extend(values.next());
        }
    }
    if let Some(idle) = dealt.iter().position(Vec::is_empty) {
        return Err(format!("cannot be dealt to {threads} threads: none of its keys falls to thread {idle}"));
    }
    let ops: Vec<u64> = dealt.iter().map(|ops| ops.len() as u64).collect();
    for phase in &mut phases {
        phase.ops.clone_from(&ops);
    }
    Ok(Drawn { threads: dealt, phases, distinct, due_ns, sizes })
}

/// Whose a key is: the finalizer of `SplitMix64` over its number, so that no pattern of the recording falls to one thread.
fn owner(key: u64, threads: NonZeroU16) -> usize {
    let share = (u128::from(split_mix(key, 1)) * u128::from(threads.get())) >> 64;
    usize::try_from(share).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use formats::tape::{Kind, PhaseMark};
    use proptest::prelude::*;

    use super::*;

    fn drawn(ops: Vec<Op>) -> Drawn {
        let phases =
            vec![PhaseMark { name: "trace".into(), ops: vec![ops.len() as u64], counts: true, pace: None }];
        let due_ns = vec![(0..ops.len() as u64).collect()];
        let writes = (0u32..).zip(&ops).filter(|(_, op)| op.kind().brings_value());
        let sizes = vec![writes.map(|(position, _)| position).collect()];
        Drawn { threads: vec![ops], phases, distinct: 1_000, due_ns, sizes }
    }

    fn threads(count: u16) -> NonZeroU16 {
        NonZeroU16::new(count).unwrap()
    }

    proptest! {
        #[test]
        fn the_operations_of_a_key_stay_together_and_in_order(
            ops in prop::collection::vec((0..4usize, 0..300u64), 500..2_000), count in 2..5u16,
        ) {
            let ops: Vec<Op> = ops.into_iter().map(|(kind, key)| Op::new(Kind::ALL[kind], key)).collect();
            let dealt = deal(drawn(ops.clone()), threads(count)).unwrap();
            prop_assert_eq!(dealt.phases[0].ops.iter().sum::<u64>(), ops.len() as u64);
            for ((thread, due_ns), sizes) in dealt.threads.iter().zip(&dealt.due_ns).zip(&dealt.sizes) {
                let played: Vec<Op> = due_ns.iter().map(|at| ops[usize::try_from(*at).unwrap()]).collect();
                prop_assert_eq!(thread, &played, "an operation takes its time with it");
                prop_assert!(due_ns.is_sorted());
                let writes = due_ns.iter().zip(thread).filter(|(_, op)| op.kind().brings_value());
                prop_assert!(writes.map(|(at, _)| *at).eq(sizes.iter().map(|size| u64::from(*size))));
            }
            for key in 0..300 {
                let of_key = |ops: &[Op]| ops.iter().filter(|op| op.key() == key).copied().collect::<Vec<_>>();
                let parts: Vec<Vec<Op>> =
                    dealt.threads.iter().map(|ops| of_key(ops)).filter(|ops| !ops.is_empty()).collect();
                let whole = of_key(&ops);
                prop_assert!(parts.len() <= 1 && parts.concat() == whole, "{key}: {parts:?}");
            }
        }
    }

    #[test]
    fn keys_are_dealt_evenly_whatever_their_pattern() {
        for step in [1, 2, 64, 1 << 20] {
            let ops = (0..4_000).map(|index| Op::new(Kind::Insert, index * step)).collect();
            let dealt = deal(drawn(ops), threads(4)).unwrap();
            assert!(dealt.threads.iter().all(|ops| (850..1_150).contains(&ops.len())), "{step}");
        }
    }

    #[test]
    fn what_cannot_be_dealt_is_refused() {
        let walk = drawn(vec![Op::new(Kind::Insert, 0), Op::new(Kind::Iterate, 0)]);
        assert_eq!(deal(walk.clone(), threads(1)), Ok(walk.clone()));
        let problem = deal(walk, threads(2)).expect_err("a walk");
        assert!(problem.contains("its operation 2 (iterate) sees the entries of all of them"), "{problem}");
        let problem = deal(drawn(vec![Op::new(Kind::Get, 7); 9]), threads(2)).expect_err("one key");
        assert!(problem.contains("none of its keys falls to thread"), "{problem}");
    }
}
