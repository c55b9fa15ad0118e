//! The reference model: what a map that makes no mistake answers.

use formats::answer::{Answer, Digest};
use formats::tape::{Executed, KINDS, Keep, Kind, Op};

/// How many points the live series has, both ends included, on a tape that is longer than that.
const POINTS: usize = 201;

/// Plays the operations of each thread in a model and tells what they come to.
///
/// Key numbers below `distinct` may be inserted; all others are absent for ever. When threads own their keys,
/// each plays in a model of its own, and the live entries of all are summed as if the threads took turns,
/// one operation each. When what an operation finds `depends_on_luck`, since threads share keys or since a bounded cache
/// chooses what leaves, only the kinds are counted.
#[must_use]
pub fn play_model(distinct: u64, depends_on_luck: bool, threads: &[&[Op]]) -> Executed {
    let mut executed = Executed::default();
    for op in threads.iter().copied().flatten() {
        executed.kinds[op.kind() as usize] += 1;
    }
    if depends_on_luck {
        return executed;
    }
    let mut model = Model::new(distinct, threads.len());
    model.sweeps = (executed.kinds[Kind::Retain as usize] > 0).then(Vec::new);
    let longest = threads.iter().map(|ops| ops.len()).max().unwrap_or(0);
    let points = POINTS.min(longest + 1);
    executed.live.push(0);
    let mut played = 0;
    for point in 1..points {
        let until = longest * point / (points - 1);
        model.play_turns(threads, played, until);
        executed.live.push(model.live);
        played = until;
    }
    executed.hits = Some(model.hits);
    executed.peak_live = Some(model.peak);
    executed.end_live = Some(model.live);
    if executed.kinds[Kind::RemoveFirst as usize] > 0 {
        // No entry is named, so that none was taken out of the sum.
        executed.stamps = Some(model.sides.iter().map(|side| side.stamps).fold(0, u64::wrapping_add));
    } else {
        executed.answers = model.sides.iter().map(|side| side.digest).collect();
    }
    executed
}

/// Maps of all threads; no key is in more than one.
struct Model {
    /// For each key, 1 + the position of the operation that wrote its value. 0, and whatever its thread wrote
    /// before its last clear, means that the key is not live.
    written: Vec<u64>,
    sides: Vec<Side>,
    hits: [u64; KINDS],
    live: u64,
    peak: u64,
    /// Keys that were inserted since the last sweep or lived after it; only where there are sweeps.
    sweeps: Option<Vec<u32>>,
}

/// The map of one thread.
#[derive(Clone, Default)]
struct Side {
    digest: Digest,
    live: u64,
    /// Sum of the stamps of all live entries, wrapping.
    stamps: u64,
    /// 1 + the position of the last clear.
    cleared: u64,
}

impl Model {
    fn new(distinct: u64, threads: usize) -> Self {
        let keys = usize::try_from(distinct).expect("key numbers are dense and in memory");
        let sides = vec![Side::default(); threads];
        Self { written: vec![0; keys], sides, hits: [0; KINDS], live: 0, peak: 0, sweeps: None }
    }

    /// Plays the operations from `from` to `until` of each thread, one of each in turn.
    fn play_turns(&mut self, threads: &[&[Op]], from: usize, until: usize) {
        if let [ops] = threads {
            // The one thread is kept where the compiler sees that nobody else changes it.
            let mut side = std::mem::take(&mut self.sides[0]);
            for (index, &op) in ops.iter().enumerate().take(until).skip(from) {
                self.step(&mut side, index as u64, op);
            }
            self.sides[0] = side;
            return;
        }
        for index in from..until {
            for (thread, ops) in threads.iter().enumerate() {
                if let Some(&op) = ops.get(index) {
                    let mut side = std::mem::take(&mut self.sides[thread]);
                    self.step(&mut side, index as u64, op);
                    self.sides[thread] = side;
                }
            }
        }
    }

