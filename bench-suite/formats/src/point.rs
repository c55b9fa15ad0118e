//! Where one tape of a swept workload stands, and the names that workloads have in sessions.

use std::fmt;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::Values;

/// One point of a sweep: what the fields that are lists in the workload's file are here. The default is that of a
/// workload without a list, which is one tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Entries kept alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<u64>,
    /// Threads that play.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<NonZeroU16>,
    /// What the values are made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Values>,
}

impl Point {
    /// Whether nothing is swept.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}

/// As it stands behind the workload's name: `live=1000@threads=2`.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values.map(|values| format!("values={}", values_name(values)));
        let parts = [
            self.live.map(|live| format!("live={live}")),
            self.threads.map(|n| format!("threads={n}")),
            values,
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("@"))
    }
}

/// What values are made of in one word: `u64`, `bytes-64`, `boxed-1024`.
#[must_use]
pub fn values_name(values: Values) -> String {
    match values {
        Values::U64 => "u64".to_owned(),
        Values::Bytes(size) => format!("bytes-{size}"),
        Values::Boxed(sizes) => format!("boxed-{sizes}"),
    }
}

/// The name of the file of a workload whose name may have a point, a scale and a seed behind it:
/// `sizes` of `sizes@live=1000@0.05#3`.
#[must_use]
pub fn base_name(name: &str) -> &str {
    name.split(['@', '#']).next().unwrap_or(name)
}

/// A name as its file says it, and the scale that stands behind it: `sizes@live=1000` and 0.05 of
/// `sizes@live=1000@0.05`.
#[must_use]
pub fn split_scale(name: &str) -> (&str, Option<f64>) {
    let scaled = name.rsplit_once('@').and_then(|(plain, scale)| Some((plain, scale.parse().ok()?)));
    scaled.map_or((name, None), |(plain, scale)| (plain, Some(scale)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart() {
        for (name, base, plain, scale) in [
            ("a", "a", "a", None),
            ("a@0.05", "a", "a", Some(0.05)),
            ("a@live=1000", "a", "a@live=1000", None),
            ("a@live=1000@threads=2@0.5", "a", "a@live=1000@threads=2", Some(0.5)),
        ] {
            assert_eq!((base_name(name), split_scale(name)), (base, (plain, scale)), "{name}");
        }
        assert_eq!(base_name("a@live=10@2#7"), "a");
    }

    #[test]
    fn a_point_reads_as_its_fields() {
        let point = Point { live: Some(1000), threads: NonZeroU16::new(2), values: Some(Values::boxed(64)) };
        assert_eq!(point.to_string(), "live=1000@threads=2@values=boxed-64");
        assert!(!point.is_whole() && Point::default().is_whole());
        let text = serde_json::to_string(&point).unwrap();
        assert_eq!(serde_json::from_str::<Point>(&text).unwrap(), point);
    }
}
