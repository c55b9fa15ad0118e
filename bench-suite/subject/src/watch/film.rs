//! Takes the film of a map's slots: looks at all of them from time to time and keeps the mix of each part.
//!
//! A row is taken after each of [`Film::ROWS`] equal stretches of the tape. Where the slots are few beside the operations
//! they are looked at within a stretch too, at places that are drawn, so that nothing that comes and goes at a steady pace
//! is missed by looking at the same pace.

use std::collections::BTreeMap;

use formats::observation::{Film, FilmRow, STATES, SlotSource, SlotState, level};

use super::ledger;
use super::shadow::Shadow;
use crate::entry::Value;
use crate::map::{Address, Held, Map};

/// Looks in a row at most.
const LOOKS: u64 = 8;
/// Slots that may be looked at for each operation, beyond one look a row.
const SLOTS_PER_OP: u64 = 4;

/// The film of one map while its tape is played.
pub struct Filming {
    film: Film,
    /// Operations of the tape.
    ops: u64,
    /// Operations after which the slots are looked at, the next one last.
    due: Vec<u64>,
    /// The most of each state in each column since the last row.
    levels: Box<[[u8; STATES]; Film::COLUMNS]>,
    looks: u64,
    moves: u64,
    /// Entries have left or moved without a word of where.
    unsure: bool,
    /// The map moves entries without telling.
    shifts: bool,
}

impl Filming {
    /// The film of a tape of so many operations.
    #[must_use]
    pub fn new(ops: u64) -> Self {
        let levels = Box::new([[0; STATES]; Film::COLUMNS]);
        let film = Film::new(SlotSource::Memory);
        let mut new =
            Self { film, ops, due: Vec::new(), levels, looks: 0, moves: 0, unsure: false, shifts: false };
        new.plan(0);
        new
    }

    /// Whether the slots are to be looked at after so many operations.
    #[inline]
    #[must_use]
    pub fn is_due(&self, played: u64) -> bool {
        self.due.last() == Some(&played)
    }

    /// Entries have left, and nobody said from where.
    pub fn entries_left(&mut self) {
        self.unsure = true;
    }

    /// An entry was not where it should be, or came to where another should be.
    pub fn surprised(&mut self) {
        // What entries that left without a word leave behind is no surprise.
        self.shifts |= !self.unsure;
    }

    /// The film.
    #[must_use]
    pub fn finish(self) -> Film {
        self.film
    }

    /// Looks at all slots, when it is due. `moves` is how often the table has moved so far.
    pub fn look<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, played: u64, moves: u64) {
        let mix = if let Some(slots) = map.slot_count() {
            self.film.source = SlotSource::Map;
            told(map, slots)
        } else {
            if self.shifts || self.unsure {
                take_census(map);
            }
            ledger::with(|ledger| ledger.seen().map(|(shadow, large)| in_memory(shadow, large)))
                .unwrap_or_else(|| Mix::of(0))
        };
        self.unsure = false;
        self.looks += 1;
        mix.raise(&mut self.levels);
        self.due.pop();
        if self.due.is_empty() {
            let row =
                FilmRow { ops: played, slots: mix.states, moves: moves - self.moves, looks: self.looks };
            (self.moves, self.looks) = (moves, 0);
            let all = row.all();
            self.film.push(row, &self.levels);
            *self.levels = [[0; STATES]; Film::COLUMNS];
            self.plan(all);
        }
    }

    /// Plans the looks of the next row, in a map that has so many slots.
    fn plan(&mut self, slots: u64) {
        let rows = (Film::ROWS as u64).min(self.ops);
        let row = self.film.rows.len() as u64;
        if row >= rows {
            return;
        }
        let end =
            |row: u64| u64::try_from(u128::from(row) * u128::from(self.ops) / u128::from(rows)).unwrap_or(0);
        let (start, end) = (end(row), end(row + 1));
        let looks = (SLOTS_PER_OP * (end - start) / slots.max(1)).clamp(1, LOOKS.min(end - start));
        self.due.push(end);
        let part = (end - start) / looks;
        // By its position, so that it is the same on every run.
        let drawn = |look: u64| (row * LOOKS + look + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        let within = (0..looks - 1).rev().map(|look| start + 1 + look * part + drawn(look) % part);
        self.due.extend(within.filter(|at| *at < end));
        self.due.dedup();
    }
}

