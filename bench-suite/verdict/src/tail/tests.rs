//! Planted readings: three plays of a thousand inserts and a thousand walks, of which few are slow.

use formats::observation::Clock;

use super::*;

/// A slow insert with its times in three plays.
fn slow(index: u64, ns: [Option<u64>; 3]) -> SlowInPlays {
    SlowInPlays { index, kind: Kind::Insert, ns: ns.into(), done: Done::default() }
}

fn done(slow: SlowInPlays, done: Done) -> SlowInPlays {
    SlowInPlays { done, ..slow }
}

/// In every play the thread met this in the hundred operations around 500.
fn tail(slow: Vec<SlowInPlays>, met: Met) -> Tail {
    let play = |number: usize| TailPlay {
        ops: 2000,
        ns: 100_000,
        kept: slow.iter().filter(|slow| slow.ns_in(number) > 0).count() as u64,
        stretches: vec![Stretch { first_op: 450, ops: 100, met }],
    };
    let usual = |kind| UsualOfKind {
        kind,
        ops: 1000,
        events: BTreeMap::from([
            (EventKind::Grow, 3),
            (EventKind::TableAllocated, 3),
            (EventKind::TableFreed, 2),
            (EventKind::Evacuate, 100),
            (EventKind::TrieNode, 101),
        ]),
        by_calls: vec![0, 899, 1, 100],
        by_bytes: vec![0, 0, 0, 0, 900, 0, 0, 0, 99, 1],
    };
    let usual = vec![usual(Kind::Insert), usual(Kind::Iterate)];
    Tail { clock: Clock::default(), plays: (0..3).map(play).collect(), slow, usual }
}

fn with_events(events: &[EventKind]) -> Done {
    Done { events: events.iter().map(|kind| (*kind, 1)).collect(), ..Done::default() }
}

/// What is told of one slow operation at 500.
fn told(slow: SlowInPlays, met: Met) -> Cause {
    judge(&tail(vec![slow], met))[0].cause
}

const TWICE: [Option<u64>; 3] = [Some(900), Some(0), Some(800)];
const ONCE: [Option<u64>; 3] = [Some(900), Some(0), Some(0)];
const NOTHING: Met = Met { minor_faults: 0, major_faults: 0, waits: 0, switches: 0, delay_ns: 0 };

#[test]
fn the_first_cause_that_few_operations_have_is_told() {
    let all = Done {
        calls: 3,
        bytes: 1 << 8,
        met: Met { minor_faults: 1, waits: 1, ..NOTHING },
        ..with_events(&[EventKind::TableFreed, EventKind::TableAllocated, EventKind::Grow])
    };
    let met = all.met;
    let case = |done_in: Done| told(done(slow(500, TWICE), done_in), met);
    // What the map says itself goes before what its allocator shows.
    assert_eq!(case(all.clone()), Cause::Event(EventKind::Grow));
    let shown = with_events(&[EventKind::TableFreed, EventKind::TableAllocated]);
    assert_eq!(
        case(shown),
        Cause::Event(EventKind::TableAllocated),
        "the old one goes because there is a new one"
    );
    let without_events = Done { events: BTreeMap::new(), ..all };
    assert_eq!(case(without_events.clone()), Cause::Allocator);
    let usual = Done { calls: 1, bytes: 8, ..without_events };
    assert_eq!(case(usual.clone()), Cause::Faults);
    let waits = Done { met: Met { minor_faults: 0, ..usual.met }, ..usual };
    assert_eq!(case(waits.clone()), Cause::Wait);
    assert_eq!(case(Done { met: NOTHING, ..waits }), Cause::Map);
}

#[test]
fn what_one_of_ten_operations_does_makes_none_slow() {
    let case = |done_in| told(done(slow(500, TWICE), done_in), NOTHING);
    assert_eq!(case(with_events(&[EventKind::Evacuate])), Cause::Event(EventKind::Evacuate), "100 of 1,000");
    assert_eq!(case(with_events(&[EventKind::TrieNode])), Cause::Map, "101 of 1,000");
    let asks = |calls, bytes| case(Done { calls, bytes, ..Done::default() });
    assert_eq!(asks(1, 8), Cause::Map, "all call the allocator");
    assert_eq!(asks(2, 8), Cause::Map, "101 call it twice or more often");
    assert_eq!([asks(3, 8), asks(60, 8)], [Cause::Allocator; 2], "100 call it so often");
    assert_eq!(asks(1, 128), Cause::Allocator, "100 ask for so much");
}

#[test]
fn faults_and_waits_must_be_met_where_the_operation_was_slow() {
    let done_in = || Done { met: Met { minor_faults: 2, waits: 1, ..NOTHING }, ..Done::default() };
    let case = |index, met| told(done(slow(index, TWICE), done_in()), met);
    assert_eq!(case(500, Met { major_faults: 1, ..NOTHING }), Cause::Faults);
    assert_eq!(case(500, Met { waits: 1, ..NOTHING }), Cause::Wait);
    assert_eq!(case(500, Met { switches: 1, ..NOTHING }), Cause::Map);
    let elsewhere = [449, 550, 1999].map(|index| case(index, done_in().met));
    assert_eq!(elsewhere, [Cause::Map; 3], "outside of the stretch");
    let quiet = slow(500, TWICE);
    assert_eq!(told(quiet, done_in().met), Cause::Map, "the stretch met it, the operation did not");
}

