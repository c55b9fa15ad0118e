//! The measured loop.

use formats::tape::Kind;

use crate::entry::Value;
use crate::map::Map;
use crate::prepare::{Beside, Step};
use crate::seldom::{clear, fetch, hold, rare, upsert};
use crate::tally::Tally;
use crate::watch::Watch;

/// Plays some steps. Between two operations stand: fetching the step, folding the answer, and whatever the
/// watch does. Never inlined, so that it is the root of every profile. `beside` stands at the first of these steps.
#[inline(never)]
pub fn play<K, V: Value, M: Map<K, V> + ?Sized, W: Watch>(
    map: &mut M,
    steps: &[Step<K>],
    beside: &mut Beside<'_>,
    tally: &mut Tally,
    watch: &mut W,
) {
    let Tally { mut digest, mut balance, mut taken, played } = *tally;
    for (index, step) in (played..).zip(steps) {
        watch.before(map, step);
        let answer = match step.kind {
            Kind::Insert => {
                let answer = map.insert(&step.key, V::make(index, beside.value_bytes::<V>()));
                balance += i64::from(!answer.is_present());
                answer
            }
            Kind::Remove => {
                let answer = map.remove(&step.key);
                balance -= i64::from(answer.is_present());
                answer
            }
            Kind::Get => map.get(&step.key),
            Kind::Update => map.update(&step.key, V::make(index, beside.value_bytes::<V>())),
            Kind::Iterate => map.iterate(),
            Kind::Clear => clear(map, &mut balance),
            Kind::Upsert => {
                let answer = upsert(map, &step.key, V::make(index, beside.value_bytes::<V>()));
                balance += i64::from(!answer.is_present());
                answer
            }
            Kind::Hold => hold(map, &step.key),
            Kind::Fetch => fetch(map, &step.key, index, beside.value_bytes::<V>()),
            rarer => rare(map, rarer, index, beside, &mut balance, &mut taken),
        };
        digest.fold(index, answer);
        watch.after(map, step, answer);
    }
    *tally = Tally { digest, balance, taken, played: played + steps.len() as u64 };
}
