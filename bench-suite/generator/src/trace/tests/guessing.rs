//! What files are taken for.

use formats::workload::Kinds;

use super::super::guess::of_bytes;
use super::*;

fn guessed(bytes: &[u8]) -> Guess {
    of_bytes(bytes, true, &Kinds::default(), "t.csv".as_ref()).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn each_form_is_known_by_its_first_bytes() {
    let u32_keys: Vec<u8> = (0..4000u32).flat_map(|at| (0xb800_0000 + at % 701).to_be_bytes()).collect();
    let u64_keys: Vec<u8> =
        (0..4000u64).flat_map(|at| (at % 701).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).collect();
    let small_u64: Vec<u8> = (0..4000u64).flat_map(|at| (at % 701).to_be_bytes()).collect();
    for (bytes, format) in [
        (oracle(&[5, 6, 5]), TraceFormat::OracleGeneral),
        (u32_keys, TraceFormat::KeysU32),
        (u64_keys, TraceFormat::KeysU64),
        (small_u64, TraceFormat::KeysU64),
        (b"a\nb\na\n".to_vec(), TraceFormat::Keys),
        (b"http://a.b/c\nhttp://d\n".to_vec(), TraceFormat::Keys),
        (b"1 2 0 0\n1 1 0 1\n".to_vec(), TraceFormat::Arc),
        (b"s 0x1fffff50 1\nl 0x1fffff58 1\n".to_vec(), TraceFormat::Address),
        (b"v 10400 3\nm 1 -\n+ 20 9 5574c0\n- 5574c0\n".to_vec(), TraceFormat::Heaptrack),
        (b"= Start\n@ ./mt:[0x1242] + 0x55c1 0xa\n".to_vec(), TraceFormat::Mtrace),
        (b"3000000\n2\n3\n1\na 0 2040\nf 0\n".to_vec(), TraceFormat::MallocLab),
        (b"OK\n1.5 [0 127.0.0.1:1] \"SET\" \"k\" \"v\"\n".to_vec(), TraceFormat::RedisMonitor),
        (b"op_time,key,key_size,op,op_count,size\n1,a,1,GET,2,0\n".to_vec(), TraceFormat::Cachelib),
        (b"0,k,1,9,7,get,0\n0,k,1,9,7,set,10\n".to_vec(), TraceFormat::Twitter),
    ] {
        assert_eq!(
            guessed(&bytes).format,
            format,
            "{}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
        );
    }
}

#[test]
fn columns_are_known_by_their_names_or_by_what_they_hold() {
    let guess = guessed(b"version,time,op,size,lbn\n1,5,2a,512,42\n1,5,2a,512,43\n");
    assert_eq!(guess.format, TraceFormat::Requests);
    assert_eq!(guess.layout.header, Some(true));
    let want = [Column::Other, Column::Time, Column::Other, Column::Size, Column::Key];
    assert_eq!(guess.layout.columns, want);

    let guess = guessed(b"op,addr_id,size\n+,1,9\n-,1,\n");
    assert_eq!((guess.format, guess.layout.columns[1]), (TraceFormat::Operations, Column::Key));

    let guess = guessed(b"1 7 68\n2 8 7454\n3 7 68\n3 9 1\n");
    assert_eq!((guess.format, guess.layout.divider), (TraceFormat::Requests, Some(b' ')));
    assert_eq!(guess.layout.columns, [Column::Time, Column::Key, Column::Size]);

    let guess = guessed(b"token;what;size\na;login;80\na;GET;80\nb;logout;90\n");
    assert_eq!((guess.format, guess.layout.divider), (TraceFormat::Operations, Some(b';')));
    // A word that no dictionary has makes requests of them; its own words make operations.
    let guess = guessed(b"a\tSET\nb\tGET\na\tDEL\na\tGET\n");
    assert_eq!(guess.layout.columns, [Column::Key, Column::Op]);
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    let kinds =
        Kinds { insert: words(&["SET"]), get: words(&["GET"]), remove: words(&["DEL"]), ..Kinds::default() };
    assert_eq!(guess.layout.kinds, Some(kinds));
}

#[test]
fn words_of_ones_own_are_operations_when_they_are_said() {
    let log = b"when,who,what\n2026-11-01 12:00:00,ana,came\n2026-11-01 12:00:01,bob,came\n2026-11-01T12:00:02Z,ana,open\n";
    let said = Kinds { insert: vec!["came".into()], get: vec!["open".into()], ..Kinds::default() };
    let guess = |said: &Kinds| of_bytes(log, true, said, "t.csv".as_ref()).unwrap();
    assert_eq!(guess(&Kinds::default()).format, TraceFormat::Requests);
    let guess = guess(&said);
    assert_eq!(guess.format, TraceFormat::Operations);
    assert_eq!(guess.layout.columns, [Column::Time, Column::Key, Column::Op]);
    assert_eq!(guess.layout.header, Some(true));
    // What is said goes before what such a word is mostly used for.
    assert_eq!(guess.layout.kinds, Some(said));
}

#[test]
fn a_time_that_falls_is_no_key() {
    let log = b"2026-11-01T00:00:02Z GET /a\n2026-11-01T00:00:01Z GET /b\n2026-11-01T00:00:03Z PUT /a\n";
    assert_eq!(guessed(log).layout.columns, [Column::Other, Column::Op, Column::Key]);
}

#[test]
fn what_is_no_recording_is_refused_with_the_reason() {
    let random: Vec<u8> = (0..9001u32).flat_map(|at| at.wrapping_mul(0x9e37_79b9).to_le_bytes()).collect();
    // Each record has four fields, none of which is ever another's.
    let field = |value: u64| value.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    let longer: Vec<u8> = (0..4000u64)
        .flat_map(|at| [at % 70, 100 + at % 50, 1000 + at % 900, 5000 + at % 30].map(field).concat())
        .collect();
    let rows = format!("{}1,b\n{0}", "1,a,2\n".repeat(12));
    for (bytes, want) in [
        (&b""[..], "is empty"),
        (&random[..], "is no text, and no binary form that is known"),
        (&longer[..], "records of 16 bytes and more"),
        (b"# Words\n\nSome words, and more.\n", "t.csv:1: is text of no form that is known"),
        (b"0,a,1\n1,\"ab,1\n2,c,1\n", "t.csv:2: a quote is opened and never closed"),
        (rows.as_bytes(), "t.csv:13: the row has 2 columns, and the first one 3"),
        (b"v 10400 3\ns 4 main\na 10 1\n+ 0\n- 0\n", ""),
    ] {
        match of_bytes(bytes, true, &Kinds::default(), "t.csv".as_ref()) {
            Err(fault) => assert!(fault.to_string().contains(want) && !want.is_empty(), "{fault}"),
            // It is heaptrack's, and its reader says that it is of the wrong kind.
            Ok(guess) => assert_eq!((guess.format, want), (TraceFormat::Heaptrack, "")),
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_guess_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), whole: bool) {
        let _ = of_bytes(&bytes, whole, &Kinds::default(), "t.csv".as_ref());
    }

    #[test]
    fn what_is_guessed_of_text_is_read(text in "([a-c]{1,2}[,; \t][0-9]{1,2}[,; \t][a-z]{1,3}\n){1,40}") {
        if let Ok(guess) = of_bytes(text.as_bytes(), true, &Kinds::default(), "t.csv".as_ref()) {
            let mut trace = trace(guess.format);
            trace.layout = guess.layout;
            let read = read_from(text.as_bytes(), &trace);
            prop_assert!(read.is_ok(), "{:?}", read.err());
        }
    }
}
