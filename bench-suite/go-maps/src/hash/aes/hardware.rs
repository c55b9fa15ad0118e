//! AESENC as the processor does it.

use std::arch::asm;
use std::arch::x86_64::{__m128i, _mm_cvtsi128_si64, _mm_xor_si128};

use super::Block;

/// The processor has AESENC. Made by [`Aesenc::detect`] alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aesenc(());

impl Aesenc {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("aes").then_some(Self(()))
    }

    pub(super) fn block(self, bits: u128) -> Vector {
        Vector { bits: vector(bits), _proof: self }
    }

    /// Assembly, not intrinsics: an intrinsic that needs a target feature is not inlined into a function
    /// without it, and a call would cost as much as the hash.
    #[inline]
    #[expect(clippy::unused_self, reason = "whoever holds it may run the instruction")]
    pub(super) fn three_rounds(self, state: u128, [first, second, third, ..]: &[u128; 8]) -> u64 {
        let [first, second, third] = [first, second, third].map(|key| vector(*key));
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
        }
        low(state)
    }
}

/// Sixteen bytes in a register.
#[derive(Clone, Copy)]
pub(super) struct Vector {
    bits: __m128i,
    _proof: Aesenc,
}

impl Block for Vector {
    #[inline]
    fn with(self, bits: u128) -> Self {
        Self { bits: vector(bits), ..self }
    }

    #[inline]
    fn xor(self, other: Self) -> Self {
        // SAFETY: every x86-64 processor has SSE2.
        Self { bits: unsafe { _mm_xor_si128(self.bits, other.bits) }, ..self }
    }

    #[inline]
    fn round(self, key: Self) -> Self {
        let mut bits = self.bits;
        // SAFETY: `_proof` shows that the processor has AESENC; registers are the only operands.
        unsafe {
            asm!(
                "aesenc {bits}, {key}",
                bits = inout(xmm_reg) bits,
                key = in(xmm_reg) key.bits,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        Self { bits, ..self }
    }

    #[inline]
    fn low(self) -> u64 {
        low(self.bits)
    }
}

#[inline]
fn vector(bits: u128) -> __m128i {
    // SAFETY: both are 16 bytes, and every pattern of bits is a vector.
    unsafe { std::mem::transmute::<u128, __m128i>(bits) }
}

#[inline]
fn low(bits: __m128i) -> u64 {
    // SAFETY: every x86-64 processor has SSE2.
    unsafe { _mm_cvtsi128_si64(bits) }.cast_unsigned()
}
