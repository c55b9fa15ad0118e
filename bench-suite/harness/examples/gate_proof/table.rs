//! The table of the proof.

use std::fmt;

use formats::gate::{Gate, Metric, TimeMetric, Verdict};

use crate::gate::{Judged, mean, standard_error};

/// One case and what was called of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Whose verdicts.
    pub(crate) judge: String,
    /// What was compared.
    pub(crate) case: String,
    /// What the difference truly is, as far as it is known.
    pub(crate) truth: String,
    /// Verdicts: regressed, improved, unchanged, inconclusive.
    pub(crate) counts: [usize; 4],
    /// Mean seconds a verdict.
    pub(crate) seconds: f64,
    /// What must be.
    pub(crate) target: String,
    /// Whether it is; `None` for what is reported only.
    pub(crate) met: Option<bool>,
}

/// What a case must come to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// Nothing differs: at most so many false verdicts.
    Same(u32),
    /// The head is slower: at least this share is called regressed.
    Slower(f64),
}

const VERDICTS: [Verdict; 4] =
    [Verdict::Regressed, Verdict::Improved, Verdict::Unchanged, Verdict::Inconclusive];
/// Most seconds that a verdict may take on average.
const SECONDS: f64 = 4.0;

impl Row {
    /// A row of peers.
    pub(crate) fn of_peer(
        judge: &str,
        case: &str,
        truth: String,
        verdicts: &[Verdict],
        seconds: f64,
    ) -> Self {
        let (judge, case, target) = (judge.into(), case.into(), "reported only".into());
        Self { judge, case, truth, counts: count(verdicts.iter().copied()), seconds, target, met: None }
    }

    fn new(judge: &str, case: &str, judged: &Judged, metric: TimeMetric, target: String) -> Self {
        let ratios = judged.ratios(metric);
        let percent = |value: f64| value * 100.0;
        let truth = if ratios.len() > 1 {
            format!("{:+.2} ± {:.2} %", percent(mean(&ratios) - 1.0), percent(standard_error(&ratios)))
        } else {
            format!("{:+.2} %", percent(mean(&ratios) - 1.0))
        };
        let (judge, case) = (judge.into(), case.into());
        let (counts, seconds) = (count(judged.verdicts()), mean(&judged.seconds()));
        Self { judge, case, truth, counts, seconds, target, met: None }
    }

    /// Nothing differs: at most so many false verdicts.
    pub(crate) fn same(judge: &str, case: &str, judged: &Judged, most_false: u32) -> Self {
        let target = format!("at most {most_false} false, ≤ {SECONDS} s");
        let row = Self::new(judge, case, judged, TimeMetric::MedianSlice, target);
        let wrong = row.counts[0] + row.counts[1];
        Self { met: Some(wrong <= most_false as usize && row.seconds <= SECONDS), ..row }
    }

    /// The head is slower: at least this share is called regressed.
    pub(crate) fn slower(judge: &str, case: &str, judged: &Judged, share: f64) -> Self {
        let target = format!("at least {:.0} % regressed, ≤ {SECONDS} s", share * 100.0);
        let row = Self::new(judge, case, judged, TimeMetric::MedianSlice, target);
        let found = row.counts[0] as f64 >= share * row.counts.iter().sum::<usize>() as f64;
        Self { met: Some(found && row.seconds <= SECONDS), ..row }
    }

    /// Beside neighbours the seconds are told, and an inconclusive verdict is honest; a false one, or a green one where
    /// something is slower, is not.
    pub(crate) fn beside(judge: &str, case: &str, judged: &Judged, expected: Expected) -> Self {
        let target = match expected {
            Expected::Same(most) => format!("at most {most} false"),
            Expected::Slower(share) => format!("at least {:.0} % regressed, none green", share * 100.0),
        };
        let row = Self::new(judge, case, judged, TimeMetric::MedianSlice, target);
        let [regressed, improved, unchanged, inconclusive] = row.counts;
        let met = match expected {
            Expected::Same(most) => regressed + improved <= most as usize,
            Expected::Slower(share) => {
                let all = regressed + improved + unchanged + inconclusive;
                improved + unchanged == 0 && regressed as f64 >= share * all as f64
            }
        };
        Self { met: Some(met), ..row }
    }

    /// Only rehashes are slower: total CPU time says so in each repetition, and the median slice is not the one.
    pub(crate) fn rehash(judged: &Judged) -> Self {
        let target = "regressed by total CPU time, not by the median".into();
        let row = Self::new("gate", "slower in rehash only", judged, TimeMetric::TotalCpu, target);
        let said = |metric: TimeMetric, verdict: Verdict| {
            let findings = judged.rounds.iter().flatten().filter(move |finding| finding.metric == metric);
            findings.filter(|finding| finding.verdict == verdict).count()
        };
        let by_total = said(TimeMetric::TotalCpu, Verdict::Regressed) == judged.rounds.len();
        let by_median = said(TimeMetric::MedianSlice, Verdict::Regressed);
        Self { met: Some(by_total && by_median == 0), ..row }
    }

    /// A table that is too large: the exact layer sees it, though it takes fewer instructions.
    pub(crate) fn oversized(gate: &Gate) -> Self {
        let change = |metric: Metric| {
            gate.exact.iter().find(|finding| finding.metric == metric).and_then(|finding| finding.change)
        };
        let shown =
            |change: Option<f64>| change.map_or("not measured".into(), |c| format!("{:+.1} %", c * 100.0));
        let (peak, instructions) = (change(Metric::PeakBytes), change(Metric::Instructions));
        let regressed = gate.exact.iter().any(|finding| finding.verdict == Some(Verdict::Regressed));
        let verdict = if regressed { Verdict::Regressed } else { Verdict::Unchanged };
        Self {
            judge: "gate, exact layer".into(),
            case: "table 8 times too large".into(),
            truth: format!("peak bytes {}, instructions {}", shown(peak), shown(instructions)),
            counts: count([verdict]),
            seconds: gate.seconds,
            target: "regressed by peak bytes".into(),
            met: Some(regressed && peak.is_some_and(|peak| peak > 0.0)),
        }
    }
}

fn count(verdicts: impl IntoIterator<Item = Verdict>) -> [usize; 4] {
    let mut counts = [0; 4];
    for verdict in verdicts {
        counts[VERDICTS.iter().position(|&known| known == verdict).unwrap_or(3)] += 1;
    }
    counts
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [regressed, improved, unchanged, inconclusive] = self.counts;
        let met = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        write!(
            f,
            "| {} | {} | {} | {regressed} | {improved} | {unchanged} | {inconclusive} | {:.1} | {} | {met} |",
            self.judge, self.case, self.truth, self.seconds, self.target
        )
    }
}

/// The whole page, of rows as they are printed.
pub(crate) fn whole(rows: &str, machine: &str) -> String {
    format!(
        "# What the gate calls what\n\nMade by `make gate-proof` on {machine}. The gate's truth is the mean of its \
         own estimates over all repetitions, with its standard error; that of the peers was measured in one process, \
         in turn. The cases are judged one after the other.\n\n\
         | judge | compared | truth | regressed | improved | unchanged | inconclusive | s a verdict | target | |\n\
         |---|---|---|--:|--:|--:|--:|--:|---|---|\n{rows}"
    )
}
