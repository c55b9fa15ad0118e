//! The live entries of a tape that is being drawn, in an order that makes the next victim easy to find.

/// Numbers of live keys in a ring. Entries are added at the back; what is in between keeps its order unless
/// [`Entries::swap_remove`] is used.
#[derive(Debug, Clone)]
pub(crate) struct Entries {
    /// As many as a power of two, so that a position wraps by a mask.
    slots: Vec<u32>,
    head: usize,
    len: usize,
}

impl Entries {
    /// Room for `capacity` entries to begin with.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { slots: vec![0; capacity.max(1).next_power_of_two()], head: 0, len: 0 }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entry `index` places behind the front.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> u32 {
        self.slots[self.slot(index)]
    }

    #[inline]
    pub(crate) fn push(&mut self, key: u32) {
        if self.len == self.slots.len() {
            self.grow();
        }
        let slot = self.slot(self.len);
        self.slots[slot] = key;
        self.len += 1;
    }

    /// Puts the entries in the order of what `key` gives for each.
    pub(crate) fn sort_by_key(&mut self, key: impl Fn(u32) -> u64) {
        let mut sorted: Vec<u32> = self.iter().collect();
        sorted.sort_by_key(|&entry| key(entry));
        self.head = 0;
        self.slots[..sorted.len()].copy_from_slice(&sorted);
    }

    /// Takes the entry at the front out. There must be one.
    #[inline]
    pub(crate) fn pop_front(&mut self) -> u32 {
        let key = self.at(0);
        self.head = self.slot(1);
        self.len -= 1;
        key
    }

    /// Takes the entry at the back out. There must be one.
    #[inline]
    pub(crate) fn pop_back(&mut self) -> u32 {
        self.len -= 1;
        self.at(self.len)
    }

    /// Takes the entry at `index` out; the one at the back takes its place.
    #[inline]
    pub(crate) fn swap_remove(&mut self, index: usize) -> u32 {
        let back = self.pop_back();
        if index == self.len {
            return back;
        }
        let slot = self.slot(index);
        std::mem::replace(&mut self.slots[slot], back)
    }

    pub(crate) fn clear(&mut self) {
        self.head = 0;
        self.len = 0;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..self.len).map(|index| self.at(index))
    }

    #[inline]
    fn slot(&self, index: usize) -> usize {
        (self.head + index) & (self.slots.len() - 1)
    }

    #[cold]
    fn grow(&mut self) {
        self.slots.rotate_left(self.head);
        self.head = 0;
        self.slots.resize(self.slots.len() * 2, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_keeps_the_order_while_it_grows() {
        let mut entries = Entries::with_capacity(2);
        for key in 0..3 {
            entries.push(key);
        }
        assert_eq!(entries.pop_front(), 0);
        for key in 3..20 {
            entries.push(key);
            entries.push(key + 100);
            assert_eq!(entries.at(entries.len() - 1), key + 100);
            assert_eq!(entries.pop_back(), key + 100);
        }
        assert!(entries.iter().eq(1..20));
        assert_eq!(entries.swap_remove(0), 1);
        assert_eq!(entries.at(0), 19);
        assert_eq!(entries.swap_remove(entries.len() - 1), 18);
        assert_eq!(entries.len(), 17);
        entries.clear();
        assert!(entries.is_empty());
    }
}
