use std::fmt::Write as _;
use std::path::PathBuf;

use formats::tape::Kind;
use formats::workload::{Column, Layout, Trace, TraceFormat};
use proptest::prelude::*;

use super::unpack::Unpacked;
use super::*;

mod compressed;
mod forms;
mod guessing;
mod recorded;
mod sized;
mod timed;

fn trace(format: TraceFormat) -> Trace {
    Trace {
        file: PathBuf::from("t.csv"),
        format,
        layout: Layout::default(),
        capacity: format.needs_capacity().then_some(2),
        ttl: None,
        skip: 0,
        limit: None,
        sample: None,
        origin: None,
        licence: None,
    }
}

fn played(format: TraceFormat, text: &str) -> String {
    played_as(&trace(format), text.as_bytes())
}

fn played_as(trace: &Trace, bytes: &[u8]) -> String {
    let (drawn, _) = read_from(bytes, trace).unwrap_or_else(|fault| panic!("{fault}"));
    let ops = &drawn.threads[0];
    assert_eq!(drawn.phases[0].ops, [ops.len() as u64]);
    ops.iter().map(|op| format!("{op:?}")).collect::<Vec<_>>().join(", ")
}

fn refused(format: TraceFormat, text: &str) -> String {
    read_from(text.as_bytes(), &trace(format)).expect_err(text).to_string()
}

#[test]
fn operations_are_played_as_they_stand() {
    let text = "op,key,size\n+,a,16\n?,b,1\ndelete,a,\nget,a,3\ninsert,c,8\n=,c,8\n";
    assert_eq!(played(TraceFormat::Operations, text), "insert 0, get 2, remove 0, get 0, insert 1, update 1");
    assert_eq!(played(TraceFormat::Operations, "+,\"a,b\"\r\n-,\"a,b\""), "insert 0, remove 0");
}

#[test]
fn dates_are_times() {
    let logged = |time: &str| format!("+,a,0,0\n+,b,{time},5\n?,c,{time},0\n");
    let seconds = |time: &str| {
        let mut trace = trace(TraceFormat::Operations);
        trace.layout.columns = vec![Column::Op, Column::Key, Column::Time, Column::Ttl];
        read_from(logged(time).as_bytes(), &trace).map(|(_, facts)| facts.seconds())
    };
    for (text, want) in [
        ("5.25", 5.25),
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01 00:01:00.5", 60.5),
        ("1970-01-01T01:01:00+01:00", 60.0),
        ("1969-12-31T23:59:59Z", 0.0),
    ] {
        assert_eq!(seconds(text).unwrap(), Some(want), "{text}");
    }
    for text in ["1970-01-01", "1970-13-01T00:00:00Z", "12:00:05", "yesterday"] {
        let said = seconds(text).unwrap_err().to_string();
        assert!(said.starts_with(&format!("t.csv:2: time: `{text}` is not allowed; allowed is")), "{said}");
    }
}

#[test]
fn an_operation_with_a_ttl_leaves_that_many_operations_later() {
    let text = "+,a,1,3\n?,a\n?,a\n?,b\n?,a\n";
    assert_eq!(played(TraceFormat::Operations, text), "insert 0, get 0, get 0, remove 0, get 1, get 0");
    // A second insert sets the time anew; a remove ends it.
    let text = "+,a,1,2\n+,a,1,4\n?,a\n?,a\n-,a\n?,b\n?,b\n?,b\n";
    assert!(!played(TraceFormat::Operations, text)[20..].contains("remove 0, remove"), "{text}");
    assert_eq!(played(TraceFormat::Operations, text).matches("remove").count(), 1);
}

#[test]
fn requests_go_through_a_cache() {
    let text = "time_s,key_id,size\n0,a,1\n0,b,1\n1,a,1\n1,c,1\n2,b,1\n";
    assert_eq!(
        played(TraceFormat::Requests, text),
        // b was used least recently when c came, a when b came back.
        "get 0, insert 0, get 1, insert 1, get 0, get 2, remove 1, insert 2, get 1, remove 0, insert 1"
    );
}

#[test]
fn twitter_rows_are_served_as_memcached_would() {
    let text = "0,k,1,9,7,get,0\n0,k,1,9,7,set,10\n1,k,1,9,7,add,5\n9,k,1,9,7,gets,0\n10,k,1,9,7,get,0\n\
                10,j,1,9,7,add,0\n11,j,1,9,7,incr,0\n11,j,1,9,7,cas,4\n15,j,1,9,7,delete,0\n";
    assert_eq!(
        played(TraceFormat::Twitter, text),
        "get 0, insert 0, get 0, get 0, remove 0, get 0, insert 1, update 1, update 1, remove 1, remove 1"
    );
}

fn oracle(keys: &[u64]) -> Vec<u8> {
    let record = |key: &u64| {
        [&7u32.to_le_bytes()[..], &key.to_le_bytes(), &64u32.to_le_bytes(), &(-1i64).to_le_bytes()].concat()
    };
    keys.iter().flat_map(record).collect()
}

