//! Checks of the gate itself, made through the very pipeline that judges the head. They fail closed: a control
//! that cannot be made has failed.

use anyhow::Result;
use formats::gate::{Control, ControlKind, Design, Verdict};
use formats::run::Failure;
use verdict::family::{Family, FamilyError};

use super::timing::{
    ComparisonOutcome, FailedComparison, PreparedComparison, SequentialTest, Timing, TimingResults,
};
use crate::turns::{InjectedWork, PairOutcome, Randomization};

/// How large the known slowdown is, in parts of the difference that must be found: 5 % where that is 3 %.
const KNOWN: f64 = 5.0 / 3.0;
/// The work that is tried first.
const FIRST_WORK: u64 = 256;
/// Work beyond which no more is tried: 64 operations would take some ms.
const MOST_WORK: u64 = 1 << 20;
/// Pairs by which the cost of injected work is measured.
const CALIBRATION_PAIRS: usize = 4;

/// The work that slows the base down by what is wanted, or why there is none.
enum Calibration {
    Found(InjectedWork),
    Failed(String),
}

/// Whether the gate can decide at all, keeps still where nothing differs, and speaks up where something does.
/// To be made before anything is judged. None where no time is gated.
pub(crate) fn run(timing: &Timing<'_>) -> Result<Vec<Control>> {
    let family = match timing.family() {
        Ok(family) => family,
        Err(FamilyError::Empty) => return Ok(Vec::new()),
        Err(error) => {
            let kinds = [ControlKind::EnoughPairs, ControlKind::Negative, ControlKind::Positive];
            return Ok(kinds.map(|kind| failed(kind, error.to_string())).into());
        }
    };
    let gated = |one: &&PreparedComparison<'_>| one.gated_times();
    let steady = |one: &&PreparedComparison<'_>| one.design == Design::Turns;
    let candidates = || timing.comparisons().iter().filter(gated);
    // Only percentiles are gated: there is no known slowdown of a single operation.
    let Some(one) = candidates().find(steady).or_else(|| candidates().next()) else {
        let said = "only percentiles are gated, and no slowdown of a known size can be added to them".into();
        return Ok(vec![failed(ControlKind::Positive, said)]);
    };
    let (negative, noise) = negative(timing, one)?;
    Ok(vec![enough_pairs(family, &noise), negative, positive(timing, one)?])
}

/// That the first look can decide: a family whose looks never could is an error.
fn enough_pairs(family: &Family, noise: &str) -> Control {
    let (plan, pairs) = (family.plan(), family.plan().first());
    let said = format!(
        "{} gated times share a chance of a false verdict of {}; the first look, after {pairs} pairs, needs a p-value \
         of {:.2e}, and {pairs} pairs can give one of {:.2e}; {noise}",
        family.tests(),
        family.tests() as f64 * plan.alpha(),
        plan.level(),
        // Of a signed-rank test whose pairs all say the same.
        0.5f64.powf(pairs as f64),
    );
    Control { kind: ControlKind::EnoughPairs, passed: true, said }
}

/// Whether both sides did the same work: every process that was timed gave the answers of the model.
pub(crate) fn same_work(results: &TimingResults) -> Control {
    let wrong = |failed: &&FailedComparison| matches!(failed.failure, Failure::WrongAnswer { .. });
    let (passed, said) = match results.failed.iter().find(wrong) {
        Some(FailedComparison { workload, map, side, failure }) => {
            (false, format!("{workload} {map} on {}: {failure}", side.name()))
        }
        None if results.right == 0 => (false, "no process was timed to its end".into()),
        None => {
            (true, format!("{} processes were timed, and each gave the answers of the model", results.right))
        }
    };
    Control { kind: ControlKind::SameWork, passed, said }
}

/// The base compared with itself. Also says how small a slowdown is found where pairs are as noisy as these.
fn negative(timing: &Timing<'_>, one: &PreparedComparison<'_>) -> Result<(Control, String)> {
    let runner = one.runner.base_with_itself(InjectedWork::default());
    let mut draws = timing.draws(one, "against itself");
    let kind = ControlKind::Negative;
    let unknown = || format!("how small a slowdown it finds on {one} cannot be said from so few pairs");
    let tests = match timing.times(one, &runner, &mut draws, &mut |_| Ok(()))? {
        ComparisonOutcome::Tested(tests) => tests,
        other => return Ok((failed(kind, why_not(one, &other)), unknown())),
    };
    let quiet = |test: &SequentialTest<'_>| !matches!(test.verdict(), Verdict::Regressed | Verdict::Improved);
    let passed = gated(&tests).all(quiet);
    let said = format!("{one}, the base compared with itself: {}", verdicts(&tests)?);
    let smallest = gated(&tests).next().and_then(SequentialTest::detectable);
    let noise = smallest.map_or_else(unknown, |smallest| {
        format!("on {one} it finds a slowdown of {:.1} % nine times in ten", smallest * 100.0)
    });
    Ok((Control { kind, passed, said }, noise))
}

