//! The TOML as written, and the step from there to a policy that makes sense.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use glob::Pattern;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Policy, PolicyRule, PolicyWaiver, Scope};
use crate::fault::{Fault, line_at};
use crate::gate::{Class, Metric, TimeMetric, Waiver};
use crate::placed::Placed;
use crate::schema::read_as;
use crate::workload::MAX_SEED;

/// Each seed is a tape and some passes of every map: more of them take minutes where seconds are meant.
const MAX_SEEDS: usize = 64;
/// The planned looks at the pairs are worked out for chances up to this one.
const MOST_ALPHA: f64 = 0.2;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PolicyWire {
    /// What is compared: names or globs.
    workloads: Option<Placed<Vec<Placed<String>>>>,
    /// The same of maps.
    maps: Option<Placed<Vec<Placed<String>>>>,
    /// Entries and operations of recipes for exact figures, times this.
    exact_scale: Option<Placed<f64>>,
    /// The tapes for exact figures, one for each.
    seeds: Option<Placed<Vec<u64>>>,
    /// The chance that any comparison of times is called regressed although nothing differs.
    alpha: Option<Placed<f64>>,
    /// The relative difference in time that must be found.
    delta: Option<Placed<f64>>,
    /// The relative difference in time that is none.
    tolerance: Option<Placed<f64>>,
    /// `delta` for workloads with threads.
    threads_delta: Option<Placed<f64>>,
    /// Pairs of processes after which a comparison ends.
    max_pairs: Option<Placed<u32>>,
    /// Seconds after which it ends.
    seconds: Option<Placed<f64>>,
    /// Slices in which two processes take turns.
    slices: Option<Placed<u32>>,
    /// First slices that do not count for the median.
    discarded: Option<Placed<u32>>,
    /// What a comparison without a verdict does to the gate.
    on_inconclusive: Option<Effect>,
    /// What an exact figure that improved does to the gate.
    on_improvement: Option<Effect>,
    /// How strictly some figures are compared; a later rule goes before an earlier one.
    #[serde(default)]
    rule: Vec<Placed<RuleWire>>,
    /// Regressions that are accepted until a day.
    #[serde(default)]
    waiver: Vec<WaiverWire>,
}

read_as!(Policy, PolicyWire, "Policy");

/// What something does to the gate.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Pass,
    Fail,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RuleWire {
    /// A glob; all where there is none.
    workload: Option<Placed<String>>,
    /// A glob; all where there is none.
    map: Option<Placed<String>>,
    /// A glob; all where there is none.
    metric: Option<Placed<String>>,
    /// What becomes of a regression.
    class: Option<Class>,
    /// Its own difference in time that must be found.
    delta: Option<Placed<f64>>,
    /// Its own difference that is none.
    tolerance: Option<Placed<f64>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WaiverWire {
    /// A glob; all where there is none.
    workload: Option<Placed<String>>,
    /// A glob; all where there is none.
    map: Option<Placed<String>>,
    /// A glob; all where there is none.
    metric: Option<Placed<String>>,
    /// Why it is accepted.
    reason: Placed<String>,
    /// The last day, such as "2030-01-01".
    #[schemars(with = "String")]
    until: Placed<toml::Value>,
}

pub(super) fn parse(text: &str, file: &Path, today: Date) -> Result<Policy, Fault> {
    let wire: PolicyWire = toml::from_str(text).map_err(|error| Fault::from_toml(file, text, &error))?;
    let reader = Reader { text, file };
    let policy = reader.policy(&wire, today)?;
    reader.check_together(&policy, &wire.rule)?;
    Ok(policy)
}

/// Turns positions into faults.
struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
}

/// The numbers above `low`, up to `high`.
fn above(low: f64, high: f64) -> RangeInclusive<f64> {
    low.next_up()..=high
}

