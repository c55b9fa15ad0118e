//! The model, and what a map is held to.

use std::collections::{BTreeMap, BTreeSet};

use formats::answer::Answer;
use formats::subject::Extra;
use formats::tape::Keep;
use subject::entry::{Numbered, Value};
use subject::map::Map;

/// One operation on the key with a number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Insert(u64),
    Remove(u64),
    Get(u64),
    Update(u64),
    Iterate,
    Clear,
    Upsert(u64),
    Len,
    Retain(Keep),
    RemoveFirst,
    Shrink,
    Reserve(u64),
    Copy(bool),
    Hold(u64),
    Release,
}

impl Step {
    /// The same, or a look-up where a map cannot be asked for it.
    pub(super) fn for_map(self, extras: &BTreeSet<Extra>) -> Self {
        let asks = match self {
            Self::Upsert(_) => Extra::Upsert,
            Self::Retain(_) => Extra::Retain,
            Self::RemoveFirst => Extra::RemoveFirst,
            Self::Shrink => Extra::Shrink,
            Self::Reserve(_) => Extra::Reserve,
            Self::Copy(_) => Extra::Copy,
            Self::Hold(_) | Self::Release => Extra::Hold,
            _ => return self,
        };
        if extras.contains(&asks) { self } else { Self::Get(0) }
    }

    fn writes(self) -> bool {
        !matches!(self, Self::Get(_) | Self::Iterate | Self::Len | Self::Hold(_) | Self::Release)
    }
}

/// The same steps, where what is held is let go of before a write: of a map that would wait for itself.
pub(super) fn released(steps: Vec<Step>) -> Vec<Step> {
    let mut holds = false;
    let with_release = |step: Step| {
        let lets_go = holds && step.writes();
        holds = matches!(step, Step::Hold(_)) || holds && !lets_go && !matches!(step, Step::Release);
        lets_go.then_some(Step::Release).into_iter().chain([step])
    };
    steps.into_iter().flat_map(with_release).collect()
}

/// The stamp of each live key, by its number.
#[derive(Default)]
pub(super) struct Model(BTreeMap<u64, u64>);

impl Model {
    /// The right answer; of an entry that the map chose to give away, that it was there.
    pub(super) fn follow(&mut self, step: Step, stamp: u64, said: Answer) -> Answer {
        if !matches!(step, Step::RemoveFirst) {
            return self.play(step, stamp);
        }
        let chosen = self.0.iter().find(|(_, held)| Answer::of(**held) == said).map(|(number, _)| *number);
        // Any other answer but that of an empty map is wrong.
        match chosen {
            Some(number) => self.0.remove(&number).into(),
            None => self.0.values().next().copied().into(),
        }
    }

