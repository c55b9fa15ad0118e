//! Files of churnmark-recorder, written here after the description of the format.

use super::*;

fn block(thread: u32, dropped: u32, times: (u64, u64), operations: &[u64]) -> Vec<u8> {
    let words = [
        u64::from(thread) << 32 | u64::from(u32::from_le_bytes(*b"BLCK")),
        u64::from(dropped) << 32 | operations.len() as u64,
        times.0,
        times.1,
    ];
    let sum = words
        .iter()
        .chain(operations)
        .fold(0u64, |sum, word| (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95));
    words.iter().chain([&sum]).chain(operations).flat_map(|word| word.to_le_bytes()).collect()
}

fn head() -> Vec<u8> {
    [&b"CHURNREC"[..], &1u32.to_le_bytes(), &[0; 4], &0.5f64.to_le_bytes(), &[0; 8]].concat()
}

const INSERT: u64 = 0;
const REMOVE: u64 = 1;
const GET: u64 = 2;
const UPSERT: u64 = 4;

#[test]
fn threads_are_put_in_the_order_of_their_times() {
    let a = |kind| 0x320 | kind;
    let b = |kind| 0x640 | kind;
    let bytes = [
        head(),
        // 0, 10, 20, 30; the other thread's at 15 and 25; then a clear.
        block(0, 0, (0, 40), &[a(INSERT), a(GET), a(REMOVE), a(GET)]),
        block(1, 7, (15, 35), &[b(UPSERT), b(UPSERT)]),
        block(0, 2, (100, 100), &[5, 6]),
    ]
    .concat();
    let trace = trace(TraceFormat::Recorder);
    let want = "insert 0, get 0, insert 1, remove 0, update 1, get 0, clear 0, iterate 0";
    assert_eq!(played_as(&trace, &bytes), want);
    let (_, facts) = read_from(bytes.as_slice(), &trace).unwrap();
    assert_eq!((facts.dropped, facts.recorded_share, facts.times), (9, Some(0.5), Some((0, 100))));
    // A program that crashed ends its file anywhere.
    for length in head().len() + 1..bytes.len() {
        let said = read_from(&bytes[..length], &trace).map_err(|fault| fault.to_string());
        assert!(said.as_ref().is_ok() || said == Err("t.csv: holds no record".into()), "{length}: {said:?}");
    }
}

#[test]
fn a_damaged_block_is_a_fault() {
    let trace = trace(TraceFormat::Recorder);
    let mut bytes = [head(), block(0, 0, (0, 1), &[8, 9])].concat();
    *bytes.last_mut().unwrap() ^= 1;
    let said = read_from(bytes.as_slice(), &trace).unwrap_err().to_string();
    assert_eq!(said, "t.csv: block 1 is damaged: its checksum does not fit");
    bytes[8] = 9;
    let said = read_from(bytes.as_slice(), &trace).unwrap_err().to_string();
    assert!(said.contains("is of version 9"), "{said}");
    assert!(refused(TraceFormat::Recorder, "op,key\n").contains("does not begin as a recording"));
}