#[test]
fn oracle_records_are_requests() {
    let bytes = oracle(&[5, 6, 5]);
    let (drawn, _) = read_from(bytes.as_slice(), &trace(TraceFormat::OracleGeneral)).unwrap();
    assert_eq!(format!("{:?}", drawn.threads[0]), "[get 0, insert 0, get 1, insert 1, get 0]");
    let fault = read_from(&bytes[..50], &trace(TraceFormat::OracleGeneral)).unwrap_err();
    assert_eq!(fault.to_string(), "t.csv: record 3 has 2 bytes; expected are 24");
}

#[test]
fn a_broken_row_is_one_fault_with_its_place() {
    for (format, text, want) in [
        (
            TraceFormat::Operations,
            "+,a\r\n\"b\nb\",b\r\n",
            "t.csv:2: op: `b\\nb` is not allowed; allowed is one of + insert - delete ? get = update clear iterate",
        ),
        (
            TraceFormat::Operations,
            "+,a\r\n+,\"b\nb\"\r\n-,c,x",
            "t.csv:4: size: `x` is not allowed; allowed is a whole number from 0 on",
        ),
        (
            TraceFormat::Operations,
            "+,a\n*,a\n",
            "t.csv:2: op: `*` is not allowed; allowed is one of + insert - delete ? get = update clear iterate",
        ),
        (
            TraceFormat::Operations,
            "op,key\n+\n",
            "t.csv:2: key: the row has 1 columns; expected are op,key,size,ttl; it reads `+`",
        ),
        (
            TraceFormat::Operations,
            "+,a,1,2,3\n",
            "t.csv:1: the row has 5 columns; expected are op,key,size,ttl",
        ),
        (TraceFormat::Operations, "+,\n", "t.csv:1: key: is empty; any text is allowed"),
        (
            TraceFormat::Operations,
            "+,a,x\n",
            "t.csv:1: size: `x` is not allowed; allowed is a whole number from 0 on",
        ),
        (
            TraceFormat::Operations,
            "+,a,1,-2\n",
            "t.csv:1: ttl: `-2` is not allowed; allowed is a whole number from 0 on",
        ),
        (TraceFormat::Operations, "", "t.csv: holds no record"),
        (TraceFormat::Operations, "op,key\n", "t.csv: holds no record"),
        (
            TraceFormat::Requests,
            "0,a,1\n\nnow,a,1\n",
            "t.csv:3: time: `now` is not allowed; allowed is a number of seconds, or a date and time such as 2026-11-01T12:00:05.25Z",
        ),
        (TraceFormat::Requests, "0,a\n", "t.csv:1: size: the row has 2 columns; expected are time,key,size"),
        (
            TraceFormat::Twitter,
            "0,a,1,1,1,touch,0\n",
            "t.csv:1: operation: `touch` is not allowed; allowed is one of get gets set add replace cas append prepend delete incr decr",
        ),
        (
            TraceFormat::Twitter,
            "0,a,1,1,1,get,\n",
            "t.csv:1: ttl: `` is not allowed; allowed is a whole number from 0 on",
        ),
    ] {
        assert_eq!(refused(format, text), want);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for format in TraceFormat::ALL {
            let _ = read_from(bytes.as_slice(), &trace(format));
        }
    }

    #[test]
    fn no_text_that_is_almost_right_makes_a_reader_panic(text in "([+=?-]|[0-9]{1,3}|[a-c]|set|add|,|,|\n|\"){0,120}") {
        for format in TraceFormat::ALL {
            let _ = read_from(text.as_bytes(), &trace(format));
        }
    }

    #[test]
    fn what_was_written_is_read(steps in proptest::collection::vec((0usize..4, "[a-z\", é]{1,3}"), 1..200)) {
        let mut text = String::new();
        for (kind, key) in &steps {
            writeln!(text, "{},\"{}\"", ["+", "-", "?", "="][*kind], key.replace('"', "\"\"")).unwrap();
        }
        let (drawn, _) = read_from(text.as_bytes(), &trace(TraceFormat::Operations)).unwrap();
        prop_assert_eq!(drawn.threads[0].len(), steps.len());
        let mut numbers = std::collections::HashMap::new();
        for (op, (kind, key)) in drawn.threads[0].iter().zip(&steps) {
            prop_assert_eq!(op.kind(), [Kind::Insert, Kind::Remove, Kind::Get, Kind::Update][*kind]);
            prop_assert_eq!(*numbers.entry(key).or_insert(op.key()), op.key());
            let inserted = steps.iter().any(|(kind, other)| *kind == 0 && other == key);
            prop_assert_eq!(inserted, op.key() < drawn.distinct);
        }
        let mut all: Vec<u64> = numbers.into_values().collect();
        all.sort_unstable();
        prop_assert!(all.iter().copied().eq(0..all.len() as u64));
    }
}
