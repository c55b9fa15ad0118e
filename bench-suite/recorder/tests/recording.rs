//! What is in the file: from many threads, after a crash, and when the writer cannot keep up.

use std::path::{Path, PathBuf};
use std::process::Command;

use churnmark_recorder::{MAGIC, Options, Recorder};

const HEAD: usize = 32;
const BLOCK: usize = 40;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let file = std::env::temp_dir().join(format!("churnmark-{name}-{}.churn", std::process::id()));
        let _ = std::fs::remove_file(&file);
        Self(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The operations in a file, by thread, and how many were dropped.
fn read(file: &Path) -> (Vec<(u32, Vec<u64>)>, u64) {
    let bytes = std::fs::read(file).unwrap();
    assert_eq!(&bytes[..8], MAGIC);
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let (mut blocks, mut dropped, mut at) = (Vec::new(), 0, HEAD);
    while at + BLOCK <= bytes.len() {
        let thread = u32::try_from(word(at) >> 32).unwrap();
        let count = usize::try_from(word(at + 8) & 0xffff_ffff).unwrap();
        dropped += word(at + 8) >> 32;
        assert!(word(at + 16) <= word(at + 24), "a block ends after it begins");
        at += BLOCK;
        blocks.push((thread, (0..count).map(|op| word(at + 8 * op)).collect()));
        at += 8 * count;
    }
    assert_eq!(at, bytes.len(), "no block is cut off");
    (blocks, dropped)
}

#[test]
fn every_operation_of_every_thread_is_in_the_file_in_its_order() {
    let scratch = Scratch::new("threads");
    let recorder = Recorder::with(&scratch.0, Options { secret: Some([7, 8]), sample: None }).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let recorder = recorder.clone();
            scope.spawn(move || {
                for key in 0..1000 {
                    recorder.insert(&(thread * 1000 + key));
                    recorder.remove(&(thread * 1000 + key));
                }
            });
        }
    });
    recorder.finish().unwrap();
    assert_eq!(recorder.dropped(), 0);
    let (blocks, dropped) = read(&scratch.0);
    assert_eq!(dropped, 0);
    for thread in 0..4 {
        let ops: Vec<u64> =
            blocks.iter().filter(|block| block.0 == thread).flat_map(|block| block.1.clone()).collect();
        assert_eq!(ops.len(), 2000);
        for pair in ops.chunks(2) {
            assert_eq!((pair[0] & 7, pair[1] & 7), (0, 1), "an insert, then a remove");
            assert_eq!(pair[0] >> 3, pair[1] >> 3, "of the same key");
        }
    }
}

#[test]
fn no_key_is_in_the_file() {
    let scratch = Scratch::new("secret");
    let recorder = Recorder::create(&scratch.0).unwrap();
    recorder.insert("a token that nobody may know");
    recorder.clear();
    recorder.iterate();
    drop(recorder);
    let bytes = std::fs::read(&scratch.0).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"token"));
    let (blocks, _) = read(&scratch.0);
    assert_eq!(
        blocks[0].1.iter().map(|op| op & 7).collect::<Vec<_>>(),
        [0, 5, 6],
        "the last handle hands over"
    );
}

#[test]
fn a_sample_holds_whole_histories() {
    let scratch = Scratch::new("sample");
    let recorder = Recorder::with(&scratch.0, Options { secret: None, sample: Some(0.1) }).unwrap();
    for key in 0..10_000u64 {
        recorder.insert(&key);
    }
    for key in 0..10_000u64 {
        recorder.remove(&key);
    }
    recorder.finish().unwrap();
    let ops: Vec<u64> = read(&scratch.0).0.into_iter().flat_map(|block| block.1).collect();
    let (inserts, removes): (Vec<u64>, Vec<u64>) = ops.iter().partition(|op| *op % 8 == 0);
    assert!((800..1200).contains(&inserts.len()), "{} of 10000", inserts.len());
    assert!(inserts.iter().map(|op| op >> 3).eq(removes.iter().map(|op| op >> 3)));
    for share in [0.0, -1.0, 1.5, f64::NAN] {
        let error = Recorder::with("never", Options { secret: None, sample: Some(share) }).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let scratch = Scratch::new("there");
    std::fs::write(&scratch.0, "mine").unwrap();
    assert_eq!(Recorder::create(&scratch.0).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&scratch.0).unwrap(), "mine");
}

/// Run as a child by the test below: records, waits until the writer had its turn, and dies.
#[test]
#[ignore = "is the child of `what_was_handed_over_survives_a_crash`"]
fn crash() {
    let file = std::env::var_os("CHURNMARK_TEST_CRASH").unwrap();
    let recorder = Recorder::create(file).unwrap();
    for key in 0..2_560u64 {
        recorder.insert(&key);
    }
    recorder.finish().unwrap();
    // These are too few to be handed over: they are what a crash costs.
    for key in 0..100u64 {
        recorder.remove(&key);
    }
    std::process::abort();
}

#[test]
fn what_was_handed_over_survives_a_crash() {
    let scratch = Scratch::new("crash");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "crash", "--ignored"]).env("CHURNMARK_TEST_CRASH", &scratch.0);
    assert!(!child.output().unwrap().status.success());
    let ops: usize = read(&scratch.0).0.iter().map(|block| block.1.len()).sum();
    assert_eq!(ops, 2_560);
}
