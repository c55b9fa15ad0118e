//! Where the fields of a bucket or group lie in memory.

/// One field of a bucket or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in Go.
    pub name: &'static str,
    /// Bytes from the start of the bucket or group.
    pub offset: usize,
    /// Bytes.
    pub size: usize,
}
