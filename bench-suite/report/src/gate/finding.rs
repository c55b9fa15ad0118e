//! One figure of a gate, exact or a time: what is said of it and how it is told.

use formats::gate::{Class, ExactFinding, Gate, Metric, TimeMetric, TimingFinding, Verdict, Waiver};
use formats::point::base_name;

use crate::file_name::file_name;
use crate::number::{self, NONE};

/// The status of a figure: its verdict, and what the policy and the waivers make of it. The gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// It regressed, and that decides the exit code.
    Regressed,
    /// It regressed, and the policy only reports it.
    Advisory,
    /// It regressed, and somebody accepted that for a while.
    Waived,
    /// Nothing is shown.
    Inconclusive,
    /// It improved.
    Improved,
    /// A side does not repeat it, or luck explains how far it moved.
    Told,
    /// It is shown to be no different.
    Unchanged,
}

impl Status {
    /// Every one, the gravest first.
    pub(crate) const ALL: [Self; 7] = [
        Self::Regressed,
        Self::Advisory,
        Self::Waived,
        Self::Inconclusive,
        Self::Improved,
        Self::Told,
        Self::Unchanged,
    ];

    /// The heading of the figures with this status.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Regressed => "Regressed",
            Self::Advisory => "Regressed, advisory",
            Self::Waived => "Regressed, waived",
            Self::Inconclusive => "Inconclusive",
            Self::Improved => "Improved",
            Self::Told => "Told, not judged",
            Self::Unchanged => "Unchanged",
        }
    }
}

/// A figure of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Figure<'g> {
    /// One that is compared exactly.
    Exact(&'g ExactFinding),
    /// One that is compared in pairs.
    Timing(&'g TimingFinding),
}

/// A figure and its status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding<'g> {
    pub(crate) status: Status,
    pub(crate) workload: &'g str,
    pub(crate) map: &'g str,
    pub(crate) figure: Figure<'g>,
}

/// Every figure that the policy looks at, times first, in the order of the document.
pub(crate) fn findings(gate: &Gate) -> Vec<Finding<'_>> {
    let timing = gate.timing.iter().filter(|one| one.class != Class::Off).map(|one| Finding {
        status: status(Some(one.verdict), one.class, one.waiver.as_ref()),
        workload: &one.workload,
        map: &one.map,
        figure: Figure::Timing(one),
    });
    let exact = gate.exact.iter().filter(|one| one.class != Class::Off).map(|one| Finding {
        status: status(one.verdict, one.class, one.waiver.as_ref()),
        workload: &one.workload,
        map: &one.map,
        figure: Figure::Exact(one),
    });
    timing.chain(exact).collect()
}

/// The figures with this status.
pub(crate) fn with_status<'g>(found: &[Finding<'g>], status: Status) -> Vec<Finding<'g>> {
    found.iter().filter(|one| one.status == status).copied().collect()
}

fn status(verdict: Option<Verdict>, class: Class, waiver: Option<&Waiver>) -> Status {
    match verdict {
        None => Status::Told,
        Some(Verdict::Regressed) if class != Class::Gated => Status::Advisory,
        Some(Verdict::Regressed) if waiver.is_some() => Status::Waived,
        Some(Verdict::Regressed) => Status::Regressed,
        Some(Verdict::Improved) => Status::Improved,
        Some(Verdict::Inconclusive) => Status::Inconclusive,
        Some(Verdict::Unchanged) => Status::Unchanged,
    }
}

impl<'g> Finding<'g> {
    /// The figure's name in policies and files.
    pub(crate) fn id(&self) -> String {
        match self.figure {
            Figure::Exact(one) => one.metric.name(),
            Figure::Timing(one) => one.metric.name().to_owned(),
        }
    }

    /// The figure's name in a sentence.
    pub(crate) fn title(&self) -> String {
        match self.figure {
            Figure::Exact(one) => exact_title(one.metric),
            Figure::Timing(one) => time_title(one.metric).to_owned(),
        }
    }

