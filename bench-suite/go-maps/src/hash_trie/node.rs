//! Nodes of the trie: indirect ones with sixteen children, and entries.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crossbeam_epoch::{Atomic, Guard, Owned, Shared};

use crate::interleave::{Mutex, point};

/// Children of an indirect node.
pub(super) const N_CHILDREN: usize = 16;
/// Bits of the hash that one level takes.
pub(super) const N_CHILDREN_LOG2: u32 = 4;

/// The tag of a pointer to an entry; one to an indirect node has none. Go keeps this bit in the node.
const ENTRY: usize = 1;

/// What a child pointer points to: never made, only the target of pointers whose tag tells the real type.
#[repr(align(8))]
pub(super) struct Untyped;

/// A child pointer of an indirect node.
pub(super) type Slot = Atomic<Untyped>;

/// Go's indirect.
pub(super) struct Indirect {
    /// No longer part of the trie.
    pub(super) dead: AtomicBool,
    /// Guards every change of `children` and `dead`.
    pub(super) mu: Mutex<()>,
    /// Null for the root; never changes.
    parent: Atomic<Self>,
    pub(super) children: [Slot; N_CHILDREN],
}

/// Go's entry: a key with its value, and the next entry whose hash is the same to the last bit. Never changes,
/// but for the link.
#[repr(align(8))]
pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) value: V,
    pub(super) overflow: Atomic<Self>,
}

/// A child, told apart.
pub(super) enum Node<'g, K, V> {
    Nil,
    Indirect(&'g Indirect),
    Entry(Shared<'g, Entry<K, V>>),
}

impl Indirect {
    pub(super) fn new(parent: Shared<'_, Self>) -> Self {
        Self {
            dead: AtomicBool::new(false),
            mu: Mutex::new(()),
            parent: Atomic::from(parent),
            children: [const { Atomic::null() }; N_CHILDREN],
        }
    }

    /// The node above; `None` for the root. The caller holds the lock of this node and knows it is not dead.
    pub(super) fn parent<'g>(&self, guard: &'g Guard) -> Option<&'g Self> {
        // SAFETY: a node leaves the trie only when it has no child, and before its parent does: while this one
        // is locked and not dead, its parent is in the trie, and is freed only when no guard of this moment
        // is left.
        unsafe { self.parent.load(Relaxed, guard).as_ref() }
    }

    /// The child pointer of a hash, `shift` bits above its end.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "four bits")]
    pub(super) const fn slot(&self, hash: u64, shift: u32) -> &Slot {
        &self.children[(hash >> shift) as usize & (N_CHILDREN - 1)]
    }

    /// Whether it has no child. The caller holds its lock.
    pub(super) fn empty(&self, guard: &Guard) -> bool {
        self.children.iter().all(|child| child.load(Relaxed, guard).is_null())
    }

    pub(super) fn is_dead(&self) -> bool {
        point();
        self.dead.load(Acquire)
    }
}

/// What a child pointer shows now.
///
/// # Safety
///
/// The slot belongs to a trie of these keys and values, reached under this guard.
#[inline]
pub(super) unsafe fn load<'g, K, V>(slot: &Slot, guard: &'g Guard) -> Node<'g, K, V> {
    point();
    let child = slot.load(Acquire, guard);
    if child.is_null() {
        Node::Nil
    } else if child.tag() == ENTRY {
        Node::Entry(Shared::from(child.with_tag(0).as_raw().cast::<Entry<K, V>>()))
    } else {
        // SAFETY: without the tag it points to an indirect node, published with Release and read with Acquire.
        // A node that leaves the trie is freed only when no guard of that moment is left.
        Node::Indirect(unsafe { &*child.as_raw().cast::<Indirect>() })
    }
}

/// The indirect node that a child pointer shows, as it was allocated. The caller knows that it shows one.
pub(super) fn indirect<'g>(slot: &Slot, guard: &'g Guard) -> Shared<'g, Indirect> {
    Shared::from(slot.load(Relaxed, guard).as_raw().cast::<Indirect>())
}

/// Lets a child pointer show an entry, or nothing. The caller holds the lock of the node.
pub(super) fn store_entry<K, V>(slot: &Slot, entry: Shared<'_, Entry<K, V>>) {
    let child = Shared::from(entry.as_raw().cast::<Untyped>());
    point();
    slot.store(if entry.is_null() { child } else { child.with_tag(ENTRY) }, Release);
}

/// Lets a child pointer show an indirect node. The caller holds the lock of the node, or nobody else sees it.
pub(super) fn store_indirect(slot: &Slot, node: Shared<'_, Indirect>) {
    point();
    slot.store(Shared::from(node.as_raw().cast::<Untyped>()), Release);
}

/// Lets a child pointer show nothing.
pub(super) fn store_nil(slot: &Slot) {
    point();
    slot.store(Shared::null(), Release);
}

impl<K, V> Entry<K, V> {
    pub(super) fn shared(key: K, value: V, guard: &Guard) -> Shared<'_, Self> {
        Owned::new(Self { key, value, overflow: Atomic::null() }).into_shared(guard)
    }
}

/// The entries of one chain, from its head on.
///
/// # Safety
///
/// The head was read from a trie under this guard.
#[inline]
pub(super) unsafe fn chain<'g, K, V>(
    head: Shared<'g, Entry<K, V>>,
    guard: &'g Guard,
) -> impl Iterator<Item = &'g Entry<K, V>> {
    let mut next = head;
    std::iter::from_fn(move || {
        // SAFETY: an entry that leaves its chain is freed only when no guard of that moment is left.
        let entry = unsafe { next.as_ref() }?;
        point();
        next = entry.overflow.load(Acquire, guard);
        Some(entry)
    })
}

/// Frees an indirect node and everything below it.
///
/// # Safety
///
/// The node is the root of a trie, or of a part of one, of these keys and values, and no thread can see it any
/// more.
pub(super) unsafe fn free<K, V>(node: &Atomic<Indirect>) {
    // SAFETY: nobody else sees these nodes, so nothing has to wait for a guard.
    let guard = unsafe { crossbeam_epoch::unprotected() };
    // SAFETY: never null, and owned by whatever showed it.
    let node = unsafe { node.load(Relaxed, guard).into_owned() };
    for child in &node.children {
        // SAFETY: the slots of a trie's node.
        match unsafe { load::<K, V>(child, guard) } {
            Node::Nil => {}
            // SAFETY: a child has one parent, and is freed with it.
            Node::Indirect(_) => unsafe { free::<K, V>(&Atomic::from(indirect(child, guard))) },
            Node::Entry(mut next) => {
                while !next.is_null() {
                    // SAFETY: an entry stands in one chain, and is freed with it.
                    let entry = unsafe { next.into_owned() };
                    next = entry.overflow.load(Relaxed, guard);
                }
            }
        }
    }
}
