#![doc = include_str!("../README.md")]

mod block;
mod collect;
mod hashing;
mod recorded;
mod writer;

use std::hash::Hash;
use std::io;
use std::path::Path;
use std::sync::Arc;

use self::block::Kind;
pub use self::block::{MAGIC, VERSION};
use self::collect::Channel;
use self::hashing::{Keyed, Sampled};
pub use self::recorded::Recorded;

/// How a recording is made.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// The secret by which keys are hashed; `None`: a random one. Two recordings under one secret have the same numbers
    /// for the same keys.
    pub secret: Option<[u64; 2]>,
    /// The share of the keys that are recorded, each with its whole history, above 0 and below 1; `None`: all. Makes the
    /// recorder cost next to nothing for the others.
    pub sample: Option<f64>,
}

/// Writes what a map is asked to a file. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Recorder {
    keyed: Keyed,
    sampled: Sampled,
    channel: Arc<Channel>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // What this thread has would be lost when the last handle is gone. Of a file that cannot be written, `finish`
        // tells whoever asks; nobody asks here.
        if Arc::strong_count(&self.channel) == 1 {
            let _ = self.channel.finish();
        } else {
            self.channel.hand_over();
        }
    }
}

impl Recorder {
    /// Records everything to a new file, under a random secret.
    pub fn create(file: impl AsRef<Path>) -> io::Result<Self> {
        Self::with(file, Options::default())
    }

    /// Records to a new file. A share that is none is an error of the kind [`io::ErrorKind::InvalidInput`].
    pub fn with(file: impl AsRef<Path>, options: Options) -> io::Result<Self> {
        let share = options.sample.unwrap_or(1.0);
        if !(share > 0.0 && share <= 1.0) {
            let problem = format!("{share} is no share of the keys; allowed is a number above 0 and up to 1");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let keyed = Keyed::new(options.secret);
        let sampled = Sampled::new(&keyed, share);
        let channel = Channel::open(file.as_ref(), share)?;
        Ok(Self { keyed, sampled, channel })
    }

    /// A key was put in, or its value replaced.
    #[inline]
    pub fn insert<K: Hash + ?Sized>(&self, key: &K) {
        self.record(Kind::Insert, key);
    }

    /// A key was taken out, or was to be.
    #[inline]
    pub fn remove<K: Hash + ?Sized>(&self, key: &K) {
        self.record(Kind::Remove, key);
    }

    /// A key was looked up.
    #[inline]
    pub fn get<K: Hash + ?Sized>(&self, key: &K) {
        self.record(Kind::Get, key);
    }

    /// The value of a key was changed if it was there.
    #[inline]
    pub fn update<K: Hash + ?Sized>(&self, key: &K) {
        self.record(Kind::Update, key);
    }

    /// The value of a key was changed if it was there, else the key was put in: the entry interface.
    #[inline]
    pub fn upsert<K: Hash + ?Sized>(&self, key: &K) {
        self.record(Kind::Upsert, key);
    }

    /// All entries were taken out at once.
    pub fn clear(&self) {
        self.channel.push(Kind::Clear as u64);
    }

    /// All entries were walked over.
    pub fn iterate(&self) {
        self.channel.push(Kind::Iterate as u64);
    }

    /// Operations that were dropped so far, by threads whose blocks could not be taken.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.channel.dropped()
    }

    /// Writes what this thread has collected and what is under way, and waits until it is in the file. Other threads
    /// hand over what they have when they end, or when they have collected 256 operations more.
    pub fn finish(&self) -> io::Result<()> {
        self.channel.finish()
    }

    #[inline]
    fn record<K: Hash + ?Sized>(&self, kind: Kind, key: &K) {
        if self.sampled.takes(key) {
            self.keep(kind, key);
        }
    }

    /// Not inlined: the program's own code stays small, and what is not in the sample passes by quickly.
    #[inline(never)]
    fn keep<K: Hash + ?Sized>(&self, kind: Kind, key: &K) {
        self.channel.push(self.keyed.hash(key) & !block::KIND_BITS | kind as u64);
    }
}
