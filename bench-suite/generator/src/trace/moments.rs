//! When the operations of a recording are due, told from the times of its records.

use formats::workload::Speed;

/// The coarsest unit of times, ns: those of logs are whole seconds.
const COARSEST_NS: u64 = 1_000_000_000;

/// The times of the records that were played.
#[derive(Debug)]
pub(super) struct Moments {
    speed: Speed,
    /// The time of a record, and how many operations there were before it.
    records: Vec<(u64, u32)>,
}

impl Moments {
    pub(super) const fn new(speed: Speed) -> Self {
        Self { speed, records: Vec::new() }
    }

    /// The operations from this position on are of a record of this time.
    #[inline]
    pub(super) fn note(&mut self, ns: u64, position: u32) {
        // What gave no operation says nothing of one.
        if self.records.last().is_some_and(|(_, before)| *before == position) {
            self.records.pop();
        }
        self.records.push((ns, position));
    }

    /// When each of so many operations is due, ns after the first.
    ///
    /// A time that falls behind the one before is that one: the order of the recording stays. A time says no more than its
    /// unit does: records of one second, where there are whole seconds only, are spread evenly over it. All operations
    /// of one record are due when it is.
    pub(super) fn due_ns(mut self, operations: usize) -> Vec<u64> {
        if self.records.last().is_some_and(|(_, before)| *before as usize == operations) {
            self.records.pop();
        }
        let mut latest = 0;
        for (ns, _) in &mut self.records {
            latest = latest.max(*ns);
            *ns = latest;
        }
        let step = step(self.records.iter().map(|(ns, _)| *ns));
        let first = self.records.first().map_or(0, |(ns, _)| *ns);
        let mut due_ns = Vec::with_capacity(operations);
        let mut behind = self.records.iter().skip(1).map(|(_, before)| *before as usize);
        for records in self.records.chunk_by(|(one, _), (other, _)| one == other) {
            // Far below 2^64: a second in ns, times the records of a tape.
            let share = |at: usize| step * at as u64 / records.len() as u64;
            for (at, (ns, _)) in records.iter().enumerate() {
                let due = self.speed.played_ns((ns - first).saturating_add(share(at)));
                due_ns.resize(behind.next().unwrap_or(operations), due);
            }
        }
        due_ns
    }
}

/// The largest of a second, a millisecond, a microsecond and a nanosecond that divides all times.
fn step(times: impl Iterator<Item = u64>) -> u64 {
    let mut step = COARSEST_NS;
    for ns in times {
        while ns % step != 0 {
            step /= 1000;
        }
    }
    step
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn due(speed: u32, records: &[(u64, u32)], operations: usize) -> Vec<u64> {
        let mut moments = Moments::new(Speed(NonZeroU32::new(speed).unwrap()));
        for (ns, before) in records {
            moments.note(*ns, *before);
        }
        moments.due_ns(operations)
    }

    #[test]
    fn operations_are_due_when_their_record_was() {
        // The first record gives two operations, the second none, the third one; the last is cut off.
        let records = [(1_500, 0), (1_700, 2), (1_900, 2), (2_600, 3)];
        assert_eq!(due(1000, &records, 3), [0, 0, 400]);
        assert_eq!(due(2000, &records, 4), [0, 0, 200, 550]);
    }

    #[test]
    fn a_time_that_falls_is_that_of_the_one_before() {
        assert_eq!(due(1000, &[(71, 0), (75, 1), (73, 2), (79, 3)], 4), [0, 4, 4, 8]);
    }

    #[test]
    fn whole_seconds_are_filled_evenly() {
        let second = 1_000_000_000;
        let records = [(7 * second, 0), (7 * second, 1), (7 * second, 2), (7 * second, 3), (9 * second, 5)];
        let quarters = [0, 1, 2, 3, 3].map(|at| at * second / 4);
        assert_eq!(due(1000, &records, 6), [&quarters[..], &[2 * second]].concat());
    }

    proptest! {
        #[test]
        fn times_rise_from_nothing_and_each_operation_has_one(
            records in prop::collection::vec((0u64..5_000, 0u32..4), 1..200), unit in 0u32..8, speed in 1u32..5_000,
        ) {
            let mut before = 0;
            let records: Vec<(u64, u32)> = records
                .into_iter()
                .map(|(time, operations)| {
                    before += operations;
                    (time * 10_u64.pow(unit), before - operations)
                })
                .collect();
            let due = due(speed, &records, before as usize);
            prop_assert_eq!(due.len(), before as usize);
            prop_assert!(due.is_sorted() && due.first().is_none_or(|first| *first == 0));
        }
    }
}
