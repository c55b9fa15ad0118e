//! Eight bytes looked at in one step: the tophashes of a bucket, the control bytes of a group.

/// Which of eight bytes have a property.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lanes(u64);

/// Bits of [`Lanes`] per byte: one where a move-mask instruction exists, eight elsewhere.
#[cfg(target_arch = "x86_64")]
const STRIDE: u32 = 1;
#[cfg(not(target_arch = "x86_64"))]
const STRIDE: u32 = 8;

/// The bits of all eight bytes.
const ALL: u64 = if STRIDE == 1 { 0xFF } else { 0x8080_8080_8080_8080 };

impl Lanes {
    /// Whether any byte has the property.
    #[inline]
    pub(crate) const fn any(&self) -> bool {
        self.0 != 0
    }

    /// The bytes that do not have it.
    #[inline]
    pub(crate) const fn others(&self) -> Self {
        Self(self.0 ^ ALL)
    }

    /// The lowest byte that has it.
    #[inline]
    pub(crate) const fn first(&self) -> Option<usize> {
        if self.0 == 0 { None } else { Some((self.0.trailing_zeros() / STRIDE) as usize) }
    }

    /// The highest byte that has it.
    #[inline]
    pub(crate) const fn highest(&self) -> Option<usize> {
        if self.0 == 0 { None } else { Some((self.0.ilog2() / STRIDE) as usize) }
    }
}

impl Iterator for Lanes {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let first = self.first()?;
        self.0 &= self.0 - 1;
        Some(first)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_cvtsi64_si128, _mm_max_epu8, _mm_movemask_epi8, _mm_set1_epi8,
    };

    use super::Lanes;

    #[inline]
    fn load(bytes: [u8; 8]) -> __m128i {
        // SAFETY: every x86-64 processor has SSE2.
        unsafe { _mm_cvtsi64_si128(i64::from_le_bytes(bytes)) }
    }

    #[inline]
    fn mask(high_bits: __m128i) -> Lanes {
        // SAFETY: every x86-64 processor has SSE2.
        let mask = unsafe { _mm_movemask_epi8(high_bits) };
        Lanes(u64::from(mask.cast_unsigned() & 0xFF))
    }

    #[inline]
    pub(crate) fn equal(bytes: [u8; 8], byte: u8) -> Lanes {
        // SAFETY: every x86-64 processor has SSE2.
        mask(unsafe { _mm_cmpeq_epi8(load(bytes), _mm_set1_epi8(byte.cast_signed())) })
    }

    #[inline]
    pub(crate) fn at_most_one(bytes: [u8; 8]) -> Lanes {
        // SAFETY: every x86-64 processor has SSE2.
        mask(unsafe {
            let one = _mm_set1_epi8(1);
            _mm_cmpeq_epi8(_mm_max_epu8(load(bytes), one), one)
        })
    }

    #[inline]
    pub(crate) fn high_bit(bytes: [u8; 8]) -> Lanes {
        mask(load(bytes))
    }
}

/// The same on words of 64 bits, for machines without SSE2.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod word {
    #[cfg(not(target_arch = "x86_64"))]
    use super::Lanes;

    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// The high bit of every byte that is zero. Exact: no carry leaves a byte.
    #[inline]
    const fn zero(word: u64) -> u64 {
        !(((word & !HIGH) + !HIGH) | word) & HIGH
    }

    #[inline]
    pub(super) const fn equal_bits(bytes: [u8; 8], byte: u8) -> u64 {
        zero(u64::from_le_bytes(bytes) ^ (LOW * byte as u64))
    }

    #[inline]
    pub(super) const fn at_most_one_bits(bytes: [u8; 8]) -> u64 {
        zero(u64::from_le_bytes(bytes) & !LOW)
    }

    #[inline]
    pub(super) const fn high_bits(bytes: [u8; 8]) -> u64 {
        u64::from_le_bytes(bytes) & HIGH
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn equal(bytes: [u8; 8], byte: u8) -> Lanes {
        Lanes(equal_bits(bytes, byte))
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn at_most_one(bytes: [u8; 8]) -> Lanes {
        Lanes(at_most_one_bits(bytes))
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn high_bit(bytes: [u8; 8]) -> Lanes {
        Lanes(high_bits(bytes))
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use word::{at_most_one, equal, high_bit};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{at_most_one, equal, high_bit};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Lanes, at_most_one, equal, high_bit, word};

    fn plain(bytes: [u8; 8], has: impl Fn(u8) -> bool) -> Vec<usize> {
        (0..8).filter(|&lane| has(bytes[lane])).collect()
    }

    fn of_word(bits: u64) -> Vec<usize> {
        (0..8).filter(|lane| bits >> (8 * lane + 7) & 1 == 1).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 8 } else { 512 }, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn both_ways_find_the_same_bytes(bytes in proptest::array::uniform8(prop_oneof![0_u8..8, any::<u8>()]), byte in 0_u8..8) {
            prop_assert_eq!(equal(bytes, byte).collect::<Vec<_>>(), plain(bytes, |b| b == byte));
            prop_assert_eq!(at_most_one(bytes).collect::<Vec<_>>(), plain(bytes, |b| b <= 1));
            prop_assert_eq!(high_bit(bytes).collect::<Vec<_>>(), plain(bytes, |b| b >= 0x80));
            prop_assert_eq!(of_word(word::equal_bits(bytes, byte)), plain(bytes, |b| b == byte));
            prop_assert_eq!(of_word(word::at_most_one_bits(bytes)), plain(bytes, |b| b <= 1));
            prop_assert_eq!(of_word(word::high_bits(bytes)), plain(bytes, |b| b >= 0x80));
        }
    }

    #[test]
    fn counts_and_finds_the_first() {
        let found = equal([3, 7, 3, 0, 0, 0, 0, 3], 3);
        assert_eq!((found.first(), found.highest(), found.any(), found.count()), (Some(0), Some(7), true, 3));
        assert_eq!(equal([3, 7, 3, 0, 0, 0, 0, 1], 3).highest(), Some(2));
        let none = equal([0; 8], 1);
        assert_eq!((none.first(), none.highest(), none.any()), (None, None, false));
        assert_eq!(equal([3, 7, 3, 0, 0, 0, 0, 3], 3).others().collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
        assert_eq!(high_bit([0x80; 8]).others(), Lanes(0));
    }
}
