use super::*;

/// A machine on which passes take what a test says, give or take a tenth.
struct Machine {
    start: f64,
    /// Operations and timetable of each workload.
    workloads: Vec<(f64, f64)>,
    /// What an operation of each map takes, ns.
    maps: Vec<f64>,
    /// What a collector takes: seconds to start, factor, and seconds that it samples for.
    collectors: Vec<(Collector, f64, f64, f64)>,
    rounds: usize,
}

/// The usual collectors, each dearer than was said by another factor.
fn collectors() -> Vec<(Collector, f64, f64, f64)> {
    vec![
        (Collector::Throughput, 0.0, 1.0, 0.0),
        (Collector::Latency, 0.3, 2.1, 0.0),
        (Collector::Slots, 0.03, 5.1, 0.0),
        (Collector::Heap, 0.02, 1.2, 0.0),
        (Collector::Allocations, 0.04, 1.5, 0.0),
        (Collector::Events, 0.01, 3.0, 0.0),
        (Collector::Calls, 0.03, 1.3, 0.0),
        (Collector::Stacks, 0.4, 1.0, 1.5),
    ]
}

impl Machine {
    /// Every pass in the order in which a session plays them, and what it takes.
    fn session(&self) -> Vec<(Cell, Load, f64)> {
        let (mut passes, mut luck) = (Vec::new(), 1u32);
        for &(collector, start, factor, samples_for) in &self.collectors {
            let rounds = if collector == Collector::Throughput { self.rounds } else { 1 };
            for _ in 0..rounds {
                for (workload, &(ops, timetable)) in self.workloads.iter().enumerate() {
                    for (map, ns) in self.maps.iter().enumerate() {
                        luck = luck.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let waits = if collector.keeps_pace() { timetable } else { 0.0 };
                        // A map is not as fast everywhere.
                        let suits = [0.7, 1.0, 1.6][(workload * 7 + map * 3) % 3];
                        let once = ops * ns * suits * factor * 1e-9;
                        let played =
                            if samples_for > 0.0 { (samples_for / once).ceil() * once } else { once };
                        let noise = 0.9 + 0.2 * f64::from(luck >> 8) / f64::from(1u32 << 24);
                        let seconds = (self.start + start + played) * noise + waits;
                        passes.push((Cell { workload, map, collector }, Load { ops, waits }, seconds));
                    }
                }
            }
        }
        let profile = passes.iter().position(|(cell, _, _)| cell.collector == Collector::Stacks).unwrap_or(0);
        passes[..=profile].rotate_right(1);
        passes
    }

    /// The largest factor by which the time left was wrong, from a tenth of the session on to its last hundredth.
    fn worst(&self) -> f64 {
        let passes = self.session();
        let total: f64 = passes.iter().map(|(_, _, seconds)| seconds).sum();
        let (mut costs, mut done, mut worst) = (Costs::default(), 0.0, 1.0f64);
        for (index, &(cell, load, seconds)) in passes.iter().enumerate() {
            costs.learn(cell, load, seconds, true);
            done += seconds;
            // Every few passes: a number that is no multiple of anything here.
            if index % 23 == 0 && (0.1..0.99).contains(&(done / total)) {
                let waiting = passes[index + 1..].iter().map(|&(cell, load, _)| (cell, load));
                let said: f64 = costs.of(waiting).unwrap().iter().sum();
                worst = worst.max(said / (total - done)).max((total - done) / said);
            }
        }
        worst
    }
}

/// From the fastest map to one that is a hundred times slower.
fn maps() -> Vec<f64> {
    (0..12).map(|map| 5.0 * 1.5f64.powi((map * 7) % 12)).collect()
}

fn standard() -> Machine {
    let workloads = [2.1e5, 1.1e6, 1.1e6, 2.2e6, 4.0e5, 1.4e6, 5.0e6, 3.0e6, 1.1e6];
    Machine {
        start: 0.008,
        workloads: workloads.map(|ops| (ops, 0.0)).into(),
        maps: maps(),
        collectors: collectors(),
        rounds: 5,
    }
}

fn assert_right(name: &str, machine: &Machine) {
    let worst = machine.worst();
    assert!(worst < 1.5, "{name}: wrong by a factor of {worst:.2}");
}

#[test]
fn the_time_left_is_right_from_a_tenth_on() {
    assert_right("standard", &standard());
    assert_right("one round", &Machine { rounds: 1, ..standard() });
    // Tapes on which a pass is hardly more than its start.
    let tiny = standard().workloads.iter().map(|&(ops, _)| (ops / 100.0, 0.0)).collect();
    assert_right("tiny", &Machine { workloads: tiny, ..standard() });
    let slow = Machine { start: 0.3, ..standard() };
    assert_right("slow starts", &slow);
}

#[test]
fn passes_of_a_fixed_time_are_no_passes_by_the_operation() {
    // A recording of a thousand operations and one of five million: an operation of the first would take milliseconds.
    let only = |collector| collectors().into_iter().filter(|one| one.0 == collector).collect();
    let lengths = [1.1e3, 5.0e6, 2.0e4, 2.0e6].map(|ops| (ops, 0.0));
    let machine = |collectors| Machine { workloads: lengths.into(), collectors, ..standard() };
    assert_right("stacks", &machine(only(Collector::Stacks)));
    assert_right("all", &machine(collectors()));
}

#[test]
fn a_timetable_is_waited_for() {
    let workloads = vec![(1.1e6, 0.0), (3.0e5, 60.0), (2.0e6, 0.0)];
    assert_right("paced", &Machine { workloads, rounds: 1, ..standard() });
}

#[test]
fn any_collector_can_come_first() {
    let latency = collectors().into_iter().filter(|one| one.0 >= Collector::Latency).collect();
    assert_right("no throughput", &Machine { collectors: latency, ..standard() });
}

#[test]
fn a_pass_that_failed_takes_as_long_again_and_no_other_does() {
    let cell = |map| Cell { workload: 0, map, collector: Collector::Throughput };
    let load = Load { ops: 1e6, waits: 0.0 };
    let mut costs = Costs::default();
    assert_eq!(costs.of([(cell(0), load)].into_iter()), None);
    costs.learn(cell(0), load, 0.1, true);
    costs.learn(cell(1), load, 300.0, false);
    let said = costs.of([(cell(1), load), (cell(2), load)].into_iter()).unwrap();
    assert!((said[0] - 300.0).abs() < 1e-9 && said[1] < 1.0, "{said:?}");
}
