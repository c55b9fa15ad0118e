//! By which law each role asks for entries.

use formats::workload::Popularity;

use crate::entries::Entries;
use crate::popular::{Places, Popular};
use crate::random::Random;

/// The law of every role, or the one of all threads.
#[derive(Debug)]
pub(crate) struct Laws {
    drawn: Vec<(Popularity, Popular)>,
    /// The laws of the roles; none: that of the phase holds for all.
    of_roles: Vec<Popularity>,
    /// Whose turn it is.
    asking: usize,
}

impl Laws {
    /// `in_order` tells whether entries stay in the order of their inserts.
    pub(crate) fn new(of_all: Popularity, in_order: bool) -> Self {
        Self { drawn: vec![(of_all, Popular::new(of_all, in_order))], of_roles: Vec::new(), asking: 0 }
    }

    /// Gives each role a law of its own, before anything lives.
    pub(crate) fn give_roles(&mut self, of_roles: Vec<Popularity>, in_order: bool) {
        self.of_roles = of_roles;
        let first = self.law();
        self.begin_anew(first, in_order);
    }

    /// Forgets what was inserted; `of_all` is the law where there are no roles.
    pub(crate) fn begin_anew(&mut self, of_all: Popularity, in_order: bool) {
        let laws = if self.of_roles.is_empty() { std::slice::from_ref(&of_all) } else { &self.of_roles };
        self.drawn = laws.iter().map(|&law| (law, Popular::new(law, in_order))).collect();
    }

    /// It is the turn of a thread with this role.
    pub(crate) fn turn_to(&mut self, role: usize) {
        self.asking = role;
    }

    /// The law of whose turn it is.
    pub(crate) fn law(&self) -> Popularity {
        self.drawn[self.asking].0
    }

    /// Draws one of the entries; there must be one.
    #[inline]
    pub(crate) fn draw(&mut self, random: &mut Random, entries: &Entries, places: &mut Places) -> u32 {
        self.drawn[self.asking].1.draw(random, entries, places)
    }

    #[inline]
    pub(crate) fn inserted(&mut self, key: u32) {
        self.drawn.iter_mut().for_each(|(_, law)| law.inserted(key));
    }

    #[inline]
    pub(crate) fn removed(&mut self, key: u32) {
        self.drawn.iter_mut().for_each(|(_, law)| law.removed(key));
    }

    pub(crate) fn cleared(&mut self) {
        self.drawn.iter_mut().for_each(|(_, law)| law.cleared());
    }
}
