//! Turning a tape into steps with real keys, before any clock starts.

use formats::tape::{Header, Kind, Op, Tape};

use crate::entry::{Numbered, Place};

/// One step with its key at hand: read in order, so that fetching it costs no cache miss.
#[derive(Debug, Clone)]
pub struct Step<K> {
    /// The key concerned; meaningless where the kind names none.
    pub key: K,
    /// What is asked.
    pub kind: Kind,
}

/// The numbers that stand with the operations of one thread which have one, in order.
pub type Arguments<'a> = std::slice::Iter<'a, u64>;

/// What a pass needs of a tape.
#[derive(Debug)]
pub struct Prepared<K> {
    /// The steps of each thread.
    pub threads: Vec<Vec<Step<K>>>,
    /// The numbers that stand with some of them.
    pub arguments: Vec<Vec<u64>>,
    /// Entries for which the map is told to have room when it is made.
    pub capacity: Option<usize>,
    /// The keys that may be live at the end, in the order of their numbers: for draining what is left.
    pub left: Vec<K>,
    /// Bytes of a value.
    pub value_bytes: usize,
}

/// Steps for maps: each key is made of its number.
#[must_use]
pub fn keyed<K: Numbered>(tape: &Tape, value_bytes: usize) -> Prepared<K> {
    let Header { keys, key_pattern, .. } = tape.header();
    keyed_by(tape, value_bytes, |number| K::by_pattern(*key_pattern, number, keys.bytes()))
}

/// The same with keys that `key` makes of their numbers.
pub fn keyed_by<K>(tape: &Tape, value_bytes: usize, key: impl Fn(u64) -> K) -> Prepared<K> {
    let number = |op: &Op| if op.kind().has_argument() { 0 } else { op.key() };
    let step = |op: &Op| Step { key: key(number(op)), kind: op.kind() };
    let threads: Vec<_> = (0..tape.threads()).map(|t| tape.thread(t).iter().map(step).collect()).collect();
    let left = live_at_end(tape).into_iter().map(&key).collect();
    Prepared { threads, arguments: arguments(tape), capacity: capacity(tape), left, value_bytes }
}

fn arguments(tape: &Tape) -> Vec<Vec<u64>> {
    let of = |thread| {
        let with = tape.thread(thread).iter().filter(|op| op.kind().has_argument());
        with.map(|op| op.key()).collect()
    };
    (0..tape.threads()).map(of).collect()
}

fn capacity(tape: &Tape) -> Option<usize> {
    tape.header().capacity.map(index)
}

/// Steps for slot managers: each key is the place where the manager's own key is kept while it is live.
#[must_use]
pub fn placed(tape: &Tape, value_bytes: usize) -> Prepared<Place> {
    let mut places = Places::new(tape.header().distinct, tape.threads());
    let mut steps = |thread| {
        places.start(thread);
        tape.thread(thread).iter().map(|op| Step { key: places.of(*op), kind: op.kind() }).collect()
    };
    let threads = (0..tape.threads()).map(&mut steps).collect();
    let left = live_at_end(tape).into_iter().map(|number| places.held[index(number)]).collect();
    Prepared { threads, arguments: arguments(tape), capacity: capacity(tape), left, value_bytes }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("key numbers of a tape in memory fit")
}

/// Key numbers that can be live when the tape ends: exact when threads own their keys and no entry leaves unnamed.
fn live_at_end(tape: &Tape) -> Vec<u64> {
    let mut live = vec![false; index(tape.header().distinct)];
    for thread in 0..tape.threads() {
        for op in tape.thread(thread) {
            match op.kind() {
                Kind::Insert | Kind::Upsert => live[index(op.key())] = true,
                Kind::Remove if !tape.header().keys_shared => {
                    if let Some(live) = live.get_mut(index(op.key())) {
                        *live = false;
                    }
                }
                Kind::Clear => live.fill(false),
                _ => {}
            }
        }
    }
    (0..).zip(live).filter_map(|(number, live)| live.then_some(number)).collect()
}

/// Gives a place to each live key and takes the place freed last first. Threads have places of their own, as
/// they have keys.
struct Places {
    held: Vec<Place>,
    free: Vec<Place>,
    next: usize,
    thread: usize,
    threads: usize,
}

impl Places {
    fn new(distinct: u64, threads: usize) -> Self {
        Self { held: vec![Place::NONE; index(distinct)], free: Vec::new(), next: 0, thread: 0, threads }
    }

    /// Goes on with the operations of this thread.
    fn start(&mut self, thread: usize) {
        self.free.clear();
        (self.next, self.thread) = (0, thread);
    }

    fn of(&mut self, op: Op) -> Place {
        let held = match op.kind() {
            Kind::Clear => {
                self.held.fill(Place::NONE);
                self.free.clear();
                self.next = 0;
                return Place::NONE;
            }
            kind if !kind.names_key() => return Place::NONE,
            _ => self.held.get_mut(index(op.key())),
        };
        let Some(held) = held else { return Place::NONE };
        let place = *held;
        match op.kind() {
            Kind::Remove if place != Place::NONE => {
                *held = Place::NONE;
                self.free.push(place);
                place
            }
            Kind::Insert | Kind::Upsert if place == Place::NONE => {
                *held = self.free.pop().unwrap_or_else(|| {
                    self.next += 1;
                    Place::of(self.thread, self.threads, self.next - 1)
                });
                *held
            }
            _ => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_have_places_of_their_own() {
        let mut places = Places::new(10_000, 2);
        for thread in 0..2 {
            places.start(thread);
            let first = 5000 * thread as u64;
            let inserts = (first..first + 5000).map(|key| Op::new(Kind::Insert, key));
            let given: Vec<Place> = inserts.map(|op| places.of(op)).collect();
            assert!(given.iter().all(|place| place.split().0 % 2 == thread));
            // The place freed last is taken first.
            assert_eq!(places.of(Op::new(Kind::Remove, first + 7)), given[7]);
            assert_eq!(places.of(Op::new(Kind::Insert, first + 7)), given[7]);
        }
        let mut all = places.held;
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10_000);
    }
}
