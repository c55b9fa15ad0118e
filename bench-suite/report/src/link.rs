//! Paths in links.

use std::fmt::Write;
use std::path::{Component, Path};

/// A relative link to a file or folder. What has a meaning in a link, or is no letter there, is escaped.
pub(crate) fn to(path: &Path) -> String {
    let mut link = String::new();
    for part in path.components() {
        match part {
            // A link that begins with one slash leads to the root of the same server, and of the same machine.
            Component::RootDir => continue,
            _ if !link.is_empty() || path.is_absolute() => link.push('/'),
            _ => {}
        }
        for &byte in part.as_os_str().as_encoded_bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~@+".contains(&byte) {
                link.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(link, "%{byte:02X}");
            }
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_is_a_link() {
        assert_eq!(to(Path::new("../../flames/2026-vm")), "../../flames/2026-vm");
        assert_eq!(to(Path::new("../my graphs/50%#?")), "../my%20graphs/50%25%23%3F");
        assert_eq!(to(Path::new("/var/ö")), "/var/%C3%B6");
    }
}
