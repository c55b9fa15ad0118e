//! A map of one's own under test: a sorted vector.
//!
//! Copy this folder into a crate of yours and put your map in the place of the sorted vector. It has two programs:
//! one for the passes that want the allocator as it is in production, one that counts every block. Hand both to
//! `churnmark measure --subject`.

use formats::answer::Answer;
use formats::subject::{Fact, MapInfo};
use subject::calls::CountedKey;
use subject::entry::Key;
use subject::map::{Address, Map};
use subject::program::Listed;

/// Keys with their values, in order. A remove leaves no hole: what lies behind it moves up.
struct SortedVec<K>(Vec<(K, u64)>);

impl<K> Default for SortedVec<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Key> SortedVec<K> {
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|entry| entry.0.cmp(key))
    }

    fn value(&mut self, key: &K) -> Option<&mut u64> {
        self.place(key).ok().map(|place| &mut self.0[place].1)
    }
}

impl<K: Key> Map<K, u64> for SortedVec<K> {
    fn insert(&mut self, key: &K, value: u64) -> Answer {
        match self.place(key) {
            Ok(place) => Answer::of(std::mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key.clone(), value));
                Answer::ABSENT
            }
        }
    }

    fn remove(&mut self, key: &K) -> Answer {
        self.place(key).ok().map(|place| self.0.remove(place).1).into()
    }

    fn get(&mut self, key: &K) -> Answer {
        self.value(key).copied().into()
    }

    fn update(&mut self, key: &K, value: u64) -> Answer {
        self.value(key).map(|old| std::mem::replace(old, value)).into()
    }

    fn iterate(&mut self) -> Answer {
        Answer::of(self.0.iter().fold(0, |sum, entry| sum.wrapping_add(entry.1)))
    }

    fn clear(&mut self) -> Answer {
        let count = self.0.len() as u64;
        self.0.clear();
        Answer::of(count)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    // The two below are for the slots collector; without them it says that it cannot see into the map.

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.value(key).map(|value| std::ptr::from_ref(value).addr())
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.iter().for_each(|entry| visit((&raw const entry.1).addr()));
    }
}

/// The maps of this program.
#[must_use]
pub fn maps() -> Vec<Listed> {
    // The version of the map: of this package, which it is a part of. Where yours comes from another, say that one's.
    // A remove moves what lies behind: suites then leave out the loads that would take minutes.
    let info = MapInfo::new("sorted-vec", env!("CARGO_PKG_VERSION"), "A sorted vector with binary search.")
        .with(Fact::Ordered)
        .with(Fact::SlowRemove);
    // The second line is for the calls collector; without it that says that it cannot count.
    vec![Listed::single::<SortedVec<u64>>(info).counting_single::<SortedVec<CountedKey<u64>>>()]
}
