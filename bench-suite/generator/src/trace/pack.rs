//! Recordings that are written: Zstandard, in pure Rust.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Compresses a recording.
#[must_use]
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}
