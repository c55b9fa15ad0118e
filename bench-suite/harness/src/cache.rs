//! Where is kept what can be made again: tapes, built bases, programs, fetched toolchains, recordings.

use std::path::{Path, PathBuf};

/// A folder for what can be made again: in the build folder that this program stands in, or in the user's cache.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    if let Some(target) = build_folder() {
        return Some(target.join(name));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    Some(cache.or_else(home)?.join("churnmark").join(name))
}

/// The build folder that this program stands in, unless it was installed.
pub(crate) fn build_folder() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    // Cargo marks its build folder, <target>/<profile>/churnmark, as a cache.
    let target = here.ancestors().skip(1).take(3).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.map(Path::to_path_buf)
}