    #[inline]
    fn step(&mut self, side: &mut Side, index: u64, op: Op) {
        let before = side.live;
        let (answer, hit) = match op.kind() {
            Kind::Insert => {
                let (answer, hit) =
                    side.write(usize_of(op).and_then(|key| self.written.get_mut(key)), index, true);
                self.added(op, hit);
                (answer, hit)
            }
            Kind::Update => side.write(usize_of(op).and_then(|key| self.written.get_mut(key)), index, false),
            Kind::Remove => side.remove(usize_of(op).and_then(|key| self.written.get_mut(key))),
            Kind::Get | Kind::Hold => side.get(usize_of(op).and_then(|key| self.written.get(key))),
            Kind::Iterate => (Answer::of(side.stamps), side.live > 0),
            Kind::Clear => side.clear(index),
            Kind::Upsert => {
                let (answer, hit) =
                    side.write(usize_of(op).and_then(|key| self.written.get_mut(key)), index, true);
                self.added(op, hit);
                (answer, hit)
            }
            Kind::Len | Kind::Copy => (Answer::of(side.live), side.live > 0),
            Kind::Retain => self.retain(side, Keep::of_argument(op.key()), index),
            Kind::RemoveFirst => side.remove_first(),
            Kind::Shrink | Kind::Reserve | Kind::Release => (Answer::ABSENT, false),
            Kind::Fetch => unreachable!("a bounded cache chooses what leaves"),
        };
        side.digest.fold(index, answer);
        self.hits[op.kind() as usize] += u64::from(hit);
        self.live = self.live.wrapping_add(side.live.wrapping_sub(before));
        self.peak = self.peak.max(self.live);
    }
}

impl Model {
    #[inline]
    fn added(&mut self, op: Op, hit: bool) {
        if let Some(keys) = &mut self.sweeps
            && !hit
        {
            keys.push(u32::try_from(op.key()).expect("key numbers are dense and in memory"));
        }
    }

    /// Takes out what is not to be kept. Whoever sweeps is alone: the entries of all threads are his.
    fn retain(&mut self, side: &mut Side, keep: Keep, index: u64) -> (Answer, bool) {
        let kept = keep.at(index);
        let mut keys = self.sweeps.take().unwrap_or_default();
        // A key that left and came back was added twice.
        if keys.len() as u64 > 2 * side.live {
            keys.sort_unstable();
            keys.dedup();
        }
        let before = side.live;
        keys.retain(|&key| {
            let place = &mut self.written[key as usize];
            let stays = side.is_live(*place) && kept.keeps(*place - 1);
            if !stays {
                side.remove(Some(place));
            }
            stays
        });
        self.sweeps = Some(keys);
        (Answer::of(before - side.live), before > side.live)
    }
}

fn usize_of(op: Op) -> Option<usize> {
    usize::try_from(op.key()).ok()
}

impl Side {
    fn is_live(&self, written: u64) -> bool {
        written > self.cleared
    }

    /// Replaces the value of a live key; with `anyway`, adds the key if it is not live.
    #[inline]
    fn write(&mut self, place: Option<&mut u64>, index: u64, anyway: bool) -> (Answer, bool) {
        let Some(place) = place else { return (Answer::ABSENT, false) };
        let hit = self.is_live(*place);
        if !hit && !anyway {
            return (Answer::ABSENT, false);
        }
        let old = std::mem::replace(place, index + 1);
        self.stamps = self.stamps.wrapping_add(index);
        if !hit {
            self.live += 1;
            return (Answer::ABSENT, false);
        }
        self.stamps = self.stamps.wrapping_sub(old - 1);
        (Answer::of(old - 1), true)
    }

    #[inline]
    fn remove(&mut self, place: Option<&mut u64>) -> (Answer, bool) {
        let Some(place) = place else { return (Answer::ABSENT, false) };
        let old = std::mem::take(place);
        if !self.is_live(old) {
            return (Answer::ABSENT, false);
        }
        self.live -= 1;
        self.stamps = self.stamps.wrapping_sub(old - 1);
        (Answer::of(old - 1), true)
    }

    #[inline]
    fn get(&self, place: Option<&u64>) -> (Answer, bool) {
        match place {
            Some(&written) if self.is_live(written) => (Answer::of(written - 1), true),
            _ => (Answer::ABSENT, false),
        }
    }

    /// Some entry leaves; which one, the map says.
    fn remove_first(&mut self) -> (Answer, bool) {
        let hit = self.live > 0;
        self.live -= u64::from(hit);
        (Answer::ABSENT, hit)
    }

    fn clear(&mut self, index: u64) -> (Answer, bool) {
        let removed = std::mem::take(&mut self.live);
        self.stamps = 0;
        self.cleared = index + 1;
        (Answer::of(removed), removed > 0)
    }
}
