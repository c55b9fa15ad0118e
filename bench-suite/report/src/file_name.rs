//! Names from outside as names of files.

use std::fmt::Write;

/// A name from outside as the name of one file or folder: letters, digits and `-_.+@` stay, any other byte
/// becomes `=` and its hex digits, and so does a dot at the front. Different names stay different, and none
/// leads out of its folder or needs escaping in a link.
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

    proptest! {
        #[test]
        fn no_name_leaves_its_folder(a in "(?s).{0,20}", b in "(?s).{0,20}") {
            let file = file_name(&a);
            prop_assert!(!file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '"', '<', '%']));
            prop_assert_eq!(a == b, file == file_name(&b));
        }
    }
}
