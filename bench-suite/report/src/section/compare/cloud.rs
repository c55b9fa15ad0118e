//! Speed against memory: a point for each map, and the maps that no other one beats in both.

use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::chart::frame::Axis;
use crate::chart::palette::Style;
use crate::chart::scale::{Scale, Unit};
use crate::chart::scatter::{Cloud, Spot};
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{listed, plural};
use crate::ratio::{Ratio, interval};
use crate::view::WorkloadResults;

/// A map with both figures.
struct Point<'v, 'a> {
    result: &'v MapResult<'a>,
    /// Operations a second.
    speed: f64,
    /// Bytes held at the peak over the most entries that live.
    bytes: f64,
}

/// The chart; empty where fewer than two maps have both figures.
pub(crate) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let points = points(workload);
    if points.len() < 2 {
        return html! {};
    }
    let front = front(&points);
    let on_front = |point: &Point<'_, '_>| front.iter().any(|one| one.result.map == point.result.map);
    let speeds =
        || points.iter().flat_map(|point| ends(point).map_or([point.speed; 2], |(low, high)| [low, high]));
    let own = workload.entry_bytes();
    let bytes = || points.iter().map(|point| point.bytes);
    let id = format!("{}-cloud", workload.anchor);
    let chart = Cloud {
        id: &id,
        title: &format!("Speed against memory in {}", workload.name),
        description: "For each map, operations a second with their interval from left to right, bytes an entry at the peak from \
                      below; a line joins the maps that no other one beats in both.",
        width: 566.0,
        height: 290.0,
        x: Axis { label: "operations a second →", unit: Unit::Rate, scale: Scale::log(speeds()).widened() },
        y: Axis {
            label: "bytes an entry, at the peak",
            unit: Unit::Bytes,
            scale: Scale::log(bytes().chain(own)).widened(),
        },
        spots: points.iter().map(|point| spot(workload, point, on_front(point))).collect(),
        front: front.iter().map(|point| (point.speed, point.bytes)).collect(),
        limit: own.map(|own| (own, format!("key and value: {}", number::bytes(own)))),
    };
    html! {
        figure id=(id) {
            figcaption {
                h3 { a href=(format!("#{id}")) { "Speed against memory" } }
                p .finding { (finding(workload, &points, &front)) }
            }
            (chart.draw())
            details .data { summary { "Data" } (table(&points, &on_front).markup()) }
        }
    }
}

fn spot<'a>(workload: &WorkloadResults<'_>, point: &Point<'_, 'a>, is_on_front: bool) -> Spot<'a> {
    let result = point.result;
    Spot {
        name: result.map,
        style: Style::of(result.place, result.map, workload.reference),
        highlighted: is_on_front || workload.highlighted.contains(&result.place),
        is_square: !result.has_keys,
        x: point.speed,
        whisker: ends(point),
        y: point.bytes,
        text: text(point),
    }
}

fn points<'v, 'a>(workload: &'v WorkloadResults<'a>) -> Vec<Point<'v, 'a>> {
    let most = workload.tape.and_then(|tape| tape.header.most_live()).filter(|most| *most > 0);
    let point = |result: &'v MapResult<'a>| {
        let speed = result.figures.ops_per_second.filter(|_| !result.figures.speeds.is_empty())?;
        let bytes = result.figures.moments?.peak as f64 / most? as f64;
        (bytes > 0.0).then_some(Point { result, speed, bytes })
    };
    workload.candidates().filter_map(point).collect()
}

/// The interval for the throughput, from the rounds of the map alone.
fn ends(point: &Point<'_, '_>) -> Option<(f64, f64)> {
    let interval = interval(point.result.figures.speeds.values().copied())?;
    Some((interval.low, interval.high))
}

fn text(point: &Point<'_, '_>) -> String {
    let speed = ends(point).map_or_else(String::new, |(low, high)| {
        format!(" ({} to {})", number::approx(low), number::approx(high))
    });
    format!(
        "{} operations a second{speed}, {} an entry",
        number::approx(point.speed),
        number::bytes(point.bytes)
    )
}

