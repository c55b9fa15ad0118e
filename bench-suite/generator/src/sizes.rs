//! How many bytes the value of each write has.

use formats::tape::Op;
use formats::workload::{Sizes, Values};

use crate::random::split_mix;
use crate::recipe::Drawn;

/// The sizes that stand on the tape, thread by thread; none where all values have one size.
pub(crate) fn sizes(values: Values, seed: u64, drawn: &mut Drawn) -> Vec<u32> {
    match values {
        Values::Boxed(Sizes::Drawn(spread)) => {
            let writes = drawn.threads.iter().flatten().filter(|op| op.kind().brings_value());
            let of_seed = split_mix(seed, 1);
            let size = |op: &Op| {
                let of_key = of_seed ^ op.key();
                spread.size(split_mix(of_key, 1), split_mix(of_key, 2))
            };
            writes.map(size).collect()
        }
        Values::Boxed(Sizes::Recorded) => std::mem::take(&mut drawn.sizes).concat(),
        Values::U64 | Values::Bytes(_) | Values::Boxed(Sizes::Same(_)) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::Path;

    use formats::tape::Tape;
    use formats::workload::Workload;

    fn tape(values: &str, seed: u64) -> Tape {
        let text = format!(
            "name = \"w\"\nwhy = \"A test.\"\nseed = {seed}\nvalues = {{ boxed = {values} }}\nlive = 500\nops = 9000\n\
             keyspace = 1000\nthreads = 2\nmix = {{ insert = 30, remove = 30, update = 20, upsert = 10, get = 10 }}"
        );
        crate::generate(&Workload::parse(&text, Path::new("w.toml")).unwrap()).unwrap()
    }

    #[test]
    fn the_size_follows_from_key_and_seed() {
        let [one, again, other] = [1, 1, 2].map(|seed| tape("{ from = 16, to = 4096 }", seed));
        assert_eq!(one.id(), again.id());
        let of_keys = |tape: &Tape| {
            let mut seen: HashMap<u64, u32> = HashMap::new();
            for thread in 0..tape.threads() {
                let writes = tape.thread(thread).iter().filter(|op| op.kind().brings_value());
                for (op, size) in writes.zip(tape.sizes(thread)) {
                    assert_eq!(
                        *seen.entry(op.key()).or_insert(*size),
                        *size,
                        "every write of a key has its size"
                    );
                }
            }
            seen
        };
        let (first, second) = (of_keys(&one), of_keys(&other));
        assert!(first.iter().any(|(key, size)| second.get(key).is_some_and(|other| other != size)));
        let mark = one.header().sizes.unwrap();
        assert!((16..100).contains(&mark.smallest) && (4000..=4096).contains(&mark.largest), "{mark:?}");
        assert!(mark.mean.abs_diff(2056) < 150, "{mark:?}");
    }

    #[test]
    fn values_of_one_size_leave_the_tape_as_it_was() {
        let same = tape("64", 1);
        assert!(same.header().sizes.is_none() && same.sizes(1).is_empty());
    }
}