impl Reader<'_> {
    fn policy(&self, wire: &PolicyWire, today: Date) -> Result<Policy, Fault> {
        let usual = Policy::default();
        let number = |field, written: &Option<Placed<f64>>, usual, allowed, said: &str| {
            self.number(field, written.as_ref(), usual, allowed, said)
        };
        let count = |field, written: &Option<Placed<u32>>, usual, low, high| {
            self.count(field, written.as_ref(), usual, low, high)
        };
        let tolerance = number("tolerance", &wire.tolerance, usual.tolerance, 0.0..=0.5, "0 to 0.5")?;
        let deltas = format!("numbers above the tolerance ({tolerance}) up to 10");
        let slices = count("slices", &wire.slices, usual.slices, 2, 100_000)?;
        // Where few slices are asked for and nothing is said of the first, an eighth counts for nothing.
        let discarded = usual.discarded.min(slices / 8);
        Ok(Policy {
            workloads: self.globs("workloads", wire.workloads.as_ref(), usual.workloads)?,
            maps: self.globs("maps", wire.maps.as_ref(), usual.maps)?,
            exact_scale: number(
                "exact_scale",
                &wire.exact_scale,
                usual.exact_scale,
                above(0.0, 1000.0),
                "factors above 0 up to 1000",
            )?,
            seeds: self.seeds(wire.seeds.as_ref(), usual.seeds)?,
            alpha: number(
                "alpha",
                &wire.alpha,
                usual.alpha,
                above(0.0, MOST_ALPHA),
                "chances above 0 up to 0.2",
            )?,
            delta: number("delta", &wire.delta, usual.delta, above(tolerance, 10.0), &deltas)?,
            tolerance,
            threads_delta: number(
                "threads_delta",
                &wire.threads_delta,
                usual.threads_delta,
                above(tolerance, 10.0),
                &deltas,
            )?,
            max_pairs: count("max_pairs", &wire.max_pairs, usual.max_pairs, 1, 1000)?,
            seconds: number(
                "seconds",
                &wire.seconds,
                usual.seconds,
                above(0.0, 3600.0),
                "seconds above 0 up to 3600",
            )?,
            slices,
            discarded: count("discarded", &wire.discarded, discarded, 0, slices - 1)?,
            inconclusive_fails: wire.on_inconclusive == Some(Effect::Fail),
            improved_fails: wire.on_improvement == Some(Effect::Fail),
            rules: wire.rule.iter().map(|rule| self.rule(rule)).collect::<Result<_, _>>()?,
            waivers: wire.waiver.iter().map(|waiver| self.waiver(waiver, today)).collect::<Result<_, _>>()?,
        })
    }

    fn fault(&self, place: &Range<usize>, field: &str, problem: impl Into<String>) -> Fault {
        let (line, _) = line_at(self.text, place.start);
        Fault::at(self.file, line, field, problem)
    }

    fn number(
        &self,
        field: &str,
        written: Option<&Placed<f64>>,
        usual: f64,
        allowed: RangeInclusive<f64>,
        said: &str,
    ) -> Result<f64, Fault> {
        let value = written.map_or(usual, |place| *place.get_ref());
        if allowed.contains(&value) {
            return Ok(value);
        }
        let problem = format!("{value} is out of range; allowed are {said}");
        Err(match written {
            Some(place) => self.fault(&place.span(), field, problem),
            // What holds where nothing is written can be out of range beside something that was written.
            None => {
                Fault { field: field.into(), ..Fault::of_file(self.file, format!("(left out) {problem}")) }
            }
        })
    }

    fn count(
        &self,
        field: &str,
        written: Option<&Placed<u32>>,
        usual: u32,
        low: u32,
        high: u32,
    ) -> Result<u32, Fault> {
        let Some(place) = written else { return Ok(usual) };
        let value = *place.get_ref();
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        let problem = format!("{value} is out of range; allowed are {low} to {high}");
        Err(self.fault(&place.span(), field, problem))
    }

    fn seeds(&self, written: Option<&Placed<Vec<u64>>>, usual: Vec<u64>) -> Result<Vec<u64>, Fault> {
        let Some(place) = written else { return Ok(usual) };
        let seeds = place.get_ref();
        let distinct: BTreeSet<&u64> = seeds.iter().collect();
        let too_large = seeds.iter().any(|seed| *seed > MAX_SEED);
        if seeds.is_empty() || seeds.len() > MAX_SEEDS || distinct.len() < seeds.len() || too_large {
            let problem =
                format!("{seeds:?}; allowed are 1 to {MAX_SEEDS} different numbers up to {MAX_SEED}");
            return Err(self.fault(&place.span(), "seeds", problem));
        }
        Ok(seeds.clone())
    }

    fn globs(
        &self,
        field: &str,
        written: Option<&Placed<Vec<Placed<String>>>>,
        usual: Vec<String>,
    ) -> Result<Vec<String>, Fault> {
        let Some(place) = written else { return Ok(usual) };
        if place.get_ref().is_empty() {
            return Err(self.fault(&place.span(), field, "is empty; name at least one, or leave it out"));
        }
        let text = |one: &Placed<String>| self.glob(field, Some(one)).map(|_| one.get_ref().clone());
        place.get_ref().iter().map(text).collect()
    }

    /// A name or a glob; all of them where nothing is written.
    fn glob(&self, field: &str, written: Option<&Placed<String>>) -> Result<Pattern, Fault> {
        let text = written.map_or("*", |place| place.get_ref());
        Pattern::new(text).ok().filter(|_| !text.is_empty()).ok_or_else(|| {
            let place = written.map_or(0..0, Placed::span);
            self.fault(&place, field, format!("`{text}` is no name and no glob; `*` means all"))
        })
    }

    fn scope(
        &self,
        workload: Option<&Placed<String>>,
        map: Option<&Placed<String>>,
        metric: Option<&Placed<String>>,
    ) -> Result<Scope, Fault> {
        let scope = Scope {
            workload: self.glob("workload", workload)?,
            map: self.glob("map", map)?,
            metric: self.glob("metric", metric)?,
        };
        if let Some(place) = metric
            && !metric_names().any(|name| scope.metric.matches(&name))
        {
            let text = place.get_ref();
            let problem = format!("there is no metric `{text}`; there is {}", close_to(text).join(", "));
            return Err(self.fault(&place.span(), "metric", problem));
        }
        Ok(scope)
    }

    fn rule(&self, place: &Placed<RuleWire>) -> Result<PolicyRule, Fault> {
        let RuleWire { workload, map, metric, class, delta, tolerance } = place.get_ref();
        let scope = self.scope(workload.as_ref(), map.as_ref(), metric.as_ref())?;
        if class.is_none() && delta.is_none() && tolerance.is_none() {
            let problem = "says nothing; give it a `class`, a `delta` or a `tolerance`";
            return Err(self.fault(&place.span(), "rule", problem));
        }
        if let Some(delta) = delta
            && !TimeMetric::ALL.iter().any(|metric| scope.metric.matches(metric.name()))
        {
            let problem = "is for times; an exact figure has a `tolerance` only";
            return Err(self.fault(&delta.span(), "delta", problem));
        }
        let number = |field, written: Option<&Placed<f64>>, allowed, said| match written {
            Some(_) => self.number(field, written, 0.0, allowed, said).map(Some),
            None => Ok(None),
        };
        let delta = number("delta", delta.as_ref(), above(0.0, 10.0), "numbers above 0 up to 10")?;
        let tolerance = number("tolerance", tolerance.as_ref(), 0.0..=10.0, "0 to 10")?;
        Ok(PolicyRule { scope, class: *class, delta, tolerance })
    }

    fn waiver(&self, wire: &WaiverWire, today: Date) -> Result<PolicyWaiver, Fault> {
        let scope = self.scope(wire.workload.as_ref(), wire.map.as_ref(), wire.metric.as_ref())?;
        let reason = wire.reason.get_ref().trim();
        if reason.is_empty() {
            let problem = "is empty; say in a sentence why this regression is accepted";
            return Err(self.fault(&wire.reason.span(), "reason", problem));
        }
        let until = self.date(&wire.until)?;
        if until < today {
            let Scope { workload, map, metric } = &scope;
            let problem = format!(
                "the waiver for {metric} of {map} under {workload} (\"{reason}\") held until {until} and today is \
                 {today}; renew it with a later day, or remove it"
            );
            return Err(self.fault(&wire.until.span(), "until", problem));
        }
        Ok(PolicyWaiver { scope, waiver: Waiver { reason: reason.into(), until: until.to_string() } })
    }

    /// A day, as text or as TOML's own kind of date.
    fn date(&self, place: &Placed<toml::Value>) -> Result<Date, Fault> {
        let text = match place.get_ref() {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // The parser knows more forms of a day; a policy has one.
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        date.ok_or_else(|| {
            let problem = format!("`{text}` is no day; allowed is one such as \"2026-12-31\"");
            self.fault(&place.span(), "until", problem)
        })
    }

    /// Refuses rules that leave a time with a tolerance as large as what must be found. Where rules meet is not
    /// known here, so any two must get along, unless they name different things.
    fn check_together(&self, policy: &Policy, places: &[Placed<RuleWire>]) -> Result<(), Fault> {
        let smallest = policy.delta.min(policy.threads_delta);
        for (index, rule) in policy.rules.iter().enumerate() {
            for earlier in policy.rules[..=index].iter().filter(|earlier| earlier.scope.meets(&rule.scope)) {
                let delta = rule.delta.or(earlier.delta).unwrap_or(smallest);
                let tolerance = rule.tolerance.or(earlier.tolerance).unwrap_or(policy.tolerance);
                if delta <= tolerance {
                    let problem = format!(
                        "leaves times with a delta of {delta}, which is not above their tolerance of {tolerance}; \
                         write a `delta` above the `tolerance` here, or name metrics that are no times"
                    );
                    return Err(self.fault(&places[index].span(), "rule", problem));
                }
            }
        }
        Ok(())
    }
}

