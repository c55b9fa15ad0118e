//! Whether there is room for a tape and for those who play it: asked before any of it is taken.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use formats::tape::{Header, Kind};
use formats::workload::{Keys, Pace, Trace, Values, Workload};
use generator::{Size, trace};
use rustix::fs::statvfs;

use crate::machine;

/// Bytes of one operation on a tape.
const OPERATION: u64 = 8;

/// Refuses a workload for which there is not enough memory. For a recording see [`recorded`].
pub(crate) fn in_memory(workload: &Workload) -> Result<()> {
    match lacking(workload) {
        Some(why) => bail!("workload `{}` {why}", workload.name),
        None => Ok(()),
    }
}

/// What is lacking where the tape of a workload, or any map that holds its entries, takes more memory than there is. A
/// recording has the length it has: it is read as far as it goes.
pub(crate) fn lacking(workload: &Workload) -> Option<String> {
    let (needed, there) = (memory(workload)?, machine::available_memory()?);
    (needed > there).then(|| {
        format!(
            "needs {} of memory at least, and {} are available: it has {}",
            bytes(needed),
            bytes(there),
            counts(generator::size(workload).unwrap_or_default())
        )
    })
}

/// Refuses a recording of more operations than a tape may have, or than there is memory for, before it is read: as far
/// as its size and some of its pieces tell.
pub(crate) fn recorded(trace: &Trace, pace: Pace) -> Result<()> {
    let Some(operations) = trace::operations_at_least(trace) else { return Ok(()) };
    // What a tenth more or less would decide is read.
    let operations = operations - operations / 10;
    let (needed, there) = (operations.saturating_mul(of_step(pace)), machine::available_memory());
    let file = trace.file.display();
    let less = "take fewer: `limit` and `sample`";
    ensure!(
        operations <= trace::MAX_OPS as u64,
        "{file}: gives about {operations} operations, and a tape has at most {}; {less}",
        trace::MAX_OPS
    );
    ensure!(
        there.is_none_or(|there| needed <= there),
        "{file}: gives about {operations} operations, which need {} of memory at least, and {} are available; {less}",
        bytes(needed),
        bytes(there.unwrap_or_default())
    );
    Ok(())
}

/// Refuses tapes for which the folder has no room. `missing` are those that are to be made.
pub(crate) fn on_disk<'a>(missing: impl Iterator<Item = &'a Workload>, folder: &Path) -> Result<()> {
    let tape =
        |workload| generator::size(workload).map_or(0, |size| size.operations.saturating_mul(OPERATION));
    let needed = missing.map(tape).fold(0u64, u64::saturating_add);
    // A folder that does not tell is tried.
    let Ok(disk) = statvfs(folder) else { return Ok(()) };
    let there = disk.f_bavail.saturating_mul(disk.f_frsize);
    ensure!(
        needed <= there,
        "the tapes need {}, and {} are free in {} (see CHURNMARK_TAPES)",
        bytes(needed),
        bytes(there),
        folder.display()
    );
    Ok(())
}

/// What the dearest maps of the suite hold for an entry, beyond its key and value.
const DEAREST_ENTRY: u64 = 256;

/// Whether two children that play this tape may take more memory than there is: then each plays alone.
pub(crate) fn for_one_only(tape: &Header) -> bool {
    let Some(there) = machine::available_memory() else { return false };
    let entry = DEAREST_ENTRY + of_key(tape.keys) + of_value(tape.values, tape.mean_value_bytes());
    // Of threads that share keys nobody knows how many live; no more than are inserted.
    let live = tape.most_live().unwrap_or(tape.executed.kinds[Kind::Insert as usize]);
    let child = tape.ops().saturating_mul(of_step(tape.pace)).saturating_add(live.saturating_mul(entry));
    child.saturating_mul(2) > there
}

/// What a child takes at least: when it reads the tape, its bytes and its operations; when it plays, the operations
/// and what the entries themselves hold.
fn memory(workload: &Workload) -> Option<u64> {
    let Size { operations, live } = generator::size(workload)?;
    let entry = of_key(workload.keys) + of_value(workload.values, workload.values.mean_bytes().unwrap_or(0));
    let tape = operations.saturating_mul(OPERATION);
    Some(tape.saturating_add(tape.max(live.saturating_mul(entry))))
}

/// An operation as it is read and as it is played, each with its time where a recording says it.
fn of_step(pace: Pace) -> u64 {
    if matches!(pace, Pace::Recorded(_)) { 4 * OPERATION } else { 2 * OPERATION }
}

fn of_key(keys: Keys) -> u64 {
    match keys {
        Keys::U32 => 4,
        Keys::U64 => 8,
        Keys::Uuid => 16,
        Keys::String(length) => 24 + u64::from(length),
    }
}

fn of_value(values: Values, bytes: u64) -> u64 {
    if matches!(values, Values::Boxed(_)) { 8 + bytes } else { bytes }
}

fn counts(size: Size) -> String {
    format!("{} operations, and {} live entries", size.operations, size.live)
}

/// So many bytes, for people.
fn bytes(count: u64) -> String {
    let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.into_iter().find(|(unit, _)| count >= *unit);
    unit.map_or_else(
        || format!("{count} bytes"),
        |(unit, name)| format!("{:.1} {name}", count as f64 / unit as f64),
    )
}

#[cfg(test)]
mod tests {
    use formats::tape::Executed;

    use super::*;

    fn workload(rest: &str) -> Workload {
        Workload::parse(&format!("name = \"w\"\nwhy = \"A test.\"\n{rest}"), Path::new("w.toml")).unwrap()
    }

    #[test]
    fn memory_is_that_of_the_tape_and_of_what_lives() {
        let ops = workload("live = 10\nops = 990\nmix = { insert = 50, remove = 50 }");
        assert_eq!(memory(&ops), Some(2 * 8 * 1000));
        let boxed = workload("live = 1000\nops = 1000\nvalues = { boxed = 1048576 }\nmix = { get = 100 }");
        assert_eq!(memory(&boxed), Some(8 * 2000 + 1000 * (8 + 8 + 1_048_576)));
        let sizes = "values = { boxed = { from = 8, to = 1048576 } }";
        let varied = workload(&format!("live = 1000\nops = 1000\n{sizes}\nmix = {{ get = 100 }}"));
        assert_eq!(memory(&varied), Some(8 * 2000 + 1000 * (8 + 8 + 524_292)));
    }

    #[test]
    fn what_has_no_room_is_refused_with_what_it_needs() {
        let small = workload("live = 10\nops = 990\nmix = { insert = 50, remove = 50 }");
        in_memory(&small).unwrap();
        on_disk([&small].into_iter(), Path::new(".")).unwrap();
        let huge =
            workload("live = 90_000_000\nops = 1000\nvalues = { boxed = 1048576 }\nmix = { get = 100 }");
        let error = in_memory(&huge).unwrap_err().to_string();
        assert!(error.starts_with("workload `w` needs 87892.6 GiB of memory at least, and "), "{error}");
        let error = on_disk(std::iter::repeat_n(&huge, 1_000_000), Path::new(".")).unwrap_err().to_string();
        assert!(error.starts_with("the tapes need 670559.7 GiB, and "), "{error}");
    }

    #[test]
    fn what_may_not_fit_twice_plays_alone() {
        let tape = |live| Header {
            executed: Executed { peak_live: Some(live), ..Executed::default() },
            ..Header::default()
        };
        assert!(!for_one_only(&tape(1000)));
        assert!(for_one_only(&tape(u64::MAX)));
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!(bytes(1023), "1023 bytes");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(5 << 30), "5.0 GiB");
    }
}
