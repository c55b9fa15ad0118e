//! Turning a tape into steps with real keys, before any clock starts.

use formats::tape::{Header, Kind, Op, Tape};

use crate::entry::{Numbered, Place, Value};
use crate::made::Made;

/// One step with its key at hand: read in order, so that fetching it costs no cache miss.
#[derive(Debug, Clone)]
pub struct Step<K> {
    /// The key concerned; meaningless where the kind names none.
    pub key: K,
    /// What is asked.
    pub kind: Kind,
}

/// What stands beside the steps of one thread, from the next one on. The default is nothing, for values that have one
/// size.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// The numbers of the operations which have one.
    pub arguments: std::slice::Iter<'a, u64>,
    /// Bytes of the values that operations bring; empty where all have the same.
    sizes: std::slice::Iter<'a, u32>,
    /// Which map each step is for; empty where there is one.
    maps: std::slice::Iter<'a, u32>,
    value_bytes: usize,
}

impl Beside<'_> {
    /// The number of the map that the next step is for.
    #[inline]
    pub fn map(&mut self) -> usize {
        self.maps.next().map_or(0, |map| *map as usize)
    }

    /// Bytes of the value that the next operation brings which brings one.
    #[inline]
    pub fn value_bytes<V: Value>(&mut self) -> usize {
        if V::VARIES {
            self.sizes.next().map_or(self.value_bytes, |size| *size as usize)
        } else {
            self.value_bytes
        }
    }
}

/// How many maps there are, and how each is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How each is made.
    pub made: Made,
    /// How many play in turn; `None`: one, that is there from the beginning to the end.
    pub many: Option<usize>,
}

/// What a pass needs of a tape.
#[derive(Debug)]
pub struct Prepared<K> {
    /// The steps of each thread.
    pub threads: Vec<Vec<Step<K>>>,
    /// The numbers that stand with some of them.
    arguments: Vec<Vec<u64>>,
    /// How many maps play it, and how each is made.
    pub room: Room,
    /// Which map each step of the only thread is for; empty where there is one.
    maps: Vec<u32>,
    /// The keys that may be live at the end, in the order of their numbers, each with the number of its map: for draining
    /// what is left.
    pub left: Vec<(usize, K)>,
    /// Bytes of a value; of the largest, where they differ.
    pub value_bytes: usize,
    /// Bytes of each value that a thread brings; empty where all have the same.
    sizes: Vec<Vec<u32>>,
}

impl<K> Prepared<K> {
    /// What stands beside the steps of a thread, from the first one on.
    #[must_use]
    pub fn beside(&self, thread: usize) -> Beside<'_> {
        let sizes = self.sizes[thread].iter();
        let maps = self.maps.iter();
        Beside { arguments: self.arguments[thread].iter(), sizes, maps, value_bytes: self.value_bytes }
    }
}

fn sizes(tape: &Tape) -> Vec<Vec<u32>> {
    (0..tape.threads()).map(|thread| tape.sizes(thread).to_vec()).collect()
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
    let room = room(tape);
    let left = live_at_end(tape).into_iter().map(|number| (map_of(room, number), key(number))).collect();
    let (arguments, sizes) = (arguments(tape), sizes(tape));
    Prepared { threads, arguments, room, maps: maps(tape, room), left, value_bytes, sizes }
}

fn arguments(tape: &Tape) -> Vec<Vec<u64>> {
    let of = |thread| {
        let with = tape.thread(thread).iter().filter(|op| op.kind().has_argument());
        with.map(|op| op.key()).collect()
    };
    (0..tape.threads()).map(of).collect()
}

/// How many maps play a tape, and how each is made.
fn room(tape: &Tape) -> Room {
    Room { made: Made::of(tape.header()), many: tape.header().many.map(|many| index(many.into())) }
}

/// The number of the map that a key belongs to: new keys, whose numbers rise, go from one to the next.
fn map_of(room: Room, number: u64) -> usize {
    room.many.map_or(0, |many| index(number) % many)
}

/// Which map each operation is for, where there are many; those tapes are for one thread.
fn maps(tape: &Tape, room: Room) -> Vec<u32> {
    let many = room.many.map(|_| tape.thread(0)).unwrap_or_default();
    many.iter().map(|op| u32::try_from(map_of(room, op.key())).unwrap_or(0)).collect()
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
    let left = live_at_end(tape).into_iter().map(|number| (0, places.held[index(number)])).collect();
    let (arguments, sizes) = (arguments(tape), sizes(tape));
    Prepared { threads, arguments, room: room(tape), maps: Vec::new(), left, value_bytes, sizes }
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
                Kind::Insert | Kind::Upsert | Kind::Fetch => live[index(op.key())] = true,
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
