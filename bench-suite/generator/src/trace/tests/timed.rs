//! When the operations of a recording are due.

use std::num::NonZeroU32;

use formats::workload::{Column, Pace, Speed};

use super::*;

fn at(speed: u32) -> Played {
    Played { pace: Pace::Recorded(Speed(NonZeroU32::new(speed).unwrap())), sizes: false, is_bounded: false }
}

fn due(trace: &Trace, speed: u32, bytes: &[u8]) -> Vec<u64> {
    let (drawn, _) = read_played(bytes, trace, &at(speed)).unwrap_or_else(|fault| panic!("{fault}"));
    let [due_ns] = &drawn.due_ns[..] else { panic!("one thread: {:?}", drawn.due_ns) };
    assert_eq!(due_ns.len(), drawn.threads[0].len());
    due_ns.iter().map(|ns| ns / 1_000_000).collect()
}

fn timed() -> Trace {
    let columns = vec![Column::Time, Column::Op, Column::Key, Column::Ttl];
    Trace { layout: Layout { columns, ..Layout::default() }, ..trace(TraceFormat::Operations) }
}

#[test]
fn operations_are_due_by_the_times_of_their_rows() {
    let text = "10.5,+,a,\n10.75,?,a,\n10.6,?,b,\n12.25,clear,x,\n";
    assert_eq!(due(&timed(), 1000, text.as_bytes()), [0, 250, 250, 1750]);
    assert_eq!(due(&timed(), 2500, text.as_bytes()), [0, 100, 100, 700]);
    let late = Trace { skip: 1, ..timed() };
    assert_eq!(due(&late, 1000, text.as_bytes()), [0, 0, 1500], "what is passed over takes no time");
    let (closed, _) = read_from(text.as_bytes(), &timed()).unwrap();
    assert!(closed.due_ns.is_empty());
    let (recorded, _) = read_played(text.as_bytes(), &timed(), &at(1000)).unwrap();
    assert_eq!(recorded.threads, closed.threads, "times change no operation");
}

#[test]
fn an_entry_leaves_when_its_time_is_over() {
    // It leaves at 3.5 s, before the get at 9.5 s finds nothing.
    assert_eq!(due(&timed(), 1000, b"1.5,+,a,2\n9.5,?,a,\n"), [0, 2000, 8000]);
}

#[test]
fn what_a_request_comes_to_is_due_with_it() {
    // A miss is a get, with a full cache a remove, and an insert; the three rows of a second are spread over it.
    let text = b"4,a,1\n4,b,1\n4,c,1\n5,a,1\n";
    let seconds = [0, 0, 333, 333, 666, 666, 666, 1000, 1000, 1000];
    assert_eq!(due(&trace(TraceFormat::Requests), 1000, text), seconds);
    let record = |time: u32, key: u64| {
        [&time.to_le_bytes()[..], &key.to_le_bytes(), &1u32.to_le_bytes(), &(-1i64).to_le_bytes()].concat()
    };
    let oracle = [record(4, 1), record(4, 2), record(4, 3), record(5, 1)].concat();
    assert_eq!(due(&trace(TraceFormat::OracleGeneral), 1000, &oracle), seconds);
}

#[test]
fn a_recording_without_times_is_refused() {
    let refused = |trace: &Trace, text: &str| {
        read_played(text.as_bytes(), trace, &at(1000)).expect_err(text).to_string()
    };
    let said = refused(&trace(TraceFormat::Cachelib), "key,op\na,GET\nb,SET\n");
    assert_eq!(
        said,
        "t.csv: its records have no times, and `pace = \"recorded\"` starts operations by them; a rate needs none"
    );
    let said = refused(&timed(), "7.5,+,a,\n7.5,?,a,\n");
    assert!(said.contains("its records are all of one time"), "{said}");
}
