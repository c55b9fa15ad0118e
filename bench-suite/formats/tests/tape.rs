//! Tapes on disk: what was written is read, and nothing else is.

use std::num::NonZeroU32;
use std::path::Path;

use formats::tape::{
    Beside, CHUNK, Executed, FORMAT_VERSION, Header, KINDS, Kind, Op, PhaseMark, RoleMark, SizeMark, Tape,
    TapeError, TapeId, by_kind,
};
use formats::workload::{KeyPattern, Keys, Pace, Sizes, Speed, Values};
use proptest::prelude::*;

fn header(phases: Vec<PhaseMark>) -> Header {
    Header {
        workload: "test".into(),
        seed: u64::MAX,
        generator: 1,
        keys: Keys::String(24),
        values: Values::boxed(256),
        sizes: None,
        key_pattern: KeyPattern::CommonPrefix(8),
        keys_shared: false,
        roles: vec![],
        pace: Pace::Closed,
        recorded_ns: None,
        many: None,
        holds_over_writes: true,
        capacity: Some(5),
        bound: None,
        distinct: 2,
        phases,
        executed: Executed { kinds: by_kind(&[2, 1]), hits: Some(by_kind(&[0, 1])), ..Executed::default() },
    }
}

/// Two phases, two threads, three operations.
fn small() -> Tape {
    let phases = vec![
        PhaseMark { name: "fill".into(), ops: vec![1, 1], counts: false, pace: None },
        PhaseMark { name: "drain".into(), ops: vec![1, 0], counts: true, pace: None },
    ];
    Tape::new(
        header(phases),
        vec![Op::new(Kind::Insert, 0), Op::new(Kind::Remove, 0), Op::new(Kind::Insert, 1)],
    )
}

fn bytes(tape: &Tape) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.tape");
    tape.write(&file).unwrap();
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["t.tape"], "no part is left behind");
    assert_eq!(&Tape::read(&file).unwrap(), tape);
    std::fs::read(&file).unwrap()
}

fn read(bytes: &[u8]) -> Result<Tape, TapeError> {
    Tape::from_bytes(bytes, Path::new("t.tape"))
}

#[test]
fn roles_are_those_of_all_threads() {
    let role = |threads| RoleMark { name: "readers".into(), threads };
    let mut header = small().header().clone();
    header.roles = vec![role(1), role(1)];
    let tape = Tape::new(header, small().thread(0).iter().chain(small().thread(1)).copied().collect());
    assert_eq!(read(&bytes(&tape)).unwrap(), tape);
    let mut changed = bytes(&tape);
    let at = changed.windows(11).position(|part| part == b"\"threads\":1").unwrap() + 10;
    changed[at] = b'2';
    let end = changed.len() - 16;
    let digest = xxhash_rust::xxh3::xxh3_128(&changed[..end]);
    changed[end..].copy_from_slice(&digest.to_le_bytes());
    let problem = read(&changed).expect_err("three threads of two").to_string();
    assert!(problem.contains("its roles do not account for its threads"), "{problem}");
}

#[test]
fn each_thread_finds_its_operations() {
    let tape = small();
    assert_eq!((tape.threads(), tape.len(), tape.is_empty()), (2, 3, false));
    assert_eq!(tape.thread(0), [Op::new(Kind::Insert, 0), Op::new(Kind::Remove, 0)]);
    assert_eq!(tape.thread(1), [Op::new(Kind::Insert, 1)]);
}

#[test]
fn an_operation_keeps_its_kind_and_key() {
    for kind in Kind::ALL {
        for key in [0, 1, Op::MAX_KEY] {
            assert_eq!((Op::new(kind, key).kind(), Op::new(kind, key).key()), (kind, key));
        }
        assert_eq!(Op::new(kind, Op::MAX_KEY + 1).key(), 0);
    }
}

/// The layout in its own words: a change to it must raise `FORMAT_VERSION`.
#[test]
fn the_layout_is_the_documented_one() {
    let tape = small();
    let bytes = bytes(&tape);
    let json = serde_json::to_vec(tape.header()).unwrap();
    let mut want = b"CHURNTAP".to_vec();
    want.extend(2u32.to_le_bytes());
    want.extend(u32::try_from(json.len()).unwrap().to_le_bytes());
    want.extend(&json);
    for word in [0u64, 1 << 60, 1] {
        want.extend(word.to_le_bytes());
    }
    want.extend(xxhash_rust::xxh3::xxh3_128(&want).to_le_bytes());
    assert_eq!(bytes, want);
    assert_eq!(tape.id().to_string(), format!("{:032x}", u128::from_le_bytes(*want.last_chunk().unwrap())));
}

