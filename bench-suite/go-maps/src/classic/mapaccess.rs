//! Looking a key up.

use super::bmap::{Array, BUCKET_CNT, EMPTY_ONE, Search};
use super::{Hmap, Kind, Policy};
use crate::hash::KeyHash;
use crate::key;
use crate::probe::{Probe, Slot, Work, count};

/// A string in a map of one bucket is compared at once if it has fewer bytes; a longer one is looked at first.
const LONG: usize = 32;

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// Looks a key up (Go's mapaccess). Never evacuates.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        let (array, bucket, slot) = self.locate(key, &self.probe)?;
        Some(&array.at(bucket).values[slot])
    }

    /// Looks a key up, to change its value in place.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (bucket, slot, old) = {
            let (array, bucket, slot) = self.locate(key, &self.probe)?;
            (bucket, slot, self.buckets.as_ref().is_some_and(|buckets| buckets.id != array.id))
        };
        let array = if old { &mut self.oldbuckets } else { &mut self.buckets };
        Some(&mut array.as_mut()?.at_mut(bucket).values[slot])
    }

    /// The slot of a key, and the address of its value.
    pub fn slot_of(&self, key: &K) -> Option<(Slot, usize)> {
        let (array, bucket, slot) = self.locate(key, &())?;
        Some((array.slot(bucket, slot), (&raw const array.at(bucket).values[slot]).addr()))
    }

    /// Where a key lies. Tells `probe` of the work.
    #[inline]
    pub(super) fn locate<Q: Probe>(&self, key: &K, probe: &Q) -> Option<(&Array<K, V>, u32, usize)> {
        if self.count == 0 {
            return None;
        }
        let mut array = self.buckets.as_ref()?;
        if self.b == 0 {
            match find_in_one_bucket::<K, V, H, Q>(Self::KIND, array, key, probe) {
                Found::Slot(slot) => return Some((array, 0, slot)),
                Found::Nothing => return None,
                Found::TakesAHash => {}
            }
        }
        count!(probe, Work::Hash);
        let hash = self.hasher.hash(key, self.hash0.into());
        if let Some(old) = &self.oldbuckets
            && !old.at(old.bucket_of(hash)).evacuated()
        {
            array = old;
        }
        let (bucket, slot) =
            array.find::<H, Q>(Search::by::<K, H, Q>(hash), array.bucket_of(hash), key, probe)?;
        Some((array, bucket, slot))
    }
}

/// What a look at the only bucket of a map found.
enum Found {
    Slot(usize),
    Nothing,
    /// Only the hash tells.
    TakesAHash,
}

impl From<Option<usize>> for Found {
    #[inline]
    fn from(slot: Option<usize>) -> Self {
        slot.map_or(Self::Nothing, Self::Slot)
    }
}

/// The slot of a key in the only bucket of a map, if that takes no hash.
///
/// A bucket that is the only one has no chain under Go's rule for deleted slots; under another it may.
#[inline]
fn find_in_one_bucket<K: PartialEq, V, H: KeyHash<K>, Q: Probe>(
    kind: Kind,
    array: &Array<K, V>,
    key: &K,
    probe: &Q,
) -> Found {
    match kind {
        _ if array.at(0).overflow != 0 => Found::TakesAHash,
        Kind::Fast32 | Kind::Fast64 => {
            array.find::<H, Q>(Search::EverySlot, 0, key, probe).map(|(_, slot)| slot).into()
        }
        Kind::FastStr => find_text::<K, V, H, Q>(array, key, probe),
        Kind::Generic => Found::TakesAHash,
    }
}

/// The slot of a string in the only bucket of a map: a long one is compared only if no two of the others look like it.
fn find_text<K: PartialEq, V, H: KeyHash<K>, Q: Probe>(array: &Array<K, V>, key: &K, probe: &Q) -> Found {
    let (bucket, text) = (array.at(0), H::text(key));
    let live = (0..BUCKET_CNT).filter(|&slot| bucket.tophash[slot] > EMPTY_ONE);
    let equal = |slot: &usize| {
        count!(probe, Work::Compare(1));
        bucket.keys[*slot] == *key
    };
    if text.len() < LONG {
        let mut alike = live.filter(|&slot| H::text(&bucket.keys[slot]).len() == text.len());
        return alike.find(equal).into();
    }
    let mut alike = live.filter(|&slot| key::may_be_equal::<4>(text, H::text(&bucket.keys[slot])));
    let first = alike.next();
    if alike.next().is_some() { Found::TakesAHash } else { first.filter(equal).into() }
}