impl Scope {
    /// Whether some time may be meant by both.
    fn meets(&self, other: &Self) -> bool {
        let name = |pattern: &Pattern| !pattern.as_str().contains(['*', '?', '[']);
        let apart = |a: &Pattern, b: &Pattern| {
            (name(a) && !b.matches(a.as_str())) || (name(b) && !a.matches(b.as_str()))
        };
        let both = |time: &TimeMetric| self.metric.matches(time.name()) && other.metric.matches(time.name());
        TimeMetric::ALL.iter().any(both)
            && !apart(&self.workload, &other.workload)
            && !apart(&self.map, &other.map)
    }
}

fn metric_names() -> impl Iterator<Item = String> {
    Metric::all().map(Metric::name).chain(TimeMetric::ALL.map(|metric| metric.name().to_string()))
}

/// The names that a mistyped one may mean; all where none is like it.
fn close_to(wrong: &str) -> Vec<String> {
    let mut close: Vec<(f64, String)> = metric_names()
        .map(|name| (strsim::jaro_winkler(wrong, &name), name))
        .filter(|(likeness, name)| *likeness > 0.8 || (wrong.len() > 2 && name.contains(wrong)))
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0));
    match close.len() {
        0 => metric_names().collect(),
        _ => close.into_iter().take(3).map(|(_, name)| name).collect(),
    }
}
