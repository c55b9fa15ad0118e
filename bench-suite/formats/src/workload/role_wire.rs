//! A role as it is written.

use super::{Mix, Order, Popularity};
use crate::placed::Placed;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleWire {
    /// Its name.
    pub(super) name: Placed<String>,
    /// How many threads have it.
    pub(super) threads: Placed<u16>,
    /// Shares of their operations in every churn phase, in percent; they sum to 100.
    pub(super) mix: Placed<Mix>,
    /// How the kinds of their operations follow each other.
    pub(super) order: Option<Order>,
    /// Which entry their gets and updates take.
    pub(super) get: Option<Placed<Popularity>>,
}
