//! Where is kept what can be made again: tapes, built bases, fetched toolchains, recordings.

use std::path::{Path, PathBuf};

/// A folder for what can be made again: in the build folder that this program stands in, or in the user's cache.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    // Cargo marks its build folder, <target>/<profile>/churnmark, as a cache.
    let target = here.ancestors().skip(1).take(3).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    if let Some(target) = target {
        return Some(target.join(name));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    Some(cache.or_else(home)?.join("churnmark").join(name))
}
