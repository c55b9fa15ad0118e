//! A map that threads share.

use formats::observation::Tracked;

use super::life;
use super::many::Maps;
use super::{Driver, Host, Route, in_threads, play_tape};
use crate::driver::life::AtMark;
use crate::entry::Value;
use crate::made::Made;
use crate::map::{Map, Shared};
use crate::play::play;
use crate::prepare::{Beside, Prepared, Room, Step};
use crate::tally::Tally;
use crate::watch::Watch;
use crate::watch::listener::Listener;
use crate::watch::timed::TimedWatch;
use crate::watch::untimed::Untimed;

/// A map that threads share, or many that one thread plays.
#[derive(Debug)]
pub struct MultiThreaded<S>(Maps<S>);

impl<S> MultiThreaded<S> {
    /// Nothing yet.
    #[must_use]
    pub fn new<K, V: Value>() -> Self
    where
        S: Shared<K, V>,
    {
        Self(Maps::new(Made::together))
    }
}

impl<K, V: Value, S: Shared<K, V>> Host<K, V> for MultiThreaded<S> {
    fn recreate(&mut self, room: Room) {
        self.0.renew(room);
    }

    fn drop_map(&mut self) {
        self.0.drop_all();
    }

    fn reclaim(&mut self) -> bool {
        reclaim::<K, V, S>(&mut self.0)
    }

    fn with_map(&mut self, number: usize, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        act(&mut self.0.at(number).handle());
    }

    fn with_each(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        self.0.made().for_each(|map| act(&mut map.handle()));
    }

    fn drop_one(&mut self, number: usize) {
        self.0.drop_one(number);
    }

    fn tracked(&self) -> Option<Tracked> {
        self.0.one().and_then(S::tracked)
    }
}

impl<K: Sync, V: Value, S: Shared<K, V>> Driver<K, V> for MultiThreaded<S> {
    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally> {
        if prepared.room.many.is_some() {
            return vec![self.0.tour(route, prepared, &mut watches[0], through_handle::<K, V, S, _>)];
        }
        let map = &*self.0.at(0);
        in_threads(watches, &|thread, watch| play_tape(&mut map.handle(), route, prepared, thread, watch))
    }

    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [TimedWatch<'_>],
    ) -> Vec<Tally> {
        if prepared.room.many.is_some() {
            return vec![self.0.tour(route, prepared, &mut watches[0], through_handle::<K, V, S, _>)];
        }
        let map = &*self.0.at(0);
        in_threads(watches, &|thread, watch| play_tape(&mut map.handle(), route, prepared, thread, watch))
    }

    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally> {
        if prepared.room.many.is_some() {
            return vec![self.0.tour(
                route,
                prepared,
                &mut watches[0],
                |map: &mut S, steps, beside, tally, watch| {
                    let handle: &mut dyn Map<K, V> = &mut map.handle();
                    play(handle, steps, beside, tally, watch);
                },
            )];
        }
        let map = &*self.0.at(0);
        in_threads(watches, &|thread, watch| {
            let handle: &mut dyn Map<K, V> = &mut map.handle();
            play_tape(handle, route, prepared, thread, watch)
        })
    }

    fn play_listened(&mut self, route: &Route<'_>, prepared: &Prepared<K>, listeners: &mut [Listener<'_>]) {
        let map = &*self.0.at(0);
        in_threads(listeners, &|thread, watch| {
            let handle: &mut dyn Map<K, V> = &mut map.handle();
            play_tape(handle, route, prepared, thread, watch)
        });
    }

    fn play_life(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
        tallies: &mut [Tally],
        at: AtMark<'_>,
    ) -> u64 {
        if prepared.room.many.is_some() {
            let mut play = |maps: &mut Maps<S>, watch: &mut Untimed<'_>| {
                maps.tour(route, prepared, watch, through_handle::<K, V, S, _>)
            };
            let lend: life::Lend<K, V, S> = |map, act| act(&mut map.handle());
            let (watch, tally) = (&mut watches[0], &mut tallies[0]);
            let alone = life::Alone { play: &mut play, lend, reclaim: reclaim::<K, V, S> };
            return life::alone(&mut self.0, prepared, alone, watch, tally, at);
        }
        self.0.drop_all();
        life::together::<K, V, S>(route, prepared, watches, tallies, at)
    }
}

/// Plays some steps through a handle that is there for them only.
fn through_handle<K, V: Value, S: Shared<K, V>, W: Watch>(
    map: &mut S,
    steps: &[Step<K>],
    beside: &mut Beside<'_>,
    tally: &mut Tally,
    watch: &mut W,
) {
    play(&mut map.handle(), steps, beside, tally, watch);
}

/// Asks the maps, and what was dropped, to free what waits.
fn reclaim<K, V: Value, S: Shared<K, V>>(maps: &mut Maps<S>) -> bool {
    let mut waits = None;
    for map in maps.made() {
        waits = Some(S::reclaim(Some(&*map)) || waits == Some(true));
    }
    waits.unwrap_or_else(|| S::reclaim(None))
}
