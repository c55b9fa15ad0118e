//! What names and globs pick out of a list.

use anyhow::{Result, bail};
use formats::observation::Collector;
use glob::Pattern;

/// Something that can be picked by name.
pub(crate) trait Named {
    /// The name.
    fn name(&self) -> &str;

    /// The name of all that it is one of, which means it too.
    fn of(&self) -> &str {
        self.name()
    }

    /// Whether it must be named: a glob that starts with a wildcard passes it by.
    fn only_by_name(&self) -> bool {
        false
    }
}

impl Named for String {
    fn name(&self) -> &str {
        self
    }
}

impl Named for Collector {
    fn name(&self) -> &str {
        Collector::name(*self)
    }
}

impl Named for formats::subject::MapInfo {
    fn name(&self) -> &str {
        &self.name
    }

    fn only_by_name(&self) -> bool {
        self.canary
    }
}

/// Those of `all` that one of `patterns` names, in the order of `all`. A pattern that names nothing is an
/// error that offers the closest names.
pub(crate) fn pick<'a, T: Named>(noun: &str, patterns: &[String], all: &'a [T]) -> Result<Vec<&'a T>> {
    let patterns = patterns
        .iter()
        .map(|text| match Pattern::new(text) {
            Ok(pattern) => Ok(pattern),
            Err(error) => bail!("`{text}` is no glob for a {noun}: {error}"),
        })
        .collect::<Result<Vec<_>>>()?;
    for pattern in &patterns {
        if !all.iter().any(|item| means(pattern, item)) {
            bail!("there is no {noun} `{pattern}`; {}", hint(pattern.as_str(), all));
        }
    }
    Ok(all.iter().filter(|item| patterns.iter().any(|pattern| means(pattern, *item))).collect())
}

fn means<T: Named>(pattern: &Pattern, item: &T) -> bool {
    let opens_wild = pattern.as_str().starts_with(['*', '?', '[']);
    let named = pattern.matches(item.name()) || pattern.matches(item.of());
    named && !(item.only_by_name() && opens_wild)
}

fn hint<T: Named>(wrong: &str, all: &[T]) -> String {
    let mut close: Vec<(f64, &str)> = all
        .iter()
        .map(|item| (strsim::jaro_winkler(wrong, item.name()), item.name()))
        .filter(|&(likeness, name)| likeness > 0.75 || (wrong.len() > 2 && name.contains(wrong)))
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<&str> = match close.len() {
        0 => all.iter().filter(|item| !item.only_by_name()).map(Named::name).collect(),
        _ => close.into_iter().take(3).map(|(_, name)| name).collect(),
    };
    match names.as_slice() {
        [] => "there is none at all".into(),
        names => format!("there is {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fruit(&'static str);

    impl Named for Fruit {
        fn name(&self) -> &str {
            self.0
        }

        fn only_by_name(&self) -> bool {
            self.0.starts_with("canary")
        }
    }

    const ALL: [Fruit; 4] = [Fruit("apple"), Fruit("pear"), Fruit("canary-grape"), Fruit("pineapple")];

    fn picked(patterns: &[&str]) -> Result<Vec<&'static str>> {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        pick("fruit", &patterns, &ALL).map(|fruits| fruits.into_iter().map(|fruit| fruit.0).collect())
    }

    #[test]
    fn names_and_globs_keep_the_order_of_the_list() {
        assert_eq!(picked(&["pear", "*apple"]).unwrap(), ["apple", "pear", "pineapple"]);
        assert_eq!(picked(&["apple", "apple"]).unwrap(), ["apple"]);
    }

    #[test]
    fn canaries_must_be_named() {
        assert_eq!(picked(&["*"]).unwrap(), ["apple", "pear", "pineapple"]);
        assert_eq!(picked(&["canary-*"]).unwrap(), ["canary-grape"]);
        assert_eq!(picked(&["canary-grape"]).unwrap(), ["canary-grape"]);
    }

    #[test]
    fn an_unknown_name_offers_close_ones() {
        let error = picked(&["appel"]).unwrap_err().to_string();
        assert_eq!(error, "there is no fruit `appel`; there is apple");
        let error = picked(&["kumquat"]).unwrap_err().to_string();
        assert_eq!(error, "there is no fruit `kumquat`; there is apple, pear, pineapple");
        assert!(picked(&["[a"]).is_err());
    }
}
