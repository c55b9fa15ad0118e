//! What is part of this program and must be files to be of use: it is put into the cache, once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xxhash_rust::xxh3::Xxh3;

use crate::cache;

/// Files by their paths, with what is in them.
pub(crate) type Files = [(&'static str, &'static [u8])];

/// 16 hex digits that change with the files.
pub(crate) fn digest(files: &Files) -> String {
    let mut hash = Xxh3::new();
    for (name, bytes) in files {
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    format!("{:016x}", hash.digest())
}

/// Writes the files into a folder.
pub(crate) fn write(files: &Files, folder: &Path) -> Result<()> {
    for (name, bytes) in files {
        let file = folder.join(name);
        let written =
            fs::create_dir_all(file.parent().unwrap_or(folder)).and_then(|()| fs::write(&file, bytes));
        written.with_context(|| format!("`{}` cannot be written", file.display()))?;
    }
    Ok(())
}

/// The folder `name` of the cache with what `make` puts into it, whole or not at all; its name goes on with `digest`.
/// Those of other digests are removed.
pub(crate) fn kept(name: &str, digest: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let above = cache::folder(name)
        .with_context(|| format!("there is no place for {name}: set XDG_CACHE_HOME to a folder"))?;
    let whole = above.join(digest);
    if whole.is_dir() {
        return Ok(whole);
    }
    let cannot = || format!("`{}` cannot be made", whole.display());
    fs::create_dir_all(&above).with_context(cannot)?;
    // Another churnmark may want the same at the same time.
    let lock = File::create(above.join("lock")).and_then(|lock| lock.lock().map(|()| lock));
    let _lock = lock.with_context(cannot)?;
    if whole.is_dir() {
        return Ok(whole);
    }
    for other in fs::read_dir(&above).with_context(cannot)?.flatten().map(|entry| entry.path()) {
        if other.is_dir() {
            fs::remove_dir_all(&other).with_context(|| format!("`{}` cannot be removed", other.display()))?;
        }
    }
    let part = above.join(format!("{digest}.part"));
    fs::create_dir(&part).with_context(cannot)?;
    make(&part)?;
    fs::rename(&part, &whole).with_context(cannot)?;
    Ok(whole)
}