#[test]
fn a_tape_cut_anywhere_is_refused() {
    let bytes = bytes(&small());
    for length in 0..bytes.len() {
        match read(&bytes[..length]) {
            Err(TapeError::NotATape { .. }) => assert!(length < 8),
            Err(TapeError::Damaged { .. }) => assert!(length >= 8),
            other => panic!("cut to {length} bytes: {other:?}"),
        }
    }
    assert!(matches!(read(&[&bytes[..], b"x"].concat()), Err(TapeError::Damaged { .. })));
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let good = bytes(&small());
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match read(&bytes) {
            Err(TapeError::NotATape { .. }) => assert!(bit < 64),
            Err(TapeError::OtherVersion { .. }) => assert!((64..96).contains(&bit)),
            Err(TapeError::Damaged { .. }) => assert!(bit >= 96),
            other => panic!("bit {bit}: {other:?}"),
        }
    }
}

/// Bytes with a digest that fits.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = xxhash_rust::xxh3::xxh3_128(&bytes);
    bytes.extend(digest.to_le_bytes());
    bytes
}

#[test]
fn another_version_is_named() {
    let mut bytes = bytes(&small());
    bytes.truncate(bytes.len() - 16);
    bytes[8..12].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes());
    assert_eq!(
        read(&sealed(bytes)).unwrap_err().to_string(),
        "t.tape: is a tape of format 3; this program reads format 2"
    );
}

fn with_header(json: &[u8], words: &[u64]) -> Vec<u8> {
    let mut bytes = b"CHURNTAP".to_vec();
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend(u32::try_from(json.len()).unwrap().to_le_bytes());
    bytes.extend(json);
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    sealed(bytes)
}

#[test]
fn what_makes_no_sense_is_refused_though_its_digest_fits() {
    let json = |phases| serde_json::to_vec(&header(phases)).unwrap();
    let mark = |ops: &[u64]| PhaseMark { name: "fill".into(), ops: ops.to_vec(), counts: true, pace: None };
    let older =
        |phases| serde_json::to_string(&header(phases)).unwrap().replace(",\"counts\":true", "").into_bytes();
    let prepares = |ops: &[u64]| PhaseMark { counts: false, ..mark(ops) };
    for (json, words, want) in [
        (b"{".to_vec(), vec![], "header: "),
        (json(vec![]), vec![], "do not account"),
        (json(vec![mark(&[])]), vec![], "do not account"),
        (json(vec![mark(&[1])]), vec![], "do not account"),
        (json(vec![mark(&[1]), mark(&[1, 1])]), vec![0; 3], "do not account"),
        (json(vec![mark(&[u64::MAX]), mark(&[2])]), vec![0], "do not account"),
        (json(vec![prepares(&[1])]), vec![0], "phases that count are not its last"),
        (json(vec![mark(&[1]), prepares(&[1])]), vec![0; 2], "phases that count are not its last"),
        (older(vec![mark(&[1])]), vec![0], "missing field `counts`"),
        (json(vec![mark(&[2])]), vec![0, 15 << 60], "operation 1 is a fetch, and there is no bound"),
    ] {
        let said = read(&with_header(&json, &words)).unwrap_err().to_string();
        assert!(said.contains(want) && said.starts_with("t.tape: is damaged: "), "{said}");
    }
    assert!(read(&with_header(&json(vec![mark(&[2])]), &[0, (KINDS as u64 - 2) << 60])).is_ok());
}

#[test]
fn a_missing_file_and_a_folder_that_is_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none/t.tape");
    for error in [Tape::read(&file).unwrap_err(), small().write(&file).unwrap_err()] {
        assert!(
            matches!(error, TapeError::Io { .. }) && error.to_string().contains("none/t.tape"),
            "{error}"
        );
    }
}

