//! Huge pages behind the heap: the axis `huge_pages`, and whether what was asked for is so.

use std::fs;

use formats::subject::Axis;
use tikv_jemalloc_ctl::raw;

/// The name of the axis.
pub const NAME: &str = "huge_pages";

/// Where the kernel says what it does.
const KERNEL: &str = "/sys/kernel/mm/transparent_hugepage/enabled";

/// What jemalloc can be told of the memory that it maps: nothing, that huge pages are wanted, that they are not. Whoever
/// starts the program says it in jemalloc's option `thp`.
#[must_use]
pub fn axis() -> Axis {
    Axis::new(NAME, ["default", "always", "never"], "default")
}

/// Whether jemalloc was started so, and the kernel goes along; what is in the way.
pub fn in_effect(wanted: &str) -> Result<(), String> {
    // SAFETY: the option is a string for as long as the process lives.
    let told = unsafe { raw::read_str(b"opt.thp\0") };
    let told =
        told.map_err(|error| format!("jemalloc does not say what it does about huge pages: {error}"))?;
    let told = String::from_utf8_lossy(told);
    let told = told.trim_end_matches('\0');
    if told != wanted {
        return Err(format!("{NAME} = {wanted} needs jemalloc's option thp:{wanted}, and it has thp:{told}"));
    }
    let kernel = fs::read_to_string(KERNEL).unwrap_or_default();
    if wanted == "always" && !kernel.contains("[always]") && !kernel.contains("[madvise]") {
        return Err(format!("the kernel gives no huge pages: {KERNEL} says `{}`", kernel.trim()));
    }
    Ok(())
}
