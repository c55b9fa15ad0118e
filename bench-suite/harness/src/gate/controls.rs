//! Checks of the gate itself, made through the very pipeline that judges the head. They fail closed: a control
//! that cannot be made does not hold.

use anyhow::Result;
use formats::gate::{Class, Control, ControlKind, Design, Verdict};
use formats::run::Failure;
use verdict::family::FamilyError;

use super::timing::{Asked, Broken, Came, Timed, Timing, Trial};
use crate::turns::{Chance, Met, Toil};

/// How large the known slowdown is, in parts of the difference that must be found: 5 % where that is 3 %.
const KNOWN: f64 = 5.0 / 3.0;
/// The toil that is tried first.
const FIRST_TOIL: u64 = 256;
/// Toil beyond which it is no longer tried: 64 operations would take some ms.
const MOST_TOIL: u64 = 1 << 20;
/// Pairs by which a toil is measured.
const CALIBRATION_PAIRS: usize = 4;

/// Whether the gate can decide at all, keeps still where nothing differs, and speaks up where something does.
/// To be made before anything is judged. None where no time is gated.
pub(crate) fn run(timing: &Timing<'_>) -> Result<Vec<Control>> {
    let family = match timing.family() {
        Ok(family) => family,
        Err(FamilyError::Empty) => return Ok(Vec::new()),
        Err(error) => {
            let said = |kind| Control { kind, held: false, said: error.to_string() };
            return Ok([ControlKind::Reachable, ControlKind::Negative, ControlKind::Positive]
                .map(said)
                .into());
        }
    };
    let gated = |asked: &&Asked<'_>| asked.times.iter().any(|question| question.rule.class == Class::Gated);
    let steady = |asked: &&Asked<'_>| asked.design == Design::Turns;
    let candidates = || timing.asked().iter().filter(gated);
    // Only percentiles are gated: there is no known slowdown of a single operation.
    let Some(asked) = candidates().find(steady).or_else(|| candidates().next()) else {
        let said = "only percentiles are gated, and no slowdown of a known size can be added to them".into();
        return Ok(vec![Control { kind: ControlKind::Positive, held: false, said }]);
    };
    let plan = family.plan();
    let (negative, noise) = negative(timing, asked)?;
    let mut said = format!(
        "{} questions share a chance of a false verdict of {}; the first look, after {} pairs, needs a p-value of {:.2e} \
         and {} pairs can give 2^-{}",
        family.tests(),
        family.tests() as f64 * plan.alpha(),
        plan.first(),
        plan.level(),
        plan.first(),
        plan.first(),
    );
    said += &noise;
    let reachable = Control { kind: ControlKind::Reachable, held: true, said };
    Ok(vec![reachable, negative, positive(timing, asked)?])
}

/// Whether both sides did the same work: every process that was timed gave the answers of the model.
pub(crate) fn same_work(timed: &Timed) -> Control {
    let wrong = |broken: &&Broken| matches!(broken.failure, Failure::WrongAnswer { .. });
    let (held, said) = match timed.broken.iter().find(wrong) {
        Some(Broken { workload, map, side, failure }) => {
            (false, format!("{workload} {map} on {}: {failure}", side.name()))
        }
        None if timed.right == 0 => (false, "no process was timed to its end".into()),
        None => {
            (true, format!("{} processes were timed, and each gave the answers of the model", timed.right))
        }
    };
    Control { kind: ControlKind::SameWork, held, said }
}

/// The base against itself. Also says how much its pairs vary.
fn negative(timing: &Timing<'_>, asked: &Asked<'_>) -> Result<(Control, String)> {
    let meeting = asked.meeting.base_against_itself(Toil::default());
    let mut chance = timing.chance(asked, "against itself");
    let kind = ControlKind::Negative;
    let trials = match timing.times(asked, &meeting, &mut chance, &mut |_| Ok(()))? {
        Came::Compared(trials) => trials,
        other => return Ok((Control { kind, held: false, said: cannot(asked, &other) }, String::new())),
    };
    let quiet = |trial: &Trial<'_>| !matches!(trial.verdict(), Verdict::Regressed | Verdict::Improved);
    let held = gated(&trials).all(quiet);
    let said = format!("{asked}, the base against itself: {}", verdicts(&trials)?);
    let noise = match gated(&trials).next().and_then(Trial::detectable) {
        Some(smallest) => {
            format!("; on {asked} it finds a slowdown of {:.1} % nine times in ten", smallest * 100.0)
        }
        None => format!("; how small a slowdown it finds on {asked} cannot be said from so few pairs"),
    };
    Ok((Control { kind, held, said }, noise))
}