#[test]
fn an_id_is_32_hex_digits() {
    let id = small().id();
    let text = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<TapeId>(&text).unwrap(), id);
    let digits = "f".repeat(32);
    assert!(TapeId::try_from(digits.clone()).is_ok());
    for bad in ["", "+f", "x", &digits[1..], &(digits.clone() + "f"), &format!("+{}", &digits[1..])] {
        assert!(TapeId::try_from(bad.to_string()).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read(words in proptest::collection::vec((0usize..6, 0..=Op::MAX_KEY), 0..300), split in 0u64..300) {
        let ops: Vec<Op> = words.iter().map(|&(kind, key)| Op::new(Kind::ALL[kind], key)).collect();
        let first = split.min(ops.len() as u64);
        let phases = vec![PhaseMark { name: "churn".into(), ops: vec![first, ops.len() as u64 - first], counts: true, pace: None }];
        let tape = Tape::new(header(phases), ops);
        prop_assert_eq!(read(&bytes(&tape)).unwrap(), tape);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read(&[b"CHURNTAP\x02\0\0\0", &bytes[..]].concat());
        let _ = read(&with_header(&bytes, &[1, 2]));
    }
}

/// One thread that plays these phases.
fn alone(phases: &[(&str, u64, bool)]) -> Header {
    let mark = |&(name, ops, counts): &(&str, u64, bool)| PhaseMark {
        name: name.into(),
        ops: vec![ops],
        counts,
        pace: None,
    };
    header(phases.iter().map(mark).collect())
}

#[test]
fn a_timetable_is_written_down_and_none_is_not() {
    let mark = |name: &str, ops: &[u64], counts| PhaseMark {
        name: name.into(),
        ops: ops.into(),
        counts,
        pace: None,
    };
    let phases =
        vec![mark("fill", &[3, 3], false), mark("churn", &[20, 30], true), mark("fill", &[6, 4], true)];
    let closed = header(phases.clone());
    assert_eq!(closed.scheduled_seconds().to_bits(), 0);
    assert!(!serde_json::to_string(&closed).unwrap().contains("pace"));
    let paced = Header { pace: Pace::PerSecond(NonZeroU32::new(100).unwrap()), ..header(phases) };
    assert!((paced.scheduled_seconds() - 0.6).abs() < 1e-9, "what prepares has no schedule");
    let text = serde_json::to_string(&paced).unwrap();
    assert!(text.contains(r#""pace":{"per_second":100}"#), "{text}");
    assert!(!paced.paces_differ());
    let mut own = paced.clone();
    own.phases[1].pace = Some(Pace::Closed);
    assert!(own.is_paced() && own.paces_differ());
    let text = serde_json::to_string(&own).unwrap();
    assert_eq!(text.matches("pace").count(), 2, "phases that say nothing write nothing: {text}");
    assert_eq!(serde_json::from_str::<Header>(&text).unwrap(), own);
    let text = serde_json::to_string(&paced).unwrap();
    assert_eq!(serde_json::from_str::<Header>(&text).unwrap(), paced);
}

/// A tape of one phase for two threads, with the time of each operation.
fn recorded(due_ns: &[u64]) -> Tape {
    let mark = PhaseMark { name: "trace".into(), ops: vec![2, 1], counts: true, pace: None };
    let pace = Pace::Recorded(Speed(NonZeroU32::new(2000).unwrap()));
    let header = Header { pace, recorded_ns: Some(70), ..header(vec![mark]) };
    Tape::with(
        header,
        vec![Op::new(Kind::Get, 0); 3],
        Beside { due_ns: due_ns.to_vec(), ..Beside::default() },
    )
}

#[test]
fn the_times_of_a_recording_follow_its_operations() {
    let tape = recorded(&[5, 70, 0]);
    assert_eq!((tape.due_ns(0), tape.due_ns(1)), (&[5, 70][..], &[0][..]));
    assert_eq!(tape.header().scheduled_seconds().to_bits(), 70e-9_f64.to_bits());
    let written = bytes(&tape);
    assert_eq!(read(&written).unwrap(), tape);
    assert_ne!(recorded(&[5, 71, 0]).id(), tape.id(), "another time is another tape");
    let damaged = |bytes: Vec<u8>| read(&sealed(bytes)).expect_err("it is damaged").to_string();
    let body = written.len() - 16;
    assert!(damaged(written[..body - 8].to_vec()).contains("its times are not those of its operations"));
    assert!(damaged(written[..body - 32].to_vec()).contains("its phases do not account for its operations"));
    let mut falling = written[..body].to_vec();
    falling[body - 24..body - 16].copy_from_slice(&71u64.to_le_bytes());
    assert!(damaged(falling).contains("the times of a thread fall"));
    let plain = Tape::new(header(tape.header().phases.clone()), vec![Op::new(Kind::Get, 0); 3]);
    assert!(plain.due_ns(0).is_empty());
}

/// A tape of one phase for two threads, whose values have these sizes.
fn sized(sizes: &[u32], mark: SizeMark) -> Tape {
    let phase = PhaseMark { name: "trace".into(), ops: vec![3, 1], counts: true, pace: None };
    let values = Values::Boxed(Sizes::Recorded);
    let header = Header { values, sizes: Some(mark), ..header(vec![phase]) };
    let ops = [Kind::Insert, Kind::Get, Kind::Update, Kind::Upsert].map(|kind| Op::new(kind, 0));
    Tape::with(header, ops.to_vec(), Beside { sizes: sizes.to_vec(), ..Beside::default() })
}

#[test]
fn the_sizes_of_values_follow_what_brings_them() {
    let mark = SizeMark { smallest: 8, mean: 43, largest: 100 };
    let tape = sized(&[100, 8, 21], mark);
    assert_eq!((tape.sizes(0), tape.sizes(1)), (&[100, 8][..], &[21][..]));
    assert_eq!((tape.header().mean_value_bytes(), tape.header().most_value_bytes()), (43, 100));
    let written = bytes(&tape);
    assert_eq!(read(&written).unwrap(), tape);
    let damaged = |bytes: Vec<u8>| read(&sealed(bytes)).expect_err("it is damaged").to_string();
    let body = written.len() - 16;
    for cut in [1, 4, 12] {
        assert!(damaged(written[..body - cut].to_vec()).contains("its sizes are not those of its values"));
    }
    let mut larger = written[..body].to_vec();
    larger[body - 4..].copy_from_slice(&101u32.to_le_bytes());
    assert!(damaged(larger).contains("its sizes are not those that its header tells of"));
    assert!(small().sizes(0).is_empty());
}

#[test]
fn readings_of_phases_that_prepare_are_left_out() {
    let tape = alone(&[("fill", 5, false), ("fill", 3, false), ("drain", 4, true), ("fill", 4, true)]);
    assert_eq!(tape.counted(&['a', 'b', 'c', 'd']), ['c', 'd']);
    assert!(tape.counted(&['a']).is_empty(), "a reading that was cut short");
    // Operations after which each reading was taken: 8 prepare.
    assert_eq!(tape.counted_along(&[4, 5, 8, 9, 12, 16], |&played| played), [9, 12, 16]);
    assert!(tape.counted_along(&[4, 5, 8], |&played| played).is_empty());
    let all = alone(&[("fill", 5, true)]);
    assert_eq!(all.counted(&['a']), ['a']);
    assert_eq!(all.counted_along(&[1, 5], |&played| played), [1, 5]);
}

#[test]
fn slices_are_whole_chunks() {
    // `real-go/tape_test.go` has the same figures.
    let cuts = [(0, 0, 1), (1, 1, 1), (66, 3, 1), (1025, 1, 2), (100_000, 200, 1), (1_100_000, 256, 5)];
    for (ops, samples, chunks) in cuts {
        let tape = alone(&[("churn", ops, true)]);
        assert_eq!(tape.slice_ops(samples), chunks * CHUNK as u64, "{ops} operations, {samples} samples");
    }
}

#[test]
fn the_thread_with_the_most_operations_decides_where_is_cut() {
    let mut tape = alone(&[("fill", 0, false), ("churn", 0, true)]);
    tape.phases[0].ops = vec![1000, 3000];
    tape.phases[1].ops = vec![9000, 3000];
    assert_eq!(tape.slice_ops(2), 5 * 1024);
    assert_eq!(tape.samples_for(3), 10_000_u64.div_ceil(3 * 1024));
}

#[test]
fn phases_that_count_get_the_slices_that_are_wanted() {
    let slices = |ops: u64, tape: &Header| ops.div_ceil(tape.slice_ops(tape.samples_for(256)));
    let usual = alone(&[("fill", 100_000, false), ("churn", 1_000_000, true)]);
    assert_eq!(slices(1_000_000, &usual), 245);
    let teeth = alone(&[("fill", 1_000_000, false), ("drain", 990_000, true), ("fill", 990_000, true)]);
    assert_eq!(2 * slices(990_000, &teeth), 242);
}

#[test]
fn a_short_tape_gets_fewer_slices_of_a_chunk() {
    let tape = alone(&[("fill", 600, false), ("churn", 6000, true)]);
    assert_eq!(tape.slice_ops(tape.samples_for(256)), CHUNK as u64);
    assert_eq!(alone(&[("churn", 0, true)]).samples_for(256), 1);
}
