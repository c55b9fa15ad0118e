//! The measured loop.

use formats::answer::Answer;
use formats::tape::Kind;

use crate::entry::Value;
use crate::map::Map;
use crate::prepare::Step;
use crate::tally::Tally;
use crate::watch::Watch;

/// Plays some steps. Between two operations stand: fetching the step, folding the answer, and whatever the
/// watch does. Never inlined, so that it is the root of every profile.
#[inline(never)]
pub fn play<K, V: Value, M: Map<K, V> + ?Sized, W: Watch>(
    map: &mut M,
    steps: &[Step<K>],
    value_bytes: usize,
    tally: &mut Tally,
    watch: &mut W,
) {
    let Tally { mut digest, mut balance, played } = *tally;
    for (index, step) in (played..).zip(steps) {
        watch.before(map, step);
        let answer = match step.kind {
            Kind::Insert => {
                let answer = map.insert(&step.key, V::make(index, value_bytes));
                balance += i64::from(!answer.is_present());
                answer
            }
            Kind::Remove => {
                let answer = map.remove(&step.key);
                balance -= i64::from(answer.is_present());
                answer
            }
            Kind::Get => map.get(&step.key),
            Kind::Update => map.update(&step.key, V::make(index, value_bytes)),
            Kind::Iterate => map.iterate(),
            Kind::Clear => clear(map, &mut balance),
        };
        digest.fold(index, answer);
        watch.after(map, step, answer);
    }
    *tally = Tally { digest, balance, played: played + steps.len() as u64 };
}

#[cold]
fn clear<K, V: Value, M: Map<K, V> + ?Sized>(map: &mut M, balance: &mut i64) -> Answer {
    let answer = map.clear();
    *balance -= answer.number().cast_signed();
    answer
}
