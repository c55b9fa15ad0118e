//! What an entry is made of: the keys and values that maps are instantiated with.

use std::hash::{Hash, Hasher};

use formats::entry::{KeyPattern, Keys};

/// What a map is asked for.
pub trait Key: Hash + Eq + Ord + Clone + Send + Sync + 'static {}

impl<K: Hash + Eq + Ord + Clone + Send + Sync + 'static> Key for K {}

/// A kind of keys of which a tape is. They are made before the clock starts.
pub trait Numbered: Key {
    /// The key with this number. A bijection that scatters: neighbours on the tape share no bits.
    fn make(number: u64, bytes: usize) -> Self;

    /// The key with this number by a pattern. Kinds of keys that a pattern is not for scatter.
    #[must_use]
    fn by_pattern(_pattern: KeyPattern, number: u64, bytes: usize) -> Self {
        Self::make(number, bytes)
    }
}

/// What a map keeps. The stamp tells which operation wrote it.
pub trait Value: Clone + Send + Sync + 'static {
    /// Whether values of this kind may have different sizes.
    const VARIES: bool = false;

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

/// The finalizer of `MurmurHash3` (Appleby 2008): a bijection on 32 bits.
const fn scatter32(number: u32) -> u32 {
    let mut z = number.wrapping_add(0x9E37_79B9);
    z = (z ^ (z >> 16)).wrapping_mul(0x85EB_CA6B);
    z = (z ^ (z >> 13)).wrapping_mul(0xC2B2_AE35);
    z ^ (z >> 16)
}

impl Numbered for u32 {
    #[expect(clippy::cast_possible_truncation, reason = "no tape has 2^32 keys")]
    fn make(number: u64, _bytes: usize) -> Self {
        debug_assert!(u32::try_from(number).is_ok(), "{number} is the number of another key too");
        scatter32(number as Self)
    }
}

impl Numbered for u64 {
    fn make(number: u64, _bytes: usize) -> Self {
        scatter(number)
    }

    fn by_pattern(pattern: KeyPattern, number: u64, bytes: usize) -> Self {
        match pattern {
            KeyPattern::MultiplesOf(factor) => number.wrapping_mul(factor.get()),
            KeyPattern::Scattered | KeyPattern::CommonPrefix(_) => <Self as Numbered>::make(number, bytes),
        }
    }
}

/// A 16-byte key: bytes without a word to be read at once, as crate `uuid` and most protocols have them.
pub type Uuid = [u8; 16];

impl Numbered for Uuid {
    fn make(number: u64, _bytes: usize) -> Self {
        let high = scatter(number);
        (u128::from(high) << 64 | u128::from(scatter(high))).to_le_bytes()
    }
}

/// A text key in a heap block of its own; an insert clones it, as a server keeps the text of a request.
pub type Text = Box<str>;

impl Numbered for Text {
    fn make(number: u64, bytes: usize) -> Self {
        let hex = format!("{:016x}", scatter(number));
        hex.chars().cycle().take(bytes.max(1)).collect::<String>().into()
    }

    fn by_pattern(pattern: KeyPattern, number: u64, bytes: usize) -> Self {
        match pattern {
            KeyPattern::CommonPrefix(common) => {
                let common = usize::from(common);
                let own = <Self as Numbered>::make(number, bytes.saturating_sub(common));
                format!("{}{own}", "p".repeat(common)).into()
            }
            KeyPattern::Scattered | KeyPattern::MultiplesOf(_) => <Self as Numbered>::make(number, bytes),
        }
    }
}

/// A key of any kind. It hashes and compares as the key inside does, so that what a map does with its keys can be counted
/// without compiling the map for each kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnyKey {
    /// 4 bytes.
    U32(u32),
    /// 8 bytes.
    U64(u64),
    /// 16 bytes.
    Uuid(Uuid),
    /// Text.
    Text(Text),
}

impl AnyKey {
    /// The key of this kind with this number by a pattern.
    #[must_use]
    pub fn make(keys: Keys, pattern: KeyPattern, number: u64) -> Self {
        let bytes = keys.bytes();
        match keys {
            Keys::U32 => Self::U32(Numbered::by_pattern(pattern, number, bytes)),
            Keys::U64 => Self::U64(Numbered::by_pattern(pattern, number, bytes)),
            Keys::Uuid => Self::Uuid(Numbered::by_pattern(pattern, number, bytes)),
            Keys::String(_) => Self::Text(Numbered::by_pattern(pattern, number, bytes)),
        }
    }
}

impl Hash for AnyKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::U32(key) => key.hash(state),
            Self::U64(key) => key.hash(state),
            Self::Uuid(key) => key.hash(state),
            Self::Text(key) => key.hash(state),
        }
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
    const VARIES: bool = true;

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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use formats::entry::{KeyPattern, Keys};

    use super::{AnyKey, Numbered, Text, Uuid};

    #[test]
    fn patterns_are_what_they_say() {
        let by = |factor: u64| KeyPattern::MultiplesOf(factor.try_into().unwrap());
        assert_eq!([0, 1, 2].map(|number| u64::by_pattern(by(1), number, 8)), [0, 1, 2]);
        assert_eq!(u64::by_pattern(by(1 << 32), (1 << 32) - 1, 8), u64::MAX << 32);
        let texts = [1, 2].map(|number| Text::by_pattern(KeyPattern::CommonPrefix(30), number, 46));
        assert_eq!(texts[0].len(), 46);
        assert_eq!(texts[0][..30], texts[1][..30]);
        assert_ne!(texts[0][30..], texts[1][30..]);
    }

    #[test]
    fn a_key_of_any_kind_is_the_key_inside() {
        let hash = BuildHasherDefault::<DefaultHasher>::default();
        let any = |keys, number| AnyKey::make(keys, KeyPattern::Scattered, number);
        assert_eq!(hash.hash_one(any(Keys::U32, 7)), hash.hash_one(u32::make(7, 4)));
        assert_eq!(hash.hash_one(any(Keys::U64, 7)), hash.hash_one(u64::make(7, 8)));
        assert_eq!(hash.hash_one(any(Keys::Uuid, 7)), hash.hash_one(Uuid::make(7, 16)));
        assert_eq!(hash.hash_one(any(Keys::String(24), 7)), hash.hash_one(Text::make(7, 24)));
        for number in 0..100 {
            let (one, other) = (Text::make(number, 24), Text::make(number + 1, 24));
            assert_eq!(any(Keys::String(24), number) < any(Keys::String(24), number + 1), one < other);
        }
    }

    #[test]
    fn neighbours_are_different_keys_of_every_kind() {
        const KEYS: u64 = 100_000;
        assert_eq!((0..KEYS).map(|number| u32::make(number, 4)).collect::<HashSet<_>>().len(), 100_000);
        assert_eq!((0..KEYS).map(|number| Uuid::make(number, 16)).collect::<HashSet<_>>().len(), 100_000);
        // Half of the bits differ between neighbours, more or less.
        let differing: u32 = (0..KEYS).map(|n| (u32::make(n, 4) ^ u32::make(n + 1, 4)).count_ones()).sum();
        assert!((15..=17).contains(&(differing / 100_000)), "{differing}");
    }
}
