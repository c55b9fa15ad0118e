//! The film of a map's slots: what each of them is, again and again while a tape is played.
//!
//! A row is a moment, a column a part of the slots, a cell the mix of states in it. A mix is kept as one level for each
//! state: 0 where no slot is in the state, 15 where more than half are, and one less for each half of that, down to 1
//! for any. So what is rare is there, however many slots a cell stands for. Nothing about a film grows with the table or
//! with the tape.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use crate::named::named;

named! {
    /// What a slot is at a moment.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum SlotState {
        /// No entry has been in it since its memory was allocated.
        Unused = "never used",
        /// The first entry that was put there since its memory was allocated is there.
        Live = "live",
        /// An entry was put there where another was before.
        Reused = "reused",
        /// An entry is there that the map itself carried there: a rehash, a growth, a shift.
        Moved = "moved",
        /// An entry was there, and none is. Where a map tells its dead slots, an insert may take it.
        Emptied = "emptied",
        /// An entry was there, none is, and none can be until the table is rebuilt: a tombstone. Only of maps that tell.
        Dead = "dead",
    }
}

/// States of a slot.
pub const STATES: usize = SlotState::ALL.len();
/// The level of a state in which more than half of the slots are.
pub const FULL: u8 = 15;

/// Who says where the slots are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SlotSource {
    /// The map: every slot, in the order of its table.
    Map,
    /// Its memory, in the order of addresses: where entries lay, and between them in blocks of 4 KiB or more what has
    /// room for another.
    Memory,
}

/// The slots at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FilmRow {
    /// Operations done.
    pub ops: u64,
    /// Slots in each state, in the order of [`SlotState::ALL`].
    pub slots: [u64; STATES],
    /// How often the table has moved or was rearranged since the row before.
    pub moves: u64,
    /// How often the slots were looked at since the row before: a cell keeps the highest level that a state had.
    pub looks: u64,
}

impl FilmRow {
    /// Slots in this state.
    #[must_use]
    pub const fn of(&self, state: SlotState) -> u64 {
        self.slots[state as usize]
    }

    /// All slots.
    #[must_use]
    pub fn all(&self) -> u64 {
        super::total(self.slots)
    }
}

/// What became of a map's slots over a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Film {
    /// Who says where the slots are.
    pub source: SlotSource,
    /// Moments, in the order of the tape.
    pub rows: Vec<FilmRow>,
    /// The cells, row by row, each [`Film::CELL`] bytes.
    cells: Vec<u8>,
}

impl Film {
    /// Rows of a film at most.
    pub const ROWS: usize = 80;
    /// Columns of a film. Column `c` stands for the slots from `c * slots / COLUMNS` on.
    pub const COLUMNS: usize = 160;
    /// Bytes of a cell: a level of four bits for each state, the first of two in the lower half.
    const CELL: usize = STATES / 2;
    /// Bytes that a film takes at most as it is kept. Cells that do not shrink grow by base64, and rows are short.
    pub const MOST_BYTES: usize = 100_000;

    /// A film without a row.
    #[must_use]
    pub const fn new(source: SlotSource) -> Self {
        Self { source, rows: Vec::new(), cells: Vec::new() }
    }

    /// Adds a moment, with the levels of each column.
    pub fn push(&mut self, row: FilmRow, levels: &[[u8; STATES]; Self::COLUMNS]) {
        self.rows.push(row);
        for cell in levels {
            self.cells.extend(cell.chunks_exact(2).map(|pair| pair[0] & FULL | (pair[1] & FULL) << 4));
        }
    }

    /// The levels of a cell.
    #[must_use]
    pub fn levels(&self, row: usize, column: usize) -> [u8; STATES] {
        let start = (row * Self::COLUMNS + column) * Self::CELL;
        std::array::from_fn(|state| {
            let pair = self.cells.get(start + state / 2).copied().unwrap_or(0);
            if state.is_multiple_of(2) { pair & FULL } else { pair >> 4 }
        })
    }

    /// Whether it is of a tape with so many operations; what does not fit otherwise.
    pub(super) fn check(&self, ops: u64) -> Result<(), String> {
        if !self.rows.is_sorted_by(|earlier, later| earlier.ops < later.ops) {
            return Err("the rows of the film are not in the order of the tape".into());
        }
        match self.rows.last() {
            Some(last) if last.ops > ops => {
                Err(format!("a film of {} operations, must be at most {ops}", last.ops))
            }
            _ => Ok(()),
        }
    }
}

