//! How long a tape will be, before it is made: whoever asks for too much is told so at once.

use formats::workload::{Act, Mix, Recipe, Source, Victim, Workload};

/// What a tape comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// About so many operations, all threads together.
    pub operations: u64,
    /// About so many entries live at once, at most.
    pub live: u64,
}

/// The size of a workload's tape; `None` for a recording, which has the length it has.
#[must_use]
pub fn size(workload: &Workload) -> Option<Size> {
    match &workload.source {
        Source::Recipe(recipe) => Some(match workload.bound {
            Some(bound) => of_bounded(recipe, bound),
            None => of_recipe(recipe),
        }),
        Source::Script(script) => Some(Size { operations: script.operations(), live: script.operations() }),
        Source::Trace(_) => None,
    }
}

/// What leaves a bounded cache is no operation.
fn of_bounded(recipe: &Recipe, bound: u64) -> Size {
    let operations = recipe.phases.iter().map(|phase| phase.act.ops()).fold(0, u64::saturating_add);
    Size { operations, live: bound }
}

fn of_recipe(recipe: &Recipe) -> Size {
    let share =
        |percent: u8, of: u64| u64::try_from(u128::from(of) * u128::from(percent) / 100).unwrap_or(of);
    let (mut size, mut live) = (Size::default(), 0u64);
    for phase in &recipe.phases {
        let operations = match phase.act {
            Act::Fill(count) => {
                let missing = count.saturating_sub(live);
                live = live.max(count);
                missing
            }
            Act::Churn(count) => {
                let mixes: Vec<(Mix, u64)> =
                    recipe.churning(phase).map(|(rules, threads)| (rules.mix, threads)).collect();
                let threads: u64 = mixes.iter().map(|(_, threads)| threads).sum();
                let sum = |of: fn(&Mix) -> u8| {
                    mixes
                        .iter()
                        .map(|(mix, part)| share(of(mix), count.saturating_mul(*part)) / threads)
                        .sum()
                };
                let inserts = sum(|mix| mix.insert + mix.upsert);
                let removes = match phase.rules.remove {
                    // What comes leaves by its age, within the same count.
                    Victim::Ttl(_) => inserts,
                    _ => sum(|mix| mix.remove),
                };
                let empties = mixes.iter().any(|(mix, _)| mix.clear > 0 || mix.retain > 0);
                live = if empties { live } else { live.saturating_add(inserts).saturating_sub(removes) };
                count
            }
            Act::Drain(count) => {
                let surplus = live.saturating_sub(count);
                live = live.min(count);
                surplus
            }
            Act::Clear => {
                live = 0;
                1
            }
            Act::SameKey(times) => times.saturating_mul(2),
            Act::Iterate | Act::Retain(_) | Act::Shrink | Act::Reserve(_) | Act::Copy { .. } => 1,
        };
        size.operations = size.operations.saturating_add(operations);
        size.live = size.live.max(live);
    }
    size
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn workload(rest: &str) -> Workload {
        Workload::parse(&format!("name = \"w\"\nwhy = \"A test.\"\n{rest}"), Path::new("w.toml")).unwrap()
    }

    #[test]
    fn a_tape_is_about_as_long_as_was_said() {
        for rest in [
            "live = 1000\nops = 20_000\nmix = { insert = 25, remove = 25, get = 50 }",
            "live = 1000\nthreads = 4\nops = 20_000\nmix = { insert = 40, get = 60 }",
            "live = 500\nops = 9000\nmix = { insert = 50, get = 50 }\nremove = { ttl = 1000 }",
            "live = 300\nphases = [{ fill = 900 }, { drain = 100 }, { churn = 500 }, \"clear\"]\nrepeat = 7\nmix = { insert = 50, remove = 50 }",
            "bound = 300\nkeyspace = 3000\nphases = [{ fill = 900 }, { churn = 500 }]\nrepeat = 7\nmix = { fetch = 90, insert = 5, remove = 5 }",
            "script = \"put 0..800; del 3..700; get 1\"\nrepeat = 3",
        ] {
            let workload = workload(rest);
            let (said, tape) = (size(&workload).unwrap(), crate::generate(&workload).unwrap());
            let (said, made) = (said.operations as f64, tape.len() as f64);
            assert!((said / made - 1.0).abs() < 0.1, "{rest}: {said} said, {made} made");
        }
    }

    #[test]
    fn the_most_that_live_are_told() {
        let grows = workload("live = 100\nops = 1000\nmix = { insert = 60, remove = 20, get = 20 }");
        assert_eq!(size(&grows), Some(Size { operations: 1100, live: 500 }));
    }
}
