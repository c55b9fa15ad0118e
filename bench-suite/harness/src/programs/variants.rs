//! Maps that are made otherwise than they usually are: which there can be, which are meant, how a child is started that
//! plays one.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, anyhow, bail};
use formats::observation::Collector;
use formats::subject::{Axis, MapInfo, Variant};

use super::{Found, Programs};
use crate::pick;

/// The axis that says what jemalloc does about huge pages, and the variable by which it is told.
const HUGE_PAGES: &str = "huge_pages";
const JEMALLOC: &str = "_RJEM_MALLOC_CONF";
/// The axis that each program has one value of.
const ALLOCATOR: &str = "allocator=";

/// Whether one of these names asks for another allocator, and so for the programs that have one.
pub(super) fn ask_for_allocator<'n>(names: impl IntoIterator<Item = &'n str>) -> bool {
    names.into_iter().any(|name| name.contains(ALLOCATOR))
}

impl Programs {
    /// What is known of a map, of a variant too.
    pub(crate) fn info(&self, name: &str) -> Option<MapInfo> {
        let named = |name: &str| self.maps().into_iter().find(|map| map.name == name);
        named(name).or_else(|| {
            let Variant { map, settings } = Variant::parse(name)?;
            let base = named(&map)?;
            base.made(&settings, &self.around(&base)).ok()
        })
    }

    /// In what the surroundings of a map can be otherwise, over all programs that hold it.
    pub(crate) fn around(&self, map: &MapInfo) -> Vec<Axis> {
        let mut axes: Vec<Axis> = Vec::new();
        for program in self.found.iter().filter(|program| program.holds(&map.name)) {
            for axis in &program.subject.axes {
                match axes.iter_mut().find(|known| known.name == axis.name) {
                    Some(known) => {
                        let new: Vec<String> = axis
                            .values
                            .iter()
                            .filter(|value| !known.values.contains(value))
                            .cloned()
                            .collect();
                        known.values.extend(new);
                    }
                    None => axes.push(axis.clone()),
                }
            }
        }
        axes
    }

    /// Those that the patterns name, each beside the map that it is a variant of. A pattern that names nothing is an
    /// error; one with a glob passes by the maps that do not have its axes.
    pub(crate) fn pick(&self, patterns: &[String]) -> Result<Vec<MapInfo>> {
        let all = self.maps();
        let mut picked: Vec<MapInfo> = Vec::new();
        for pattern in patterns {
            let variant = Variant::parse(pattern).filter(|_| all.iter().all(|map| map.name != *pattern));
            if let Some(variant) = variant {
                picked.extend(self.made(&variant, &all)?);
            } else {
                let named = pick::pick("map", std::slice::from_ref(pattern), &all)?;
                picked.extend(named.into_iter().cloned());
            }
        }
        Ok(in_order(picked, &all))
    }

    /// The maps of these names, each beside the map that it is a variant of.
    pub(crate) fn pick_names(&self, names: &[String]) -> Vec<MapInfo> {
        in_order(names.iter().filter_map(|name| self.info(name)).collect(), &self.maps())
    }

    fn made(&self, variant: &Variant, all: &[MapInfo]) -> Result<Vec<MapInfo>> {
        let bases = pick::pick("map", std::slice::from_ref(&variant.map), all)?;
        let made: Vec<Result<MapInfo, String>> =
            bases.iter().map(|base| base.made(&variant.settings, &self.around(base))).collect();
        if let [Err(problem)] = &made[..] {
            bail!("map `{variant}`: {problem}");
        }
        let able: Vec<MapInfo> = made.into_iter().filter_map(Result::ok).collect();
        if able.is_empty() {
            return Err(anyhow!(
                "map `{variant}`: no map that `{}` names can be so; {}",
                variant.map,
                self.axes(&bases)
            ));
        }
        Ok(able)
    }

    /// The axes of some maps, for errors.
    fn axes(&self, maps: &[&MapInfo]) -> String {
        let of = |map: &&MapInfo| map.axes.iter().cloned().chain(self.around(map)).collect::<Vec<Axis>>();
        let told: BTreeSet<String> = maps
            .iter()
            .flat_map(of)
            .map(|axis| format!("{} ({})", axis.name, axis.values.join(", ")))
            .collect();
        if told.is_empty() {
            return "they have no axes".into();
        }
        format!("there is {}", told.into_iter().collect::<Vec<_>>().join("; "))
    }

    /// Sets what a child needs around it to play this map.
    pub(crate) fn surround(&self, command: &mut Command, map: &str) {
        let variant = Variant::parse(map).filter(|_| self.maps().iter().all(|known| known.name != map));
        let Some(wanted) = variant.as_ref().and_then(|variant| variant.value(HUGE_PAGES)) else { return };
        let user = command.get_envs().find(|(name, _)| *name == JEMALLOC).and_then(|(_, value)| value);
        let user = user.map(|user| format!("{},", user.to_string_lossy())).unwrap_or_default();
        command.env(JEMALLOC, format!("{user}thp:{wanted}"));
    }
}

/// Each once, in the order of all maps, a variant behind the map that it is one of.
fn in_order(mut maps: Vec<MapInfo>, all: &[MapInfo]) -> Vec<MapInfo> {
    let mut seen = BTreeSet::new();
    maps.retain(|map| seen.insert(map.name.clone()));
    maps.sort_by_key(|map| {
        let base = map.variant_of.as_ref().unwrap_or(&map.name);
        (all.iter().position(|known| known.name == *base), map.variant_of.is_some())
    });
    maps
}

impl Found {
    pub(super) fn holds(&self, map: &str) -> bool {
        self.subject.maps.iter().any(|info| info.name == map)
    }

    pub(super) fn serves(&self, collector: Collector) -> bool {
        self.subject.collectors.contains(&collector)
    }

    /// Whether it can play such a variant.
    pub(super) fn can_make(&self, Variant { map, settings }: &Variant) -> bool {
        let base = self.subject.maps.iter().find(|info| info.name == *map);
        base.is_some_and(|base| base.made(settings, &self.subject.axes).is_ok())
    }
}
