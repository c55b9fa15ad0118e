//! In what a map can be made otherwise than it usually is, and the names of maps that are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MapInfo;

/// Something in which a map can be made otherwise: its shards, its hasher, the allocator behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// Its name: one word.
    pub name: String,
    /// What it can be.
    pub values: Vec<String>,
    /// What it is where nobody says otherwise.
    pub default: String,
}

impl Axis {
    /// An axis with these values, of which one is the usual.
    #[must_use]
    pub fn new(
        name: &str,
        values: impl IntoIterator<Item = impl ToString>,
        default: impl Into<String>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.to_string()).collect();
        Self { name: name.into(), values, default: default.into() }
    }
}

/// A map that is made otherwise, as it is named: `dashmap:shards=64`, or with several axes
/// `hashbrown:hasher=ahash:allocator=system`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The map.
    pub map: String,
    /// Each axis that was named, with its value.
    pub settings: Vec<(String, String)>,
}

impl Variant {
    /// What a name says; `None` of one that is no such name. A map may be called so all the same: who knows of maps
    /// looks among them first.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split(':');
        let map = parts.next().filter(|map| !map.is_empty())?;
        let setting = |part: &str| {
            let (axis, value) = part.split_once('=')?;
            let word = |text: &str| !text.is_empty() && !text.contains(['=', ' ']);
            (word(axis) && word(value)).then(|| (axis.to_owned(), value.to_owned()))
        };
        let settings: Vec<_> = parts.map(setting).collect::<Option<_>>()?;
        (!settings.is_empty()).then(|| Self { map: map.to_owned(), settings })
    }

    /// The value of an axis, if it was named.
    #[must_use]
    pub fn value(&self, axis: &str) -> Option<&str> {
        self.settings.iter().find(|(name, _)| name == axis).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.map)?;
        self.settings.iter().try_for_each(|(axis, value)| write!(f, ":{axis}={value}"))
    }
}

impl MapInfo {
    /// The same map made otherwise; `around` are the axes of what it runs in. What is wrong, and what is allowed.
    pub fn made(&self, settings: &[(String, String)], around: &[Axis]) -> Result<Self, String> {
        let all = || self.axes.iter().chain(around);
        for (at, (name, value)) in settings.iter().enumerate() {
            let Some(axis) = all().find(|axis| axis.name == *name) else {
                let known: Vec<&str> = all().map(|axis| axis.name.as_str()).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(format!("`{}` has no axis `{name}`; it has {known}", self.name));
            };
            if !axis.values.contains(value) {
                return Err(format!(
                    "`{}` cannot have {name} = {value}; allowed are {}",
                    self.name,
                    axis.values.join(", ")
                ));
            }
            if settings[..at].iter().any(|(before, _)| before == name) {
                return Err(format!("`{}` has {name} twice", self.name));
            }
        }
        let told: Vec<String> = settings.iter().map(|(axis, value)| format!("{axis} = {value}")).collect();
        let variant = Variant { map: self.name.clone(), settings: settings.to_vec() };
        Ok(Self {
            name: variant.to_string(),
            about: format!("{} Here with {}.", self.about, told.join(", ")),
            axes: Vec::new(),
            variant_of: Some(self.name.clone()),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(axis, value)| ((*axis).into(), (*value).into())).collect()
    }

    #[test]
    fn names_say_what_is_otherwise() {
        let variant = Variant::parse("m:shards=64:allocator=system").unwrap();
        assert_eq!((variant.map.as_str(), variant.value("shards")), ("m", Some("64")));
        assert_eq!(variant.to_string(), "m:shards=64:allocator=system");
        for name in ["m", "m:", "m:shards", "m:shards=", ":shards=1", "m:a=1:", "m:a=b=c", "m=1"] {
            assert_eq!(Variant::parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        let mut map = MapInfo::new("m", "1", "A map.");
        map.axes = vec![Axis::new("shards", [2, 4], "4")];
        let around = [Axis::new("allocator", ["jemalloc", "system"], "jemalloc")];
        let made = |pairs: &[(&str, &str)]| map.made(&settings(pairs), &around);
        let both = made(&[("shards", "2"), ("allocator", "system")]).unwrap();
        assert_eq!(both.name, "m:shards=2:allocator=system");
        assert_eq!(both.about, "A map. Here with shards = 2, allocator = system.");
        assert_eq!((both.variant_of.as_deref(), both.axes.len()), (Some("m"), 0));
        let error = |pairs: &[(&str, &str)]| made(pairs).unwrap_err();
        assert_eq!(error(&[("hasher", "x")]), "`m` has no axis `hasher`; it has shards, allocator");
        assert_eq!(error(&[("shards", "3")]), "`m` cannot have shards = 3; allowed are 2, 4");
        assert_eq!(error(&[("shards", "2"), ("shards", "4")]), "`m` has shards twice");
        let plain = MapInfo::new("p", "1", "A map.").made(&settings(&[("a", "1")]), &[]).unwrap_err();
        assert_eq!(plain, "`p` has no axis `a`; it has none");
    }
}
