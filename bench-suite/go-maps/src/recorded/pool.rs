//! The order in which a sync.Pool gives items back: lines such as `Put 1..6, GC, Get: [1 2 3 4 5 6 -1]`.
//!
//! A line makes a new pool of one P, unless it begins with `then`, puts, collects, and prints in brackets what it
//! got (-1 is nothing) or the sizes of the rings.

use super::lines::Recording;
use super::{Error, Malformed, Verified};
use crate::pool::Pool;

/// Items that one line may put.
const MOST: u64 = 1 << 20;

pub(super) fn replay(mut recording: Recording, first: &str) -> Result<Verified, Error> {
    let mut pool = Pool::new(1);
    let mut line = Some(first.to_owned());
    while let Some(text) = line {
        if let Some((go, _)) = text.split_once(" sizeof(sync.Pool)") {
            go.clone_into(&mut recording.tally.go);
        } else if text.contains("mallocs") {
            // Counts what the caller allocates when Go turns a value into an interface; there are none here.
            recording.tally.skipped.push(text);
        } else {
            pool = play(&mut recording, &text, pool)?;
        }
        line = recording.next_line()?;
    }
    Ok(recording.tally)
}

fn play(recording: &mut Recording, text: &str, before: Pool<u64>) -> Result<Pool<u64>, Error> {
    let Some((steps, outcome)) = text.split_once(':') else {
        return Err(recording.malformed("no colon between what was done and what came of it").into());
    };
    let (pool, steps) = match steps.strip_prefix("then ") {
        Some(steps) => (before, steps),
        None => (Pool::new(1), steps),
    };
    for step in steps.split(", ") {
        if let Some((from, to)) = step.strip_prefix("Put ").and_then(|range| range.split_once("..")) {
            let (from, to) = (number(recording, from)?, number(recording, to)?);
            if to.saturating_sub(from) > MOST {
                return Err(recording.malformed(format!("puts more than {MOST} items")).into());
            }
            for item in from..=to {
                recording.begin(recording.tally.operations)?;
                pool.put(item);
            }
        } else if step == "GC" {
            recording.begin(recording.tally.operations)?;
            pool.gc();
        } else if step != "Get" && !step.starts_with("Get x") {
            let problem =
                format!("{step:?} is no step; allowed: Put A..B, GC, Get, Get xN, joined by commas");
            return Err(recording.malformed(problem).into());
        }
    }
    lists(recording, outcome, &pool)?;
    Ok(pool)
}

/// Compares each bracketed list of the outcome.
fn lists(recording: &mut Recording, outcome: &str, pool: &Pool<u64>) -> Result<(), Error> {
    let mut rest = outcome;
    while let Some((title, list)) = rest.split_once('[') {
        let Some((list, behind)) = list.split_once(']') else {
            return Err(recording.malformed("a bracket is not closed").into());
        };
        rest = behind;
        match title.trim() {
            "" | "Get" => {
                for recorded in list.split_whitespace() {
                    recording.begin(recording.tally.operations)?;
                    let ported = pool.get().map_or_else(|| "-1".to_owned(), |item| item.to_string());
                    recording.same("item", recorded, ported.as_str())?;
                    recording.tally.results += 1;
                }
            }
            "rings" | "ring sizes tail->head" => {
                let sizes: Vec<String> = pool.ring_sizes(0).iter().map(ToString::to_string).collect();
                recording.same("rings", list, &sizes.join(" "))?;
                recording.tally.dumps += 1;
            }
            other => {
                let problem =
                    format!("a list of {other:?}; allowed: none, Get, rings, ring sizes tail->head");
                return Err(recording.malformed(problem).into());
            }
        }
    }
    if rest.trim().is_empty() { Ok(()) } else { Err(recording.malformed("text behind the last list").into()) }
}

fn number(recording: &Recording, digits: &str) -> Result<u64, Malformed> {
    digits.parse().map_err(|_| recording.malformed(format!("{digits:?} is not a number")))
}
