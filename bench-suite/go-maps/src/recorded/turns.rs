//! Turns: stretches of a recording that say which operations were played without naming them one by one.

use serde::Deserialize;

use super::script::Op;
use crate::seed::Seeds;

/// Entries that a recorded map may be filled with.
const LARGEST: u64 = 1 << 22;

/// What is played in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// New keys are put until so many entries live.
    Fill,
    /// As often as there are entries, the oldest goes and a new key comes.
    Fifo,
    /// The same with any entry.
    Uniform,
}

/// The operations of all turns, as the recorder makes them: keys are 0, 1, 2, and so on.
pub(super) struct Turns {
    random: Seeds,
    next: u64,
    /// Keys that live, for those of which any may go: it is swapped with the last one.
    keys: Vec<u64>,
}

impl Turns {
    pub(super) const fn new(seed: u64) -> Self {
        Self { random: Seeds::new(seed), next: 0, keys: Vec::new() }
    }

    fn put(&mut self) -> (char, u64) {
        self.keys.push(self.next);
        self.next += 1;
        ('p', self.next - 1)
    }

    /// The operations of a turn whose first one has the number `first`; what is wrong with it otherwise.
    pub(super) fn operations(&mut self, order: Order, first: u64, live: u64) -> Result<Vec<Op>, String> {
        let there = self.keys.len() as u64;
        match order {
            _ if !(1..=LARGEST).contains(&live) => {
                return Err(format!("live is {live}; allowed: 1 to {LARGEST}"));
            }
            Order::Fill if there > 0 => return Err("a fill of a map that is filled".to_owned()),
            Order::Fifo | Order::Uniform if there != live => {
                return Err(format!("live is {live}, but {there} entries live"));
            }
            _ => {}
        }
        let mut operations = Vec::new();
        for _ in 0..live {
            if order != Order::Fill {
                let victim = if order == Order::Uniform {
                    let at = usize::try_from(self.random.next_u64() % live).unwrap_or(0);
                    self.keys.swap_remove(at)
                } else {
                    self.next - live
                };
                if order == Order::Fifo {
                    // Their order does not matter where the oldest goes.
                    self.keys.pop();
                }
                operations.push(('d', victim));
            }
            operations.push(self.put());
        }
        let numbered = (first..).zip(operations);
        Ok(numbered.map(|(i, (o, k))| Op { i, o, k }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Turns};

    fn keys(turns: &mut Turns, order: Order) -> Vec<(char, u64)> {
        let operations = turns.operations(order, 0, 3).expect("a turn");
        operations.iter().map(|op| (op.o, op.k)).collect()
    }

    #[test]
    fn the_oldest_goes_and_a_new_one_comes() {
        let mut turns = Turns::new(1);
        assert_eq!(keys(&mut turns, Order::Fill), [('p', 0), ('p', 1), ('p', 2)]);
        let turn = [('d', 0), ('p', 3), ('d', 1), ('p', 4), ('d', 2), ('p', 5)];
        assert_eq!(keys(&mut turns, Order::Fifo), turn);
        assert_eq!(keys(&mut turns, Order::Fifo)[..2], [('d', 3), ('p', 6)]);
    }

    #[test]
    fn a_turn_must_fit_what_lives() {
        let mut turns = Turns::new(1);
        let mut said = |order, live| turns.operations(order, 0, live).err();
        assert_eq!(said(Order::Fifo, 3).as_deref(), Some("live is 3, but 0 entries live"));
        assert!(said(Order::Fill, u64::MAX).is_some_and(|problem| problem.contains("allowed: 1 to")));
        assert_eq!(said(Order::Fill, 3), None);
        assert!(said(Order::Fill, 3).is_some() && said(Order::Uniform, 4).is_some());
        assert_eq!(said(Order::Uniform, 3), None);
    }
}
