//! `indexmap::IndexMap`, closing the gap of a removed entry.

use formats::subject::{Extra, Fact, MapInfo};

use super::indexmap_swap::Dense;

/// indexmap with `shift_remove`.
pub type Adapter<K, V> = Dense<K, V, true>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "indexmap-shift",
        env!("VERSION_OF_INDEXMAP"),
        "indexmap::IndexMap with foldhash (fast) of a fixed seed. shift_remove: every later entry moves up by \
         one, so that their order stays; a remove takes time in proportion to their number.",
    )
    .with(Fact::SlowRemove)
    .with_extras(Extra::all_but_hold())
}
