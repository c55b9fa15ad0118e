//! A resolution of dependencies by [pubgrub](https://github.com/pubgrub-rs/pubgrub), the solver of uv: the newest versions
//! of generated packages that fit each other. Most choices contradict another one, are undone, and are made anew.
//!
//! pubgrub keeps what it knows in maps that are recorded where `CHURNMARK_RECORD` says. The second one that a resolution
//! makes holds what is contradicted by the choices of the moment: entries go in as choices are made, are asked for at
//! every step, and are swept out when choices are undone.

use std::cmp::Reverse;
use std::convert::Infallible;
use std::error::Error;
use std::ops::RangeInclusive;

use pubgrub::{Dependencies, DependencyProvider, PackageResolutionStatistics, PubGrubError, Ranges, resolve};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Packages beside the one that is asked for.
const PACKAGES: u32 = 80;
/// Versions of each.
const VERSIONS: u32 = 14;
/// Packages that a version depends on, at most.
const DEPENDENCIES: u32 = 5;

/// Packages that the one that is asked for depends on.
const FIRST: u32 = 6;
/// Versions of a package that a dependency takes: fewer leave no solution, more make the first choice the last.
const TAKEN: RangeInclusive<u32> = 6..=14;
/// One registry of many.
const SEED: u64 = 4_000_012;

/// A registry in which each version depends on few versions of other packages, drawn when it is asked for.
struct Registry;

/// Which package was drawn when.
fn drawn(package: u32, version: u32) -> SmallRng {
    SmallRng::seed_from_u64(SEED + (u64::from(package) << 32 | u64::from(version)))
}

impl DependencyProvider for Registry {
    type P = u32;
    type V = u32;
    type VS = Ranges<u32>;
    type Priority = (u32, Reverse<usize>);
    type M = String;
    type Err = Infallible;

    fn prioritize(&self, _: &u32, range: &Ranges<u32>, seen: &PackageResolutionStatistics) -> Self::Priority {
        let fitting = (0..VERSIONS).filter(|version| range.contains(version)).count();
        if fitting == 0 { (u32::MAX, Reverse(0)) } else { (seen.conflict_count(), Reverse(fitting)) }
    }

    fn choose_version(&self, package: &u32, range: &Ranges<u32>) -> Result<Option<u32>, Infallible> {
        let versions = if *package == 0 { 1 } else { VERSIONS };
        Ok((0..versions).rev().find(|version| range.contains(version)))
    }

    fn get_dependencies(
        &self,
        package: &u32,
        version: &u32,
    ) -> Result<Dependencies<u32, Ranges<u32>, String>, Infallible> {
        let mut random = drawn(*package, *version);
        let count = if *package == 0 { FIRST } else { random.random_range(1..=DEPENDENCIES) };
        let dependency = |_| {
            // Of packages behind it, so that there are no circles; near ones, so that the same ones are wanted often.
            let other = (package + random.random_range(1..=12)).min(PACKAGES);
            let lowest = random.random_range(0..VERSIONS);
            (other, Ranges::between(lowest, lowest + random.random_range(TAKEN)))
        };
        let wanted = (0..count).map(dependency).filter(|(other, _)| other != package);
        Ok(Dependencies::Available(wanted.collect()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    match resolve(&Registry, 0, 0u32) {
        Ok(chosen) => println!("{} packages fit each other", chosen.into_iter().count()),
        Err(PubGrubError::NoSolution(_)) => println!("no versions fit each other"),
        Err(other) => return Err(other.to_string().into()),
    }
    Ok(())
}
