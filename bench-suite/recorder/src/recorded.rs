//! A map of std that is recorded.

mod made;

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, btree_map, hash_map};
use std::hash::{BuildHasher, Hash};
use std::ops::{Deref, Index};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Options, Recorder};

/// The variable that names the file.
const FILE: &str = "CHURNMARK_RECORD";
/// The variable that says which share of the keys is recorded.
const SAMPLE: &str = "CHURNMARK_RECORD_SAMPLE";
/// Maps of a process that are recorded; each takes a file and a thread.
const MAPS: u32 = 16;

static MADE: AtomicU32 = AtomicU32::new(0);

/// A `HashMap` or a `BTreeMap` whose operations are recorded when the environment says where to.
///
/// `CHURNMARK_RECORD=mine.churn` names the file of the first map that the process makes; those of the next are
/// `mine-2.churn`, `mine-3.churn` …, up to 16. `CHURNMARK_RECORD_SAMPLE=0.01` records a share of the keys. A file that is
/// there already, or cannot be made, is said on stderr and the map is not recorded.
///
/// It has the methods of the map that change it; those that only look are recorded too where they name a key
/// (`get`, `contains_key`) or walk over everything (`iter`), and the others are reached by [`Deref`]. What its `entry`
/// was asked for counts as an insert where the key was not there and as an update where it was.
#[derive(Debug, Clone, Default)]
pub struct Recorded<M> {
    map: M,
    recorder: Told,
}

/// The recorder of a map, if it has one. A clone of a map is a map of its own.
#[derive(Debug)]
struct Told(Option<Recorder>);

impl Default for Told {
    fn default() -> Self {
        Self(from_environment())
    }
}

impl Clone for Told {
    fn clone(&self) -> Self {
        Self::default()
    }
}

fn from_environment() -> Option<Recorder> {
    let file = std::env::var_os(FILE).filter(|file| !file.is_empty())?;
    let number = MADE.fetch_add(1, Ordering::Relaxed) + 1;
    if number > MAPS {
        return None;
    }
    let file = numbered(Path::new(&file), number);
    let sample = std::env::var(SAMPLE).ok().map(|share| share.parse().unwrap_or(0.0));
    match Recorder::with(&file, Options { sample, ..Options::default() }) {
        Ok(recorder) => Some(recorder),
        Err(error) => {
            eprintln!("churnmark-recorder: {}: {error}; the map is not recorded", file.display());
            None
        }
    }
}

/// `mine.churn`, `mine-2.churn`, …
fn numbered(file: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return file.into();
    }
    let mut name = file.file_stem().unwrap_or_default().to_os_string();
    name.push(format!("-{number}"));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

impl<M> Recorded<M> {
    /// A map that is recorded by a recorder of your own, whatever the environment says.
    pub fn by(recorder: Recorder, map: M) -> Self {
        Self { map, recorder: Told(Some(recorder)) }
    }

    /// A map that the environment has recorded, or not.
    fn of(map: M) -> Self {
        Self { map, recorder: Told::default() }
    }

    /// The map itself, recorded no more.
    pub fn into_inner(self) -> M {
        self.map
    }

    #[inline]
    fn tell(&self, told: impl FnOnce(&Recorder)) {
        if let Some(recorder) = &self.recorder.0 {
            told(recorder);
        }
    }
}

impl<M> Deref for Recorded<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.map
    }
}

impl<M: Default> Recorded<M> {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The methods that both maps have, with the bounds of each.
macro_rules! recorded {
    ($map:ident<K, V $(, $hasher:ident: $builds:ident)?>, $module:ident, $key:ident $(+ $also:ident)*) => {
        impl<K: $key $(+ $also)* + Hash, V $(, $hasher: $builds)?> Recorded<$map<K, V $(, $hasher)?>> {
            /// As the map's own.
            #[inline]
            pub fn insert(&mut self, key: K, value: V) -> Option<V> {
                self.tell(|recorder| recorder.insert(&key));
                self.map.insert(key, value)
            }

            /// As the map's own.
            #[inline]
            pub fn remove<Q: $key $(+ $also)* + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
            where
                K: Borrow<Q>,
            {
                self.tell(|recorder| recorder.remove(key));
                self.map.remove(key)
            }

            /// As the map's own.
            #[inline]
            pub fn get<Q: $key $(+ $also)* + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
            where
                K: Borrow<Q>,
            {
                self.tell(|recorder| recorder.get(key));
                self.map.get(key)
            }

            /// As the map's own.
            #[inline]
            pub fn remove_entry<Q: $key $(+ $also)* + Hash + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
            where
                K: Borrow<Q>,
            {
                self.tell(|recorder| recorder.remove(key));
                self.map.remove_entry(key)
            }

            /// As the map's own; recorded as a lookup.
            #[inline]
            pub fn get_key_value<Q: $key $(+ $also)* + Hash + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
            where
                K: Borrow<Q>,
            {
                self.tell(|recorder| recorder.get(key));
                self.map.get_key_value(key)
            }

            /// As the map's own; recorded as an update.
            #[inline]
            pub fn get_mut<Q: $key $(+ $also)* + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
            where
                K: Borrow<Q>,
            {
                self.tell(|recorder| recorder.update(key));
                self.map.get_mut(key)
            }

            /// As the map's own; recorded as a lookup.
            #[inline]
            pub fn contains_key<Q: $key $(+ $also)* + Hash + ?Sized>(&self, key: &Q) -> bool
            where
                K: Borrow<Q>,
            {
                self.tell(|recorder| recorder.get(key));
                self.map.contains_key(key)
            }

            /// As the map's own.
            #[inline]
            pub fn entry(&mut self, key: K) -> $module::Entry<'_, K, V> {
                self.tell(|recorder| recorder.upsert(&key));
                self.map.entry(key)
            }

            /// As the map's own.
            pub fn clear(&mut self) {
                self.tell(Recorder::clear);
                self.map.clear();
            }

            /// As the map's own; recorded as a walk, and the remove of each entry that goes.
            pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
                self.tell(Recorder::iterate);
                let recorder = &self.recorder.0;
                self.map.retain(|key, value| {
                    let kept = keep(key, value);
                    if let (false, Some(recorder)) = (kept, recorder) {
                        recorder.remove(key);
                    }
                    kept
                });
            }

            /// As the map's own.
            pub fn iter(&self) -> $module::Iter<'_, K, V> {
                self.tell(Recorder::iterate);
                self.map.iter()
            }

