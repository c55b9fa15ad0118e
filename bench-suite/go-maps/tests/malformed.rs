//! A recording that is damaged gives one error with its line, whatever the damage, and never a panic.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use go_maps::recorded::{self, Error};
use proptest::prelude::*;

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path).expect("golden file")).read_to_string(&mut text).expect("text");
    text
}

fn said(text: &str) -> String {
    recorded::verify(text.as_bytes(), "file").expect_err("damaged").to_string()
}

#[test]
fn errors_name_the_line_and_what_is_allowed() {
    let tiny = golden("classic_go123_tiny12.jsonl.gz");
    let damage = |from: &str, to: &str| said(&tiny.replacen(from, to, 1));
    assert_eq!(said(""), "file:1: the recording is empty");
    assert_eq!(said("{}"), "file:1: the first line is not a header (\"t\":\"hdr\")");
    assert_eq!(
        damage("classic-1", "classic-3"),
        "file:1: fmt is classic-3; allowed: classic-1, classic-2, swiss-1, swiss-2, syncmap-1, trie-1, trie-2"
    );
    assert_eq!(damage("\"hint\":-1", "\"hint\":-2"), "file:1: hint is -2; allowed: -1 to 4194304");
    assert_eq!(damage("\"o\":\"p\"", "\"o\":\"x\""), "file:4: o is 'x'; allowed: p, d, g, c");
    assert_eq!(
        damage("\"t\":\"end\"", "\"t\":\"fin\""),
        "file:37: t is \"fin\"; allowed: seed, hash, turn, dump, end"
    );
    assert!(damage("\"n\":1", "\"n\":x").starts_with("file:4: expected value (column "));
    assert!(damage("\"n\":1", "\"n\":1,\"zz\":0").starts_with("file:4: unknown field `zz`"));
    assert_eq!(
        damage("\"t\":\"hash\",\"e\":0", "\"t\":\"hash\",\"e\":18446744073709551615"),
        "file:3: a hash of epoch 18446744073709551615 in another one"
    );
    damage("\"t\":\"dump\",\"i\":0", "\"t\":\"dump\",\"i\":18446744073709551615");
    let short: Vec<&str> = tiny.lines().take(10).collect();
    assert_eq!(said(&short.join("\n")), "file:11: ends without a line of kind end");
}

#[test]
fn a_difference_names_the_operation_and_both_sides() {
    let tiny = golden("classic_go123_tiny12.jsonl.gz");
    let other = tiny.replacen("\"at\":[0,0,3],\"r\":1", "\"at\":[0,1,0],\"r\":0", 1);
    assert_ne!(tiny, other, "key 100 took the freed slot");
    let error = recorded::verify(other.as_bytes(), "file").expect_err("differs");
    let Error::Difference(difference) = error else { panic!("{error}") };
    assert_eq!((difference.operation, difference.what.as_str()), (Some(9), "place"));
    assert_eq!((difference.compared.operations, difference.compared.placements), (10, 8));
    assert_eq!((difference.recorded.as_str(), difference.ported.as_str()), ("[0,1,0]", "[0,0,3]"));
}

const ONE_OF_EACH: [&str; 5] = [
    "classic_go123_churn300.jsonl.gz",
    "swiss_go127_churn300.jsonl.gz",
    "syncmap_go119_600.jsonl.gz",
    "hashtrie_go127_3000.jsonl.gz",
    "classic_go123_churn300_noaes.jsonl.gz",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_give_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(recorded::verify(&bytes[..], "bytes").is_err() || bytes.is_empty());
    }

    #[test]
    fn arbitrary_bytes_behind_the_magic_of_gzip_give_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [vec![0x1F, 0x8B, 8], bytes].concat();
        prop_assert!(recorded::verify(&bytes[..], "bytes").is_err());
    }

    #[test]
    fn a_line_of_text_about_a_pool_never_panics(text in "(Put [0-9]{1,3}\\.\\.[0-9]{1,3}|GC|Get|then |, |:|\\[[-0-9 ]{0,9}\\]|rings ){0,9}") {
        let text = format!("go1 sizeof(sync.Pool) 40\n{text}\n");
        drop(recorded::verify(text.as_bytes(), "text"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// One digit, letter or mark of a real recording becomes another; a line may be lost or doubled.
    #[test]
    fn a_damaged_recording_never_panics(
        which in 0..ONE_OF_EACH.len(),
        line in 0..60_usize,
        column in any::<prop::sample::Index>(),
        put in proptest::char::range(' ', '~'),
        kind in 0..4_u8,
    ) {
        let text = golden(ONE_OF_EACH[which]);
        let mut lines: Vec<String> = text.lines().take(80).map(str::to_owned).collect();
        match kind {
            0 => drop(lines.remove(line)),
            1 => lines.insert(line, lines[line].clone()),
            _ => {
                let mut chars: Vec<char> = lines[line].chars().collect();
                let column = column.index(chars.len());
                chars[column] = put;
                lines[line] = chars.into_iter().collect();
            }
        }
        drop(recorded::verify(lines.join("\n").as_bytes(), "damaged"));
    }
}
