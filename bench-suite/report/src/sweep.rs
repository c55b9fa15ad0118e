//! The points of a swept workload, put in order along what is swept.

use formats::point::{Point, base_name, values_name};
use formats::workload::Values;

use crate::csv_file::csv_file;
use crate::number;
use crate::prose::plural;
use crate::view::{View, WorkloadResults};

/// What a workload is swept along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    /// Entries that live.
    Live,
    /// Threads that play.
    Threads,
    /// What the values are made of.
    Values,
}

impl Along {
    const ALL: [Self; 3] = [Self::Live, Self::Threads, Self::Values];

    /// What stands on the axis of a chart.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Live => "live entries",
            Self::Threads => "threads",
            Self::Values => "bytes of a value",
        }
    }

    /// Where a point stands.
    pub(crate) fn place(self, point: &Point) -> Option<f64> {
        match self {
            Self::Live => point.live.map(|live| live as f64),
            Self::Threads => point.threads.map(|threads| f64::from(threads.get())),
            Self::Values => point.values.and_then(Values::mean_bytes).map(|bytes| bytes as f64),
        }
    }

    /// The same for people.
    pub(crate) fn text(self, point: &Point) -> Option<String> {
        match self {
            Self::Live => point.live.map(|live| format!("{} live", number::count(live))),
            Self::Threads => point.threads.map(|threads| plural(usize::from(threads.get()), "thread")),
            Self::Values => point.values.map(|values| match values {
                Values::U64 => "values of 8 B".to_owned(),
                Values::Bytes(size) => format!("values of {size} B"),
                Values::Boxed(sizes) => format!("values of {} in a box", number::sizes(sizes)),
            }),
        }
    }
}

/// A point for people: `1,000 live, 2 threads`.
pub(crate) fn text(point: &Point) -> String {
    let parts: Vec<String> = Along::ALL.into_iter().filter_map(|along| along.text(point)).collect();
    parts.join(", ")
}

/// The points of a workload that differ in one thing only.
pub(crate) struct Sweep<'v, 'a> {
    /// The workload.
    pub(crate) workload: &'a str,
    /// In what they differ.
    pub(crate) along: Along,
    /// What else is swept, and stands still here; empty where nothing is.
    pub(crate) still: String,
    /// The points, in order.
    pub(crate) points: Vec<&'v WorkloadResults<'a>>,
}

/// The sweeps of a session; a point that is alone is none.
pub(crate) fn sweeps<'v, 'a>(view: &'v View<'a>) -> Vec<Sweep<'v, 'a>> {
    let mut sweeps: Vec<Sweep<'v, 'a>> = Vec::new();
    for along in Along::ALL {
        let of_along = sweeps.len();
        for point in &view.workloads {
            let Some(at) = point.point().filter(|at| along.place(at).is_some()) else { continue };
            // Further lists are drawn as charts of their own, along the first of them only.
            let first = Along::ALL.into_iter().find(|along| is_swept(view, point.name, *along));
            if first != Some(along) {
                continue;
            }
            let others = Along::ALL.into_iter().filter(|other| *other != along);
            let still: Vec<String> = others.filter_map(|other| other.text(at)).collect();
            let (workload, still) = (base_name(point.name), still.join(", "));
            match sweeps[of_along..].iter_mut().find(|one| one.workload == workload && one.still == still) {
                Some(sweep) => sweep.points.push(point),
                None => sweeps.push(Sweep { workload, along, still, points: vec![point] }),
            }
        }
    }
    for sweep in &mut sweeps {
        let along = sweep.along;
        sweep.points.sort_by(|a, b| place(a, along).total_cmp(&place(b, along)));
    }
    sweeps
}

/// Whether the points of the workload of this name differ in this.
fn is_swept(view: &View<'_>, name: &str, along: Along) -> bool {
    let of_workload = view.workloads.iter().filter(|one| base_name(one.name) == base_name(name));
    let mut texts = of_workload.filter_map(|one| along.text(one.point()?));
    texts.next().is_some_and(|first| texts.any(|other| other != first))
}

fn place(point: &WorkloadResults<'_>, along: Along) -> f64 {
    point.point().and_then(|at| along.place(at)).unwrap_or_default()
}

impl<'a> Sweep<'_, 'a> {
    /// Where its points stand.
    pub(crate) fn places(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| place(point, self.along))
    }

    /// Its points for people.
    pub(crate) fn texts(&self) -> impl Iterator<Item = String> {
        self.points.iter().map(|point| point.point().and_then(|at| self.along.text(at)).unwrap_or_default())
    }

    /// The workload and what stands still.
    pub(crate) fn title(&self) -> String {
        if self.still.is_empty() {
            self.workload.to_owned()
        } else {
            format!("{}, {}", self.workload, self.still)
        }
    }

    /// A figure of one map at each point that has it.
    pub(crate) fn curve(
        &self,
        map: &str,
        figure: impl Fn(&crate::map_result::MapResult<'a>) -> Option<f64>,
    ) -> Vec<(f64, f64)> {
        let at = |point: &&WorkloadResults<'a>| {
            let result = point.results.iter().find(|result| result.map == map)?;
            Some((place(point, self.along), figure(result)?))
        };
        self.points.iter().filter_map(at).collect()
    }
}

/// Every figure that is drawn of points, a line for each point and map; `None` where nothing is swept.
pub(crate) fn csv(view: &View<'_>) -> Option<Vec<u8>> {
    let told = |figure: Option<f64>| figure.map_or_else(String::new, |figure| figure.to_string());
    let mut rows = Vec::new();
    for workload in &view.workloads {
        let Some(point) = workload.point() else { continue };
        for result in &workload.results {
            let figures = &result.figures;
            rows.push([
                base_name(workload.name).to_owned(),
                told(Along::Live.place(point)),
                told(Along::Threads.place(point)),
                point.values.map_or_else(String::new, values_name),
                result.map.to_owned(),
                told(figures.ops_per_second.map(|speed| 1e9 / speed)),
                told(figures.ops_per_second),
                told(figures.bytes_per_entry),
                told(figures.percentiles.and_then(|quoted| quoted[2]).map(|ns| ns as f64)),
            ]);
        }
    }
    let head = [
        "workload",
        "live",
        "threads",
        "values",
        "map",
        "ns_per_op",
        "ops_per_second",
        "bytes_per_entry",
        "p999_ns",
    ];
    (!rows.is_empty()).then(|| csv_file(head, rows))
}
