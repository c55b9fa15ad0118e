//! What putting things into a pool and getting them back allocates.

use formats::evidence::Family;
use go_maps::pool::Pool;

use super::{Found, counted};

const PAIRS: u64 = 100_000;

pub(super) fn run() -> Vec<Found> {
    let pointers = Pool::new(1);
    pointers.put(Box::new(0_u64));
    let values = Pool::new(1);
    values.put(0_u64);
    let found = Found::new("port-pool", Family::Pool)
        .count("pointer_allocations", allocations(&pointers))
        .count("value_allocations", allocations(&values));
    vec![found]
}

/// Blocks allocated while an item goes out and in again.
fn allocations<T: Send>(pool: &Pool<T>) -> u64 {
    let exchange = || {
        for _ in 0..PAIRS {
            if let Some(item) = pool.get() {
                pool.put(item);
            }
        }
    };
    counted(exchange).1.allocations
}
