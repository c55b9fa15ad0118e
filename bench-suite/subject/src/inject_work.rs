//! Work that is known beforehand, to be added where a fault is wanted.

use std::hint::black_box;

/// Does so many multiplications and rotations that each need the one before, so that no processor does them
/// side by side.
#[inline]
pub fn inject_work(steps: u64) {
    let mut number = black_box(1u64);
    for _ in 0..steps {
        number = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
    black_box(number);
}
