use std::collections::BTreeSet;
use std::sync::Mutex;

use super::Pool;

#[test]
fn locals_stand_128_bytes_apart() {
    assert_eq!(align_of::<super::PoolLocal<u64>>(), 128);
    assert_eq!(size_of::<super::PoolLocal<u64>>(), 128);
}

#[test]
fn two_collections_empty_it_and_drop_what_was_in_it() {
    let item = std::sync::Arc::new(());
    let pool = Pool::new(2);
    for _ in 0..100 {
        pool.put(std::sync::Arc::clone(&item));
    }
    pool.gc();
    assert!(pool.get().is_some());
    pool.gc();
    assert_eq!((pool.get(), std::sync::Arc::strong_count(&item)), (None, 1));
}

#[test]
fn what_is_left_is_dropped_with_the_pool() {
    let item = std::sync::Arc::new(());
    let pool = Pool::new(3);
    for _ in 0..60 {
        pool.put(std::sync::Arc::clone(&item));
    }
    pool.gc();
    for _ in 0..30 {
        pool.put(std::sync::Arc::clone(&item));
    }
    drop(pool);
    assert_eq!(std::sync::Arc::strong_count(&item), 1);
}

/// Threads put numbered items, take and put them again, with collections in between: no item is ever handed
/// out twice at the same time.
#[test]
fn an_item_has_one_owner() {
    let pool: Pool<Box<u64>> = Pool::new(2);
    let (threads, rounds) = if cfg!(miri) { (3_u64, 40) } else { (4, 20_000) };
    let out = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (pool, out) = (&pool, &out);
            scope.spawn(move || {
                let mut held: Vec<Box<u64>> = Vec::new();
                for round in 0..rounds {
                    let number = (thread << 32) | round;
                    match pool.get() {
                        Some(item) if round % 3 != 0 => {
                            assert!(out.lock().expect("lock").insert(*item), "item {item} has two owners");
                            held.push(item);
                        }
                        Some(item) => pool.put(item),
                        None => pool.put(Box::new(number)),
                    }
                    if round % 2 == 0 {
                        pool.put(Box::new(number | (1 << 63)));
                    }
                    if held.len() > 20 {
                        for item in held.drain(..) {
                            assert!(out.lock().expect("lock").remove(&item));
                            pool.put(item);
                        }
                    }
                    if round % 1000 == 999 && thread == 0 {
                        pool.gc();
                    }
                }
            });
        }
    });
}
