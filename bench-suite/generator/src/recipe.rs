//! A recipe, drawn phase by phase.

use std::num::NonZeroU16;

use formats::tape::{Keep, Kind, Op, PhaseMark};
use formats::workload::{Act, Mix, Order, Phase, Recipe, Role, Rules, Victim};

use crate::draw::{ABSENT, Drawer, Room};
use crate::hold::Hold;
use crate::order::{Band, Kinds};
use crate::random::Random;

/// Operations as drawn, before a model played them.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The operations of each thread, all phases.
    pub threads: Vec<Vec<Op>>,
    /// The stretches, in order.
    pub phases: Vec<PhaseMark>,
    /// Keys that are inserted at least once; their numbers are below this.
    pub distinct: u64,
    /// When the operations of each thread are due, ns after the first; empty where no recording says so.
    pub due_ns: Vec<Vec<u64>>,
    /// Bytes of the value of each operation of each thread that brings one; empty where no recording says so.
    pub sizes: Vec<Vec<u32>>,
}

/// Draws the operations of a recipe.
///
/// Threads that own their keys are drawn one by one, each with its share of every count and a stream of
/// random numbers of its own. Threads that share keys are drawn side by side from one live set, one operation
/// each in turn, so that they ask for the same keys at about the same time; when they are played, one may run
/// ahead and miss what another was to insert.
#[must_use]
pub fn draw(recipe: &Recipe, seed: u64, threads: NonZeroU16, keys_shared: bool) -> Drawn {
    let count = usize::from(threads.get());
    let mut groups: Vec<Group> = if keys_shared && count > 1 {
        vec![Group::sharing(recipe, seed, count)]
    } else {
        (0..count).map(|thread| Group::owning(recipe, seed, thread, count)).collect()
    };
    let mut phases = Vec::with_capacity(recipe.phases.len());
    for phase in &recipe.phases {
        let ops = groups.iter_mut().flat_map(|group| group.play(phase)).collect();
        phases.push(PhaseMark { name: phase.name.clone(), ops, counts: true, pace: phase.pace });
    }
    for mark in prepare(&recipe.phases, &mut phases) {
        mark.counts = false;
    }
    let distinct = groups.iter().map(|group| group.drawer.seen()).sum();
    let (mut keys, mut absent) = (0, distinct);
    for group in &mut groups {
        group.settle(keys, absent);
        keys += group.drawer.seen();
        absent += group.drawer.absent();
    }
    let threads = groups.into_iter().flat_map(|group| group.lanes).map(|lane| lane.ops).collect();
    Drawn { threads, phases, distinct, due_ns: Vec::new(), sizes: Vec::new() }
}

/// The phases that only prepare the load: the fillings that come first. If no operation follows them, filling is the
/// load.
pub(crate) fn prepare<'a>(phases: &[Phase], marks: &'a mut [PhaseMark]) -> &'a mut [PhaseMark] {
    let first = phases.iter().position(|phase| !matches!(phase.act, Act::Fill(_))).unwrap_or(phases.len());
    let (fillings, load) = marks.split_at_mut(first);
    if load.iter().flat_map(|mark| &mark.ops).any(|&ops| ops > 0) { fillings } else { &mut [] }
}

/// Threads that draw from one live set: one that owns its keys, or all that share them.
struct Group {
    drawer: Drawer,
    lanes: Vec<Lane>,
    /// This group's part of every count: `part` of `parts`.
    part: u64,
    parts: u64,
}

/// What one thread has for itself.
struct Lane {
    random: Random,
    kinds: Kinds,
    /// What its thread holds; `None` where it never does.
    hold: Option<Hold>,
    ops: Vec<Op>,
    /// Which role it has, by the place among the roles.
    role: Option<(usize, Role)>,
}

impl Group {
    fn owning(recipe: &Recipe, seed: u64, thread: usize, threads: usize) -> Self {
        let (part, parts) = (thread as u64, threads as u64);
        let room = Room {
            live: length(share(recipe.live, part, parts)),
            keyspace: recipe.keyspace.map(|keyspace| share(keyspace, part, parts)),
        };
        let mut group = Self {
            drawer: Drawer::new(room, Rules::default()),
            lanes: vec![Lane::new(recipe, seed, thread, threads)],
            part,
            parts,
        };
        group.begin(recipe);
        group
    }

