//! What an entry is made of: the keys and values that maps are instantiated with.

use std::hash::Hash;

/// What a map is asked for. Made before the clock starts, from the number of the key on the tape.
pub trait Key: Hash + Eq + Ord + Clone + Send + Sync + 'static {
    /// The key with this number. A bijection that scatters: neighbours on the tape share no bits.
    fn make(number: u64, bytes: usize) -> Self;
}

/// What a map keeps. The stamp tells which operation wrote it.
pub trait Value: Clone + Send + Sync + 'static {
    /// A value of `bytes` bytes that carries `stamp`.
    fn make(stamp: u64, bytes: usize) -> Self;

    /// The stamp it was made with.
    fn stamp(&self) -> u64;
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014): a bijection on 64 bits.
const fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Key for u64 {
    fn make(number: u64, _bytes: usize) -> Self {
        scatter(number)
    }
}

/// A 16-byte key.
pub type Uuid = u128;

impl Key for Uuid {
    fn make(number: u64, _bytes: usize) -> Self {
        let high = scatter(number);
        u128::from(high) << 64 | u128::from(scatter(high))
    }
}

/// A text key in a heap block of its own; an insert clones it, as a server keeps the text of a request.
pub type Text = Box<str>;

impl Key for Text {
    fn make(number: u64, bytes: usize) -> Self {
        let hex = format!("{:016x}", scatter(number));
        hex.chars().cycle().take(bytes.max(1)).collect::<String>().into()
    }
}

/// Places that one thread has in a row.
pub const BLOCK: usize = 4096;

/// What a slot manager is asked for: the place where its user keeps the key that the manager gave out.
/// Places of removed entries are taken again, the last one first, so a table of them stays as small as the
/// live set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(pub u32);

impl Place {
    /// The place of a key that is not live.
    pub const NONE: Self = Self(u32::MAX);

    /// The place with this number of one of so many threads. Threads have blocks of places in turn: what is
    /// kept for a block is touched by one of them.
    ///
    /// # Panics
    /// If there are more places than 32 bits tell apart.
    #[must_use]
    pub fn of(thread: usize, threads: usize, number: usize) -> Self {
        let block = number / BLOCK * threads + thread;
        Self(u32::try_from(block * BLOCK + number % BLOCK).expect("fewer than 2^32 places"))
    }

    /// The block that the place is in, and where.
    #[inline]
    #[must_use]
    pub const fn split(self) -> (usize, usize) {
        (self.0 as usize / BLOCK, self.0 as usize % BLOCK)
    }
}

impl Value for u64 {
    #[inline]
    fn make(stamp: u64, _bytes: usize) -> Self {
        stamp
    }

    #[inline]
    fn stamp(&self) -> u64 {
        *self
    }
}

/// A value of 64 bytes inside the entry.
pub type Inline = [u64; 8];

impl Value for Inline {
    #[inline]
    fn make(stamp: u64, _bytes: usize) -> Self {
        [stamp; 8]
    }

    #[inline]
    fn stamp(&self) -> u64 {
        self[0]
    }
}

/// A value in a heap block of its own, allocated by the operation that writes it, and written whole: memory that was
/// never touched is not resident.
pub type Boxed = Box<[u8]>;

impl Value for Boxed {
    #[inline]
    fn make(stamp: u64, bytes: usize) -> Self {
        // Zeros would come from the kernel unwritten.
        let mut block = vec![0xA5; bytes.max(8)];
        block[..8].copy_from_slice(&stamp.to_le_bytes());
        block.into()
    }

    #[inline]
    fn stamp(&self) -> u64 {
        self.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}