/// Asks a map that does not tell of its moves where all its entries are.
fn take_census<K, V: Value, M: Map<K, V> + ?Sized>(map: &mut M) {
    let shadow = |act: &mut dyn FnMut(&mut Shadow)| {
        ledger::with(|ledger| ledger.seen().map(|(shadow, _)| act(shadow)));
    };
    shadow(&mut Shadow::start_census);
    map.locate_all(&mut |address| shadow(&mut |shadow| shadow.count(address)));
    shadow(&mut Shadow::end_census);
}

/// The slots of a map that tells them.
fn told<K, V: Value, M: Map<K, V> + ?Sized>(map: &mut M, slots: u64) -> Mix {
    let mut mix = Mix::of(slots);
    map.slots(&mut |address, held| {
        let known = ledger::with(|ledger| ledger.seen().and_then(|(shadow, _)| shadow.state(address)));
        mix.add(state(held, known), 1);
    });
    mix.spread();
    mix
}

/// What a slot is that holds this and of whose place this is known.
fn state(held: Held, known: Option<SlotState>) -> SlotState {
    match (held, known) {
        (Held::Entry, Some(live @ (SlotState::Live | SlotState::Reused))) => live,
        // Nobody inserted it there.
        (Held::Entry, _) => SlotState::Moved,
        (Held::Tombstone, _) => SlotState::Dead,
        (Held::Nothing, None) => SlotState::Unused,
        (Held::Nothing, Some(_)) => SlotState::Emptied,
    }
}

/// The slots of a map that does not tell them: where entries have lived, in the order of addresses, and what lies between
/// in blocks that are large enough for more.
fn in_memory(shadow: &mut Shadow, large: &BTreeMap<Address, usize>) -> Mix {
    let mut apart = usize::MAX;
    let mut before: Option<Address> = None;
    shadow.places(|address, _| {
        if let Some(before) = before.replace(address) {
            apart = apart.min(address - before);
        }
    });
    let mut slots = 0;
    walk(shadow, large, apart, |_, times| slots += times);
    let mut mix = Mix::of(slots);
    walk(shadow, large, apart, |state, times| mix.add(state, times));
    mix.spread();
    mix
}

/// A block in which entries live: where it ends, and where the next slot may be.
struct Block {
    end: Address,
    next: Address,
}

/// Shows each place in the order of addresses, and how many slots that lie so far `apart` fit between in large blocks.
fn walk(
    shadow: &mut Shadow,
    large: &BTreeMap<Address, usize>,
    apart: usize,
    mut visit: impl FnMut(SlotState, u64),
) {
    let mut blocks = large.iter().map(|(start, size)| Block { next: *start, end: start + size }).peekable();
    let mut inside: Option<Block> = None;
    shadow.places(|address, state| {
        if let Some(block) = inside.take_if(|block| block.end <= address) {
            visit(SlotState::Unused, ((block.end - block.next.min(block.end)) / apart) as u64);
        }
        if inside.is_none() {
            while blocks.next_if(|block| block.end <= address).is_some() {}
            inside = blocks.next_if(|block| block.next <= address);
        }
        if let Some(block) = &mut inside {
            visit(SlotState::Unused, (address.saturating_sub(block.next) / apart) as u64);
            block.next = address.saturating_add(apart);
        }
        visit(state, 1);
    });
    if let Some(block) = inside {
        visit(SlotState::Unused, ((block.end - block.next.min(block.end)) / apart) as u64);
    }
}

/// How many slots of each column are in each state.
struct Mix {
    all: u64,
    at: u64,
    /// The column of the slot at `at`, and the first slot behind it.
    column: u64,
    end: u64,
    states: [u64; STATES],
    columns: Box<[[u64; STATES]; Film::COLUMNS]>,
}

impl Mix {
    const COLUMNS: u64 = Film::COLUMNS as u64;

