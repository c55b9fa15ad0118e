//! The lines of a recording of a Swiss map.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::lines::Answer;
use super::super::turns::Order;

/// Table (-1 in a small map), group, slot.
pub(super) type Place = (i64, usize, usize);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) i: u64,
    pub(super) o: char,
    pub(super) k: u64,
    pub(super) n: usize,
    pub(super) gd: u8,
    pub(super) dl: usize,
    pub(super) nt: usize,
    pub(super) tomb: u64,
    pub(super) cap: Option<u64>,
    pub(super) at: Option<Place>,
    pub(super) r: Option<u8>,
    #[serde(default)]
    pub(super) v: Answer,
    pub(super) ev: Option<String>,
    pub(super) w: Option<[u64; 4]>,
    pub(super) d: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
pub(super) struct Turn {
    pub(super) t: String,
    pub(super) i: u64,
    pub(super) o: Order,
    pub(super) live: u64,
    pub(super) n: usize,
    pub(super) gd: u8,
    pub(super) dl: usize,
    pub(super) nt: usize,
    pub(super) tomb: u64,
    pub(super) cap: Option<u64>,
    pub(super) d: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
pub(super) struct Dump {
    pub(super) t: String,
    pub(super) i: u64,
    pub(super) n: usize,
    pub(super) gd: u8,
    pub(super) dl: usize,
    pub(super) nt: usize,
    pub(super) tomb: u64,
    pub(super) cap: Option<u64>,
    pub(super) tp: bool,
    pub(super) cs: u64,
    #[serde(default)]
    pub(super) small: Option<String>,
    #[serde(default)]
    pub(super) dir: Vec<usize>,
    #[serde(default)]
    pub(super) tables: Vec<TableDump>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableDump {
    pub(super) ix: usize,
    pub(super) ld: u8,
    pub(super) cap: u16,
    pub(super) used: u16,
    pub(super) gl: u16,
    pub(super) g: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "named so that a field nobody knows is refused")]
pub(super) struct End {
    pub(super) t: String,
    pub(super) ops: u64,
    pub(super) inserts: u64,
    pub(super) reuse: u64,
    pub(super) events: BTreeMap<String, u64>,
    pub(super) epochs: u64,
    pub(super) n: usize,
    pub(super) gd: u8,
    pub(super) dl: usize,
}
