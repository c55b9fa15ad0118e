//! Where new keys come from, and which keys of the keyspace are not live.

use crate::random::Random;

/// Keys that were seen and keys that will be.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// Keys seen so far: their numbers are below this.
    seen: u32,
    /// Keys of the keyspace not seen so far; `None` when there is no end of them.
    unseen: Option<u64>,
    /// Keys of the keyspace that were seen and are not live.
    dead: Vec<u32>,
    /// What upserts ask of keys; only where there are any.
    asked: Option<Asked>,
}

/// What is known of each key where upserts take live and dead ones.
#[derive(Debug, Default)]
struct Asked {
    /// 1 + the place among the dead; 0 for keys that live.
    dead_at: Vec<u32>,
    /// Keys that were seen and have no popularity yet.
    unranked: Vec<u32>,
}

/// A key that an upsert takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// It lives.
    Live(u32),
    /// It does not, and will.
    Absent(u32),
}

impl Drawn {
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Live(key) | Self::Absent(key) => key,
        }
    }
}

impl Fresh {
    pub(crate) const fn new(keyspace: Option<u64>) -> Self {
        Self { seen: 0, unseen: keyspace, dead: Vec::new(), asked: None }
    }

    /// Keys seen so far.
    pub(crate) const fn seen(&self) -> u32 {
        self.seen
    }

    /// Keeps from here on what [`unranked`](Self::unranked) and [`revive`](Self::revive) need; no key was seen yet.
    pub(crate) fn expect_upserts(&mut self) {
        self.asked = Some(Asked::default());
    }

    /// A key that is not live, each with the same chance. Keys that were never seen are all alike, so they
    /// are numbered as they come: the numbers of inserted keys stay dense.
    #[inline]
    pub(crate) fn take(&mut self, random: &mut Random) -> Option<u32> {
        if let Some(unseen) = &mut self.unseen {
            let free = *unseen + self.dead.len() as u64;
            if free == 0 {
                return None;
            }
            let drawn = random.below(free);
            if drawn >= *unseen {
                let index = usize::try_from(drawn - *unseen).unwrap_or_default();
                return Some(self.wake(index));
            }
            *unseen -= 1;
        }
        let key = self.see();
        if let Some(asked) = &mut self.asked {
            asked.unranked.push(key);
        }
        Some(key)
    }

    fn see(&mut self) -> u32 {
        if let Some(asked) = &mut self.asked {
            asked.dead_at.push(0);
        }
        self.seen += 1;
        self.seen - 1
    }

    /// The dead key at this place lives again.
    #[inline]
    fn wake(&mut self, index: usize) -> u32 {
        let key = self.dead.swap_remove(index);
        if let Some(asked) = &mut self.asked {
            asked.dead_at[key as usize] = 0;
            if let Some(&moved) = self.dead.get(index) {
                asked.dead_at[moved as usize] = place(index);
            }
        }
        key
    }

    /// The key that was given back last is live again.
    pub(crate) fn take_back(&mut self) {
        if let Some(last) = self.dead.len().checked_sub(1) {
            self.wake(last);
        }
    }

    /// The key is no longer live.
    #[inline]
    pub(crate) fn give_back(&mut self, key: u32) {
        if self.unseen.is_some() {
            self.dead.push(key);
            if let Some(asked) = &mut self.asked {
                asked.dead_at[key as usize] = place(self.dead.len() - 1);
            }
        }
    }

    /// A key without a popularity, seen or not, each with the same chance; there must be one.
    pub(crate) fn unranked(&mut self, random: &mut Random) -> Drawn {
        let unseen = self.unseen.unwrap_or_default();
        let seen = self.asked.as_ref().map_or(0, |asked| asked.unranked.len());
        let drawn = random.below(seen as u64 + unseen);
        let index = usize::try_from(drawn).ok().filter(|index| *index < seen);
        if let Some((index, asked)) = index.zip(self.asked.as_mut()) {
            let key = asked.unranked.swap_remove(index);
            return self.revive(key);
        }
        self.unseen = Some(unseen.saturating_sub(1));
        Drawn::Absent(self.see())
    }

    /// A key that was seen: it lives from here on.
    pub(crate) fn revive(&mut self, key: u32) -> Drawn {
        let place = self.asked.as_ref().map_or(0, |asked| asked.dead_at[key as usize]);
        match (place as usize).checked_sub(1) {
            Some(index) => Drawn::Absent(self.wake(index)),
            None => Drawn::Live(key),
        }
    }
}

/// 1 + an index among the dead, of which there are no more than keys.
fn place(index: usize) -> u32 {
    u32::try_from(index + 1).expect("fewer keys than 2^32")
}
