//! A small sample of each form, made by hand after its description, and what comes of it.

use formats::workload::{Column, Kinds, TtlUnit};

use super::*;

fn with(format: TraceFormat, change: impl FnOnce(&mut Trace)) -> Trace {
    let mut trace = trace(format);
    change(&mut trace);
    trace
}

fn facts(format: TraceFormat, text: &str) -> Facts {
    read_from(text.as_bytes(), &trace(format)).unwrap().1
}

const REQUESTS: &str = "get 0, insert 0, get 1, insert 1, get 0, get 2, remove 1, insert 2";

#[test]
fn columns_and_dividers_are_what_the_workload_says() {
    let spaces = with(TraceFormat::Requests, |trace| trace.layout.divider = Some(b' '));
    assert_eq!(played_as(&spaces, b"1 7 68\n2 8\t 9\n 3   7 68 \n4 9 1\n"), REQUESTS);
    let columns = with(TraceFormat::Requests, |trace| {
        trace.layout.columns = vec![Column::Other, Column::Time, Column::Size, Column::Key];
        trace.layout.divider = Some(b';');
        trace.layout.header = Some(true);
    });
    assert_eq!(played_as(&columns, b"a;b;c;d\n1;5;512;x\n1;5;512;y\n1;6;1;\"x\"\n1;6;1; z\n"), REQUESTS);
    let kinds = with(TraceFormat::Operations, |trace| {
        trace.layout.columns = vec![Column::Key, Column::Op, Column::Count];
        trace.layout.kinds = Some(Kinds {
            insert: vec!["SET".into()],
            get: vec!["GET".into(), "PEEK".into()],
            ignore: vec!["PING".into()],
            ..Kinds::default()
        });
    });
    assert_eq!(
        played_as(&kinds, b"a,SET,1\nb,GET,2\nb,PING,1\na,PEEK,0\na,GET,1"),
        "insert 0, get 1, get 1, get 0"
    );
    let said = read_from(&b"a,DEL,1\n"[..], &kinds).unwrap_err().to_string();
    assert_eq!(said, "t.csv:1: op: `DEL` is not allowed; allowed is one of SET GET PEEK PING");
}

#[test]
fn times_to_live_count_seconds_or_operations() {
    let seconds = with(TraceFormat::Operations, |trace| {
        trace.layout.columns = vec![Column::Time, Column::Op, Column::Key, Column::Ttl];
        trace.ttl = Some(TtlUnit::Seconds);
    });
    let text = b"0.5,+,a,2\n1,+,b,0\n2.4,?,a,\n2.5,?,a,\n";
    assert_eq!(played_as(&seconds, text), "insert 0, insert 1, get 0, remove 0, get 0");
    let operations = Trace { ttl: Some(TtlUnit::Operations), ..seconds };
    assert_eq!(played_as(&operations, text), "insert 0, insert 1, remove 0, get 0, get 0");
}

#[test]
fn keys_stand_a_line_each() {
    assert_eq!(played(TraceFormat::Keys, "http://a b\n2\nhttp://a b\n3\n*\n"), REQUESTS);
    assert_eq!(refused(TraceFormat::Keys, "a\nb\u{1}\n").split(": ").nth(1), Some("key"));
    assert!(refused(TraceFormat::Keys, "a\nb\0\n").contains("is no text: byte 3 is zero"));
}

#[test]
fn ranges_and_addresses_are_requests() {
    assert_eq!(played(TraceFormat::Arc, "1 2 0 0\n1 1 0 2\n7 1 0 3\n"), REQUESTS);
    assert_eq!(played(TraceFormat::Address, "l 0x1f 1\ns 0x2f 3\nl 0x1F 0\ns 3f 9 1 100\n"), REQUESTS);
    let said = refused(TraceFormat::Arc, "1,2,0,0\n");
    assert_eq!(
        said,
        "t.csv:1: count: the row has 1 columns; expected are start,count,ignored,number; it reads `1,2,0,0`, and may \
         want `divider = \",\"`"
    );
}