/// The level of a state in which `part` of `all` slots are.
#[must_use]
pub fn level(part: u64, all: u64) -> u8 {
    if part == 0 {
        return 0;
    }
    let halvings = (all.max(part) / part).ilog2();
    FULL - u8::try_from(halvings).unwrap_or(FULL).min(FULL - 1)
}

/// A film as it is kept: its cells with DEFLATE, in base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Wire {
    source: SlotSource,
    rows: Vec<FilmRow>,
    cells: String,
}

impl From<Film> for Wire {
    fn from(film: Film) -> Self {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let _ = packed.write_all(&film.cells);
        let cells = BASE64.encode(packed.finish().unwrap_or_default());
        Self { source: film.source, rows: film.rows, cells }
    }
}

impl TryFrom<Wire> for Film {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        let rows = wire.rows.len();
        if rows > Self::ROWS {
            return Err(format!("a film of {rows} rows, must be at most {}", Self::ROWS));
        }
        let packed =
            BASE64.decode(&wire.cells).map_err(|why| format!("cells of a film: not base64: {why}"))?;
        let want = rows * Self::COLUMNS * Self::CELL;
        let mut cells = Vec::with_capacity(want);
        let read = ZlibDecoder::new(&*packed).take(want as u64 + 1).read_to_end(&mut cells);
        read.map_err(|why| format!("cells of a film: not compressed with DEFLATE: {why}"))?;
        if cells.len() != want {
            return Err(format!("cells of a film: not the {want} bytes that its {rows} rows have"));
        }
        Ok(Self { source: wire.source, rows: wire.rows, cells })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(ops: u64) -> FilmRow {
        FilmRow { ops, slots: [u64::MAX / 8; STATES], moves: u64::MAX, looks: u64::MAX }
    }

    /// A film as long as one can be, of cells that do not shrink.
    fn longest(seed: u64) -> Film {
        let mut film = Film::new(SlotSource::Memory);
        let mut state = seed | 1;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[5] & FULL
        };
        for at in 0..Film::ROWS as u64 {
            let levels = std::array::from_fn(|_| std::array::from_fn(|_| draw()));
            film.push(row(u64::MAX - 100 + at), &levels);
        }
        film
    }

    #[test]
    fn one_of_any_number_has_a_level_and_none_has_none() {
        assert_eq!(level(0, 1000), 0);
        assert_eq!(level(1, u64::MAX), 1);
        assert_eq!([level(1, 1000), level(1000, 1000), level(501, 1000), level(500, 1000)], [6, 15, 15, 14]);
        assert_eq!(level(3, 0), 15, "what is said to be of nothing");
    }

    #[test]
    fn the_longest_film_is_small() {
        let kept = serde_json::to_string(&longest(7)).unwrap();
        assert!(kept.len() > 50_000, "it did not shrink: {}", kept.len());
        assert!(kept.len() <= Film::MOST_BYTES, "{}", kept.len());
    }

    #[test]
    fn a_film_with_other_cells_than_its_rows_have_is_refused() {
        let mut kept = serde_json::to_value(longest(7)).unwrap();
        kept["rows"].as_array_mut().unwrap().pop();
        let refused = serde_json::from_value::<Film>(kept.clone()).unwrap_err().to_string();
        assert!(refused.contains("not the 37920 bytes that its 79 rows have"), "{refused}");
        kept["cells"] = "?".into();
        let refused = serde_json::from_value::<Film>(kept).unwrap_err().to_string();
        assert!(refused.contains("not base64"), "{refused}");
    }

    #[test]
    fn rows_stand_in_the_order_of_the_tape_and_end_with_it() {
        let mut film = longest(7);
        assert_eq!(film.check(u64::MAX), Ok(()));
        assert!(film.check(10).unwrap_err().contains("must be at most 10"));
        film.rows.swap(3, 4);
        assert!(film.check(u64::MAX).unwrap_err().contains("order"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn what_is_kept_is_read_back(seed: u64, levels: [[u8; STATES]; 3]) {
            let mut film = longest(seed);
            film.rows.truncate(Film::ROWS - 1);
            film.cells.truncate(film.rows.len() * Film::COLUMNS * Film::CELL);
            let column = |column: usize| levels[column % 3].map(|level| level & FULL);
            film.push(row(u64::MAX), &std::array::from_fn(column));
            for at in 0..Film::COLUMNS {
                prop_assert_eq!(film.levels(Film::ROWS - 1, at), column(at));
            }
            let kept = serde_json::to_string(&film).unwrap();
            prop_assert_eq!(serde_json::from_str::<Film>(&kept).unwrap(), film);
        }
    }
}
