//! How fast tapes are made: operations a second and core, drawing and model apart.
//!
//! `cargo bench -p churnmark-generator`
//!
//! What is measured is the processor time of the one thread that works, so that others on the same machine
//! disturb it as little as possible; the page faults of a fresh tape are in it. Ranks alone stand beside
//! `rand_distr`'s Zipf.

use std::hint::black_box;
use std::num::NonZeroU16;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use formats::tape::Op;
use formats::workload::{Act, Mix, Order, Phase, Popularity, Recipe, Rules, Victim};
use generator::random::Random;
use generator::zipf::Zipf;
use rand_distr::Distribution;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rustix::time::{ClockId, clock_gettime};

const LIVE: u64 = 100_000;
const OPS: u64 = 1_000_000;
const PAIRS: Mix = Mix { insert: 50, remove: 50, ..Mix::NONE };
const LOOKUPS: Mix = Mix { insert: 45, remove: 45, get: 8, get_absent: 2, ..Mix::NONE };
const ZIPF: f64 = 0.99;

fn recipe(mix: Mix, order: Order, remove: Victim, get: Popularity) -> Recipe {
    let rules = Rules { mix, order, remove, get, keep: None, hold: None };
    let phases = [Act::Fill(LIVE), Act::Churn(OPS)].map(|act| Phase::new(act, rules)).into();
    Recipe { live: LIVE, keyspace: None, capacity: None, roles: Vec::new(), phases }
}

fn recipes() -> Vec<(&'static str, Recipe)> {
    let (paired, random) = (Order::Paired, Order::Random);
    let gets = Mix { get: 100, ..Mix::default() };
    vec![
        ("oldest", recipe(PAIRS, paired, Victim::Oldest, Popularity::Uniform)),
        ("newest", recipe(PAIRS, paired, Victim::Newest, Popularity::Uniform)),
        ("uniform", recipe(PAIRS, paired, Victim::Uniform, Popularity::Uniform)),
        ("zipf", recipe(PAIRS, paired, Victim::Zipf(ZIPF), Popularity::Zipf(ZIPF))),
        ("uniform, with lookups", recipe(LOOKUPS, paired, Victim::Uniform, Popularity::Uniform)),
        (
            "uniform, with lookups, random order",
            recipe(LOOKUPS, random, Victim::Uniform, Popularity::Uniform),
        ),
        ("gets only, uniform", recipe(gets, paired, Victim::Uniform, Popularity::Uniform)),
        ("gets only, zipf", recipe(gets, paired, Victim::Uniform, Popularity::Zipf(ZIPF))),
        ("gets only, latest", recipe(gets, paired, Victim::Oldest, Popularity::Latest)),
    ]
}

/// Drawing alone: what stands on a tape, before a model played it.
fn draw(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("draw");
    group.sample_size(10).throughput(Throughput::Elements(LIVE + OPS));
    for (name, recipe) in recipes() {
        group.bench_function(name, |bencher| {
            bencher.iter_with_large_drop(|| generator::draw(&recipe, 1, NonZeroU16::MIN, false));
        });
    }
}

/// What the model adds to it.
fn model(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("model");
    group.sample_size(10).throughput(Throughput::Elements(LIVE + OPS));
    for (name, recipe) in recipes().into_iter().take(5) {
        let drawn = generator::draw(&recipe, 1, NonZeroU16::MIN, false);
        let threads: Vec<&[Op]> = drawn.threads.iter().map(Vec::as_slice).collect();
        group.bench_function(name, |bencher| {
            bencher.iter(|| generator::play_model(drawn.distinct, false, black_box(&threads)));
        });
    }
}

/// Ranks alone: ours beside `rand_distr`, from the same random numbers.
fn ranks(criterion: &mut Criterion<CpuTime>) {
    const DRAWS: u64 = 1_000_000;
    let mut group = criterion.benchmark_group("zipf");
    group.sample_size(10).throughput(Throughput::Elements(DRAWS));
    for ranks in [1_000u64, 100_000, 10_000_000] {
        let ours = Zipf::new(ZIPF, ranks);
        group.bench_function(format!("ours, {ranks} ranks"), |bencher| {
            bencher.iter_batched_ref(
                || Random::new(1, 0),
                |random| (0..DRAWS).fold(0u64, |sum, _| sum.wrapping_add(ours.draw(random))),
                BatchSize::LargeInput,
            );
        });
        let theirs = rand_distr::Zipf::new(ranks as f64, ZIPF).expect("a law with these parameters exists");
        group.bench_function(format!("rand_distr, {ranks} ranks"), |bencher| {
            bencher.iter_batched_ref(
                || Xoshiro256PlusPlus::seed_from_u64(1),
                |random| (0..DRAWS).fold(0.0, |sum, _| sum + theirs.sample(random)),
                BatchSize::LargeInput,
            );
        });
    }
}

/// What a sampler costs before its first draw.
fn tables(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("zipf table");
    for ranks in [1_000u64, 100_000, 10_000_000] {
        group.bench_function(format!("{ranks} ranks"), |bencher| {
            bencher.iter(|| Zipf::new(ZIPF, black_box(ranks)));
        });
    }
}

/// Processor time of the calling thread.
struct CpuTime;

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("processor time is not negative")
}

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu_time()
    }

    fn end(&self, start: Duration) -> Duration {
        cpu_time().saturating_sub(start)
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = draw, model, ranks, tables
}
criterion_main!(benches);