#[test]
fn keys_of_fixed_length_are_requests_and_text_is_none() {
    assert_eq!(
        played_as(&trace(TraceFormat::KeysU32), b"\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\0\0\x03"),
        REQUESTS
    );
    let said = read_from("time,key,size\n".repeat(12).as_bytes(), &trace(TraceFormat::KeysU64)).unwrap_err();
    assert_eq!(said.to_string(), "t.csv: the first 64 bytes are text, and no keys of 8 bytes");
    let said = read_from(&b"\0\0\0\x01\0"[..], &trace(TraceFormat::KeysU32)).unwrap_err();
    assert_eq!(said.to_string(), "t.csv: record 2 has 1 bytes; expected are 4");
}

#[test]
fn what_is_no_oracle_general_is_refused_with_the_record_and_the_reason() {
    let said = refused(TraceFormat::OracleGeneral, "time,key,size\n0,a,1\n1,b,1\n2,a,1\n3,c,1\n4,d,111111\n");
    assert!(said.contains("record 1 cannot be: the next access to its key is said to be at"), "{said}");
    let mut bytes = oracle(&[5, 6]);
    bytes[0] = 9;
    let said = read_from(bytes.as_slice(), &trace(TraceFormat::OracleGeneral)).unwrap_err().to_string();
    assert_eq!(said, "t.csv: record 2 cannot be: its time 7 is before 9, that of the record before it");
}

#[test]
fn a_log_of_cachelib_is_read_by_its_heading_and_put_in_order() {
    let text = "op_time,key,key_size,op,op_count,size,cache_hits,ttl,usecase\n10,b,1,GET,2,0,0,0,1\n9,a,1,SET,1,7,0,3,1\n\
                12,a,1,GET_LEASE,1,7,1,0,1\n11,a,1,GET,1,7,1,0,1\n13,b,1,SET_LEASE,1,9,0,0,1\n14,b,1,DELETE,1,0,0,0,1\n";
    let want = "insert 0, get 1, get 1, get 0, remove 0, get 0, insert 1, remove 1";
    assert_eq!(played(TraceFormat::Cachelib, text), want);
    let other_order = "key,op,size,op_count,key_size\na,SET,1,1,1\na,GET,1,3,1\n";
    assert_eq!(played(TraceFormat::Cachelib, other_order), "insert 0, get 0, get 0, get 0");
    let said = refused(TraceFormat::Cachelib, "1,a,1,GET\n");
    assert_eq!(said, "t.csv:1: the first row must name the columns, `key` and `op` among them");
}

#[test]
fn allocations_are_inserts_and_removes_of_addresses() {
    let text = "v 10400 3\nI 1000 5e2991\nm 1 x 5574 0 48\nt 7f99 0\n+ 11c00 4 5574b0\nt 5574 0\n+ 20 9 5574c0\n- 5574b0\n+ 8 9 5574b0\n";
    assert_eq!(played(TraceFormat::Heaptrack, text), "insert 0, insert 1, remove 0, insert 0");
    assert_eq!(facts(TraceFormat::Heaptrack, text).sizes, (3, 0x11c00 + 0x20 + 8));
    let said = refused(TraceFormat::Heaptrack, "v 10400 3\ns 4 main\na 10 1\n+ 0\n- 0\n");
    assert!(said.starts_with("t.csv:4: names a kind of allocation and no block"), "{said}");

    let text = "= Start\n@ ./mt:[0x1242] + 0x55a0 0xa\n@ ./a b:(f+0x1)[0x12] + 0x55b0 0x20\n@ ./mt:[0x1242] < 0x55a0\n\
                @ ./mt:[0x1242] > 0x55c0 0x30\n@ ./mt:[0x1] - 0x55b0\n- 0x55c0\n= End\n";
    let want = "insert 0, insert 1, remove 0, insert 2, remove 1, remove 2";
    assert_eq!(played(TraceFormat::Mtrace, text), want);

    let text = "3000000\n2\n5\n1\na 0 2040\nr 0 4096\na 1 48\nf 0\nf -1\nf 1\n";
    assert_eq!(played(TraceFormat::MallocLab, text), "insert 0, update 0, insert 1, remove 0, remove 1");
    let said = refused(TraceFormat::MallocLab, "a 0 2040\n");
    assert!(
        said.starts_with("t.csv:1: `a` is not allowed; allowed is a number: the first four lines"),
        "{said}"
    );
}

