//! Damage: the same seed gives the same damage.

/// A generator of numbers that are random enough for damage (xorshift64*, Marsaglia and Vigna).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins at a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or(0) % end.max(1)
    }
}

/// What parsers trip over: ends of ranges, numbers that are none, text that is none.
const TOKENS: [&[u8]; 34] = [
    b"0",
    b"-1",
    b"1",
    b"2",
    b"255",
    b"256",
    b"65536",
    b"2147483648",
    b"4294967295",
    b"4294967296",
    b"9007199254740993",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"1e308",
    b"1e999",
    b"1e-320",
    b"-0.0",
    b"0.1",
    b"NaN",
    b"inf",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"\"\\ud800\"",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"../../",
    b"\x1b[2J",
];

/// Longest input that damage makes.
const LONGEST: usize = 1 << 18;

/// The input after some damage; `other` is another good input of the same kind.
#[must_use]
pub fn damage(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(5) {
        once(&mut bytes, other, random);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn once(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let token = TOKENS[random.below(TOKENS.len())];
    match random.below(10) {
        0 => flip(bytes, at, 1 << random.below(8)),
        1 => flip(bytes, at, u8::try_from(random.below(256)).unwrap_or(0)),
        2 => drop(bytes.drain(at..(at + span(random)).min(bytes.len()))),
        3 => drop(bytes.splice(at..at, token.iter().copied())),
        4 | 5 => replace_number(bytes, at, token),
        6 => {
            let end = (at + span(random)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            drop(bytes.splice(to..to, copy));
        }
        7 => bytes.truncate(at),
        8 => {
            let from = random.below(other.len() + 1);
            let part = &other[from..(from + span(random)).min(other.len())];
            drop(bytes.splice(at..at, part.iter().copied()));
        }
        _ => swap_lines(bytes, random),
    }
}

fn flip(bytes: &mut [u8], at: usize, by: u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= by;
    }
}

/// Short stretches mostly, long ones at times.
fn span(random: &mut Random) -> usize {
    let longest = 1 << random.below(10);
    1 + random.below(longest)
}

/// Puts something else in the place of the next number.
fn replace_number(bytes: &mut Vec<u8>, at: usize, token: &[u8]) {
    let Some(start) = (at..bytes.len()).find(|&at| bytes[at].is_ascii_digit()) else { return };
    let end = (start..bytes.len()).find(|&at| !bytes[at].is_ascii_digit()).unwrap_or(bytes.len());
    drop(bytes.splice(start..end, token.iter().copied()));
}

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    if !lines.is_empty() {
        lines.swap(one, other);
        *bytes = lines.concat();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_does_the_same_damage_and_another_does_other() {
        let damaged = |seed| {
            let mut random = Random::new(seed);
            (0..50).map(|_| damage(b"seed = 17\nlive = 200\n", b"x", &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(damaged(1), damaged(1));
        assert_ne!(damaged(1), damaged(2));
        let different: std::collections::BTreeSet<_> = damaged(1).into_iter().collect();
        assert!(different.len() > 40, "{}", different.len());
    }

    #[test]
    fn anything_can_be_damaged() {
        let mut random = Random::new(3);
        for input in [&b""[..], b"\n", b"\n\n\n", &[0xFF; 5000]] {
            for _ in 0..2000 {
                assert!(damage(input, b"", &mut random).len() <= LONGEST);
            }
        }
    }
}
