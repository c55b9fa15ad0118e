//! What a history of gates shows that no single gate does: steps that stay, and small steps that add up.
//!
//! A series is one time of one map on one workload. Against the newest anchor each commit has a level; there change
//! points and drift are looked for. Against its parent each commit has a step, which the gate has judged already;
//! steps are kept to be seen.

use std::collections::BTreeMap;

use formats::gate::{Pair, TimeMetric};
use formats::history::{Entry, Ratio};
use serde::Serialize;
use thiserror::Error;

use crate::anchor::{self, Drift, DriftError, Point};
use crate::change_points::{self, ChangePoint, Search, SearchError};
use crate::sequential::{Thresholds, ThresholdsError};
use crate::signed_rank::hodges_lehmann;

/// What a history shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryFindings {
    /// The newest anchor, if any commit was compared with one.
    pub anchor: Option<String>,
    /// One for each time, sorted by workload, map and metric.
    pub series: Vec<Series>,
}

/// One time of one map on one workload.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The workload.
    pub workload: String,
    /// The map.
    pub map: String,
    /// The time.
    pub metric: TimeMetric,
    /// Against the newest anchor, oldest first.
    pub levels: Vec<Value>,
    /// Against the parents, oldest first.
    pub steps: Vec<Value>,
    /// Where the levels changed; an index is one of `levels`. Its p-value is adjusted for the search, and the share
    /// of false ones over all series is granted.
    pub changes: Vec<ChangePoint>,
    /// How far the newest level is from the anchor; `since` is an index of `levels`.
    pub drift: Option<Drift>,
}

/// One measurement of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Value {
    /// The position of its entry in the history, from 0.
    pub entry: usize,
    /// Natural logarithm of the ratio: above 0 is slower.
    pub log_ratio: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// What counts in a history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HistoryRule {
    /// The relative difference that is none.
    pub tolerance: f64,
    /// The relative difference from the anchor that is drift.
    pub delta: f64,
    /// The chance that any series is called drifted although none is.
    pub alpha: f64,
}

impl Default for HistoryRule {
    /// As the gate's policy has it where nobody wrote one.
    fn default() -> Self {
        Self { tolerance: 0.005, delta: 0.03, alpha: 0.01 }
    }
}

/// Why a history cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum HistoryError {
    /// The thresholds make no sense.
    #[error(transparent)]
    Thresholds(#[from] ThresholdsError),
    /// A level is no measurement.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A level is no measurement, or the chance of a false alarm no chance.
    #[error(transparent)]
    Drift(#[from] DriftError),
}

/// Looks through a history, given oldest first.
pub fn analyse(entries: &[Entry], rule: &HistoryRule) -> Result<HistoryFindings, HistoryError> {
    let thresholds = Thresholds::new(libm::log1p(rule.tolerance), libm::log1p(rule.delta))?;
    let anchor = entries.iter().rev().find_map(|entry| entry.anchor.clone());
    let mut series = gathered(entries, anchor.as_deref());
    let levels: Vec<Vec<f64>> =
        series.iter().map(|one| one.levels.iter().map(|value| value.log_ratio).collect()).collect();
    let levels: Vec<&[f64]> = levels.iter().map(Vec::as_slice).collect();
    let changes = change_points::find(&levels, &Search::of_delta(thresholds.delta()))?;
    let anchored = levels.iter().filter(|levels| !levels.is_empty()).count();
    let level = rule.alpha / anchored.max(1) as f64;
    for (one, changes) in series.iter_mut().zip(changes) {
        one.changes = changes;
        one.drift = drift(&one.levels, &thresholds, level)?;
    }
    Ok(HistoryFindings { anchor, series })
}

/// The series without what is found in them.
fn gathered(entries: &[Entry], anchor: Option<&str>) -> Vec<Series> {
    let mut series: BTreeMap<(&str, &str, TimeMetric), Series> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        // Levels against different anchors are of different heights.
        let same = anchor.is_some() && entry.anchor.as_deref() == anchor;
        let anchored: &[Ratio] = if same { &entry.against_anchor } else { &[] };
        for (ratio, is_level) in anchored
            .iter()
            .map(|ratio| (ratio, true))
            .chain(entry.against_parent.iter().map(|ratio| (ratio, false)))
        {
            let key = (ratio.workload.as_str(), ratio.map.as_str(), ratio.metric);
            let one = series.entry(key).or_insert_with(|| empty(ratio));
            let values = if is_level { &mut one.levels } else { &mut one.steps };
            let (log_ratio, standard_error) = (ratio.log_ratio, ratio.standard_error);
            values.push(Value { entry: at, log_ratio, standard_error });
        }
    }
    series.into_values().collect()
}

fn empty(ratio: &Ratio) -> Series {
    Series {
        workload: ratio.workload.clone(),
        map: ratio.map.clone(),
        metric: ratio.metric,
        levels: Vec::new(),
        steps: Vec::new(),
        changes: Vec::new(),
        drift: None,
    }
}

fn drift(levels: &[Value], thresholds: &Thresholds, level: f64) -> Result<Option<Drift>, DriftError> {
    if levels.is_empty() {
        return Ok(None);
    }
    let point = |value: &Value| Point { ratio: value.log_ratio, standard_error: value.standard_error };
    let points: Vec<Point> = levels.iter().map(point).collect();
    anchor::judge(&points, thresholds, level).map(Some)
}

/// What a history keeps of measured pairs: for each time the Hodges–Lehmann estimate, and its standard error as if
/// the pairs were normal, which heavier tails make too large and not too small. A time with fewer than two pairs has
/// no error, and is left out.
#[must_use]
pub fn ratios(pairs: &[Pair]) -> Vec<Ratio> {
    let mut series: BTreeMap<(&str, &str, TimeMetric), Vec<f64>> = BTreeMap::new();
    for pair in pairs {
        for &(metric, log_ratio) in pair.log_ratios.iter().filter(|(_, log_ratio)| log_ratio.is_finite()) {
            series.entry((&pair.workload, &pair.map, metric)).or_default().push(log_ratio);
        }
    }
    let ratio = |((workload, map, metric), logs): ((&str, &str, TimeMetric), Vec<f64>)| {
        Some(Ratio {
            workload: workload.to_owned(),
            map: map.to_owned(),
            metric,
            log_ratio: hodges_lehmann(&logs)?,
            standard_error: standard_error(&logs)?,
            pairs: u32::try_from(logs.len()).unwrap_or(u32::MAX),
        })
    };
    series.into_iter().filter_map(ratio).collect()
}

/// Of the Hodges–Lehmann estimate of normal numbers: its efficiency against their mean is 3/π.
fn standard_error(logs: &[f64]) -> Option<f64> {
    let n = logs.len() as f64;
    if n < 2.0 {
        return None;
    }
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Some((variance / n * std::f64::consts::PI / 3.0).sqrt())
}

#[cfg(test)]
mod tests;
