//! Go's own hash, with the keys of the process that was recorded.

use super::Malformed;
use super::lines::Recording;
use crate::hash::{Aes, KeyHash, MemHash, Multiply, hashes_keys};
use crate::key::Kind;
use crate::release::Release;

/// Memhash with the keys of the recorded process.
#[derive(Debug, Clone)]
pub(super) enum Memhash {
    Aes(Aes),
    Multiply(Multiply),
}

impl Memhash {
    pub(super) fn read(
        recording: &Recording,
        release: Release,
        use_aes: Option<bool>,
        schedule: Option<&str>,
        hashkey: Option<&[String; 4]>,
    ) -> Result<Option<Self>, Malformed> {
        let (Some(use_aes), Some(schedule), Some(hashkey)) = (use_aes, schedule, hashkey) else {
            return Ok(None);
        };
        if use_aes {
            let bytes: Option<Vec<u8>> = schedule
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            let mut schedule = [0; 128];
            // Integers are hashed with the first 48 bytes: recordings of the first version have no more.
            let Some(bytes) = bytes.filter(|bytes| [48, 128].contains(&bytes.len())) else {
                let problem = "aeskeysched is not 128 (or 48) bytes in hexadecimal digits";
                return Err(recording.malformed(problem));
            };
            schedule[..bytes.len()].copy_from_slice(&bytes);
            return Ok(Some(Self::Aes(Aes::new(&schedule))));
        }
        let mut keys = [0; 4];
        for (key, digits) in keys.iter_mut().zip(hashkey) {
            *key = recording.hex(digits)?;
        }
        Ok(Some(Self::Multiply(Multiply::new(release, keys))))
    }
}

/// Asks whichever hash it is.
macro_rules! either {
    ($memhash:expr, $hash:ident => $answer:expr) => {
        match $memhash {
            Memhash::Aes($hash) => $answer,
            Memhash::Multiply($hash) => $answer,
        }
    };
}

impl MemHash for Memhash {
    fn memhash32(&self, key: u32, seed: u64) -> u64 {
        either!(self, hash => hash.memhash32(key, seed))
    }

    fn memhash64(&self, key: u64, seed: u64) -> u64 {
        either!(self, hash => hash.memhash64(key, seed))
    }

    fn memhash128(&self, key: [u8; 16], seed: u64) -> u64 {
        either!(self, hash => hash.memhash128(key, seed))
    }

    fn memhash(&self, data: &[u8], seed: u64) -> u64 {
        either!(self, hash => hash.memhash(data, seed))
    }

    fn is_quick(&self) -> bool {
        either!(self, hash => hash.is_quick())
    }
}

hashes_keys!(Memhash);
