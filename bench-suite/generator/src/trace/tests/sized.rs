//! What sizes the values of a recording have.

use super::*;

const SIZED: Played = Played { pace: Pace::Closed, sizes: true, is_bounded: false };

fn sizes(trace: &Trace, text: &str) -> Vec<u32> {
    let (drawn, _) = read_played(text.as_bytes(), trace, &SIZED).unwrap_or_else(|fault| panic!("{fault}"));
    drawn.sizes.concat()
}

#[test]
fn values_have_the_sizes_of_their_records() {
    let text = "+,a,100\n+,b,3\n=,a,\nclear,x,77\n+,a,\n=,a,5000000\n-,a,9\n+,a,\n";
    assert_eq!(sizes(&trace(TraceFormat::Operations), text), [100, 8, 100, 100, 1 << 20, 1 << 20]);
    let skipped = Trace { skip: 1, ..trace(TraceFormat::Operations) };
    assert_eq!(sizes(&skipped, "+,a,100\n+,b,\n+,a,70\n"), [8, 70], "what is passed over says nothing");
    let (closed, _) = read_from(text.as_bytes(), &trace(TraceFormat::Operations)).unwrap();
    assert!(closed.sizes.is_empty());
}

#[test]
fn a_miss_brings_a_value_of_the_size_that_was_asked_for() {
    // The second request for 1 hits; the third misses, since two entries fit.
    let text = "1,1,100\n2,2,200\n3,1,300\n4,3,400\n5,4,500\n6,1,600\n";
    assert_eq!(sizes(&trace(TraceFormat::Requests), text), [100, 200, 400, 500, 600]);
    let rows = "key,op,size,op_count\na,SET,64,1\nb,GET,32,1\nb,SET,,1\na,REPLACE,16,2\n";
    assert_eq!(sizes(&trace(TraceFormat::Cachelib), rows), [64, 32, 16, 16]);
}

#[test]
fn a_recording_without_sizes_is_refused() {
    let said =
        read_played(&b"+,a\n"[..], &trace(TraceFormat::Operations), &SIZED).expect_err("no size").to_string();
    assert_eq!(
        said,
        "t.csv: its records have no sizes, and `values = { boxed = \"recorded\" }` makes values by them"
    );
}
