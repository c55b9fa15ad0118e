//! A script, unrolled: one phase for each step.

use std::collections::HashMap;
use std::ops::Range;

use formats::script::{Script, Step};
use formats::tape::{Kind, Op, PhaseMark};

use crate::recipe::Drawn;

/// Unrolls the steps of a script. Every step counts: what prepares in one script is the point of another. Its keys get the numbers of a tape: those that are put somewhere in the order
/// of their first put, the others behind them in the order in which they are first asked for.
pub(crate) fn unroll(script: &Script) -> Drawn {
    let numbers = Numbers::of(script);
    let mut ops = Vec::with_capacity(usize::try_from(script.operations()).unwrap_or(0));
    let mut phases = Vec::with_capacity(script.steps().len());
    for step in script.steps() {
        match keys(step) {
            Some((kind, keys)) => ops.extend(keys.map(|key| Op::new(kind, numbers.known[&key]))),
            None => ops.push(Op::new(Kind::Clear, 0)),
        }
        phases.push(PhaseMark {
            name: step.to_string(),
            ops: vec![step.operations()],
            counts: true,
            pace: None,
        });
    }
    Drawn { threads: vec![ops], phases, distinct: numbers.put, due_ns: Vec::new(), sizes: Vec::new() }
}

/// The numbers that the keys of a script have on its tape.
struct Numbers {
    known: HashMap<u64, u64>,
    /// Keys that are put somewhere.
    put: u64,
}

impl Numbers {
    fn of(script: &Script) -> Self {
        let mut numbers = Self { known: HashMap::new(), put: 0 };
        let steps = || script.steps().iter().filter_map(keys);
        for (_, keys) in steps().filter(|(kind, _)| *kind == Kind::Insert) {
            numbers.add(keys);
        }
        numbers.put = numbers.known.len() as u64;
        for (_, keys) in steps() {
            numbers.add(keys);
        }
        numbers
    }

    fn add(&mut self, keys: Range<u64>) {
        for key in keys {
            let next = self.known.len() as u64;
            self.known.entry(key).or_insert(next);
        }
    }
}

fn keys(step: &Step) -> Option<(Kind, Range<u64>)> {
    match step {
        Step::Put { keys, .. } => Some((Kind::Insert, keys.clone())),
        Step::Del(keys) => Some((Kind::Remove, keys.clone())),
        Step::Get(keys) => Some((Kind::Get, keys.clone())),
        Step::Clear => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unrolled(text: &str) -> Drawn {
        unroll(&text.parse().unwrap())
    }

    #[test]
    fn keys_that_are_put_have_the_first_numbers() {
        let drawn = unrolled("get 7; put 5..7; del 6; put 900; get 900; clear; put 6; get 8");
        let ops = [
            Op::new(Kind::Get, 3),
            Op::new(Kind::Insert, 0),
            Op::new(Kind::Insert, 1),
            Op::new(Kind::Remove, 1),
            Op::new(Kind::Insert, 2),
            Op::new(Kind::Get, 2),
            Op::new(Kind::Clear, 0),
            Op::new(Kind::Insert, 1),
            Op::new(Kind::Get, 4),
        ];
        assert_eq!(drawn.threads, [ops]);
        assert_eq!(drawn.distinct, 3);
    }

    #[test]
    fn every_step_is_a_phase() {
        let drawn = unrolled("put 0..8\ndel 3\nclear");
        let phases: Vec<_> = drawn.phases.iter().map(|phase| (phase.name.as_str(), phase.ops[0])).collect();
        assert_eq!(phases, [("put 0..8", 8), ("del 3", 1), ("clear", 1)]);
        assert!(drawn.phases.iter().all(|phase| phase.counts), "{:?}", drawn.phases);
    }
}
