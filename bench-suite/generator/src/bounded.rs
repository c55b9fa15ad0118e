//! A recipe for bounded caches, drawn phase by phase. Which entries live, each cache decides: so there is no live set,
//! and every operation takes a key of the keyspace by the law of `get`.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU16;

use formats::tape::{Kind, Op, PhaseMark};
use formats::workload::{Act, Phase, Recipe, Role};

use crate::order::{Band, Kinds, Want};
use crate::random::Random;
use crate::ranked::Ranks;
use crate::recipe::{Drawn, length, prepare, role_of, share};

/// Keys that no operation puts are numbered from here on until the number of the others is known.
const ABSENT: u64 = 1 << 59;

/// Draws the operations of a recipe with a bound.
///
/// Threads that own their keys have each its part of the keyspace; others draw from all of it. What one thread asks for
/// depends on nothing that another one does.
pub(crate) fn draw(recipe: &Recipe, seed: u64, threads: NonZeroU16, keys_shared: bool) -> Drawn {
    let count = usize::from(threads.get());
    let mut lanes: Vec<Lane> =
        (0..count).map(|thread| Lane::new(recipe, seed, thread, count, keys_shared)).collect();
    let mut phases = Vec::with_capacity(recipe.phases.len());
    for phase in &recipe.phases {
        let ops = lanes.iter_mut().map(|lane| lane.play(phase)).collect();
        phases.push(PhaseMark { name: phase.name.clone(), ops, counts: true, pace: phase.pace });
    }
    for mark in prepare(&recipe.phases, &mut phases) {
        mark.counts = false;
    }
    let mut threads: Vec<Vec<Op>> = lanes.into_iter().map(|lane| lane.ops).collect();
    let distinct = number(&mut threads);
    Drawn { threads, phases, distinct, due_ns: Vec::new(), sizes: Vec::new() }
}

/// Gives keys their final numbers, in the order of the threads: those that are put somewhere first, then the others.
/// Gives how many of the former there are.
fn number(threads: &mut [Vec<Op>]) -> u64 {
    let mut numbers: HashMap<u64, u64> = HashMap::new();
    let puts = |op: &&Op| matches!(op.kind(), Kind::Insert | Kind::Fetch);
    for op in threads.iter().flatten().filter(puts) {
        let next = numbers.len() as u64;
        numbers.entry(op.key()).or_insert(next);
    }
    let distinct = numbers.len() as u64;
    for op in threads.iter_mut().flatten() {
        let next = numbers.len() as u64;
        *op = Op::new(op.kind(), *numbers.entry(op.key()).or_insert(next));
    }
    distinct
}

/// One thread.
struct Lane {
    random: Random,
    ops: Vec<Op>,
    role: Option<Role>,
    keys: Keys,
    /// This thread's part of every count: `part` of `parts`.
    part: u64,
    parts: u64,
}

/// The keys that a thread draws from.
struct Keys {
    first: u64,
    ranks: Ranks,
    /// Keys that were asked for and are never put, so far; no two threads have the same.
    absent: u64,
    parts: u64,
}

impl Lane {
    fn new(recipe: &Recipe, seed: u64, thread: usize, threads: usize, keys_shared: bool) -> Self {
        let (part, parts) = (thread as u64, threads as u64);
        let keyspace = recipe.keyspace.unwrap_or(recipe.live);
        let of = |part| share(keyspace, part, parts);
        let (first, keyspace) = if keys_shared { (0, keyspace) } else { ((0..part).map(of).sum(), of(part)) };
        let expected: u64 = recipe.phases.iter().map(|phase| phase.act.ops()).sum();
        Self {
            random: Random::new(seed, thread),
            ops: Vec::with_capacity(length(expected.div_ceil(parts))),
            role: role_of(recipe, thread).map(|(_, role)| role),
            keys: Keys { first, ranks: Ranks::new(keyspace), absent: part, parts },
            part,
            parts,
        }
    }

    /// Draws one phase and gives the number of operations.
    fn play(&mut self, phase: &Phase) -> u64 {
        let before = self.ops.len();
        match phase.act {
            Act::Fill(count) => self.fill(share(count, self.part, self.parts)),
            Act::Churn(count) => self.churn(phase, share(count, self.part, self.parts)),
            _ => {}
        }
        (self.ops.len() - before) as u64
    }

    /// Inserts so many keys, each once, all with the same chance.
    fn fill(&mut self, count: u64) {
        let keyspace = self.keys.ranks.keyspace();
        let count = length(count.min(keyspace));
        let mut put = HashSet::with_capacity(count);
        while put.len() < count {
            let rank = self.random.below(keyspace);
            if put.insert(rank) {
                self.ops.push(Op::new(Kind::Insert, self.keys.first + rank));
            }
        }
    }

    fn churn(&mut self, phase: &Phase, count: u64) {
        let rules = self.role.as_ref().map_or(phase.rules, |role| role.rules(phase.rules));
        let mut kinds = Kinds::new(rules.mix, rules.order);
        for _ in 0..count {
            let want = kinds.next(&mut self.random, LIVE, Band::around(LIVE));
            let kind = match want {
                Want::GetAbsent => {
                    let key = self.keys.absent();
                    self.ops.push(Op::new(Kind::Get, key));
                    continue;
                }
                Want::Insert => Kind::Insert,
                Want::Remove => Kind::Remove,
                Want::Get => Kind::Get,
                Want::Update => Kind::Update,
                _ => Kind::Fetch,
            };
            let rank = self.keys.ranks.draw(&mut self.random, rules.get);
            self.ops.push(Op::new(kind, self.keys.first + rank));
        }
    }
}

/// Live entries of which no order of kinds has too few or too many: nobody knows how many there are.
const LIVE: usize = 1;

impl Keys {
    /// A key that nobody puts.
    fn absent(&mut self) -> u64 {
        let key = ABSENT + self.absent;
        self.absent += self.parts;
        key
    }
}
