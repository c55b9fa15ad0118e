//! Go's memhash on a processor with AES instructions.

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod hardware;
mod software;

use super::MemHash;
use crate::seed::Seeds;

/// Memhash with AES (`runtime.memhash` and its like on amd64, the same in every release from 1.19 to 1.27).
///
/// A key of four or eight bytes and the seed make one block, which goes through three rounds of AESENC with the
/// first 48 bytes of `aeskeysched`. Longer and odd keys make one to eight blocks, each joined with a seed of its
/// own and encrypted under itself. A processor without the instruction gets the same 64 bits from a table.
#[derive(Debug, Clone)]
pub struct Aes {
    schedule: [u128; 8],
    /// Proof that the processor has the instruction.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    hardware: Option<hardware::Aesenc>,
}

/// Sixteen bytes that AES works on.
trait Block: Copy {
    /// Other bytes.
    fn with(self, bits: u128) -> Self;
    fn xor(self, other: Self) -> Self;
    /// One AESENC.
    fn round(self, key: Self) -> Self;
    /// The low eight bytes.
    fn low(self) -> u64;

    /// One AESENC whose key is the block itself.
    #[inline]
    fn scramble(self) -> Self {
        self.round(self)
    }
}

impl Aes {
    /// The hash with this schedule: Go's `runtime.aeskeysched`.
    #[must_use]
    pub fn new(aeskeysched: &[u8; 128]) -> Self {
        let (parts, _) = aeskeysched.as_chunks::<16>();
        Self {
            schedule: std::array::from_fn(|part| u128::from_le_bytes(parts[part])),
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            hardware: hardware::Aesenc::detect(),
        }
    }

    /// The hash with a schedule drawn from `start`: Go draws it once per process.
    #[must_use]
    pub fn seeded(start: u64) -> Self {
        let mut seeds = Seeds::new(start);
        let mut schedule = [0; 128];
        for part in schedule.as_chunks_mut::<8>().0 {
            *part = seeds.next_u64().to_le_bytes();
        }
        Self::new(&schedule)
    }

    /// The same hash that never uses the instruction.
    #[must_use]
    pub fn in_software(self) -> Self {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        return Self { hardware: None, ..self };
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        return self;
    }

    #[inline]
    fn one_block(&self, key: u64, seed: u64) -> u64 {
        let state = u128::from(key) << 64 | u128::from(seed);
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if let Some(aesenc) = self.hardware {
            return aesenc.three_rounds(state, &self.schedule);
        }
        software::three_rounds(state, &self.schedule)
    }

    /// The first bytes of every state: the seed, and four times the low 16 bits of the length.
    #[inline]
    fn start(bytes: usize, seed: u64) -> u128 {
        let length = (bytes as u64 & 0xFFFF).wrapping_mul(0x0001_0001_0001_0001);
        u128::from(length) << 64 | u128::from(seed)
    }

    /// The seed of one of eight lanes.
    #[inline]
    fn lane<B: Block>(&self, start: B, lane: usize) -> B {
        start.xor(start.with(self.schedule[lane])).scramble()
    }

    /// The hash of at most sixteen bytes, which stand in the low bytes of `data`.
    #[inline]
    fn short<B: Block>(&self, any: B, data: u128, bytes: usize, seed: u64) -> u64 {
        let lane = self.lane(any.with(Self::start(bytes, seed)), 0);
        if bytes == 0 {
            return lane.scramble().low();
        }
        lane.xor(lane.with(data)).scramble().scramble().scramble().low()
    }

    /// The hash of more than sixteen bytes.
    fn long<B: Block>(&self, any: B, data: &[u8], seed: u64) -> u64 {
        match data.len() {
            ..=32 => self.lanes::<B, 2>(any, data, seed),
            33..=64 => self.lanes::<B, 4>(any, data, seed),
            65..=128 => self.lanes::<B, 8>(any, data, seed),
            _ => self.longest(any, data, seed),
        }
    }

    /// `LANES` blocks: half of them from the start of the key, half of them up to its end.
    #[inline]
    fn lanes<B: Block, const LANES: usize>(&self, any: B, data: &[u8], seed: u64) -> u64 {
        let start = any.with(Self::start(data.len(), seed));
        let end = data.len() - LANES / 2 * 16;
        let states: [B; LANES] = std::array::from_fn(|lane| {
            let from = if lane < LANES / 2 { lane * 16 } else { end + (lane - LANES / 2) * 16 };
            let block = any.with(block(data, from));
            self.lane(start, lane).xor(block).scramble().scramble().scramble()
        });
        join(states)
    }

