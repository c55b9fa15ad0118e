//! Names from outside as names of files.

use std::fmt::Write;

use xxhash_rust::xxh3::xxh3_64;

/// The longest name of a file, before what says what is in it: file systems take 255 bytes in all.
const LONGEST: usize = 180;

/// What a name that was cut has in the place of the rest.
const DIGEST: usize = 2 + 16;

/// A name from outside as the name of one file or folder: letters, digits and `-_.+@` stay, any other byte
/// becomes `=` and its hex digits, and so does a dot at the front. One that is too long is cut, and ends in `=-` and a
/// digest of the whole. Different names stay different, and none leads out of its folder or needs escaping in a link.
#[must_use]
pub(crate) fn file_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-_+@".contains(&byte) || (byte == b'.' && index > 0) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "={byte:02X}");
        }
    }
    if out.len() > LONGEST {
        let whole = |end: &usize| out[end.saturating_sub(2)..*end].bytes().all(|byte| byte != b'=');
        let end = (0..=LONGEST - DIGEST).rev().find(whole).unwrap_or(0);
        out.truncate(end);
        // Writing to a string does not fail.
        let _ = write!(out, "=-{:016x}", xxh3_64(name.as_bytes()));
    }
    if out.is_empty() { "=".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["hashbrown", "fifo-window", "indexmap_swap", "2026-a+", "v1.2", "fifo@0.3"] {
            assert_eq!(file_name(name), name);
        }
        assert_eq!(file_name(".."), "=2E.");
        assert_eq!(file_name("../a b"), "=2E.=2Fa=20b");
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let long = |last: &str| file_name(&format!("{}{last}", "名".repeat(500)));
        assert!(long("a").len() <= LONGEST && long("a").starts_with("=E5=90=8D=E5"), "{}", long("a"));
        assert_ne!(long("a"), long("b"));
        assert_eq!(file_name(&"x".repeat(LONGEST)), "x".repeat(LONGEST));
        let cut = file_name(&"x".repeat(LONGEST + 1));
        assert_eq!((cut.len(), &cut[..163]), (LONGEST, format!("{}=", "x".repeat(162)).as_str()));
        for more in 0..3 {
            let name = file_name(&format!("{}{}", "x".repeat(more), "/".repeat(200)));
            let (kept, digest) = name.rsplit_once("=-").unwrap();
            assert!(
                digest.len() == 16 && kept.trim_start_matches('x').split("=2F").all(str::is_empty),
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_folder(a in "(?s).{0,20}", b in "(?s).{0,20}") {
            let file = file_name(&a);
            prop_assert!(!file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '"', '<', '%']));
            prop_assert_eq!(a == b, file == file_name(&b));
        }
    }
}