    fn of(all: u64) -> Self {
        let columns = Box::new([[0; STATES]; Film::COLUMNS]);
        let mut new = Self { all, at: 0, column: 0, end: 0, states: [0; STATES], columns };
        new.turn();
        new
    }

    /// Finds the column of the slot at `at`: once a column, since a division takes as long as all else that a slot costs.
    fn turn(&mut self) {
        self.column = (self.at * Self::COLUMNS / self.all.max(1)).min(Self::COLUMNS - 1);
        self.end = if self.column == Self::COLUMNS - 1 {
            u64::MAX
        } else {
            ((self.column + 1) * self.all).div_ceil(Self::COLUMNS).max(self.at + 1)
        };
    }

    /// The next slots are in this state.
    #[inline]
    fn add(&mut self, state: SlotState, mut times: u64) {
        self.states[state as usize] += times;
        while times > 0 {
            if self.at >= self.end {
                self.turn();
            }
            let here = times.min(self.end - self.at);
            self.columns[usize::try_from(self.column).unwrap_or(0)][state as usize] += here;
            self.at += here;
            times -= here;
        }
    }

    /// Of fewer slots than columns each takes several.
    fn spread(&mut self) {
        for column in 1..Film::COLUMNS {
            if self.columns[column] == [0; STATES] {
                self.columns[column] = self.columns[column - 1];
            }
        }
    }

    /// Raises levels to those of this mix.
    fn raise(&self, levels: &mut [[u8; STATES]; Film::COLUMNS]) {
        for (levels, counts) in levels.iter_mut().zip(self.columns.iter()) {
            let all = counts.iter().sum();
            for (kept, count) in levels.iter_mut().zip(counts) {
                *kept = (*kept).max(level(*count, all));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One slot in a thousand is dead, and it is another one each time: a front.
    #[test]
    fn a_front_of_one_slot_in_a_thousand_is_in_the_cell_where_it_is() {
        const SLOTS: u64 = 1_000_000;
        for front in [0, 1, 499_999, SLOTS - 1000] {
            let mut mix = Mix::of(SLOTS);
            mix.add(SlotState::Live, front);
            mix.add(SlotState::Dead, 1);
            mix.add(SlotState::Live, SLOTS - front - 1);
            let mut levels = [[0; STATES]; Film::COLUMNS];
            mix.raise(&mut levels);
            let seen: Vec<usize> =
                (0..Film::COLUMNS).filter(|column| levels[*column][SlotState::Dead as usize] > 0).collect();
            let column = front * Mix::COLUMNS / SLOTS;
            assert_eq!(seen, [usize::try_from(column).unwrap()], "front at {front}");
            assert_eq!(mix.states.iter().sum::<u64>(), SLOTS);
        }
    }

    #[test]
    fn few_slots_fill_all_columns() {
        let mut mix = Mix::of(3);
        for state in [SlotState::Live, SlotState::Emptied, SlotState::Unused] {
            mix.add(state, 1);
        }
        mix.spread();
        let of = |state: SlotState| mix.columns.iter().filter(|column| column[state as usize] == 1).count();
        assert_eq!([SlotState::Live, SlotState::Emptied, SlotState::Unused].map(of), [53, 53, 54]);
    }

    #[test]
    fn rows_end_where_the_tape_does_and_looks_are_within_them() {
        for ops in [1, 79, 80, 81, 12_345] {
            let mut filming = Filming::new(ops);
            let mut ends = Vec::new();
            while let Some(end) = filming.due.first().copied() {
                assert!(filming.due.is_sorted_by(|later, earlier| later > earlier), "{:?}", filming.due);
                assert!(filming.due.last().is_some_and(|next| Some(next) > ends.last()));
                ends.push(end);
                let row = FilmRow { ops: end, slots: [0; STATES], moves: 0, looks: 1 };
                filming.film.push(row, &[[0; STATES]; Film::COLUMNS]);
                filming.due.clear();
                filming.plan(10);
            }
            assert_eq!((ends.len() as u64, ends.last()), (ops.min(80), Some(&ops)));
        }
    }
}