    /// The last 128 bytes first, then all blocks of 128 bytes from the start; the last of them may overlap.
    fn longest<B: Block>(&self, any: B, data: &[u8], seed: u64) -> u64 {
        let start = any.with(Self::start(data.len(), seed));
        let end = data.len() - 128;
        let mut states: [B; 8] =
            std::array::from_fn(|lane| self.lane(start, lane).xor(any.with(block(data, end + lane * 16))));
        for part in 0..(data.len() - 1) / 128 {
            for (lane, state) in states.iter_mut().enumerate() {
                *state = state.scramble().round(any.with(block(data, part * 128 + lane * 16)));
            }
        }
        join(states.map(|state| state.scramble().scramble().scramble()))
    }
}

/// Sixteen bytes of a key.
#[inline]
fn block(data: &[u8], from: usize) -> u128 {
    data[from..].first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes))
}

fn join<B: Block, const LANES: usize>(states: [B; LANES]) -> u64 {
    states.map(Block::low).into_iter().fold(0, std::ops::BitXor::bitxor)
}

/// The bytes of a short key as a number, zeros behind them.
#[inline]
fn padded(data: &[u8]) -> u128 {
    let mut block = [0; 16];
    block[..data.len()].copy_from_slice(data);
    u128::from_le_bytes(block)
}

impl MemHash for Aes {
    #[inline]
    fn memhash32(&self, key: u32, seed: u64) -> u64 {
        self.one_block(key.into(), seed)
    }

    #[inline]
    fn memhash64(&self, key: u64, seed: u64) -> u64 {
        self.one_block(key, seed)
    }

    #[inline]
    fn memhash128(&self, key: [u8; 16], seed: u64) -> u64 {
        let data = u128::from_le_bytes(key);
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if let Some(aesenc) = self.hardware {
            return self.short(aesenc.block(data), data, 16, seed);
        }
        self.short(software::Number(data), data, 16, seed)
    }

    fn memhash(&self, data: &[u8], seed: u64) -> u64 {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if let Some(aesenc) = self.hardware {
            let any = aesenc.block(0);
            return match data.len() {
                ..=16 => self.short(any, padded(data), data.len(), seed),
                _ => self.long(any, data, seed),
            };
        }
        let any = software::Number(0);
        match data.len() {
            ..=16 => self.short(any, padded(data), data.len(), seed),
            _ => self.long(any, data, seed),
        }
    }

    #[inline]
    fn is_quick(&self) -> bool {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        return self.hardware.is_some();
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        return true;
    }
}

#[cfg(test)]
mod tests {
    use super::Aes;
    use crate::hash::MemHash;
    use crate::seed::Seeds;

    #[test]
    fn instruction_and_table_agree() {
        let mut seeds = Seeds::new(7);
        for start in 0..50 {
            let (hash, software) = (Aes::seeded(start), Aes::seeded(start).in_software());
            let (key, seed) = (seeds.next_u64(), seeds.next_u64());
            assert_eq!(hash.memhash64(key, seed), software.memhash64(key, seed));
            assert_eq!(hash.memhash128([7; 16], seed), software.memhash128([7; 16], seed));
        }
        let data: Vec<u8> = (0..=255).chain(0..=255).collect();
        let (hash, software) = (Aes::seeded(1), Aes::seeded(1).in_software());
        for length in 0..if cfg!(miri) { 20 } else { 400 } {
            let seed = seeds.next_u64();
            assert_eq!(hash.memhash(&data[..length], seed), software.memhash(&data[..length], seed));
        }
    }

    #[test]
    fn every_byte_of_a_key_counts() {
        let hash = Aes::seeded(3);
        for length in [1, 15, 16, 17, 32, 33, 64, 65, 128, 129, 257, 300] {
            let mut data = vec![0; length];
            let zero = hash.memhash(&data, 5);
            for byte in 0..length {
                data[byte] = 1;
                assert_ne!(hash.memhash(&data, 5), zero, "byte {byte} of {length}");
                data[byte] = 0;
            }
        }
        assert_eq!(hash.memhash(&[9; 16], 5), hash.memhash128([9; 16], 5));
    }
}
