//! The place of one key's value: a pointer that is a value, nil, or expunged.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crossbeam_epoch::{self as epoch, Atomic, Guard, Owned, Shared};

use crate::interleave::point;

/// A value on the heap, aligned so that the lowest bit of its address is free.
#[repr(align(8))]
pub(super) struct Boxed<V>(V);

/// The pointer that stands for expunged: null with this tag. Plain null is nil.
const EXPUNGED: usize = 1;

/// What an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<V> {
    /// A value.
    Live(V),
    /// Deleted; the key may still stand in the dirty map.
    Nil,
    /// Deleted, and the key is not in the dirty map.
    Expunged,
}

/// Go's entry.
pub(super) struct Entry<V> {
    p: Atomic<Boxed<V>>,
}

impl<V> Entry<V> {
    pub(super) fn new(value: V) -> Self {
        Self { p: Atomic::new(Boxed(value)) }
    }

    /// What it holds. The value stays readable while the guard and the entry live.
    #[inline]
    pub(super) fn state<'g>(&'g self, guard: &'g Guard) -> State<&'g V> {
        point();
        state(self.p.load(Acquire, guard))
    }

    #[inline]
    pub(super) fn load<'g>(&'g self, guard: &'g Guard) -> Option<&'g V> {
        if let State::Live(value) = self.state(guard) { Some(value) } else { None }
    }

    /// Changes the pointer by compare and swap for as long as `decide` says so, and returns the state it was
    /// changed from; gives the state and the value back when `decide` refuses it.
    fn change<'g>(
        &self,
        mut new: Option<V>,
        guard: &'g Guard,
        decide: impl Fn(&State<&'g V>) -> bool,
    ) -> Result<State<&'g V>, (State<&'g V>, Option<V>)> {
        point();
        let mut current = self.p.load(Acquire, guard);
        loop {
            let before = state(current);
            if !decide(&before) {
                return Err((before, new));
            }
            let owned = new.take().map(|value| Owned::new(Boxed(value)));
            point();
            let failed = match owned {
                Some(owned) => match self.p.compare_exchange(current, owned, AcqRel, Acquire, guard) {
                    Ok(_) => None,
                    Err(failed) => {
                        new = Some(failed.new.into_box().0);
                        Some(failed.current)
                    }
                },
                None => self
                    .p
                    .compare_exchange(current, Shared::null(), AcqRel, Acquire, guard)
                    .err()
                    .map(|failed| failed.current),
            };
            let Some(now) = failed else {
                retire(current, guard);
                return Ok(before);
            };
            current = now;
        }
    }

    /// Puts a value unless the entry is expunged: then gives it back. Go's trySwap, and swapLocked.
    pub(super) fn try_swap<'g>(&self, value: V, guard: &'g Guard) -> Result<Option<&'g V>, V> {
        match self.change(Some(value), guard, |before| !matches!(before, State::Expunged)) {
            Ok(before) => Ok(live(before)),
            Err((_, Some(value))) => Err(value),
            Err((_, None)) => Ok(None),
        }
    }

    /// Puts a value if there is none. Returns the one that was there; gives the new one back when the entry is
    /// expunged.
    pub(super) fn try_load_or_store<'g>(&'g self, value: V, guard: &'g Guard) -> Result<Option<&'g V>, V> {
        match self.change(Some(value), guard, |before| matches!(before, State::Nil)) {
            Err((State::Expunged, Some(value))) => Err(value),
            Err((before, _)) => Ok(live(before)),
            Ok(_) => Ok(None),
        }
    }

    /// Puts `new` if the value equals `old`.
    pub(super) fn try_compare_and_swap(&self, old: &V, new: V, guard: &Guard) -> bool
    where
        V: PartialEq,
    {
        self.change(Some(new), guard, |before| matches!(before, State::Live(value) if *value == old)).is_ok()
    }

    /// Takes the value out if it equals `old`.
    pub(super) fn try_compare_and_delete(&self, old: &V, guard: &Guard) -> bool
    where
        V: PartialEq,
    {
        self.change(None, guard, |before| matches!(before, State::Live(value) if *value == old)).is_ok()
    }

    /// Takes the value out.
    pub(super) fn delete<'g>(&self, guard: &'g Guard) -> Option<&'g V> {
        self.change(None, guard, |before| matches!(before, State::Live(_))).ok().and_then(live)
    }

    /// Makes an expunged entry nil; the caller holds the lock and puts the key into the dirty map.
    pub(super) fn unexpunge_locked(&self, guard: &Guard) {
        point();
        let expunged = Shared::null().with_tag(EXPUNGED);
        // Fails only if it is not expunged.
        drop(self.p.compare_exchange(expunged, Shared::null(), AcqRel, Relaxed, guard));
    }

    /// Makes a nil entry expunged. Returns whether it is expunged now, and whether this call did it.
    pub(super) fn try_expunge_locked(&self, guard: &Guard) -> (bool, bool) {
        point();
        let expunged = Shared::null().with_tag(EXPUNGED);
        match self.p.compare_exchange(Shared::null(), expunged, AcqRel, Acquire, guard) {
            Ok(_) => (true, true),
            Err(failed) => (failed.current == expunged, false),
        }
    }
}

impl<V> Drop for Entry<V> {
    /// The last map that held the entry is gone. Whoever still reads the value borrows the entry: from a map that is
    /// kept by a guard, or from a share of its own.
    fn drop(&mut self) {
        // SAFETY: nobody else can load the pointer: the entry is borrowed by nobody.
        let guard = unsafe { epoch::unprotected() };
        let last = self.p.load(Relaxed, guard);
        if !last.is_null() {
            // SAFETY: a box that leaves its entry before it is given to `retire`; this one has not left.
            drop(unsafe { last.into_owned() });
        }
    }
}

fn live<V>(state: State<&V>) -> Option<&V> {
    if let State::Live(value) = state { Some(value) } else { None }
}

#[inline]
fn state<V>(pointer: Shared<'_, Boxed<V>>) -> State<&V> {
    // SAFETY: the pointer was loaded from an entry under the guard whose lifetime it has. It is null, or a box that
    // was published with Release by a compare and swap and read with Acquire. A box leaves its entry once, and
    // is given to `retire` then: it lives at least until every guard of that moment is gone.
    match unsafe { pointer.as_ref() } {
        Some(boxed) => State::Live(&boxed.0),
        None if pointer.tag() == EXPUNGED => State::Expunged,
        None => State::Nil,
    }
}

/// Frees a value that was just taken out of its entry, once no thread can see it.
fn retire<V>(pointer: Shared<'_, Boxed<V>>, guard: &Guard) {
    if !pointer.is_null() {
        // SAFETY: the caller took the pointer out of the entry by compare and swap, which happens once for each
        // box, and nobody can load it from there any more. Values are Send and 'static (see `SyncMap`), so any
        // thread may drop it later.
        unsafe { guard.defer_destroy(pointer) };
    }
}
