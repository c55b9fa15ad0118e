//! AESENC from a table.

use super::Block;

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
        let a: [u8; 4] = std::array::from_fn(|row| SBOX[usize::from(bytes[(4 * (column + row) + row) % 16])]);
        for row in 0..4 {
            let next = a[(row + 1) % 4];
            mixed[4 * column + row] =
                double(a[row]) ^ double(next) ^ next ^ a[(row + 2) % 4] ^ a[(row + 3) % 4];
        }
    }
    u128::from_le_bytes(mixed) ^ round_key
}

/// Sixteen bytes as a number.
#[derive(Clone, Copy)]
pub(super) struct Number(pub(super) u128);

impl Block for Number {
    fn with(self, bits: u128) -> Self {
        Self(bits)
    }

    fn xor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    fn round(self, key: Self) -> Self {
        Self(aesenc(self.0, key.0))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
    fn low(self) -> u64 {
        self.0 as u64
    }
}

#[cold]
#[inline(never)]
pub(super) fn three_rounds(state: u128, schedule: &[u128; 8]) -> u64 {
    schedule[..3].iter().fold(Number(state), |state, &key| state.round(Number(key))).low()
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