#[test]
fn commands_to_redis_are_played() {
    let text = "OK\n1.5 [0 127.0.0.1:1] \"SET\" \"k\" \"v\"\n1.6 [0 127.0.0.1:1] \"get\" \"k\"\n\
                1.7 [0 lua] \"setex\" \"s:\\xc3\\xbc \\\"1\" \"5\" \"v\"\n2 [0 127.0.0.1:1] \"dbsize\"\n\
                3 [0 127.0.0.1:1] \"INCR\" \"k\"\n6.7 [0 127.0.0.1:1] \"DEL\" \"k\" \"none\"\n\
                7 [0 [::1]:1] \"lpush\" \"l\" \"v\"\n7 [0 [::1]:1] \"lpush\" \"l\" \"v\"\n8 [0 [::1]:1] \"FLUSHALL\"\n\
                8 [0 [::1]:1] \"MSET\" \"k\" \"1\" \"l\" \"2\"\n";
    assert_eq!(
        played(TraceFormat::RedisMonitor, text),
        "insert 0, get 0, insert 1, update 0, remove 1, remove 0, remove 3, insert 2, update 2, clear 0, insert 0, insert 2"
    );
    assert_eq!(facts(TraceFormat::RedisMonitor, text).ignored, 2);
    let said = refused(TraceFormat::RedisMonitor, "OK\n1.5 SET k v\n");
    assert!(
        said.starts_with("t.csv:2: `1.5 SET k v` is not allowed; allowed is TIME [DATABASE CLIENT]"),
        "{said}"
    );
}

#[test]
fn a_part_of_a_recording_is_played() {
    let text = (0..4000).map(|key| format!("+,{key}\n?,{key}\n-,{key}\n")).collect::<Vec<_>>().concat();
    let part = with(TraceFormat::Operations, |trace| (trace.skip, trace.limit) = (3, Some(4)));
    assert_eq!(played_as(&part, text.as_bytes()), "insert 0, get 0, remove 0, insert 1");
    let sample = with(TraceFormat::Operations, |trace| trace.sample = Some(0.1));
    let (drawn, facts) = read_from(text.as_bytes(), &sample).unwrap();
    assert_eq!(facts.records, 12_000);
    assert!((300..500).contains(&facts.keys), "{} keys are no tenth", facts.keys);
    assert_eq!(drawn.threads[0].len() as u64, 3 * facts.keys, "each key has its whole history");
    let none = with(TraceFormat::Operations, |trace| trace.skip = 12_000);
    let said = read_from(text.as_bytes(), &none).unwrap_err().to_string();
    assert_eq!(
        said,
        "t.csv: gives no operation: of 12000 records none is left after skip = 12000 and sample = 1"
    );
}

#[test]
fn a_sampled_cache_is_smaller_by_the_same_share() {
    let text = (0..100_000).map(|at| format!("{at},{},1\n", at % 10_000)).collect::<Vec<_>>().concat();
    let half = with(TraceFormat::Requests, |trace| (trace.capacity, trace.sample) = (Some(1000), Some(0.5)));
    let (drawn, _) = read_from(text.as_bytes(), &half).unwrap();
    let live = drawn.threads[0].iter().fold(0, |live, op| match op.kind() {
        Kind::Insert => live + 1,
        Kind::Remove => live - 1,
        _ => live,
    });
    assert_eq!(live, 500);
}

#[test]
fn a_quote_that_swallows_rows_is_a_fault_of_the_line_where_it_stands() {
    for (text, want) in [
        (
            "0,a,1\n1,\"ab,1\n2,c,1\n3,c,1\n4,\"d,1\n5,e,1\n",
            "t.csv:2: the quote that closes the column is followed by `d,1`",
        ),
        ("0,a,1\n1,b,1\n2,c,1\n3,\"ab,1\n4,c,1\n5,d,1\n", "t.csv:4: a quote is opened and never closed"),
    ] {
        let said = refused(TraceFormat::Requests, text);
        assert!(said.starts_with(want), "{said}");
    }
    let endless = format!("0,a,1\n1,\"{}", "2,c,1\n".repeat(20_000));
    assert!(refused(TraceFormat::Requests, &endless).contains("the row is longer than 65536 bytes"));
    let long = format!("0,a,1\n1,{},1\n", "b".repeat(70_000));
    assert!(refused(TraceFormat::Requests, &long).starts_with("t.csv:2: the row is longer than 65536 bytes"));
    assert_eq!(
        played(TraceFormat::Requests, "0, a, 1\n1, a , 1\n2,\"a\" ,1\n"),
        "get 0, insert 0, get 0, get 0"
    );
}