#[test]
fn what_is_slow_once_is_the_machines_whatever_the_map_did() {
    let grows = || with_events(&[EventKind::Grow]);
    let case = |ns, met| told(done(slow(500, ns), grows()), met);
    assert_eq!(case(ONCE, NOTHING), Cause::Machine);
    assert_eq!(case(ONCE, Met { switches: 1, delay_ns: 500, ..NOTHING }), Cause::Preempted);
    // Twice it followed a cut: nobody knows whether it would have been slow again.
    let alone = [None, Some(900), None];
    assert_eq!(case(alone, NOTHING), Cause::Untold);
    assert_eq!(case(alone, Met { switches: 1, ..NOTHING }), Cause::Preempted);
    assert_eq!(case([None, Some(900), Some(0)], NOTHING), Cause::Machine);
    assert_eq!(case([None, Some(900), Some(7000)], NOTHING), Cause::Event(EventKind::Grow));
}

#[test]
fn what_a_slow_operation_takes_longer_in_one_play_is_the_machines() {
    let twice = done(slow(500, [Some(900), Some(700), Some(50_000)]), with_events(&[EventKind::Grow]));
    let judged = judge(&tail(vec![twice], Met { switches: 1, ..NOTHING }));
    let grow = (Cause::Event(EventKind::Grow), 700);
    let expected = vec![
        (0, vec![grow, (Cause::Preempted, 200)]),
        (1, vec![grow]),
        (2, vec![grow, (Cause::Preempted, 49_300)]),
    ];
    assert_eq!((judged[0].recurs_in, judged[0].ns, &judged[0].parts), (3, 700, &expected));
}

#[test]
fn the_processor_is_taken_from_as_many_operations_as_it_was_taken() {
    let ns = |ns| [Some(ns), Some(0), Some(0)];
    let three = vec![slow(499, ns(800)), slow(500, ns(90_000)), slow(501, ns(900))];
    let causes = |switches| -> Vec<Cause> {
        let met = Met { switches, ..NOTHING };
        judge(&tail(three.clone(), met)).iter().map(|judged| judged.cause).collect()
    };
    assert_eq!(causes(1), [Cause::Machine, Cause::Preempted, Cause::Machine]);
    assert_eq!(causes(2), [Cause::Machine, Cause::Preempted, Cause::Preempted]);
    assert_eq!(causes(9), [Cause::Preempted; 3]);
    // What the map takes each time is no sign that the processor was taken.
    let mut grows = done(slow(498, [Some(800_000); 3]), with_events(&[EventKind::Grow]));
    grows.ns[0] = Some(800_100);
    let met = Met { switches: 1, ..NOTHING };
    let judged = judge(&tail([vec![grows], three.clone()].concat(), met));
    assert_eq!(judged[0].parts[0].1[1], (Cause::Machine, 100));
    assert_eq!(judged[2].cause, Cause::Preempted);
}

#[test]
fn a_walk_is_slow_because_it_is_one() {
    let walk = |ns| SlowInPlays { kind: Kind::Iterate, ..slow(500, ns) };
    assert_eq!(told(walk(TWICE), NOTHING), Cause::AllEntries);
    assert_eq!(told(walk(ONCE), NOTHING), Cause::Machine);
    let grows = done(walk(TWICE), with_events(&[EventKind::Grow]));
    assert_eq!(told(grows, NOTHING), Cause::Event(EventKind::Grow));
    let first = SlowInPlays { kind: Kind::RemoveFirst, ..slow(500, TWICE) };
    assert_eq!(told(first, NOTHING), Cause::Map, "it has to find one entry");
}

#[test]
fn shares_are_of_the_time_of_the_slowest_of_each_play() {
    let grows = |index, ns| done(slow(index, ns), with_events(&[EventKind::Grow]));
    let slow = vec![
        grows(10, [Some(600); 3]),
        slow(20, [Some(500), Some(0), Some(0)]),
        slow(30, [Some(0), Some(300), Some(400)]),
        slow(40, [Some(5), Some(6), Some(7)]),
    ];
    let tail = tail(slow, NOTHING);
    let judged = judge(&tail);
    // Two of each 2,000: the first and one of the next two.
    let told = shares(&tail, &judged, 1000).expect("enough were kept");
    assert_eq!((told.ops, told.ns), (6, 1800 + 500 + 300 + 400));
    let grow = Cause::Event(EventKind::Grow);
    assert_eq!(told.by_cause, [(grow, 1800), (Cause::Map, 600), (Cause::Machine, 600)]);
    assert!((told.explained() - 0.6).abs() < 1e-9);
    let one = shares(&tail, &judged, 2000).expect("one of each play");
    assert_eq!((one.ops, one.explained()), (3, 1.0));
    assert_eq!(shares(&tail, &judged, 2001), None, "too few operations");
    assert_eq!(shares(&tail, &judged, 400), None, "five of each were not kept");
}

#[test]
fn figures_that_do_not_fit_each_other_are_no_panic() {
    let mut odd = tail(vec![slow(500, TWICE), slow(u64::MAX, [Some(u64::MAX); 3])], NOTHING);
    odd.slow[0].ns.push(Some(1));
    odd.slow[1].ns.pop();
    odd.usual.clear();
    odd.plays[0].stretches =
        vec![Stretch { first_op: u64::MAX, ops: u64::MAX, met: Met { switches: u64::MAX, ..NOTHING } }];
    odd.plays[0].kept = u64::MAX;
    let judged = judge(&odd);
    assert_eq!(judged.len(), 2);
    assert!(shares(&odd, &judged, 0).is_none());
    assert!(shares(&Tail::default(), &[], 1000).is_none());
}
