//! The figures of a session as Prometheus reads them, for a file that its node exporter collects.
//!
//! Names follow <https://prometheus.io/docs/practices/naming>: seconds and bytes, `_total` for what only grows, `_ratio`
//! for shares. Of each map under each load stand the figures of its newest passes.

use std::collections::{BTreeMap, BTreeSet};

use formats::figure::Figure;
use formats::run::{Outcome, Run};
use formats::session::{Manifest, Session};
use formats::shown::shown;
use formats::tape::Header;
use prometheus::{CounterVec, GaugeVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::map_result::MapResult;
use crate::measured;

/// Where a figure stands.
struct Place {
    family: &'static str,
    help: &'static str,
    /// What tells the members of a family apart, beside workload and map.
    member: Option<(&'static str, &'static str)>,
    /// So much of the figure's unit is one of the family's.
    units: f64,
}

const fn place(family: &'static str, help: &'static str) -> Place {
    Place { family, help, member: None, units: 1.0 }
}

const fn percentile(name: &'static str) -> Place {
    let help = "Service time of the operations, all kinds together, by percentile.";
    let member = Some(("percentile", name));
    Place { family: "churnmark_operation_duration_seconds", help, member, units: 1e9 }
}

const fn bytes(moment: &'static str) -> Place {
    let help = "Bytes that the map holds at a moment: at its peak, at the end of the tape, drained of all entries, dropped.";
    Place { family: "churnmark_held_bytes", help, member: Some(("moment", moment)), units: 1.0 }
}

/// `None` for what another figure says already.
const fn place_of(figure: Figure) -> Option<Place> {
    Some(match figure {
        Figure::NsPerOp => return None,
        Figure::Throughput => place("churnmark_operations_per_second", "Operations a second."),
        Figure::P50 => percentile("50"),
        Figure::P99 => percentile("99"),
        Figure::P999 => percentile("99.9"),
        Figure::Max => percentile("100"),
        Figure::LateOverEarly => place(
            "churnmark_late_over_early_ratio",
            "Time for each operation in the last quarter of the longest phase, over that in its first quarter.",
        ),
        Figure::Peak => bytes("peak"),
        Figure::End => bytes("end"),
        Figure::Drained => bytes("drained"),
        Figure::Dropped => bytes("dropped"),
        Figure::PeakOverFresh => place(
            "churnmark_peak_over_fresh_ratio",
            "Most bytes held after the filling that the tape begins with, over those held when it ended.",
        ),
        Figure::BytesPerEntry => {
            place("churnmark_bytes_per_entry", "Bytes held over entries alive, both summed over the tape.")
        }
        Figure::AllocationsPerOp => {
            place("churnmark_allocations_per_operation", "Blocks allocated for each operation.")
        }
        Figure::HashesPerOp => place(
            "churnmark_hashes_per_operation",
            "Times that a key was hashed, for each operation that names one.",
        ),
        Figure::ComparisonsPerOp => place(
            "churnmark_comparisons_per_operation",
            "Times that two keys were compared, for each operation that names one.",
        ),
        Figure::InstructionsPerOp => place(
            "churnmark_instructions_per_operation",
            "Instructions of the map for each operation, the loop around it left out.",
        ),
        Figure::Hits => place(
            "churnmark_hits_ratio",
            "Share of the gets and fetches that found their entry in a bounded cache.",
        ),
        Figure::Reused => place(
            "churnmark_reused_slots_ratio",
            "Share of the inserts that landed in a slot where an entry had lived.",
        ),
        Figure::Dead => {
            place("churnmark_dead_slots_ratio", "Largest share of the table that dead slots took.")
        }
    })
}

/// What is known of a session, one pass after the other.
pub struct Metrics<'a> {
    manifest: &'a Manifest,
    registry: Registry,
    passes: IntCounterVec,
    seconds: CounterVec,
    operations: IntCounterVec,
    figures: BTreeMap<&'static str, GaugeVec>,
    /// What was measured by the first of the collectors that can: another one does not put its figure in that place.
    settled: BTreeSet<(String, String, &'static str)>,
}

/// Whose names are labels of every figure.
const OF: [&str; 2] = ["workload", "map"];

impl<'a> Metrics<'a> {
    /// Of a session of which no pass is known yet.
    ///
    /// # Panics
    /// Never: the names are valid, and each is there once.
    #[must_use]
    pub fn of(manifest: &'a Manifest) -> Self {
        let registry = Registry::new();
        let valid = "names are valid and different";
        let register = |family: Box<dyn prometheus::core::Collector>| registry.register(family).expect(valid);
        let opts = |name: &str, help: &str| Opts::new(name, help);
        let about =
            opts("churnmark_session_info", "The session: its folder, suite, revision and reference map.");
        let about = IntGaugeVec::new(about, &["session", "suite", "revision", "reference"]).expect(valid);
        let names = [&manifest.id, &manifest.suite, &manifest.revision, &manifest.reference];
        about.with_label_values(&names.map(|name| shown(name))).set(1);
        register(Box::new(about));
        let planned =
            IntGaugeVec::new(opts("churnmark_planned_passes", "Passes of the session's plan."), &OF)
                .expect(valid);
        for pass in &manifest.passes {
            planned.with_label_values(&[shown(&pass.workload), shown(&pass.map)]).inc();
        }
        register(Box::new(planned));
        let passes = opts(
            "churnmark_passes_total",
            "Passes that ended, by how: measured, failed, or unavailable to the map.",
        );
        let passes = IntCounterVec::new(passes, &["workload", "map", "outcome"]).expect(valid);
        register(Box::new(passes.clone()));
        let seconds = opts("churnmark_pass_seconds_total", "Time that the passes took.");
        let seconds = CounterVec::new(seconds, &OF).expect(valid);
        register(Box::new(seconds.clone()));
        let operations =
            opts("churnmark_operations_total", "Operations of the tapes that were played and measured.");
        let operations = IntCounterVec::new(operations, &OF).expect(valid);
        register(Box::new(operations.clone()));
        let mut figures: BTreeMap<&'static str, GaugeVec> = BTreeMap::new();
        for place in Figure::ALL.into_iter().filter_map(place_of) {
            figures.entry(place.family).or_insert_with(|| {
                let labels: Vec<&str> = OF.into_iter().chain(place.member.map(|(label, _)| label)).collect();
                let family = GaugeVec::new(opts(place.family, place.help), &labels).expect(valid);
                register(Box::new(family.clone()));
                family
            });
        }
        Self { manifest, registry, passes, seconds, operations, figures, settled: BTreeSet::new() }
    }

    /// Adds a pass that ended.
    pub fn add(&mut self, run: &Run) {
        let outcome = match (&run.outcome, run.unavailable()) {
            (Outcome::Measured(_), _) => "measured",
            (_, Some(_)) => "unavailable",
            _ => "failed",
        };
        let (workload, map) = (shown(&run.pass.workload), shown(&run.pass.map));
        let of = [workload.as_str(), map.as_str()];
        self.passes.with_label_values(&[of[0], of[1], outcome]).inc();
        self.seconds.with_label_values(&of).inc_by(run.seconds.max(0.0));
        if run.observation().is_none() {
            return;
        }
        let tape = self.manifest.tapes.get(&run.pass.workload).map(|tape| &tape.header);
        self.operations.with_label_values(&of).inc_by(tape.map_or(0, Header::ops));
        let mut known = self.manifest.programs.iter().flat_map(|program| &program.maps);
        let info = known.find(|info| info.name == run.pass.map);
        let result = MapResult::new(&run.pass.map, 0, info, tape, &[run]);
        for figure in Figure::ALL {
            let Some(place) = place_of(figure) else { continue };
            let Some(amount) = measured::by_round(figure, &result).into_values().next() else { continue };
            let key = (workload.clone(), map.clone(), figure.name());
            if figure.collectors().first() == Some(&run.pass.collector) {
                self.settled.insert(key);
            } else if self.settled.contains(&key) {
                continue;
            }
            let labels: Vec<&str> = of.into_iter().chain(place.member.map(|(_, name)| name)).collect();
            self.figures[place.family].with_label_values(&labels).set(amount / place.units);
        }
    }

    /// All of it, in Prometheus' text format.
    ///
    /// # Panics
    /// Never: the families are valid.
    #[must_use]
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("families are valid")
    }
}

