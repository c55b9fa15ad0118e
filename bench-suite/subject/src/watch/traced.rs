//! Watching every operation from outside the clock: which blocks it allocates, where its entry lands.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use formats::answer::Answer;
use formats::observation::{Allocations, SlotState, SlotWindow, Slots};
use formats::tape::Kind;
use rustc_hash::FxHasher;

use super::film::Filming;
use super::ledger::{self, Ledger, count_log2};
use super::shadow::{Arrival, Landing, Shadow};
use super::{Boundary, Watch};
use crate::entry::Value;
use crate::map::{Address, Map};
use crate::prepare::Step;

/// Below this many live entries every delete is followed to the next insert, above one of [`SAMPLING`].
const FOLLOW_ALL: u64 = 16_384;
const SAMPLING: u32 = 64;

/// Counts the blocks of each phase. The counting is done by the allocator; this says which operation it is.
pub struct BlocksWatch {
    names: Vec<String>,
    phase: usize,
    ops: u64,
    played: u64,
    allocations: Allocations,
}

impl BlocksWatch {
    /// A watch for a tape with phases of these names. Installs a ledger for this thread.
    #[must_use]
    pub fn install(names: &[String]) -> Self {
        ledger::install(Ledger::with_lifetimes());
        let allocations = Allocations { phases: Vec::with_capacity(names.len()), ..Allocations::default() };
        Self { names: names.to_vec(), phase: 0, ops: 0, played: 0, allocations }
    }

    /// What was counted on the tape.
    #[must_use]
    pub fn finish(mut self) -> Allocations {
        let ledger = ledger::with(|ledger| (ledger.classes(), ledger.peak(), ledger.held()));
        (self.allocations.classes, self.allocations.peak_bytes, self.allocations.end_bytes) = ledger;
        self.allocations
    }
}

impl Watch for BlocksWatch {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        match boundary {
            Boundary::PhaseStart(phase) => (self.phase, self.ops) = (phase, 0),
            Boundary::SliceStart => {}
            Boundary::SliceEnd { ops, .. } => self.ops += ops,
            Boundary::PhaseEnd => {
                let mut totals = ledger::with(Ledger::take_totals);
                totals.phase.clone_from(&self.names[self.phase]);
                totals.ops = self.ops;
                self.allocations.phases.push(totals);
            }
        }
    }

    fn between(&mut self, act: &mut dyn FnMut()) {
        ledger::with(Ledger::reopen);
        act();
        ledger::with(Ledger::close);
    }

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>) {
        ledger::with(|ledger| ledger.open(self.played));
        self.played += 1;
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>, _answer: Answer) {
        ledger::with(Ledger::close);
    }
}

/// Sees where entries live, and so what becomes of the slot of a deleted one.
///
/// Before a remove it asks the map where the entry lies, after an insert where the new one came to lie. When
/// a table has moved or was rearranged, every entry is looked up once: places to which the map itself relocated
/// entries have been lived in too.
pub struct SlotsWatch {
    names: Vec<String>,
    phase: usize,
    played: u64,
    live: u64,
    window: SlotWindow,
    slots: Slots,
    capacity: Option<u64>,
    /// Capacity when the table was last rebuilt, hence without dead slots.
    full: Option<u64>,
    /// The followed deletes: where, and at which operation.
    left: HashMap<Address, u64, BuildHasherDefault<FxHasher>>,
    /// Where the entry lies that the operation may remove.
    leaving: Option<Address>,
    filming: Filming,
}

impl SlotsWatch {
    /// A watch for a tape of so many operations, with phases of these names. Installs a ledger for this thread.
    pub fn install(names: &[String], peak_live: u64, ops: u64) -> std::io::Result<Self> {
        ledger::install(Ledger::with_shadow(Shadow::new()?));
        let distance_sampling = if peak_live <= FOLLOW_ALL { 1 } else { SAMPLING };
        let slots = Slots {
            windows: Vec::with_capacity(512),
            distance: vec![0; 64],
            distance_sampling,
            moves: 0,
            shadow_bytes: 0,
            map_bytes: 0,
            unavailable: None,
            film: None,
        };
        let followed = usize::try_from(peak_live / u64::from(distance_sampling)).unwrap_or(0);
        Ok(Self {
            names: names.to_vec(),
            phase: 0,
            played: 0,
            live: 0,
            window: SlotWindow::default(),
            slots,
            capacity: None,
            full: None,
            left: HashMap::with_capacity_and_hasher(followed, BuildHasherDefault::default()),
            leaving: None,
            filming: Filming::new(ops),
        })
    }

    /// What was seen on the tape.
    #[must_use]
    pub fn finish(mut self) -> Slots {
        let (shadow, peak) = ledger::with(|ledger| (ledger.shadow_bytes(), ledger.peak()));
        // hashbrown keeps one byte beside each bucket and fills at most 7 of 8 buckets.
        let followed = self.left.capacity() * 8 / 7 * (size_of::<(Address, u64)>() + 1);
        self.slots.shadow_bytes = shadow + followed as u64;
        self.slots.map_bytes = peak;
        while self.slots.distance.last() == Some(&0) {
            self.slots.distance.pop();
        }
        let inserts = self.slots.windows.iter().map(|w| w.reused + w.recycled + w.fresh).sum::<u64>();
        if inserts == 0 {
            self.slots.windows.clear();
            self.slots.unavailable = Some("this map does not tell where its entries lie".into());
        } else {
            self.slots.film = Some(self.filming.finish());
        }
        self.slots
    }

