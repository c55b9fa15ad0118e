//! Files that are written whole or not at all, and read only where they are files.
//!
//! What is written stands beside its place, under a name that ends in `.part` and the number of the process, and is
//! locked until it takes the place. A kill leaves such a part behind, but not its lock: by that [`sweep`] knows it from
//! one that is being written.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What the name of a part has behind that of its file, before the number of the process.
const PART: &str = ".part";
/// The largest text that is taken for one that a person wrote.
const LARGEST_TEXT: u64 = 1 << 20;

/// Puts what `content` writes in the place of a file's content. With an error the file stays as it was, and nothing is
/// left beside it.
pub fn write(file: &Path, content: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let part = part_of(file);
    let done = lock(&part).and_then(|mut out| {
        content(&mut out)?;
        fs::rename(&part, file)
    });
    done.inspect_err(|_| {
        // The first error is the one to report; a part that cannot be removed hides nothing.
        let _ = fs::remove_file(&part);
    })
}

/// The same for a text, which is on the disk when this returns.
pub fn write_text(file: &Path, text: &str) -> io::Result<()> {
    write(file, |out| {
        out.write_all(text.as_bytes())?;
        out.sync_all()
    })
}

/// Reads a file. What is none, a pipe that nobody writes to or a device without end, is an error and not waited for.
pub fn read(file: &Path) -> io::Result<Vec<u8>> {
    must_be_file(file)?;
    fs::read(file)
}

/// Opens a file for reading, with the same errors.
pub fn open(file: &Path) -> io::Result<File> {
    must_be_file(file)?;
    File::open(file)
}

/// Reads a text that a person wrote. Whatever is larger is none of these, and is not read.
pub fn read_text(file: &Path) -> io::Result<String> {
    must_be_file(file)?;
    let mut bytes = Vec::new();
    // One byte more than is allowed: the size that a file tells need not be the one it has.
    File::open(file)?.take(LARGEST_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_TEXT {
        let problem = format!("has more than {LARGEST_TEXT} bytes; such a file has a few thousand");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    String::from_utf8(bytes).map_err(|error| {
        let problem = format!("is no UTF-8 from byte {} on", error.utf8_error().valid_up_to());
        io::Error::new(io::ErrorKind::InvalidData, problem)
    })
}

/// Refuses what cannot be read to an end: a folder, a pipe, a device.
pub fn must_be_file(file: &Path) -> io::Result<()> {
    if fs::metadata(file)?.is_file() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file"))
}

/// Removes the parts in a folder that nobody writes any more. A folder that cannot be read has none.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_part(&entry.file_name()) && File::open(entry.path()).is_ok_and(is_left) {
            // What cannot be removed stays: it is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn part_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(format!("{PART}{}", std::process::id()));
    name.into()
}

/// Makes a part and locks it, again if a sweep came between the two.
fn lock(part: &Path) -> io::Result<File> {
    loop {
        let out = File::create(part)?;
        out.lock()?;
        if part.exists() {
            return Ok(out);
        }
    }
}

fn is_part(name: &std::ffi::OsStr) -> bool {
    let ending = name.to_str().and_then(|name| name.rsplit_once(PART));
    ending.is_some_and(|(_, id)| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}

#[expect(clippy::needless_pass_by_value, reason = "the lock goes with the file")]
fn is_left(part: File) -> bool {
    part.try_lock().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_or_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        write_text(&file, "first").unwrap();
        let failed = write(&file, |out| {
            out.write_all(b"sec")?;
            Err(io::Error::other("no room"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no room");
        assert_eq!(fs::read_to_string(&file).unwrap(), "first");
        write_text(&file, "second").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "second");
        assert_eq!(names(folder.path()), ["page.html"]);
    }

    #[test]
    fn what_has_no_end_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hole.toml");
        File::create(&file).unwrap().set_len(3 << 30).unwrap();
        assert!(read_text(&file).unwrap_err().to_string().contains("more than 1048576 bytes"));
        for endless in [Path::new("/dev/zero"), folder.path()] {
            assert_eq!(read_text(endless).unwrap_err().to_string(), "is no regular file");
            assert_eq!(read(endless).unwrap_err().to_string(), "is no regular file");
        }
        fs::write(&file, b"ab\xff").unwrap();
        assert_eq!(read_text(&file).unwrap_err().to_string(), "is no UTF-8 from byte 2 on");
        fs::write(&file, "name = 1").unwrap();
        assert_eq!(read_text(&file).unwrap(), "name = 1");
    }

    #[test]
    fn only_parts_that_nobody_writes_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.tape.part123", "b.part", "c.partial", "d.part12x", "e"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let written = folder.path().join("f");
        write(&written, |out| {
            sweep(folder.path());
            out.write_all(b"whole")
        })
        .unwrap();
        assert_eq!(names(folder.path()), ["b.part", "c.partial", "d.part12x", "e", "f"]);
        assert_eq!(fs::read_to_string(written).unwrap(), "whole");
    }
}
