//! What a comparison with the real runtime can see of a trie from outside.

use crossbeam_epoch::{self as epoch, Guard};

use super::HashTrieMap;
use super::node::{Indirect, Node, chain, load};
use crate::hash::KeyHash;
use crate::probe::Probe;

/// One step of a walk over a trie, node by node, children in the order of their bits.
#[derive(Debug)]
pub enum Step<'a, K, V> {
    /// Into an indirect node, so far from the root.
    Enter {
        /// 0 is the root.
        depth: u8,
    },
    /// To a child of the node, 0 to 15.
    Child(u8),
    /// An entry.
    Entry {
        /// Its key.
        key: &'a K,
        /// Its value.
        value: &'a V,
        /// Another entry with the same hash follows.
        overflow: bool,
    },
    /// Back from a child.
    ChildDone,
    /// Out of an indirect node.
    Leave,
}

impl<K, V, H, P> HashTrieMap<K, V, H, P>
where
    K: Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
    H: KeyHash<K> + Send + Sync,
    P: Probe,
{
    /// Walks over the whole trie, from the root on. What other threads change meanwhile may be seen or not.
    pub fn walk(&self, mut visit: impl FnMut(Step<'_, K, V>)) {
        let guard = epoch::pin();
        walk_below(self.root(&guard), 0, &guard, &mut visit);
    }
}

fn walk_below<K, V>(node: &Indirect, depth: u8, guard: &Guard, visit: &mut impl FnMut(Step<'_, K, V>)) {
    visit(Step::Enter { depth });
    for (number, child) in (0..).zip(&node.children) {
        // SAFETY: a slot of a trie, reached under the guard.
        let child = unsafe { load::<K, V>(child, guard) };
        if let Node::Nil = child {
            continue;
        }
        visit(Step::Child(number));
        match child {
            Node::Nil => {}
            Node::Indirect(below) => walk_below(below, depth + 1, guard, visit),
            Node::Entry(head) => {
                // SAFETY: a head of the trie, read under the guard.
                let mut entries = unsafe { chain(head, guard) }.peekable();
                while let Some(entry) = entries.next() {
                    let overflow = entries.peek().is_some();
                    visit(Step::Entry { key: &entry.key, value: &entry.value, overflow });
                }
            }
        }
        visit(Step::ChildDone);
    }
    visit(Step::Leave);
}

/// Shows the entries below a node for as long as `visit` wants more; says whether it still does.
pub(super) fn range_below<K, V>(
    node: &Indirect,
    guard: &Guard,
    visit: &mut impl FnMut(&K, &V) -> bool,
) -> bool {
    node.children.iter().all(|child| {
        // SAFETY: a slot of a trie, reached under the guard.
        match unsafe { load::<K, V>(child, guard) } {
            Node::Nil => true,
            Node::Indirect(below) => range_below(below, guard, visit),
            // SAFETY: a head of the trie, read under the guard.
            Node::Entry(head) => unsafe { chain(head, guard) }.all(|entry| visit(&entry.key, &entry.value)),
        }
    })
}
