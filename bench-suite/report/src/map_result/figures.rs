//! What the readings of one map and one load come to.

use std::collections::BTreeMap;

use formats::observation::SlotWindow;

use super::QUOTED;
use crate::held::Moments;
use crate::ratio::{Ratio, median};

/// The figures of a result. All but the last bytes held are of the phases that count, see [`super::MapResult::counted`], and
/// the peak is of the whole tape; `None` where the collector did not run, failed, or saw nothing.
#[derive(Default)]
pub(crate) struct Figures {
    /// Operations a second in each round; without those of [`Figures::interrupted`].
    pub(crate) speeds: BTreeMap<u32, f64>,
    /// The median over the rounds; over the interrupted ones where there is no other.
    pub(crate) ops_per_second: Option<f64>,
    /// Rounds of throughput in which something else took the processor, see [`super::MapResult::drop_interrupted`].
    pub(crate) interrupted: usize,
    /// Whether the latency passes are such; their percentiles are told and claim nothing.
    pub(crate) latency_interrupted: bool,
    /// How many times the speed of the reference map the map had in each round, of one that took turns with it; and
    /// that map's name.
    pub(crate) relative: BTreeMap<u32, f64>,
    pub(crate) beside: Option<String>,
    /// Against the reference map.
    pub(crate) speed_ratio: Option<Ratio>,
    /// The [`QUOTED`] percentiles of all kinds and all rounds together, ns.
    pub(crate) percentiles: Option<Percentiles>,
    /// The same for each round on its own.
    pub(crate) percentiles_by_round: BTreeMap<u32, Percentiles>,
    /// The p99.9 of the response time of the operations that have a schedule, for each round of latency, ns.
    pub(crate) responses: BTreeMap<u32, f64>,
    /// What the clock of the latency pass cannot tell from nothing, ns; 0 where it was not measured.
    pub(crate) granularity_ns: f64,
    /// Against the reference map.
    pub(crate) percentile_ratios: [Option<Ratio>; 4],
    /// Blocks allocated, for each operation.
    pub(crate) allocations_per_op: Option<f64>,
    /// Bytes held over entries alive, both summed over the samples.
    pub(crate) bytes_per_entry: Option<f64>,
    /// Bytes held at the peak, at the end and after it.
    pub(crate) moments: Option<Moments>,
    /// The share of gets and fetches that found their entry, in each round, 0 to 1; of a bounded cache.
    pub(crate) hits: BTreeMap<u32, f64>,
    /// Where inserts landed.
    pub(crate) landed: Option<Landed>,
    /// The largest share of the table's capacity that dead slots took in any window.
    pub(crate) dead: Option<f64>,
}

impl Figures {
    /// The hit rate, the median over the rounds, 0 to 1.
    pub(crate) fn hit_rate(&self) -> Option<f64> {
        median(self.hits.values().copied())
    }
}

/// The [`QUOTED`] percentiles, ns; `None` where too few operations were timed for one, see [`formats::histogram::carries`].
pub(crate) type Percentiles = [Option<u64>; QUOTED.len()];

/// Where inserts landed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Landed {
    pub(crate) reused: u64,
    pub(crate) recycled: u64,
    pub(crate) fresh: u64,
}

impl Landed {
    pub(crate) fn of<'a>(windows: impl IntoIterator<Item = &'a SlotWindow>) -> Option<Self> {
        let mut landed = Self::default();
        for window in windows {
            landed.reused = landed.reused.saturating_add(window.reused);
            landed.recycled = landed.recycled.saturating_add(window.recycled);
            landed.fresh = landed.fresh.saturating_add(window.fresh);
        }
        (landed.all() > 0).then_some(landed)
    }

    pub(crate) fn all(self) -> u64 {
        self.reused.saturating_add(self.recycled).saturating_add(self.fresh)
    }

    /// The share of inserts that reused a slot, 0 to 1.
    pub(crate) fn reuse(self) -> f64 {
        self.reused as f64 / self.all() as f64
    }
}