    fn sharing(recipe: &Recipe, seed: u64, threads: usize) -> Self {
        let most = recipe.phases.iter().map(|phase| if let Act::Fill(live) = phase.act { live } else { 0 });
        // Where the map chooses which entry leaves, nobody knows which keys could come back.
        let come_back = recipe.phases.iter().all(|phase| phase.rules.remove != Victim::First);
        let keyspace = recipe.keyspace.or(come_back.then(|| 2 * most.fold(recipe.live, u64::max)));
        let room = Room { live: length(recipe.live), keyspace };
        let lanes = (0..threads).map(|thread| Lane::new(recipe, seed, thread, threads)).collect();
        let mut group = Self { drawer: Drawer::new(room, Rules::default()), lanes, part: 0, parts: 1 };
        group.begin(recipe);
        group
    }

    /// Takes up the rules of the first phase; if another one has others, keeps what they will need.
    fn begin(&mut self, recipe: &Recipe) {
        let Some(first) = recipe.phases.first() else { return };
        if !recipe.roles.is_empty() {
            self.drawer.give_roles(recipe.roles.iter().map(|role| role.get).collect());
        }
        let chosen = |rules: &Rules| (rules.remove, rules.get);
        if recipe.phases.iter().any(|phase| chosen(&phase.rules) != chosen(&first.rules)) {
            self.drawer.remember_ages();
        }
        let sweeps = |phase: &Phase| matches!(phase.act, Act::Retain(_));
        let churning = || recipe.phases.iter().flat_map(|phase| recipe.churning(phase));
        if recipe.phases.iter().any(sweeps) || churning().any(|(rules, _)| rules.mix.retain > 0) {
            self.drawer.remember_writes();
        }
        if let Some(keyspace) = recipe.keyspace
            && churning().any(|(rules, _)| rules.mix.upsert > 0)
        {
            self.drawer.rank_keys(share(keyspace, self.part, self.parts));
        }
        let rules = self.own(first.rules);
        self.drawer.follow(rules);
    }

    /// The rules for this group's part.
    fn own(&self, rules: Rules) -> Rules {
        let remove = match rules.remove {
            Victim::Ttl(ttl) => Victim::Ttl(share(ttl, self.part, self.parts).max(1)),
            remove => remove,
        };
        Rules { remove, keep: rules.keep.map(|keep| self.own_keep(keep)), ..rules }
    }

    /// Stamps are positions on a thread's tape: what is young in all operations is younger in one thread's.
    fn own_keep(&self, keep: Keep) -> Keep {
        match keep {
            Keep::Younger(ops) => Keep::Younger((ops / self.parts.max(self.lanes.len() as u64)).max(1)),
            keep @ Keep::Share(_) => keep,
        }
    }

    /// Draws one phase and gives the number of operations of each lane.
    fn play(&mut self, phase: &Phase) -> Vec<u64> {
        let before: Vec<usize> = self.lanes.iter().map(|lane| lane.ops.len()).collect();
        let rules = self.own(phase.rules);
        self.drawer.follow(rules);
        match phase.act {
            Act::Fill(live) => {
                let missing = self.share(live).saturating_sub(self.drawer.live());
                self.deal(missing, |drawer, lane| drawer.insert(&mut lane.random));
                self.drawer.deal_ages();
            }
            Act::Drain(live) => {
                let surplus = self.drawer.live().saturating_sub(self.share(live));
                self.deal(surplus, |drawer, lane| drawer.remove(&mut lane.random));
            }
            Act::Clear => self.deal(1, |drawer, _| drawer.clear()),
            Act::Churn(ops) => {
                let band = Band::around(self.drawer.live());
                for lane in &mut self.lanes {
                    let rules = lane.role.as_ref().map_or(rules, |(_, role)| role.rules(rules));
                    lane.kinds = Kinds::new(rules.mix, rules.order);
                }
                let count = self.share(ops);
                let lanes = self.lanes.len() as u64;
                for (lane, number) in self.lanes.iter_mut().zip(0..) {
                    let rules = lane.role.as_ref().map_or(rules, |(_, role)| role.rules(rules));
                    let over = rules.hold.filter(|_| rules.mix.hold > 0);
                    lane.hold = over.map(|over| Hold::new(over, share(count as u64, number, lanes)));
                }
                self.deal(count, |drawer, lane| {
                    if let Some((role, _)) = lane.role {
                        drawer.popular.turn_to(role);
                    }
                    lane.churn(drawer, band)
                });
            }
            Act::SameKey(times) => self.same_key(times),
            Act::Iterate => self.deal(1, |drawer, _| drawer.ask_all(Kind::Iterate)),
            Act::Shrink => self.deal(1, |drawer, _| drawer.ask_all(Kind::Shrink)),
            Act::Retain(keep) => {
                let keep = self.own_keep(keep);
                self.deal(1, |drawer, _| drawer.retain(keep));
            }
            Act::Reserve(more) => self.say(Op::new(Kind::Reserve, more)),
            Act::Copy { reserve } => self.say(Op::copy(reserve)),
        }
        self.lanes.iter().zip(before).map(|(lane, before)| (lane.ops.len() - before) as u64).collect()
    }

