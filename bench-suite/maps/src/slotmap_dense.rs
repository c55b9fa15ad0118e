//! `slotmap::DenseSlotMap`, whose values lie side by side.

use ::slotmap::{DefaultKey, DenseSlotMap};
use formats::subject::{Extra, MapInfo};

use super::slotmap::{Keyed, kept};

/// Values without gaps; a remove puts the last one where a gap would be, and slots say where each value lies.
pub type Adapter<V> = Keyed<DenseSlotMap<DefaultKey, V>>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "slotmap-dense",
        env!("VERSION_OF_SLOTMAP"),
        concat!(
            "slotmap::DenseSlotMap: values lie side by side, and a look-up goes by a slot that says where. ",
            kept!()
        ),
    )
    .with_extras([Extra::Reserve, Extra::Capacity])
}
