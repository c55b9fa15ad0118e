//! Go's memhash on a processor with AES instructions.

use super::KeyHash;
use crate::seed::Seeds;

/// Memhash of eight bytes with AES (`runtime.memhash64` on amd64, same in every release from 1.19 to 1.27).
///
/// The state is the seed in its low eight bytes and the key in its high ones; three rounds of AESENC with the
/// first 48 bytes of `aeskeysched`; the result is the low eight bytes. A processor without the instruction gets
/// the same 64 bits from a table.
#[derive(Debug, Clone)]
pub struct Aes {
    schedule: [u128; 3],
    /// Proof that the processor has the instruction.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    hardware: Option<hardware::Aesenc>,
}

impl Aes {
    /// The hash with this schedule: the first 48 bytes of Go's `runtime.aeskeysched`.
    #[must_use]
    pub fn new(aeskeysched: &[u8; 48]) -> Self {
        let (parts, _) = aeskeysched.as_chunks::<16>();
        Self {
            schedule: [0, 1, 2].map(|part| u128::from_le_bytes(parts[part])),
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            hardware: hardware::Aesenc::detect(),
        }
    }

    /// The hash with a schedule drawn from `start`: Go draws it once per process.
    #[must_use]
    pub fn seeded(start: u64) -> Self {
        let mut seeds = Seeds::new(start);
        let mut schedule = [0; 48];
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
    fn memhash64(&self, key: u64, seed: u64) -> u64 {
        let state = u128::from(key) << 64 | u128::from(seed);
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if let Some(aesenc) = self.hardware {
            return aesenc.three_rounds(state, &self.schedule);
        }
        software::three_rounds(state, &self.schedule)
    }
}

impl KeyHash<u64> for Aes {
    #[inline]
    fn hash(&self, key: &u64, seed: u64) -> u64 {
        self.memhash64(*key, seed)
    }

    #[inline]
    fn quick(&self, key: &u64, seed: u64) -> Option<u64> {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        self.hardware?;
        Some(self.memhash64(*key, seed))
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod hardware {
    use std::arch::asm;
    use std::arch::x86_64::{__m128i, _mm_cvtsi128_si64};

    /// The processor has AESENC. Made by [`Aesenc::detect`] alone.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Aesenc(());

    impl Aesenc {
        pub(super) fn detect() -> Option<Self> {
            std::arch::is_x86_feature_detected!("aes").then_some(Self(()))
        }

        /// Assembly, not intrinsics: an intrinsic that needs a target feature is not inlined into a function
        /// without it, and a call would cost as much as the hash.
        #[inline]
        #[expect(clippy::unused_self, reason = "whoever holds it may run the instruction")]
        pub(super) fn three_rounds(self, state: u128, schedule: &[u128; 3]) -> u64 {
            let [first, second, third] = schedule.map(vector);
            let mut state = vector(state);
            // SAFETY: `self` proves that the processor has AESENC; registers are the only operands.
            unsafe {
                asm!(
                    "aesenc {state}, {first}",
                    "aesenc {state}, {second}",
                    "aesenc {state}, {third}",
                    state = inout(xmm_reg) state,
                    first = in(xmm_reg) first,
                    second = in(xmm_reg) second,
                    third = in(xmm_reg) third,
                    options(pure, nomem, nostack, preserves_flags),
                );
                _mm_cvtsi128_si64(state).cast_unsigned()
            }
        }
    }

    #[inline]
    fn vector(bits: u128) -> __m128i {
        // SAFETY: both are 16 bytes, and every pattern of bits is a vector.
        unsafe { std::mem::transmute::<u128, __m128i>(bits) }
    }
}

mod software {
    /// The S-box of AES (FIPS 197, 5.1.1), computed from its definition.
    static SBOX: [u8; 256] = sbox();

    /// Multiplication by x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.
    const fn double(a: u8) -> u8 {
        (a << 1) ^ (if a & 0x80 == 0 { 0 } else { 0x1B })
    }

    const fn multiply(mut a: u8, mut b: u8) -> u8 {
        let mut product = 0;
        while b != 0 {
            if b & 1 == 1 {
                product ^= a;
            }
            a = double(a);
            b >>= 1;
        }
        product
    }

    const fn sbox() -> [u8; 256] {
        let mut table = [0; 256];
        let mut a = 0_usize;
        while a < 256 {
            #[expect(clippy::cast_possible_truncation, reason = "below 256")]
            let byte = a as u8;
            // The inverse is the 254th power; zero stays zero.
            let mut inverse = 1;
            let mut times = 0;
            while times < 254 {
                inverse = multiply(inverse, byte);
                times += 1;
            }
            let i = inverse;
            table[a] = i ^ i.rotate_left(1) ^ i.rotate_left(2) ^ i.rotate_left(3) ^ i.rotate_left(4) ^ 0x63;
            a += 1;
        }
        table
    }

    /// One AESENC: shift rows, substitute bytes, mix columns, add the round key.
    fn aesenc(state: u128, round_key: u128) -> u128 {
        let bytes = state.to_le_bytes();
        let mut mixed = [0; 16];
        for column in 0..4 {
            let a: [u8; 4] =
                std::array::from_fn(|row| SBOX[usize::from(bytes[(4 * (column + row) + row) % 16])]);
            for row in 0..4 {
                let next = a[(row + 1) % 4];
                mixed[4 * column + row] =
                    double(a[row]) ^ double(next) ^ next ^ a[(row + 2) % 4] ^ a[(row + 3) % 4];
            }
        }
        u128::from_le_bytes(mixed) ^ round_key
    }

    #[cold]
    #[inline(never)]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the hash")]
    pub(super) fn three_rounds(state: u128, schedule: &[u128; 3]) -> u64 {
        schedule.iter().fold(state, |state, &key| aesenc(state, key)) as u64
    }

    #[cfg(test)]
    mod tests {
        use super::{SBOX, aesenc};

        #[test]
        fn the_s_box_is_the_published_one() {
            assert_eq!([SBOX[0], SBOX[1], SBOX[0x53], SBOX[0xFF]], [0x63, 0x7C, 0xED, 0x16]);
        }

        /// The example of Intel's "Advanced Encryption Standard New Instructions" white paper.
        #[test]
        fn one_round_is_the_published_one() {
            let state = 0x7b5b_5465_7374_5665_6374_6f72_5d53_475d;
            let key = 0x4869_2853_6861_7929_5b47_7565_726f_6e5d;
            assert_eq!(aesenc(state, key), 0xa831_1c2f_9fdb_a3c5_8b10_4b58_ded7_e595);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Aes;
    use crate::hash::KeyHash;
    use crate::seed::Seeds;

    #[test]
    fn instruction_and_table_agree() {
        let mut seeds = Seeds::new(7);
        for start in 0..50 {
            let (hash, software) = (Aes::seeded(start), Aes::seeded(start).in_software());
            let (key, seed) = (seeds.next_u64(), seeds.next_u64());
            assert_eq!(hash.hash(&key, seed), software.hash(&key, seed));
        }
    }
}
