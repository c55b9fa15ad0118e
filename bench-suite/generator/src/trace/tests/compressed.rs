//! Compressed recordings, whole and damaged.

use std::io::Write;

use super::*;

/// `printf "+,a\n-,a\n"`, packed by `zstd --check`, and by Python's gzip, lzma and bz2.
const PACKED: [(&str, &[u8]); 4] = [
    ("Zstandard", include_bytes!("two-rows.zst")),
    ("gzip", include_bytes!("two-rows.gz")),
    ("xz", include_bytes!("two-rows.xz")),
    ("bzip2", include_bytes!("two-rows.bz2")),
];

fn unpacked(bytes: &[u8]) -> Result<Drawn, Fault> {
    let fault = |error| Fault::of_file("t.csv".as_ref(), format!("{error}"));
    let source = Unpacked::new(bytes).map_err(fault)?;
    read_from(source, &trace(TraceFormat::Operations)).map(|(drawn, _)| drawn)
}

#[test]
fn what_is_compressed_is_told_by_its_first_bytes_and_may_be_several_files_in_one() {
    for (name, bytes) in PACKED {
        let of =
            |bytes: &[u8]| unpacked(bytes).unwrap_or_else(|fault| panic!("{name}: {fault}")).threads[0].len();
        assert_eq!(of(bytes), 2, "{name}");
        assert_eq!(of(&[bytes, bytes, bytes].concat()), 6, "{name}");
        assert_eq!(Unpacked::new(bytes).unwrap().compression().map(Compression::name), Some(name));
    }
    let skipped = [&0x184D_2A50u32.to_le_bytes()[..], &3u32.to_le_bytes(), b"abc"].concat();
    assert_eq!(unpacked(&[PACKED[0].1, &skipped, PACKED[0].1].concat()).unwrap().threads[0].len(), 4);
}

#[test]
fn a_damaged_compressed_recording_is_a_fault() {
    for (name, bytes) in PACKED {
        for length in 10..bytes.len() {
            let fault = unpacked(&bytes[..length]).expect_err(name).to_string();
            assert!(fault.contains(&format!("is no whole {name} file")), "{name} {length}: {fault}");
        }
        // A byte of the checksum: behind the data, of bzip2 in front of it.
        let mut altered = bytes.to_vec();
        let at = match name {
            "gzip" => bytes.len() - 8,
            "bzip2" => 12,
            _ => bytes.len() - 4,
        };
        altered[at] ^= 0x10;
        assert!(unpacked(&altered).is_err(), "{name}");
    }
}

#[test]
fn a_bomb_is_refused_long_before_it_is_unpacked() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = b"?,a\n".repeat(1 << 14);
    for _ in 0..400 {
        encoder.write_all(&block).unwrap();
    }
    let said = unpacked(&encoder.finish().unwrap()).unwrap_err().to_string();
    assert!(said.contains("of gzip make ") && said.contains("no recording is so much alike"), "{said}");
}

proptest! {
    #[test]
    fn no_damage_makes_a_reader_panic(at in 0usize..200, byte: u8, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        for (_, bytes) in PACKED {
            let mut altered = bytes.to_vec();
            altered[at % bytes.len()] = byte;
            let _ = unpacked(&altered);
            let _ = unpacked(&[&bytes[..at % bytes.len()], &tail].concat());
        }
    }
}