    /// Who accepted its regression, and until when.
    pub(crate) fn waiver(&self) -> Option<&'g Waiver> {
        let waiver = match self.figure {
            Figure::Exact(one) => one.waiver.as_ref(),
            Figure::Timing(one) => one.waiver.as_ref(),
        };
        waiver.filter(|_| self.status == Status::Waived)
    }

    /// How far it moved: `1.083 (1.061 to 1.104)`, `+15.0 %`, `0 → 3`.
    pub(crate) fn change(&self) -> String {
        match self.figure {
            Figure::Timing(one) => match one.interval {
                Some((low, high)) => {
                    format!("{} ({} to {})", ratio(one.ratio), ratio(low), ratio(high))
                }
                None => ratio(one.ratio),
            },
            Figure::Exact(one) => change(one),
        }
    }

    /// What it rests on, in a few words.
    pub(crate) fn evidence(&self) -> String {
        let said = match self.figure {
            Figure::Timing(one) => timing_evidence(one),
            Figure::Exact(one) => exact_evidence(one),
        };
        match self.waiver() {
            Some(waiver) => format!("{said}; waived until {}: {}", waiver.until, waiver.reason),
            None => said,
        }
    }

    /// All of it in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let (map, workload, title) = (self.map, self.workload, self.title());
        format!("{map} on {workload}: {title} {}: {}", self.change(), self.evidence())
    }

    /// How long it was measured, s; exact figures are counted on the side.
    pub(crate) fn seconds(&self) -> f64 {
        match self.figure {
            Figure::Timing(one) => one.seconds,
            Figure::Exact(_) => 0.0,
        }
    }
}

/// The file of a workload in the folder of workloads.
pub(crate) fn workload_file(folder: &str, workload: &str) -> String {
    format!("{folder}/{}.toml", file_name(base_name(workload)))
}

/// A time's name in a sentence.
pub(crate) const fn time_title(metric: TimeMetric) -> &'static str {
    match metric {
        TimeMetric::MedianSlice => "median slice",
        TimeMetric::TotalCpu => "total CPU",
        TimeMetric::Wall => "wall time",
        TimeMetric::P99 => "p99",
        TimeMetric::P999 => "p99.9",
    }
}

/// An exact figure's name in a sentence.
pub(crate) fn exact_title(metric: Metric) -> String {
    match metric {
        Metric::Event(kind) => format!("events \"{}\"", kind.name()),
        plain => plain.name().replace('_', " "),
    }
}

/// Four digits behind the point are below what any of this can see.
pub(crate) fn ratio(ratio: f64) -> String {
    if ratio.is_finite() { format!("{ratio:.3}") } else { NONE.to_owned() }
}

/// The base's and the head's total over all seeds: what is judged.
pub(crate) fn totals(one: &ExactFinding) -> (u64, u64) {
    let total = |side: &[u64]| u64::try_from(verdict::exact::total(side)).unwrap_or(u64::MAX);
    (total(&one.base), total(&one.head))
}

fn change(one: &ExactFinding) -> String {
    let (base, head) = totals(one);
    match one.change {
        None => format!("{} → {}", number::count(base), number::count(head)),
        Some(_) if base == head => "the same".to_owned(),
        // Of a large count a hundredth of a percent is many; the difference says how many.
        Some(change) if change.abs() < 1e-4 => {
            format!("{}{}", if head > base { "+" } else { "−" }, number::count(head.abs_diff(base)))
        }
        Some(change) => format!("{}{}", if change > 0.0 { "+" } else { "−" }, number::percent(change.abs())),
    }
}

fn exact_evidence(one: &ExactFinding) -> String {
    let (base, head) = totals(one);
    let counts = match one.base.len() {
        1 => format!("{} → {}", number::count(base), number::count(head)),
        seeds => format!("{} → {} over {seeds} seeds", number::count(base), number::count(head)),
    };
    let luck = one.luck.map(number::percent);
    if let Some(why) = &one.demoted {
        let bound = luck.map_or_else(String::new, |luck| format!("; luck moves it by up to {luck}"));
        return format!("{counts}; {why}{bound}");
    }
    let compared = match luck {
        Some(luck) => format!("another hash; luck moves it by up to {luck}"),
        None if one.tolerance > 0.0 => format!("tolerance {}", number::percent(one.tolerance)),
        None => "compared exactly".to_owned(),
    };
    // Without a relative difference the change itself is the two counts.
    if one.change.is_some() { format!("{counts}, {compared}") } else { compared }
}

fn timing_evidence(one: &TimingFinding) -> String {
    let chance = match one.verdict {
        Verdict::Improved => one.p_faster,
        _ => one.p_slower,
    };
    let said = match one.verdict {
        Verdict::Regressed | Verdict::Improved => {
            return format!("{} pairs, p {}", one.pairs, p_value(chance));
        }
        Verdict::Unchanged => format!("{} pairs, less than {} apart", one.pairs, number::percent(one.delta)),
        Verdict::Inconclusive => format!("{} pairs do not decide", one.pairs),
    };
    match one.detectable.filter(|share| share.is_finite()) {
        Some(share) => format!("{said}; a slowdown of {} would be found", number::percent(share)),
        None => said,
    }
}

/// A chance with as many digits as it takes to tell it from none.
pub(crate) fn p_value(p: f64) -> String {
    match p {
        _ if !p.is_finite() => NONE.to_owned(),
        small if small > 0.0 && small < 1e-3 => format!("{small:.1e}"),
        _ => format!("{p:.3}"),
    }
}