/// The same of a session that was measured.
pub(crate) fn text(session: &Session) -> String {
    let mut metrics = Metrics::of(&session.manifest);
    session.runs.iter().for_each(|run| metrics.add(run));
    metrics.text()
}

#[cfg(test)]
mod tests {
    use formats::observation::Collector;

    use super::*;

    /// The figure of a line, if it is there once.
    fn figure(text: &str, line: &str) -> Option<f64> {
        let mut found = text.lines().filter_map(|one| one.strip_prefix(line)?.trim().parse().ok());
        found.next().filter(|_| found.next().is_none())
    }

    #[test]
    fn every_family_has_help_and_type_and_the_figures_of_the_report() {
        let session = crate::sample::session();
        let text = text(&session);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            for about in ["HELP", "TYPE"] {
                assert_eq!(text.matches(&format!("# {about} {name} ")).count(), 1, "{line}");
            }
        }
        let view = crate::view::View::new(&session);
        let std = view.workloads[0].results.iter().find(|result| result.map == "std").unwrap();
        let of = "map=\"std\"";
        let on = "workload=\"fifo-window\"";
        let newest = *std.figures.speeds.values().last().unwrap();
        assert_eq!(figure(&text, &format!("churnmark_operations_per_second{{{of},{on}}}")), Some(newest));
        let peak = std.figures.moments.unwrap().peak as f64;
        assert_eq!(figure(&text, &format!("churnmark_held_bytes{{{of},moment=\"peak\",{on}}}")), Some(peak));
        let tail = *std.figures.percentiles_by_round.values().last().unwrap();
        let line = format!("churnmark_operation_duration_seconds{{{of},percentile=\"99.9\",{on}}}");
        assert_eq!(figure(&text, &line), Some(tail[2].unwrap() as f64 / 1e9));
        let passes = session.runs.iter().filter(|run| run.pass.map == "std").count() as f64;
        let line = format!("churnmark_passes_total{{{of},outcome=\"measured\",{on}}}");
        assert_eq!(figure(&text, &line), Some(passes));
        assert_eq!(
            figure(
                &text,
                "churnmark_passes_total{map=\"crashing\",outcome=\"failed\",workload=\"fifo-window\"}"
            ),
            Some(1.0)
        );
    }

    #[test]
    fn bytes_that_were_counted_are_not_replaced_by_bytes_that_were_sampled() {
        let mut session = crate::sample::session();
        let counted = text(&session);
        let place = |run: &Run| run.pass.collector != Collector::Allocations;
        session.runs.sort_by_key(|run| !place(run));
        let last = text(&session);
        session.runs.sort_by_key(place);
        let first = text(&session);
        let held = |text: &str| {
            text.lines()
                .filter(|line| line.starts_with("churnmark_held"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!((held(&first), held(&last)), (held(&counted), held(&counted)));
    }

    #[test]
    fn a_hostile_name_stays_within_its_label() {
        let name = "a\"}\n# TYPE x \u{1b}[31m\\";
        let session = crate::sample::sized(&["hashbrown", name], &["w"], 1, 2);
        let text = text(&session);
        assert!(text.contains(r#"map="a\"}\\n# TYPE x \\u{1b}[31m\\""#), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
