//! What a workload asks of a map, before its tape is made.

use super::{Act, Recipe, Rules, Source, Victim, Workload};
use crate::subject::{Demand, Extra, Extras};
use crate::tape::Kind;

impl From<&Workload> for Demand {
    fn from(workload: &Workload) -> Self {
        let Workload { threads, keys_shared, keys, values, bound, .. } = *workload;
        let extras = match &workload.source {
            Source::Recipe(recipe) => of_recipe(recipe),
            Source::Script(_) | Source::Trace(_) => Extras::NONE,
        };
        let extras = if workload.many.is_some() { extras.with(Extra::Many) } else { extras };
        let (threads, is_bounded) = (usize::from(threads.get()), bound.is_some());
        Self { threads, keys_shared, keys, values, extras, is_bounded }
    }
}

fn of_recipe(recipe: &Recipe) -> Extras {
    let mut asked: Vec<Kind> = Vec::new();
    for phase in &recipe.phases {
        match phase.act {
            Act::Churn(_) => {
                let shares = recipe.churning(phase).flat_map(|(rules, _)| rules.mix.shares());
                let shares = shares.filter(|(_, share)| *share > 0);
                asked.extend(shares.filter_map(|(name, _)| Kind::by_name(name)));
            }
            Act::Retain(_) => asked.push(Kind::Retain),
            Act::Shrink => asked.push(Kind::Shrink),
            Act::Reserve(_) => asked.push(Kind::Reserve),
            Act::Copy { .. } => asked.push(Kind::Copy),
            Act::Fill(_) | Act::Drain(_) | Act::SameKey(_) | Act::Clear | Act::Iterate => {}
        }
        if phase.rules.remove == Victim::First {
            asked.push(Kind::RemoveFirst);
        }
    }
    let holds_over_writes = churning(recipe).any(holds_over_writes).then_some(Extra::HoldWriting);
    let asked = asked.into_iter().filter_map(Extra::of).chain(holds_over_writes);
    let has_room = recipe.phases.iter().any(|phase| phase.act == Act::Copy { reserve: true });
    let made_with_room = (has_room || recipe.capacity.is_some()).then_some(Extra::Capacity);
    asked.chain(made_with_room).collect()
}

/// The rules of the phases that churn, those of each role.
fn churning(recipe: &Recipe) -> impl Iterator<Item = Rules> {
    let churns = recipe.phases.iter().filter(|phase| matches!(phase.act, Act::Churn(_)));
    churns.flat_map(|phase| recipe.churning(phase)).map(|(rules, _)| rules)
}

/// Whether a thread that holds something writes meanwhile.
fn holds_over_writes(rules: Rules) -> bool {
    let shares = rules.mix.shares().into_iter().filter(|(_, share)| *share > 0);
    let writes = shares.filter_map(|(name, _)| Kind::by_name(name)).any(Kind::writes);
    rules.mix.hold > 0 && (writes || matches!(rules.remove, Victim::Ttl(_)))
}
