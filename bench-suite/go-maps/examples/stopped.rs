//! Two maps after a few steps, held still for a debugger: `put 0..8; del 3; put 100`.
//!
//! ```text
//! gdb --batch -iex 'add-auto-load-safe-path target/debug/examples' -ex 'break stopped' -ex run \
//!     -ex 'up' -ex 'print map' target/debug/examples/stopped
//! ```

use std::hint::black_box;

use go_maps::classic::Hmap;
use go_maps::hash::Aes;
use go_maps::swiss::Map;

/// Where to put a breakpoint.
#[inline(never)]
fn stopped(step: &str) {
    black_box(step);
}

fn main() {
    let mut map: Hmap<u64, u64, Aes> = Hmap::new(Aes::seeded(1), 1);
    let mut swiss: Map<u64, u64, Aes> = Map::new(Aes::seeded(1), 1);
    for key in 0..8 {
        map.insert(key, key + 1000);
        swiss.insert(key, key + 1000);
    }
    stopped("filled");
    map.remove(&3);
    swiss.remove(&3);
    stopped("deleted");
    map.insert(100, 1100);
    swiss.insert(100, 1100);
    stopped("put");
    for key in 8..24 {
        map.insert(key, key + 1000);
        swiss.insert(key, key + 1000);
    }
    swiss.remove(&9);
    stopped("grown");
    black_box((&map, &swiss));
}