/// The base compared with itself, with known work injected into one of the two.
fn positive(timing: &Timing<'_>, one: &PreparedComparison<'_>) -> Result<Control> {
    let kind = ControlKind::Positive;
    let mut draws = timing.draws(one, "with injected work");
    let work = match calibrate(one, &mut draws)? {
        Calibration::Found(work) => work,
        Calibration::Failed(said) => return Ok(failed(kind, said)),
    };
    let runner = one.runner.base_with_itself(work);
    let tests = match timing.times(one, &runner, &mut draws, &mut |_| Ok(()))? {
        ComparisonOutcome::Tested(tests) => tests,
        other => return Ok(failed(kind, why_not(one, &other))),
    };
    let passed = gated(&tests).any(|test| test.verdict() == Verdict::Regressed);
    let said = format!(
        "{one}, the base compared with itself, {} multiplications injected for every 64 operations, meant to cost {:.0} \
         %: {}",
        work.0,
        known(one) * 100.0,
        verdicts(&tests)?
    );
    Ok(Control { kind, passed, said })
}

/// The slowdown that is known, relative.
fn known(one: &PreparedComparison<'_>) -> f64 {
    one.times.first().map_or(0.0, |hypothesis| hypothesis.rule.delta * KNOWN)
}

/// The work that slows the base down by what is wanted: some is measured and scaled, its cost is linear.
fn calibrate(one: &PreparedComparison<'_>, draws: &mut Randomization) -> Result<Calibration> {
    let wanted = known(one).ln_1p();
    let mut work = FIRST_WORK;
    while work <= MOST_WORK {
        let runner = one.runner.base_with_itself(InjectedWork(work));
        let mut costs = Vec::new();
        while costs.len() < CALIBRATION_PAIRS {
            match runner.pairs(draws)? {
                PairOutcome::Measured(pairs) => {
                    costs
                        .extend(pairs.iter().filter_map(|pair| pair.log_ratios.first()).map(|(_, log)| *log));
                }
                PairOutcome::Failed(_, failure) => {
                    let why = failure.with_last_words();
                    return Ok(Calibration::Failed(format!("{one}: the base failed: {why}")));
                }
                PairOutcome::Interrupted => return Ok(Calibration::Failed("it was interrupted".into())),
            }
        }
        let cost = verdict::signed_rank::hodges_lehmann(&costs).unwrap_or(0.0);
        // Less than half of what is wanted cannot be told from noise by so few pairs.
        if cost >= wanted / 2.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive, and at most twice what was tried"
            )]
            let scaled = (work as f64 * known(one) / cost.exp_m1()).round() as u64;
            return Ok(Calibration::Found(InjectedWork(scaled.max(1))));
        }
        work *= 4;
    }
    Ok(Calibration::Failed(format!(
        "{one}: no injected work slows the base down, so that a slowdown of a known size cannot be made"
    )))
}

fn failed(kind: ControlKind, said: String) -> Control {
    Control { kind, passed: false, said }
}

fn gated<'b, 'a>(tests: &'b [SequentialTest<'a>]) -> impl Iterator<Item = &'b SequentialTest<'a>> {
    tests.iter().filter(|test| test.is_gated())
}

fn verdicts(tests: &[SequentialTest<'_>]) -> Result<String> {
    let verdict = |test: &SequentialTest<'_>| {
        let look = test.look()?;
        let (pairs, ratio) = look.map_or((0, f64::NAN), |look| (look.pairs, look.estimate.exp()));
        let metric = test.hypothesis().metric.name().replace('_', " ");
        Ok(format!("{metric} {}, {ratio:.3} after {pairs} pairs", test.verdict().name()))
    };
    Ok(tests.iter().map(verdict).collect::<Result<Vec<_>>>()?.join("; "))
}

fn why_not(one: &PreparedComparison<'_>, outcome: &ComparisonOutcome<'_>) -> String {
    match outcome {
        ComparisonOutcome::Failed(_, failure) => {
            format!("{one}: the base failed: {}", failure.with_last_words())
        }
        ComparisonOutcome::Interrupted | ComparisonOutcome::Tested(_) => "it was interrupted".into(),
    }
}
