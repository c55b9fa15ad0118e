//! The digest of a program: whether what runs has changed, whatever became of names and debug information.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, SectionHeader, Sym};
use object::{Endianness, FileKind, ReadCache, ReadRef};
use xxhash_rust::xxh3::Xxh3;

/// XXH3-128 in hex of the code and data that are loaded from an ELF program, and of the names that it imports. Build
/// id, symbol tables and debug information do not count. Of any other file, of all its bytes.
pub(crate) fn of(program: &Path) -> io::Result<String> {
    let file = File::open(program)?;
    // Keeps whatever is read through it.
    let cache = ReadCache::new(file.try_clone()?);
    // What is no ELF file, or a damaged one, has no sections.
    let parts = match FileKind::parse(&cache) {
        Ok(FileKind::Elf64) => loaded::<FileHeader64<Endianness>, _>(&cache).unwrap_or_default(),
        Ok(FileKind::Elf32) => loaded::<FileHeader32<Endianness>, _>(&cache).unwrap_or_default(),
        _ => Vec::new(),
    };
    let whole = [Part::Stretch(0, file.metadata()?.len())];
    let parts = if parts.is_empty() { whole.as_slice() } else { &parts };
    let mut hash = Xxh3::new();
    parts.iter().try_for_each(|part| part.hash(&file, &mut hash))?;
    Ok(format!("{:032x}", hash.digest128()))
}

/// Something that counts.
enum Part<'data> {
    /// A name.
    Name(&'data [u8]),
    /// A size.
    Size(u64),
    /// Bytes of the file: from where, and how many.
    Stretch(u64, u64),
}

impl Part<'_> {
    fn hash(&self, file: &File, hash: &mut Xxh3) -> io::Result<()> {
        match *self {
            Self::Name(name) => hash.update(name),
            Self::Size(size) => hash.update(&size.to_le_bytes()),
            Self::Stretch(start, length) => return stretch(file, start, length, hash),
        }
        Ok(())
    }
}

/// Hashes bytes of a file piece by piece: programs are large.
fn stretch(file: &File, mut start: u64, length: u64, hash: &mut Xxh3) -> io::Result<()> {
    let end = start.saturating_add(length);
    let mut piece = vec![0; 1 << 16];
    while start < end {
        let wanted = usize::try_from(end - start).unwrap_or(usize::MAX).min(piece.len());
        file.read_exact_at(&mut piece[..wanted], start)?;
        hash.update(&piece[..wanted]);
        start += wanted as u64;
    }
    Ok(())
}

/// Every section of code or data that is loaded, with its name, and what is imported; nothing if there is no such section,
/// or one does not lie in the file.
fn loaded<'data, Header, Data>(file: Data) -> object::Result<Vec<Part<'data>>>
where
    Header: FileHeader<Endian = Endianness>,
    Data: ReadRef<'data>,
{
    let header = Header::parse(file)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, file)?;
    let mut parts = Vec::new();
    for section in sections.iter() {
        let size: u64 = section.sh_size(endian).into();
        let name = sections.section_name(endian, section)?;
        let is_loaded =
            section.sh_flags(endian).contains(elf::SHF_ALLOC) && is_code_or_data(section.sh_type(endian));
        // Some compilers mark what they write for a debugger as loaded.
        if is_loaded && !name.starts_with(b".debug") {
            parts.extend([Part::Name(name), Part::Size(size)]);
            if let Some((start, length)) = section.file_range(endian) {
                if start.saturating_add(length) > file.len().unwrap_or(0) {
                    return Ok(Vec::new());
                }
                parts.push(Part::Stretch(start, length));
            }
        }
    }
    if parts.is_empty() {
        return Ok(parts);
    }
    let symbols = sections.symbols(endian, file, elf::SHT_DYNSYM)?;
    for symbol in symbols.iter().filter(|symbol| symbol.is_undefined(endian)) {
        parts.extend([Part::Name(symbol.name(endian, symbols.strings())?), Part::Name(&[0])]);
    }
    Ok(parts)
}

/// Relocations count: they are where an address in the data leads to. Symbol tables and notes do not.
const fn is_code_or_data(kind: elf::SectionType) -> bool {
    matches!(
        kind,
        elf::SHT_PROGBITS
            | elf::SHT_NOBITS
            | elf::SHT_PREINIT_ARRAY
            | elf::SHT_INIT_ARRAY
            | elf::SHT_FINI_ARRAY
            | elf::SHT_REL
            | elf::SHT_RELA
            | elf::SHT_RELR
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    /// Constants, a table of addresses that is relocated, and a function that the linker keeps no export of.
    const SOURCE: &str = r#"
        #include <stdio.h>
        static const char *const words[] = { "one", "two", "three" };
        static int helper(int number) { return number * 3 + 1; }
        int main(int count, char **arguments) {
            (void)arguments;
            return puts(words[helper(count) % 3]) < 0;
        }
    "#;

    struct Workshop(TempDir);

    impl Workshop {
        /// The digest of the program that `cc` makes of this source.
        fn build(&self, name: &str, source: &str, arguments: &[&str]) -> (PathBuf, String) {
            let (file, program) = (self.0.path().join("source.c"), self.0.path().join(name));
            fs::write(&file, source).unwrap();
            let mut cc = Command::new("cc");
            cc.args(["-pie", "-fPIE"]).args(arguments).arg(&file).arg("-o").arg(&program);
            assert!(cc.status().unwrap().success());
            let digest = of(&program).unwrap();
            (program, digest)
        }
    }

    #[test]
    fn only_what_is_loaded_counts() {
        let workshop = Workshop(TempDir::new().unwrap());
        let (program, digest) = workshop.build("a", SOURCE, &["-g", "-Wl,--build-id=0x01020304"]);
        let renamed = SOURCE.replace("helper", "servant");
        let (_, other) = workshop.build("b", &renamed, &["-g", "-Wl,--build-id=0x0a0b0c0d"]);
        assert_eq!(other, digest, "another build id, other names of symbols");
        let (_, other) = workshop.build("c", SOURCE, &["-Wl,--build-id=0x01020304"]);
        assert_eq!(other, digest, "no debug information");
        assert!(Command::new("strip").arg(&program).status().unwrap().success());
        assert_eq!(of(&program).unwrap(), digest, "stripped");

        for (what, from, to) in [
            ("code", "number * 3", "number * 5"),
            ("a constant", "\"two\"", "\"six\""),
            ("an address", "{ \"one\", \"two\"", "{ \"two\", \"one\""),
            ("an import", "puts", "remove"),
        ] {
            let changed = SOURCE.replace(from, to);
            let (_, other) = workshop.build("d", &changed, &["-g", "-Wl,--build-id=0x01020304"]);
            assert_ne!(other, digest, "{what}");
        }
    }

    #[test]
    fn a_file_of_another_kind_counts_as_a_whole() {
        let folder = TempDir::new().unwrap();
        let digest = |bytes: &[u8]| {
            fs::write(folder.path().join("file"), bytes).unwrap();
            of(&folder.path().join("file")).unwrap()
        };
        let script = digest(b"#!/bin/sh\n");
        assert_eq!(script, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(b"#!/bin/sh\n")));
        assert_ne!(script, digest(b"#!/bin/bash\n"));
        // Damaged: no section can be found.
        let this = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_ne!(digest(&this[..200]), digest(&this[..201]));
        assert_ne!(digest(b""), digest(b"\x7fELF"));
        assert!(of(&folder.path().join("none")).is_err());
    }
}
