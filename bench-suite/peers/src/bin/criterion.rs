//! criterion with its defaults. `criterion@12 --bench --save-baseline NAME`, then `--baseline NAME`.

use std::cell::RefCell;

use criterion::Criterion;
use peers::{Churn, work_by_name};

#[global_allocator]
static ALLOCATOR: peers::Jemalloc = peers::Jemalloc;

fn main() {
    let churn = RefCell::new(Churn::new(work_by_name()));
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("churn", |bencher| bencher.iter(|| churn.borrow_mut().step()));
    criterion.final_summary();
}
