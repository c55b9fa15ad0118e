//! A map of one thread.

use super::life;
use super::many::Maps;
use super::{Driver, Host, Route, play_tape};
use crate::driver::life::AtMark;
use crate::entry::Value;
use crate::made::Made;
use crate::map::Map;
use crate::play::play;
use crate::prepare::{Prepared, Room};
use crate::tally::Tally;
use crate::watch::listener::Listener;
use crate::watch::timed::TimedWatch;
use crate::watch::untimed::Untimed;

/// A map of one thread, or many.
#[derive(Debug)]
pub struct SingleThreaded<M>(Maps<M>);

impl<M> SingleThreaded<M> {
    /// Nothing yet.
    #[must_use]
    pub fn new<K, V: Value>() -> Self
    where
        M: Map<K, V> + Default,
    {
        Self(Maps::new(Made::alone))
    }
}

impl<K, V: Value, M: Map<K, V> + Default> Host<K, V> for SingleThreaded<M> {
    fn recreate(&mut self, room: Room) {
        self.0.renew(room);
    }

    fn drop_map(&mut self) {
        self.0.drop_all();
    }

    fn with_map(&mut self, number: usize, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        act(self.0.at(number));
    }

    fn with_each(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        self.0.made().for_each(|map| act(map));
    }

    fn drop_one(&mut self, number: usize) {
        self.0.drop_one(number);
    }
}

impl<K, V: Value, M: Map<K, V> + Default> Driver<K, V> for SingleThreaded<M> {
    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally> {
        vec![self.0.tour(route, prepared, &mut watches[0], play::<K, V, M, _>)]
    }

    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [TimedWatch<'_>],
    ) -> Vec<Tally> {
        vec![self.0.tour(route, prepared, &mut watches[0], play::<K, V, M, _>)]
    }

    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally> {
        vec![self.0.tour(route, prepared, &mut watches[0], |map: &mut M, steps, beside, tally, watch| {
            let map: &mut dyn Map<K, V> = map;
            play(map, steps, beside, tally, watch);
        })]
    }

    fn play_listened(&mut self, route: &Route<'_>, prepared: &Prepared<K>, listeners: &mut [Listener<'_>]) {
        let map: &mut dyn Map<K, V> = self.0.at(0);
        play_tape(map, route, prepared, 0, &mut listeners[0]);
    }

    fn play_life(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
        tallies: &mut [Tally],
        at: AtMark<'_>,
    ) -> u64 {
        let mut play = |maps: &mut Maps<M>, watch: &mut Untimed<'_>| {
            maps.tour(route, prepared, watch, play::<K, V, M, _>)
        };
        let lend: life::Lend<K, V, M> = |map, act| act(map);
        let (watch, tally) = (&mut watches[0], &mut tallies[0]);
        life::alone(
            &mut self.0,
            prepared,
            life::Alone { play: &mut play, lend, reclaim: |_| false },
            watch,
            tally,
            at,
        )
    }
}
