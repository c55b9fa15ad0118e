//! Files that are no text.

use std::collections::HashSet;
use std::path::Path;

use formats::fault::Fault;
use formats::workload::TraceFormat;

use super::{Guess, is_read};

const ORACLE: usize = 24;

/// Tells libCacheSim's records from keys of 8 and of 4 bytes.
pub(super) fn guess(head: &[u8], whole: bool, file: &Path) -> Result<Guess, Fault> {
    let records = head.len() / ORACLE * ORACLE;
    if (!whole || records == head.len()) && is_read(&head[..records], TraceFormat::OracleGeneral, file) {
        let why = "it is no text; taken as records of 24 bytes, times never fall and the next access to a key is never \
                   before its record: libCacheSim's oracleGeneral";
        return Ok(Guess::of(TraceFormat::OracleGeneral, why));
    }
    let halves: Vec<u32> = head.as_chunks::<4>().0.iter().map(|bytes| u32::from_be_bytes(*bytes)).collect();
    let set = |odd: usize| halves.iter().skip(odd).step_by(2).copied().collect::<HashSet<u32>>();
    let (first, second) = (set(0), set(1));
    let shared = first.intersection(&second).count();
    // Of keys of 4 bytes, any may stand at an even place or at an odd one; the halves of longer keys stay apart.
    let fewer = first.len().min(second.len()).max(1);
    if head.len().is_multiple_of(8) && (shared * 20 < fewer || fewer == 1 && halves.len() > 2) {
        let why =
            "it is no text; taken as keys of 8 bytes, their first halves are others than their second ones";
        return repeats::<8>(head, TraceFormat::KeysU64, why, file);
    }
    if !whole || head.len().is_multiple_of(4) {
        let why = "it is no text; taken as keys of 4 bytes, the same ones stand at even and at odd places";
        return repeats::<4>(head, TraceFormat::KeysU32, why, file);
    }
    Err(unknown(file))
}

/// Keys of which none comes twice are no recording that a cache was used for, but bytes of another kind.
fn repeats<const N: usize>(head: &[u8], format: TraceFormat, why: &str, file: &Path) -> Result<Guess, Fault> {
    let keys = head.as_chunks::<N>().0;
    let distinct = keys.iter().collect::<HashSet<_>>().len();
    if distinct * 50 > keys.len() * 49 {
        return Err(unknown(file));
    }
    // A key may come at any place; the fields of a longer record each have theirs.
    for apart in [2, 4] {
        let at = |place: usize| keys.iter().skip(place).step_by(apart).collect::<HashSet<_>>();
        let (first, second) = (at(0), at(1));
        let shared = first.intersection(&second).count();
        if keys.len() > 64 && shared * 20 < first.len().min(second.len()) {
            let problem = format!(
                "is no text; {N} bytes at one place are hardly ever those at another: records of {} bytes and more, of no \
                 form that is known. Say --format {} if they are keys all the same",
                N * apart,
                format.name()
            );
            return Err(Fault::of_file(file, problem));
        }
    }
    let repeated = format!("of its first {} keys {distinct} are distinct", keys.len());
    Ok(Guess { why: vec![why.into(), repeated], ..Guess::of(format, "") })
}

fn unknown(file: &Path) -> Fault {
    let problem = "is no text, and no binary form that is known: say --format oracle_general, keys_u32 or keys_u64 if it \
                   is one all the same";
    Fault::of_file(file, problem)
}