    /// One operation in which no entry comes or goes.
    fn say(&mut self, op: Op) {
        self.deal(1, |drawer, _| {
            drawer.pass(1);
            op
        });
    }

    /// One entry leaves and comes back, over and over. Threads that share keys take turns with the same one.
    fn same_key(&mut self, times: u64) {
        let mine = self.share(times) as u64;
        if mine == 0 {
            return;
        }
        let key = self.drawer.come_back(&mut self.lanes[0].random);
        let lanes = self.lanes.len() as u64;
        for (lane, number) in self.lanes.iter_mut().zip(0..) {
            let pairs = length(share(mine, number, lanes));
            let pair = [Op::new(Kind::Remove, key), Op::new(Kind::Insert, key)];
            lane.ops.extend(std::iter::repeat_n(pair, pairs).flatten());
        }
        let last = self.lanes.iter().map(|lane| lane.ops.len()).max().unwrap_or(0);
        self.drawer.came_back(key, last.saturating_sub(1));
        self.drawer.pass(2 * mine);
    }

    /// Draws `count` operations, one for each lane in turn.
    #[inline]
    fn deal(&mut self, count: usize, mut draw: impl FnMut(&mut Drawer, &mut Lane) -> Op) {
        if let [lane] = self.lanes.as_mut_slice() {
            let mut ops = std::mem::take(&mut lane.ops);
            let positions = ops.len()..ops.len() + count;
            ops.extend(positions.map(|position| {
                self.drawer.at(position);
                draw(&mut self.drawer, lane)
            }));
            lane.ops = ops;
            return;
        }
        let lanes = self.lanes.len();
        for turn in 0..count {
            let lane = &mut self.lanes[turn % lanes];
            self.drawer.at(lane.ops.len());
            let op = draw(&mut self.drawer, lane);
            lane.ops.push(op);
        }
    }

    /// Gives the group's keys their final numbers: its own from `keys` on, absent ones from `absent` on.
    fn settle(&mut self, keys: u64, absent: u64) {
        if keys == 0 && self.drawer.absent() == 0 {
            return;
        }
        let ops = self.lanes.iter_mut().flat_map(|lane| &mut lane.ops);
        for op in ops.filter(|op| op.kind().names_key()) {
            let key = op.key();
            *op = Op::new(op.kind(), if key < ABSENT { key + keys } else { key - ABSENT + absent });
        }
    }

    fn share(&self, count: u64) -> usize {
        length(share(count, self.part, self.parts))
    }
}

impl Lane {
    fn new(recipe: &Recipe, seed: u64, thread: usize, threads: usize) -> Self {
        let expected: u64 = recipe.phases.iter().map(|phase| phase.act.ops().max(1)).sum();
        Self {
            random: Random::new(seed, thread),
            kinds: Kinds::new(Mix::default(), Order::default()),
            hold: None,
            ops: Vec::with_capacity(length(expected.div_ceil(threads as u64))),
            role: role_of(recipe, thread),
        }
    }
}

impl Lane {
    /// The next operation of a churn phase.
    #[inline]
    fn churn(&mut self, drawer: &mut Drawer, band: Band) -> Op {
        if self.hold.as_mut().is_some_and(Hold::is_over) {
            drawer.pass(1);
            return Op::new(Kind::Release, 0);
        }
        let op = drawer.churn(&mut self.random, &mut self.kinds, band);
        match &mut self.hold {
            Some(hold) => hold.possible(op),
            None => op,
        }
    }
}

/// The role of a thread, by its place among the roles.
pub(crate) fn role_of(recipe: &Recipe, thread: usize) -> Option<(usize, Role)> {
    let threads = |role: &Role| usize::from(role.threads.get());
    let places =
        recipe.roles.iter().enumerate().flat_map(|(place, role)| std::iter::repeat_n(place, threads(role)));
    let place = places.into_iter().nth(thread)?;
    Some((place, recipe.roles.get(place)?.clone()))
}

/// What falls to one of `parts` when a count is divided as evenly as whole numbers allow.
pub(crate) fn share(count: u64, part: u64, parts: u64) -> u64 {
    count / parts + u64::from(part < count % parts)
}

pub(crate) fn length(count: u64) -> usize {
    usize::try_from(count).expect("counts of a workload fit the memory")
}
