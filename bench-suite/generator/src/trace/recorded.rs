//! What the crate `churnmark-recorder` writes: blocks of 8-byte operations from many threads.
//!
//! ```text
//! head   magic 8 · version u32 · 0 u32 · share of the keys f64 · 0 u64
//! block  "BLCK" · thread u32 · operations u32 · dropped before it u32 · begin, end ns u64 · checksum u64 · operations
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::io::Read;
use std::path::Path;

use formats::fault::Fault;
use formats::tape::Kind;

use super::binary::fill;
use super::player::{NEVER, Next, Player, Step};
use super::token::Token;

/// The first bytes of such a file.
pub(super) const MAGIC: &[u8; 8] = b"CHURNREC";
const VERSION: u32 = 1;
const HEAD: usize = 32;
const BLOCK: usize = 40;
/// Operations of a block; the recorder writes 256.
const MAX_OPERATIONS: u64 = 1 << 16;

/// The operations of a thread, and the time over which they lie evenly.
struct Block {
    begin: u64,
    end: u64,
    operations: Vec<u64>,
    played: usize,
}

/// Plays the operations of all threads in the order of their times: exact within a thread; between threads, times are
/// known for each block, and lie evenly within it. A block that is cut off at the end is where the program ended.
pub(super) fn read(mut source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let cannot = |error| Fault::of_file(file, format!("cannot be read: {error}"));
    let mut head = [0; HEAD];
    let length = fill(&mut source, &mut head).map_err(cannot)?;
    if length < HEAD || !head.starts_with(MAGIC) {
        return Err(Fault::of_file(file, "does not begin as a recording of churnmark-recorder does"));
    }
    let version = u32::from_le_bytes(part(&head, 8));
    if version != VERSION {
        let problem = format!("is of version {version} of churnmark-recorder; this program reads {VERSION}");
        return Err(Fault::of_file(file, problem));
    }
    let share = f64::from_le_bytes(part(&head, 16));
    player.facts.recorded_share = (share < 1.0).then_some(share);
    let mut threads: BTreeMap<u32, VecDeque<Block>> = BTreeMap::new();
    let mut number = 0u64;
    while let Some((thread, block)) = read_block(&mut source, number, file, player)? {
        threads.entry(thread).or_default().push_back(block);
        number += 1;
    }
    play(threads, player);
    Ok(())
}

/// The next block and its thread; `None` where the file ends, in the middle of a block or not.
fn read_block(
    source: &mut impl Read,
    number: u64,
    file: &Path,
    player: &mut Player,
) -> Result<Option<(u32, Block)>, Fault> {
    let cannot = |error| Fault::of_file(file, format!("block {}: cannot be read: {error}", number + 1));
    let damaged = |what: &str| Fault::of_file(file, format!("block {} is damaged: {what}", number + 1));
    let mut head = [0; BLOCK];
    if fill(source, &mut head).map_err(cannot)? < BLOCK {
        return Ok(None);
    }
    let [mark, counts, begin, end, checksum] =
        [0, 8, 16, 24, 32].map(|at| u64::from_le_bytes(part(&head, at)));
    let count = counts & 0xffff_ffff;
    if !head.starts_with(b"BLCK") || count > MAX_OPERATIONS {
        return Err(damaged("it does not begin as a block does"));
    }
    let mut bytes = vec![0; usize::try_from(count).unwrap_or_default() * 8];
    if fill(source, &mut bytes).map_err(cannot)? < bytes.len() {
        return Ok(None);
    }
    let operations: Vec<u64> =
        bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
    let sum = [mark, counts, begin, end].iter().chain(&operations).fold(0, |sum, word| mix(sum, *word));
    if sum != checksum {
        return Err(damaged("its checksum does not fit"));
    }
    player.facts.dropped += counts >> 32;
    let thread = u32::try_from(mark >> 32).unwrap_or_default();
    Ok(Some((thread, Block { begin, end, operations, played: 0 })))
}

impl Block {
    /// When its next operation was, ns; `None` behind the last one.
    fn time(&self) -> Option<u64> {
        if self.played == self.operations.len() {
            return None;
        }
        let span = u128::from(self.end.saturating_sub(self.begin));
        let past = span * self.played as u128 / self.operations.len() as u128;
        Some(self.begin.saturating_add(u64::try_from(past).unwrap_or(u64::MAX)))
    }
}

fn play(mut threads: BTreeMap<u32, VecDeque<Block>>, player: &mut Player) {
    let mut next: BinaryHeap<Reverse<(u64, u32)>> = threads
        .iter()
        .filter_map(|(thread, blocks)| Some(Reverse((blocks.front()?.time()?, *thread))))
        .collect();
    while let Some(Reverse((now, thread))) = next.pop() {
        let Some(blocks) = threads.get_mut(&thread) else { continue };
        let until = next.peek().map_or(u64::MAX, |Reverse((time, _))| *time);
        // As long as no other thread's turn comes.
        let mut time = Some(now);
        while let Some(now) = time.filter(|time| *time <= until) {
            let Some(block) = blocks.front_mut() else { break };
            let operation = block.operations[block.played];
            block.played += 1;
            player.facts.time(now);
            if step(now, operation, player) == Next::Enough {
                return;
            }
            if block.time().is_none() {
                blocks.pop_front();
            }
            time = blocks.front().and_then(Block::time);
        }
        if let Some(time) = time {
            next.push(Reverse((time, thread)));
        }
    }
}

fn step(now: u64, operation: u64, player: &mut Player) -> Next {
    let key = Token::of_number(operation >> 3);
    let step = match operation & 0b111 {
        0 => Step::Insert(NEVER),
        1 => Step::Remove,
        2 => Step::Get,
        3 => Step::Update,
        4 => Step::Upsert,
        5 => return player.play_all(now, Kind::Clear),
        6 => return player.play_all(now, Kind::Iterate),
        _ => {
            player.facts.ignored += 1;
            return Next::More;
        }
    };
    player.play_at(now, key, step, 1)
}

/// One step of the checksum.
fn mix(sum: u64, word: u64) -> u64 {
    (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or([0; N])
}
