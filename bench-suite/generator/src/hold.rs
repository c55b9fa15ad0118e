//! When a thread lets go of what it holds.

use formats::tape::{Kind, Op};

/// What a thread holds in a churn phase. It holds one thing at a time, and nothing when the phase ends: no thread waits
/// for the others while it holds something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold {
    /// Over how many operations it holds.
    over: u64,
    /// Operations of the thread that are left in the phase.
    rest: u64,
    /// Operations until it lets go; `None` while it holds nothing.
    until: Option<u64>,
}

impl Hold {
    pub(crate) const fn new(over: u64, rest: u64) -> Self {
        Self { over, rest, until: None }
    }

    /// Whether the next operation lets go.
    pub(crate) fn is_over(&mut self) -> bool {
        self.rest = self.rest.saturating_sub(1);
        let is_over = self.until.is_some_and(|until| until == 0 || self.rest == 0);
        self.until = self.until.filter(|_| !is_over).map(|until| until - 1);
        is_over
    }

    /// The operation as it can be: a thread that holds something already, or could not let go again, only looks the key
    /// up.
    pub(crate) fn possible(&mut self, op: Op) -> Op {
        if op.kind() != Kind::Hold {
            return op;
        }
        if self.until.is_some() || self.rest == 0 {
            return Op::new(Kind::Get, op.key());
        }
        self.until = Some(self.over);
        op
    }
}

/// Whether a thread writes while it holds something.
pub(crate) fn holds_over_writes(threads: &[&[Op]]) -> bool {
    threads.iter().any(|ops| {
        let mut holds = false;
        ops.iter().any(|op| {
            match op.kind() {
                Kind::Hold => holds = true,
                Kind::Release => holds = false,
                _ => {}
            }
            holds && op.kind().writes()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_holds_one_thing_for_so_long_and_nothing_at_the_end() {
        let mut hold = Hold::new(3, 14);
        let kinds: String = (0..14)
            .map(|_| {
                if hold.is_over() {
                    return 'r';
                }
                if hold.possible(Op::new(Kind::Hold, 7)).kind() == Kind::Hold { 'h' } else { 'g' }
            })
            .collect();
        assert_eq!(kinds, "hgggrhgggrhggr");
        let mut late = Hold::new(3, 1);
        assert!(!late.is_over());
        assert_eq!(late.possible(Op::new(Kind::Hold, 7)), Op::new(Kind::Get, 7));
    }

    #[test]
    fn writes_beside_a_hold_are_none_under_it() {
        let op = |kind| Op::new(kind, 1);
        let ops = [Kind::Insert, Kind::Hold, Kind::Get, Kind::Release, Kind::Remove].map(op);
        assert!(!holds_over_writes(&[&ops]));
        assert!(holds_over_writes(&[&ops, &[op(Kind::Hold), op(Kind::Insert)]]));
    }
}
