//! The least-recently-used cache that requests are played through.

/// Which keys the cache holds, by the time of their last use: a ring of neighbours for each key's number. The entry at
/// `HEAD` belongs to no key; what was used last stands behind it, what was used least recently before it.
pub(super) struct Cache {
    capacity: usize,
    held: usize,
    /// The neighbours of each key, newer and older; its own place when it is not held.
    links: Vec<(u32, u32)>,
}

const HEAD: u32 = 0;

impl Cache {
    pub(super) fn new(capacity: u64) -> Self {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        Self { capacity, held: 0, links: vec![(HEAD, HEAD)] }
    }

    /// Whether the cache holds a key; if so it is now the one that was used last.
    #[inline]
    pub(super) fn touch(&mut self, key: u32) -> bool {
        let place = key + 1;
        match self.links.get(place as usize) {
            Some(&(newer, _)) if newer != place => {
                if newer != HEAD {
                    self.take_out(place);
                    self.put_first(place);
                }
                true
            }
            _ => false,
        }
    }

    /// The key that must leave before another one comes, if the cache is full.
    #[inline]
    pub(super) fn evict(&mut self) -> Option<u32> {
        if self.held < self.capacity {
            return None;
        }
        let oldest = self.links[HEAD as usize].0;
        self.take_out(oldest);
        self.links[oldest as usize] = (oldest, oldest);
        self.held -= 1;
        Some(oldest - 1)
    }

    /// Takes a key in that it does not hold.
    #[inline]
    pub(super) fn admit(&mut self, key: u32) {
        let place = key + 1;
        while self.links.len() <= place as usize {
            let own = u32::try_from(self.links.len()).expect("numbers of keys fit 32 bits");
            self.links.push((own, own));
        }
        self.put_first(place);
        self.held += 1;
    }

    #[inline]
    fn take_out(&mut self, place: u32) {
        let (newer, older) = self.links[place as usize];
        self.links[newer as usize].1 = older;
        self.links[older as usize].0 = newer;
    }

    #[inline]
    fn put_first(&mut self, place: u32) {
        let first = self.links[HEAD as usize].1;
        self.links[place as usize] = (HEAD, first);
        self.links[first as usize].0 = place;
        self.links[HEAD as usize].1 = place;
    }
}
