//! Many maps in place of one. Each is made with its first entry and dropped with its last, as those are which a program
//! keeps for each of its users, rooms or connections.

use std::slice::from_ref;

use super::{Route, lead};
use crate::made::Made;
use crate::prepare::{Beside, Prepared, Room, Step};
use crate::tally::Tally;
use crate::watch::Watch;

/// The map that plays, or the many that play in turn.
#[derive(Debug)]
pub struct Maps<M> {
    /// Where one plays.
    one: Option<M>,
    /// Where many do.
    many: Vec<Option<M>>,
    entries: Entries,
    make: fn(Made) -> M,
    made: Made,
}

impl<M> Maps<M> {
    /// None yet.
    pub(super) fn new(make: fn(Made) -> M) -> Self {
        Self { one: None, many: Vec::new(), entries: Entries::default(), make, made: Made::Plain }
    }

    /// Drops them, and makes the one where there are not many.
    pub(super) fn renew(&mut self, room: Room) {
        self.drop_all();
        self.entries.renew(room);
        self.made = room.made;
        match room.many {
            Some(many) => self.many.resize_with(many, || None),
            None => self.one = Some((self.make)(room.made)),
        }
    }

    /// Drops them, and what they are in.
    pub(super) fn drop_all(&mut self) {
        self.one = None;
        self.many = Vec::new();
    }

    /// Allocates what is no map's: what is counted of them.
    pub(super) fn prepare(&mut self, room: Room) {
        self.entries.renew(room);
    }

    /// The map with this number, which is made if it is not there.
    #[inline]
    pub(super) fn at(&mut self, number: usize) -> &mut M {
        let (make, how) = (self.make, self.made);
        self.many.get_mut(number).unwrap_or(&mut self.one).get_or_insert_with(|| make(how))
    }

    /// So many entries of a map came, or went where fewer than none did: one of many is dropped with its last.
    #[inline]
    pub(super) fn count(&mut self, number: usize, came: i64) {
        if !self.many.is_empty() && self.entries.are_gone(number, came) {
            self.drop_one(number);
        }
    }

    /// Drops the map with this number.
    pub(super) fn drop_one(&mut self, number: usize) {
        self.many[number] = None;
    }

    /// Those that are there.
    pub(super) fn made(&mut self) -> impl Iterator<Item = &mut M> {
        self.one.iter_mut().chain(self.many.iter_mut().flatten())
    }

    /// The one, if it is there.
    pub(super) fn one(&self) -> Option<&M> {
        self.one.as_ref()
    }

    /// Leads one thread through its tape with the map, or with those whose turn it is.
    pub(super) fn tour<K, W: Watch>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watch: &mut W,
        mut play: impl FnMut(&mut M, &[Step<K>], &mut Beside<'_>, &mut Tally, &mut W),
    ) -> Tally {
        if prepared.room.many.is_none() {
            let map = self.at(0);
            return lead(route, prepared, 0, watch, &mut |steps, beside, tally, watch| {
                play(map, steps, beside, tally, watch);
            });
        }
        lead(route, prepared, 0, watch, &mut |steps, beside, tally, watch| {
            for step in steps {
                let (number, before) = (beside.map(), tally.balance);
                play(self.at(number), from_ref(step), beside, tally, watch);
                self.count(number, tally.balance - before);
            }
        })
    }
}

/// How many entries each of many maps has.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<u32>);

impl Entries {
    /// None in any.
    pub(super) fn renew(&mut self, room: Room) {
        self.0.clear();
        self.0.resize(room.many.unwrap_or(0), 0);
    }

    /// So many came, or went where fewer than none did: whether none is left.
    #[inline]
    pub(super) fn are_gone(&mut self, number: usize, came: i64) -> bool {
        let entries = &mut self.0[number];
        *entries = u32::try_from(i64::from(*entries) + came).unwrap_or(0);
        *entries == 0
    }
}