/// The base against itself with known work added.
fn positive(timing: &Timing<'_>, asked: &Asked<'_>) -> Result<Control> {
    let kind = ControlKind::Positive;
    let mut chance = timing.chance(asked, "with toil");
    let toil = match calibrate(asked, &mut chance)? {
        Ok(toil) => toil,
        Err(said) => return Ok(Control { kind, held: false, said }),
    };
    let meeting = asked.meeting.base_against_itself(toil);
    let trials = match timing.times(asked, &meeting, &mut chance, &mut |_| Ok(()))? {
        Came::Compared(trials) => trials,
        other => return Ok(Control { kind, held: false, said: cannot(asked, &other) }),
    };
    let held = gated(&trials).any(|trial| trial.verdict() == Verdict::Regressed);
    let said = format!(
        "{asked}, the base against itself with {} multiplications for every 64 operations, meant to be {:.0} %: {}",
        toil.0,
        known(asked) * 100.0,
        verdicts(&trials)?
    );
    Ok(Control { kind, held, said })
}

/// The slowdown that is known, relative.
fn known(asked: &Asked<'_>) -> f64 {
    asked.times.first().map_or(0.0, |question| question.rule.delta * KNOWN)
}

/// The toil that slows the base down by what is wanted: a toil is measured and scaled, its cost is linear.
fn calibrate(asked: &Asked<'_>, chance: &mut Chance) -> Result<Result<Toil, String>> {
    let wanted = known(asked).ln_1p();
    let mut toil = FIRST_TOIL;
    while toil <= MOST_TOIL {
        let meeting = asked.meeting.base_against_itself(Toil(toil));
        let mut costs = Vec::new();
        while costs.len() < CALIBRATION_PAIRS {
            match meeting.pairs(chance)? {
                Met::Measured(pairs) => {
                    costs
                        .extend(pairs.iter().filter_map(|pair| pair.log_ratios.first()).map(|(_, log)| *log));
                }
                Met::Broken(_, failure) => return Ok(Err(format!("{asked}: the base failed: {failure}"))),
                Met::Interrupted => return Ok(Err("it was interrupted".into())),
            }
        }
        let cost = verdict::signed_rank::hodges_lehmann(&costs).unwrap_or(0.0);
        // Less than half of what is wanted cannot be told from noise by so few pairs.
        if cost >= wanted / 2.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive, and at most twice a toil that was tried"
            )]
            let scaled = (toil as f64 * known(asked) / cost.exp_m1()).round() as u64;
            return Ok(Ok(Toil(scaled.max(1))));
        }
        toil *= 4;
    }
    Ok(Err(format!(
        "{asked}: no toil slows the base down, so that a slowdown of a known size cannot be made"
    )))
}

fn gated<'b, 'a>(trials: &'b [Trial<'a>]) -> impl Iterator<Item = &'b Trial<'a>> {
    trials.iter().filter(|trial| trial.question().rule.class == Class::Gated)
}

fn verdicts(trials: &[Trial<'_>]) -> Result<String> {
    let verdict = |trial: &Trial<'_>| {
        let look = trial.look()?;
        let (pairs, ratio) = look.map_or((0, f64::NAN), |look| (look.pairs, look.estimate.exp()));
        let metric = trial.question().metric.name().replace('_', " ");
        Ok(format!("{metric} {}, {ratio:.3} after {pairs} pairs", trial.verdict().name()))
    };
    Ok(trials.iter().map(verdict).collect::<Result<Vec<_>>>()?.join("; "))
}

fn cannot(asked: &Asked<'_>, came: &Came<'_>) -> String {
    match came {
        Came::Broken(_, failure) => format!("{asked}: the base failed: {failure}"),
        Came::Interrupted | Came::Compared(_) => "it was interrupted".into(),
    }
}
