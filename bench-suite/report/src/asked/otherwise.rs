//! The same load otherwise: along a sweep, and in maps that are made in another way.

use formats::observation::Collector;

use super::{NAMED, Said};
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{listed, plural, spread};
use crate::ratio::Ratio;
use crate::sweep::{Along, sweeps};
use crate::view::{View, WorkloadResults};

/// How the cost (over threads: the throughput) at the last point compares with that at the first.
pub(super) fn sweep(view: &View<'_>, workload: &WorkloadResults<'_>) -> Said {
    let all = sweeps(view);
    let here = all.iter().find(|sweep| sweep.points.iter().any(|point| point.name == workload.name));
    let Some(sweep) = here.filter(|sweep| sweep.points.len() > 1) else {
        return Ok("Along the sweep: the session has one point of it.".to_owned());
    };
    let [first, last] = [sweep.points[0], sweep.points[sweep.points.len() - 1]];
    let speeds = |point: &WorkloadResults<'_>, map: &str| -> Vec<f64> {
        let result = point.results.iter().find(|result| result.map == map);
        result.map_or_else(Vec::new, |result| result.figures.speeds.values().copied().collect())
    };
    let by_threads = sweep.along == Along::Threads;
    let ratios: Vec<(&str, Ratio)> = first
        .candidates()
        .filter_map(|result| {
            let [before, after] = [speeds(first, result.map), speeds(last, result.map)];
            let ratio =
                if by_threads { Ratio::unpaired(after, before) } else { Ratio::unpaired(before, after) };
            Some((result.map, ratio?))
        })
        .collect();
    let ends: Vec<String> = sweep.texts().collect();
    let (from, to) = (&ends[0], &ends[ends.len() - 1]);
    let estimates = ratios.iter().map(|(map, ratio)| (*map, ratio.estimate));
    let spread = spread(estimates, number::factor, ["least", "most"]).ok_or(Collector::Throughput)?;
    let unsure = ratios.iter().filter(|(_, ratio)| !ratio.differs()).count();
    let unsure = if unsure > 0 {
        format!("; in {} the rounds show no change", plural(unsure, "map"))
    } else {
        String::new()
    };
    let what = if by_threads { "the throughput becomes" } else { "the time of an operation becomes" };
    Ok(format!(
        "From {from} to {to} {what}: {spread}{unsure}. All pairs of rounds of the two points, which were not played in turns."
    ))
}

/// What the maps that are made otherwise gain or lose on the ones that they are made of.
pub(super) fn variants(view: &View<'_>, workload: &WorkloadResults<'_>) -> Said {
    if workload.candidates().all(|result| result.figures.speeds.is_empty()) {
        return Err(Collector::Throughput);
    }
    let ratio = |result: &MapResult<'_>| {
        let base = view.info(result.map)?.variant_of.as_deref()?;
        let base = workload.results.iter().find(|other| other.map == base)?;
        Ratio::paired(&result.figures.speeds, &base.figures.speeds)
    };
    let mut ratios: Vec<(&str, Ratio)> =
        workload.candidates().filter_map(|result| Some((result.map, ratio(result)?))).collect();
    if ratios.is_empty() {
        return Ok("Made otherwise: no map played beside one that it is made of.".to_owned());
    }
    ratios.sort_by(|a, b| b.1.estimate.total_cmp(&a.1.estimate));
    let told = |faster: bool| -> Vec<String> {
        let shown = ratios.iter().filter(|(_, one)| one.differs() && (one.estimate > 1.0) == faster);
        let mut shown: Vec<String> =
            shown.map(|(map, one)| format!("{map} ({})", number::factor(one.estimate))).collect();
        if !faster {
            shown.reverse();
        }
        shown
    };
    let mut said = Vec::new();
    for (what, maps) in [("faster", told(true)), ("slower", told(false))] {
        let maps: Vec<&str> = maps.iter().map(String::as_str).collect();
        if !maps.is_empty() {
            said.push(format!("{what} {}", listed(&maps, NAMED)));
        }
    }
    let same = ratios.iter().filter(|(_, one)| !one.differs()).count();
    if same > 0 {
        said.push(format!("of {same} the rounds show no difference"));
    }
    Ok(format!("Against the map that each is made of: {}. Throughput, paired rounds.", said.join("; ")))
}
