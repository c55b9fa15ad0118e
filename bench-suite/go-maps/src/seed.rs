//! Where a map takes the seeds of its hashes from.

/// A stream of seeds, the same for the same start: `SplitMix64` (Steele, Lea, Flood 2014).
///
/// Go draws from the random generator of the runtime. A measured map must take the same path on every run,
/// so it draws from here.
#[derive(Debug, Clone)]
pub struct Seeds(u64);

impl Seeds {
    /// The stream that starts at `start`.
    #[must_use]
    pub const fn new(start: u64) -> Self {
        Self(start)
    }

    /// The next 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The next 32 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub const fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Seeds;

    #[test]
    fn follows_the_published_sequence() {
        let mut seeds = Seeds::new(1_234_567);
        let drawn = [seeds.next_u64(), seeds.next_u64(), seeds.next_u64()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
