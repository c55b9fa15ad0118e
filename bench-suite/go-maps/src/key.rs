//! Kinds of keys, as Go's compiler tells them apart.

/// Which functions of the runtime the compiler calls for a map with keys of a type (`mapfast` in `cmd/compile`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Four bytes of plain memory: `mapassign_fast32` and its like.
    Fast32,
    /// Eight bytes of plain memory: `mapassign_fast64` and its like.
    Fast64,
    /// Strings: `mapassign_faststr` and its like.
    FastStr,
    /// Everything else (arrays, structs, floats, interfaces, integers of other sizes): `mapassign` and its like.
    Generic,
}

/// Bytes of the largest key and the largest element that Go keeps inside a bucket or group (`abi.MapMaxKeyBytes`,
/// `abi.MapMaxElemBytes`). Larger ones it keeps in blocks of their own: give a port a box.
pub(crate) const LARGEST_INSIDE: usize = 128;

/// Whether some quick looks leave it open that two strings are equal: their lengths, first and last `BYTES` bytes.
#[inline]
pub(crate) fn may_be_equal<const BYTES: usize>(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.first_chunk::<BYTES>() == other.first_chunk()
        && one.last_chunk::<BYTES>() == other.last_chunk()
}

#[cfg(test)]
mod tests {
    use super::may_be_equal;

    #[test]
    fn a_quick_look_never_calls_equal_strings_different() {
        let text = |tail: &str| format!("{}{tail}", "x".repeat(40)).into_bytes();
        assert!(may_be_equal::<8>(&text("end"), &text("end")));
        assert!(
            !may_be_equal::<8>(&text("end"), &text("eme")) && !may_be_equal::<8>(&text("a"), &text("aa"))
        );
        let mut other = text("end");
        other[20] = b'y';
        assert!(may_be_equal::<8>(&text("end"), &other), "the middle is not looked at");
    }
}
