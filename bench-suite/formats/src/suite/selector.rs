//! Some of the workloads and some of the maps: by name, or by what they say of themselves.

use std::fmt;

use glob::Pattern;
use serde::{Serialize, Serializer};

use crate::subject::{Fact, MapInfo, MapKind};
use crate::workload::Workload;

/// Some of the workloads.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WorkloadSelector {
    /// Those whose name, without scale or seed, fits.
    #[serde(serialize_with = "as_text")]
    Named(Pattern),
    /// Those that have all of some tags and none of others.
    Tagged {
        /// Tags that they have.
        tags: Vec<String>,
        /// Tags that they do not have.
        without: Vec<String>,
    },
}

/// Some of the maps.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum MapSelector {
    /// Those whose name fits.
    #[serde(serialize_with = "as_text")]
    Named(Pattern),
    /// Those that are of some kind, and state all of some facts and none of others.
    Stating {
        /// One of these is their kind; any, if there is none.
        kinds: Vec<MapKind>,
        /// Facts that they state.
        facts: Vec<Fact>,
        /// Facts that they do not state.
        without: Vec<Fact>,
    },
}

fn as_text<S: Serializer>(pattern: &Pattern, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(pattern.as_str())
}

impl WorkloadSelector {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self::Tagged { tags: Vec::new(), without: Vec::new() }
    }

    /// Whether one of `selectors` selects this workload.
    #[must_use]
    pub fn any(selectors: &[Self], workload: &Workload) -> bool {
        selectors.iter().any(|selector| selector.selects(workload))
    }

    /// Whether it selects this workload.
    #[must_use]
    pub fn selects(&self, workload: &Workload) -> bool {
        match self {
            Self::Named(pattern) => pattern.matches(workload.base_name()),
            Self::Tagged { tags, without } => {
                tags.iter().all(|tag| workload.has_tag(tag))
                    && !without.iter().any(|tag| workload.has_tag(tag))
            }
        }
    }
}

impl MapSelector {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self::Stating { kinds: Vec::new(), facts: Vec::new(), without: Vec::new() }
    }

    /// Whether one of `selectors` selects this map.
    #[must_use]
    pub fn any(selectors: &[Self], map: &MapInfo) -> bool {
        selectors.iter().any(|selector| selector.selects(map))
    }

    /// Whether it selects this map.
    #[must_use]
    pub fn selects(&self, map: &MapInfo) -> bool {
        match self {
            Self::Named(pattern) => pattern.matches(&map.name),
            Self::Stating { kinds, facts, without } => {
                (kinds.is_empty() || kinds.contains(&map.kind))
                    && facts.iter().all(|&fact| map.states(fact))
                    && !without.iter().any(|&fact| map.states(fact))
            }
        }
    }
}

/// As people read it: `fifo-*`, or `article without paced`.
impl fmt::Display for WorkloadSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(pattern) => f.write_str(pattern.as_str()),
            Self::Tagged { tags, without } => {
                let tags = if tags.is_empty() { "all".into() } else { tags.join(" and ") };
                match without.as_slice() {
                    [] => f.write_str(&tags),
                    without => write!(f, "{tags} without {}", without.join(" or ")),
                }
            }
        }
    }
}