/// The maps that are asked for keys and that no other such map beats in both, the slowest first. One beats another if it
/// holds no more and is shown faster, or holds less and is not shown slower; where there are too few rounds to show
/// anything, the medians decide.
fn front<'p, 'v, 'a>(points: &'p [Point<'v, 'a>]) -> Vec<&'p Point<'v, 'a>> {
    let has_keyed = points.iter().any(|point| point.result.has_keys);
    let keyed: Vec<&Point<'_, '_>> =
        points.iter().filter(|point| point.result.has_keys == has_keyed).collect();
    let beats = |one: &Point<'_, '_>, other: &Point<'_, '_>| {
        let ratio = Ratio::paired(&one.result.figures.speeds, &other.result.figures.speeds);
        let (faster, slower) = match ratio {
            Some(ratio) if ratio.interval.is_some() => {
                (ratio.differs() && ratio.estimate > 1.0, ratio.differs() && ratio.estimate < 1.0)
            }
            _ => (one.speed > other.speed, one.speed < other.speed),
        };
        (one.bytes <= other.bytes && faster) || (one.bytes < other.bytes && !slower)
    };
    let mut front: Vec<&Point<'_, '_>> =
        keyed.iter().copied().filter(|point| !keyed.iter().any(|other| beats(other, point))).collect();
    front.sort_by(|a, b| a.speed.total_cmp(&b.speed));
    front
}

fn finding(workload: &WorkloadResults<'_>, points: &[Point<'_, '_>], front: &[&Point<'_, '_>]) -> String {
    let names: Vec<&str> = front.iter().map(|point| point.result.map).collect();
    let told = match names.as_slice() {
        [] => "Each map is beaten by another one.".to_owned(),
        [only] => format!("{only} alone is beaten by no other map in both."),
        names => format!(
            "Not beaten in both by any other map, the slowest and smallest first: {}.",
            listed(names, 8)
        ),
    };
    let managers = points.iter().filter(|point| !point.result.has_keys).count();
    let squares = if managers > 0 && managers < points.len() {
        format!(" Squares: {}, which are not asked for keys, and apart.", plural(managers, "slot manager"))
    } else {
        String::new()
    };
    let claims = points.iter().any(|point| ends(point).is_some());
    let lines = if claims {
        " Lines: the interval for the throughput."
    } else {
        " Too few rounds for intervals: the medians decide."
    };
    let counted = if workload.threads() > 1 { "" } else { " Bytes are counted." };
    format!("{told}{squares}{lines}{counted}")
}

fn table(points: &[Point<'_, '_>], on_front: &dyn Fn(&Point<'_, '_>) -> bool) -> Table {
    let mut table = Table::new([
        "map",
        "operations a second",
        "interval",
        "bytes an entry, at the peak",
        "beaten in both",
    ]);
    for point in points {
        let interval = ends(point).map_or_else(
            || number::NONE.to_owned(),
            |(low, high)| format!("{} to {}", number::approx(low), number::approx(high)),
        );
        let beaten = match (point.result.has_keys, on_front(point)) {
            (_, true) => "no",
            (true, false) => "yes",
            (false, false) => number::NONE,
        };
        table.row([
            point.result.map.to_owned(),
            number::approx(point.speed),
            interval,
            number::bytes(point.bytes),
            beaten.to_owned(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use formats::observation::Reading;
    use proptest::prelude::*;

    use super::*;
    use crate::sample;
    use crate::view::View;

    const MAPS: [&str; 3] = ["hashbrown", "std", "btree"];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn no_map_on_the_front_is_slower_in_every_round_and_larger(
            speeds in prop::array::uniform3(prop::array::uniform5(50.0..150.0_f64)),
            peaks in prop::array::uniform3(1_u64..100),
        ) {
            let mut session = sample::sized(&MAPS, &["fifo"], 5, 2);
            let given: Vec<(&str, [f64; 5])> = MAPS.into_iter().zip(speeds).collect();
            sample::set_speeds(&mut session, &given);
            sample::each_reading(&mut session, |pass, reading| {
                let Reading::Allocations(seen) = reading else { return };
                let at = MAPS.iter().position(|map| *map == pass.map);
                seen.peak_bytes = at.map_or(1, |at| peaks[at]) << 20;
            });
            let view = View::new(&session);
            let points = points(&view.workloads[0]);
            prop_assert_eq!(points.len(), 3);
            let front = front(&points);
            let index = |point: &Point<'_, '_>| MAPS.iter().position(|map| *map == point.result.map).unwrap();
            for one in &front {
                for other in &points {
                    let (a, b) = (index(one), index(other));
                    let slower = speeds[a].iter().zip(speeds[b]).all(|(one, other)| *one < other);
                    prop_assert!(!(slower && peaks[b] <= peaks[a]), "{} is beaten by {}", MAPS[a], MAPS[b]);
                }
            }
            let least = peaks.iter().min().unwrap();
            let smallest: Vec<usize> = (0..3).filter(|at| peaks[*at] == *least).collect();
            if let [only] = smallest.as_slice() {
                prop_assert!(front.iter().any(|point| index(point) == *only), "nobody holds less than {}", MAPS[*only]);
            }
        }
    }

    #[test]
    fn one_map_is_no_cloud() {
        let session = sample::sized(&["hashbrown", "null"], &["fifo"], 5, 2);
        assert_eq!(figure(&View::new(&session).workloads[0]).into_string(), "");
    }
}
