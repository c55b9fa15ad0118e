//! The map of Go 1.19 to 1.23 under the article's rule for deleted slots.

use formats::subject::{Extra, Fact, MapInfo};
use go_maps::classic::NoReuse;

use super::go::LedgerProbe;
use super::go_classic::Table;

/// The article's rule: a deleted slot is not taken again until the table is rebuilt.
pub type Adapter<K, V> = Table<K, V, NoReuse>;

/// The same, for passes that hear of its events.
pub type Probed<K, V> = Table<K, V, NoReuse, LedgerProbe>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "go-classic-no-reuse",
        env!("CARGO_PKG_VERSION"),
        "go-classic under a rule that is not Go's: a deleted slot is not taken again until the table is \
         rebuilt. What it costs is what Go would pay for that rule.",
    )
    .with(Fact::Altered)
    .with(Fact::TellsProbeLengths)
    .with_extras([Extra::Upsert, Extra::Capacity])
}