    /// Whether this delete is followed: decided by its position, so that it is the same on every run.
    fn follows(&self) -> bool {
        let scattered = self.played.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        scattered.is_multiple_of(u64::from(self.slots.distance_sampling))
    }

    fn landed(&mut self, address: Address) {
        let (known, landing) =
            ledger::with(|ledger| (lives(ledger, address), ledger.settle(address, Arrival::Inserted)));
        if known {
            self.filming.surprised();
        }
        match landing {
            Landing::Reused => self.window.reused += 1,
            Landing::Recycled => self.window.recycled += 1,
            Landing::Fresh => self.window.fresh += 1,
        }
        // Nothing can have left a place where nothing ever lived.
        if landing != Landing::Fresh
            && let Some(since) = self.left.remove(&address)
            && landing == Landing::Reused
        {
            count_log2(&mut self.slots.distance, self.played - since);
        }
    }

    /// The entry that was removed is not where it was.
    fn left_its_place(&mut self) {
        match self.leaving.take() {
            Some(address) => ledger::with(|ledger| {
                if let Some((shadow, _)) = ledger.seen() {
                    shadow.leave(address);
                }
            }),
            None => self.filming.entries_left(),
        }
    }

    /// Looks up every entry if the table has moved or was rearranged during the last operation.
    fn follow_table<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, places_freed: u64) {
        let capacity = map.capacity();
        // An insert into a dead slot wins one; more at once means that the table was rebuilt.
        let rebuilt = capacity > self.capacity.map(|before| before + 1);
        self.capacity = capacity;
        if rebuilt {
            self.full = capacity;
        }
        // The block of a single entry holds one place, a leaf of a tree a dozen: a table holds a share of all.
        if rebuilt || places_freed >= (self.live / 64).max(2) {
            self.slots.moves += 1;
            let arrival = if rebuilt { Arrival::Carried } else { Arrival::Found };
            map.locate_all(&mut |address| {
                ledger::with(|ledger| ledger.settle(address, arrival));
            });
            if rebuilt && places_freed == 0 {
                // In place: what was left behind is not told.
                self.filming.entries_left();
            }
        }
    }
}

/// Whether an entry is thought to live here.
fn lives(ledger: &mut Ledger, address: Address) -> bool {
    let state = ledger.seen().and_then(|(shadow, _)| shadow.state(address));
    matches!(state, Some(SlotState::Live | SlotState::Reused | SlotState::Moved))
}

impl Watch for SlotsWatch {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        match boundary {
            Boundary::PhaseStart(phase) => self.phase = phase,
            Boundary::SliceEnd { ops, tally } => {
                self.window.phase.clone_from(&self.names[self.phase]);
                self.window.ops = ops;
                self.window.live = tally.balance.max(0).cast_unsigned();
                self.window.capacity = self.full;
                self.window.dead = self.full.zip(self.capacity).map(|(full, now)| full.saturating_sub(now));
                self.slots.windows.push(std::mem::take(&mut self.window));
                self.window.first_op = self.played;
            }
            Boundary::SliceStart | Boundary::PhaseEnd => {}
        }
    }

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, step: &Step<K>) {
        let leaving = if step.kind == Kind::Remove { map.locate(&step.key) } else { None };
        self.leaving = leaving;
        if let Some(address) = leaving {
            let known = ledger::with(|ledger| {
                let known = lives(ledger, address);
                ledger.settle(address, Arrival::Found);
                known
            });
            if !known {
                self.filming.surprised();
            }
            if self.follows() {
                self.left.insert(address, self.played);
            }
        }
        ledger::with(|ledger| ledger.open(self.played));
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, step: &Step<K>, answer: Answer) {
        let places_freed = ledger::with(|ledger| {
            ledger.close();
            ledger.take_most_places_freed()
        });
        map.relocated(&mut |address| {
            ledger::with(|ledger| ledger.settle(address, Arrival::Carried));
        });
        match (step.kind, answer.is_present()) {
            (Kind::Insert | Kind::Upsert, false) => {
                if let Some(address) = map.locate(&step.key) {
                    self.live += 1;
                    self.landed(address);
                }
            }
            (Kind::Insert | Kind::Update | Kind::Upsert, true) => {
                if let Some(address) = map.locate(&step.key) {
                    ledger::with(|ledger| {
                        // A value that was replaced may lie elsewhere than the one before.
                        let arrival = if lives(ledger, address) { Arrival::Found } else { Arrival::Inserted };
                        ledger.settle(address, arrival);
                    });
                }
            }
            (Kind::Remove | Kind::RemoveFirst, true) => {
                self.live = self.live.saturating_sub(1);
                self.left_its_place();
            }
            (Kind::Retain | Kind::Clear, _) => {
                let gone = if step.kind == Kind::Clear { self.live } else { answer.number() };
                self.live = self.live.saturating_sub(gone);
                self.filming.entries_left();
            }
            _ => {}
        }
        if !matches!(step.kind, Kind::Get | Kind::Iterate | Kind::Len) {
            self.follow_table(map, places_freed);
        }
        self.played += 1;
        if self.filming.is_due(self.played) {
            self.filming.look(map, self.played, self.slots.moves);
        }
    }
}