    /// The right answer of all but a remove of the first.
    pub(super) fn play(&mut self, step: Step, stamp: u64) -> Answer {
        match step {
            Step::Insert(number) | Step::Upsert(number) => self.0.insert(number, stamp).into(),
            Step::Remove(number) => self.0.remove(&number).into(),
            Step::Get(number) | Step::Hold(number) => self.0.get(&number).copied().into(),
            Step::Update(number) => self.0.get_mut(&number).map(|held| std::mem::replace(held, stamp)).into(),
            Step::Iterate => Answer::of(self.0.values().fold(0, |sum, held| sum.wrapping_add(*held))),
            Step::Clear => Answer::of(std::mem::take(&mut self.0).len() as u64),
            Step::Len | Step::Copy(_) => Answer::of(self.len()),
            Step::Retain(keep) => {
                let (before, kept) = (self.len(), keep.at(stamp));
                self.0.retain(|_, held| kept.keeps(*held));
                Answer::of(before - self.len())
            }
            Step::Shrink | Step::Reserve(_) | Step::Release => Answer::ABSENT,
            Step::RemoveFirst => unreachable!("the map chooses"),
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// What the map answers.
pub(super) fn play<K, V: Value>(
    map: &mut dyn Map<K, V>,
    step: Step,
    stamp: u64,
    key: impl Fn(u64) -> K,
) -> Answer {
    let value = || V::make(stamp, 48);
    match step {
        Step::Insert(number) => map.insert(&key(number), value()),
        Step::Remove(number) => map.remove(&key(number)),
        Step::Get(number) => map.get(&key(number)),
        Step::Update(number) => map.update(&key(number), value()),
        Step::Iterate => map.iterate(),
        Step::Clear => map.clear(),
        Step::Upsert(number) => map.upsert(&key(number), value()),
        Step::Len => Answer::of(map.len()),
        Step::Retain(keep) => map.retain(keep.at(stamp)),
        Step::RemoveFirst => map.remove_first(),
        Step::Copy(reserve) => map.copy(reserve),
        Step::Hold(number) => map.hold(&key(number)),
        Step::Release => {
            map.release();
            Answer::ABSENT
        }
        Step::Shrink => {
            map.shrink();
            Answer::ABSENT
        }
        Step::Reserve(more) => {
            map.reserve(usize::try_from(more).expect("little room"));
            Answer::ABSENT
        }
    }
}

/// Plays some steps and says where the map first differs from the model, in its answers or in what it says
/// about itself.
pub(super) fn difference<K, V: Value>(
    map: &mut dyn Map<K, V>,
    steps: &[Step],
    key: impl Fn(u64) -> K + Copy,
) -> Option<String> {
    let mut model = Model::default();
    for (stamp, step) in (0..).zip(steps) {
        let got = play(map, *step, stamp, key);
        let want = model.follow(*step, stamp, got);
        if want != got {
            return Some(format!("operation {stamp}, {step:?}: {got:?} instead of {want:?}"));
        }
        if stamp % 64 == 0 || stamp + 1 == steps.len() as u64 {
            let said = misplaced(map, &model, key).map(|what| format!("after operation {stamp}: {what}"));
            if said.is_some() {
                return said;
            }
        }
    }
    None
}

/// What is wrong with the length, the places or the capacity that the map tells.
fn misplaced<K, V: Value>(map: &mut dyn Map<K, V>, model: &Model, key: impl Fn(u64) -> K) -> Option<String> {
    if map.len() != model.len() {
        return Some(format!("it holds {} entries instead of {}", map.len(), model.len()));
    }
    let mut located = BTreeSet::new();
    let numbers = 0..model.0.last_key_value().map_or(8, |(last, _)| last + 8);
    for number in numbers {
        let live = model.0.contains_key(&number);
        match map.locate(&key(number)) {
            Some(_) if !live => return Some(format!("it locates key {number}, which is not live")),
            None if live => return Some(format!("it does not locate key {number}, which is live")),
            Some(address) if !located.insert(address) => {
                return Some(format!("it locates key {number} where another one is"));
            }
            _ => {}
        }
    }
    let mut visited = Vec::new();
    map.locate_all(&mut |address| visited.push(address));
    if visited.len() as u64 != model.len() || visited.into_iter().collect::<BTreeSet<_>>() != located {
        return Some("locate_all does not visit the places that locate tells".into());
    }
    match map.capacity() {
        Some(capacity) if capacity < model.len() => Some(format!("its capacity is {capacity}")),
        _ => None,
    }
}

/// A number without a pattern: operation `index` of a sequence.
pub(super) fn scattered(sequence: u64, index: u64) -> u64 {
    Numbered::make(sequence << 32 | index, 8)
}

/// Operation `index` of a sequence on so many keys. Now and then it walks over all entries; it never clears.
pub(super) fn drawn(sequence: u64, index: u64, keys: u64) -> Step {
    let bits = scattered(sequence, index);
    let number = (bits >> 16) % keys;
    match bits % 256 {
        0..90 => Step::Insert(number),
        90..180 => Step::Remove(number),
        180..220 => Step::Get(number),
        220..255 => Step::Update(number),
        _ => Step::Iterate,
    }
}
