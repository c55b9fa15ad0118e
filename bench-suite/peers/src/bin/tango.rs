//! tango with its defaults. `tango compare tango@12`.

use peers::{Churn, work_by_name};
use tango_bench::{IntoBenchmarks, benchmark_fn, tango_benchmarks, tango_main};

#[global_allocator]
static ALLOCATOR: peers::Jemalloc = peers::Jemalloc;

fn benchmarks() -> impl IntoBenchmarks {
    [benchmark_fn("churn", |bencher| {
        let mut churn = Churn::new(work_by_name());
        bencher.iter(move || churn.step())
    })]
}

tango_benchmarks!(benchmarks());
tango_main!();
