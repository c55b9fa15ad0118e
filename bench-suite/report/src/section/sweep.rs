//! Swept workloads: what a map costs as a curve over size, threads or values.

use maud::{Markup, html};

use super::{SessionSection, heights};
use crate::chart::figure::{Table, figure};
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Series, Shape};
use crate::chart::palette::Style;
use crate::chart::scale::{Scale, Unit};
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::spread;
use crate::sweep::{Along, Sweep, sweeps};
use crate::view::View;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "sweeps", title: "Over size and threads", render };

/// What is asked of a sweep: one chart each.
struct Question {
    anchor: &'static str,
    shows: &'static str,
    unit: Unit,
    /// The ends of a figure, the better one first.
    ends: [&'static str; 2],
    figure: fn(&MapResult<'_>) -> Option<f64>,
}

const COST: Question = Question {
    anchor: "cost",
    shows: "Time an operation takes, throughput pass",
    unit: Unit::Nanos,
    ends: ["Least", "most"],
    figure: |result| Some(1e9 / result.figures.ops_per_second?),
};

const SPEED: Question = Question {
    anchor: "speed",
    shows: "Operations a second, all threads together",
    unit: Unit::Count,
    ends: ["Most", "least"],
    figure: |result| result.figures.ops_per_second,
};

const OTHERS: [Question; 2] = [
    Question {
        anchor: "bytes",
        shows: "Bytes held for each live entry",
        unit: Unit::Bytes,
        ends: ["Least", "most"],
        figure: |result| result.figures.bytes_per_entry,
    },
    Question {
        anchor: "p999",
        shows: "p99.9 of all operations",
        unit: Unit::Nanos,
        ends: ["Least", "most"],
        figure: |result| Some(result.figures.percentiles?[2]? as f64),
    },
];

fn render(view: &View<'_>) -> Markup {
    let sweeps: Vec<Sweep<'_, '_>> = sweeps(view).into_iter().filter(|one| one.points.len() > 1).collect();
    if sweeps.is_empty() {
        return html! {};
    }
    html! {
        p .lead { "Each point is a tape of its own, with a chapter of its own below. Both axes are logarithmic; initial fills are excluded." }
        @for (index, sweep) in sweeps.iter().enumerate() {
            @let id = format!("sweep{}", index + 1);
            h3 id=(id) { a href=(format!("#{id}")) { (sweep.title()) } }
            @let first = if sweep.along == Along::Threads { &SPEED } else { &COST };
            (chart(view, sweep, &id, first, 1140.0))
            div .pair { @for question in &OTHERS { (chart(view, sweep, &id, question, 566.0)) } }
        }
    }
}

fn chart(view: &View<'_>, sweep: &Sweep<'_, '_>, id: &str, question: &Question, width: f64) -> Markup {
    let lines = lines(view, sweep, question);
    if lines.is_empty() {
        return html! {};
    }
    let id = format!("{id}-{}", question.anchor);
    let finding = finding(view, sweep, question);
    let (x, y) = (Scale::log(sweep.places()), Scale::log(heights(&lines)));
    let x_unit = if sweep.along == Along::Values { Unit::Bytes } else { Unit::Count };
    let data = table(sweep, question, &lines);
    let chart = Lines {
        id: &id,
        title: &format!("{} of {} over {}", question.shows, sweep.title(), sweep.along.label()),
        description: "One line for each map, one corner for each point.",
        width,
        x: Axis { label: sweep.along.label(), unit: x_unit, scale: x },
        y: Axis { label: "", unit: question.unit, scale: y },
        bands: &[],
        limits: Vec::new(),
        shape: Shape::Straight,
        series: lines,
    };
    figure(&id, question.shows, &finding, &chart.draw(), &data)
}

/// A line for each map that has the figure anywhere; in colour those that stand out at some point, most often first.
fn lines<'a>(view: &View<'a>, sweep: &Sweep<'_, 'a>, question: &Question) -> Vec<Series<'a>> {
    let often = |place: usize| sweep.points.iter().filter(|one| one.highlighted.contains(&place)).count();
    let mut order: Vec<usize> = (0..view.maps.len()).filter(|place| often(*place) > 0).collect();
    order.sort_by_key(|place| (std::cmp::Reverse(often(*place)), *place));
    order.truncate(crate::view::MAX_HIGHLIGHTED);
    let reference = sweep.points.last().map_or("", |point| point.reference);
    let line = |(place, map): (usize, &&'a str)| Series {
        name: map,
        style: Style::of(place, map, reference),
        highlighted: order.contains(&place),
        points: sweep.curve(map, question.figure),
    };
    view.maps.iter().enumerate().map(line).filter(|series| !series.points.is_empty()).collect()
}

fn table(sweep: &Sweep<'_, '_>, question: &Question, lines: &[Series<'_>]) -> Table {
    let mut table = Table::new(std::iter::once("map".to_owned()).chain(sweep.texts()));
    for line in lines {
        let cell = |place: f64| {
            let at = line.points.iter().find(|(x, _)| x.total_cmp(&place).is_eq());
            at.map_or_else(|| NONE.to_owned(), |(_, figure)| question.unit.text(*figure))
        };
        table.row(std::iter::once(line.name.to_owned()).chain(sweep.places().map(cell)));
    }
    table
}

/// Who is best at either end, and how far each map moves between them.
fn finding(view: &View<'_>, sweep: &Sweep<'_, '_>, question: &Question) -> String {
    let texts: Vec<String> = sweep.texts().collect();
    let best = |at: usize| {
        let figures = sweep.points[at].candidates();
        let figures: Vec<_> = figures.filter_map(|one| Some((one.map, (question.figure)(one)?))).collect();
        let better = |a: &(&str, f64), b: &(&str, f64)| a.1.total_cmp(&b.1);
        let is_most = question.ends[0] == "Most";
        let best =
            if is_most { figures.into_iter().max_by(better) } else { figures.into_iter().min_by(better) };
        best.map(|(map, figure)| format!("{map} with {} ({})", texts[at], question.unit.text(figure)))
    };
    let last = sweep.points.len() - 1;
    let ends: Vec<String> = [best(0), best(last)].into_iter().flatten().collect();
    let candidate = |map: &str| view.info(map).is_none_or(formats::subject::MapInfo::is_candidate);
    let moved = view.maps.iter().filter(|map| candidate(map)).filter_map(|map| {
        let curve = sweep.curve(map, question.figure);
        let whole = curve.len() == sweep.points.len();
        let ((_, first), (_, last)) = (curve.first()?, curve.last()?);
        (whole && *first > 0.0).then(|| (*map, last / first))
    });
    let moved = spread(moved, number::factor, ["least", "most"])
        .map_or_else(String::new, |spread| format!(" From the first point to the last: {spread}."));
    format!("{}: {}.{moved}", question.ends[0], ends.join(", "))
}