            /// As the map's own; recorded as a walk.
            pub fn values_mut(&mut self) -> $module::ValuesMut<'_, K, V> {
                self.tell(Recorder::iterate);
                self.map.values_mut()
            }

            /// As the map's own.
            pub fn iter_mut(&mut self) -> $module::IterMut<'_, K, V> {
                self.tell(Recorder::iterate);
                self.map.iter_mut()
            }
        }

        impl<K: $key $(+ $also)* + Hash + Borrow<Q>, Q: $key $(+ $also)* + Hash + ?Sized, V $(, $hasher: $builds)?>
            Index<&Q> for Recorded<$map<K, V $(, $hasher)?>>
        {
            type Output = V;

            /// As the map's own; recorded as a lookup.
            fn index(&self, key: &Q) -> &V {
                self.tell(|recorder| recorder.get(key));
                &self.map[key]
            }
        }

        impl<'a, K: $key $(+ $also)* + Hash, V $(, $hasher: $builds)?> IntoIterator for &'a Recorded<$map<K, V $(, $hasher)?>> {
            type Item = (&'a K, &'a V);
            type IntoIter = $module::Iter<'a, K, V>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter()
            }
        }

        impl<'a, K: $key $(+ $also)* + Hash, V $(, $hasher: $builds)?> IntoIterator
            for &'a mut Recorded<$map<K, V $(, $hasher)?>>
        {
            type Item = (&'a K, &'a mut V);
            type IntoIter = $module::IterMut<'a, K, V>;

            fn into_iter(self) -> Self::IntoIter {
                self.iter_mut()
            }
        }

        impl<K: $key $(+ $also)* + Hash, V $(, $hasher: $builds)?> Extend<(K, V)> for Recorded<$map<K, V $(, $hasher)?>> {
            fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
                for (key, value) in entries {
                    self.insert(key, value);
                }
            }
        }
    };
}

recorded!(HashMap<K, V, S: BuildHasher>, hash_map, Eq);
recorded!(BTreeMap<K, V>, btree_map, Ord);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_later_maps_are_numbered() {
        let names = [1, 2, 16].map(|number| numbered(Path::new("a/mine.churn"), number));
        assert_eq!(names, ["a/mine.churn", "a/mine-2.churn", "a/mine-16.churn"].map(PathBuf::from));
        assert_eq!(numbered(Path::new("mine"), 2), Path::new("mine-2"));
    }

    #[test]
    fn a_hash_map_is_made_in_every_way() {
        let mut map: Recorded<HashMap<u32, u32>> = Recorded::with_capacity(10);
        map.insert(1, 2);
        assert_eq!(map, [(1, 2)].into());
        assert_eq!(map.remove_entry(&1), Some((1, 2)));
        assert_eq!(map.drain().count(), 0);
        for value in map.values_mut() {
            *value += 1;
        }
        let hasher = std::hash::RandomState::new();
        assert_eq!(map, Recorded::with_capacity_and_hasher(3, hasher.clone()));
        assert!(Recorded::<HashMap<u32, u32>>::with_hasher(hasher).is_empty());
    }

    #[test]
    fn a_map_that_is_not_recorded_is_the_map() {
        let mut map: Recorded<BTreeMap<u32, &str>> = Recorded::new();
        map.insert(1, "a");
        *map.entry(2).or_default() = "b";
        map.extend([(3, "c")]);
        map.retain(|key, _| *key != 1);
        assert_eq!(map[&3], "c");
        assert_eq!(map, [(2, "b"), (3, "c")].into());
        assert_eq!(map.into_inner().into_iter().collect::<Vec<_>>(), [(2, "b"), (3, "c")]);
    }
}
