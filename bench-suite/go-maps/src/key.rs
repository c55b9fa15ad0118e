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

/// What the type descriptor of a map tells the runtime about its keys.
///
/// The default value is what an empty slot holds, as zeroed memory is in Go. Keys are compared by `==`; like a
/// NaN in Go, one that is not equal to itself is never found again.
pub trait Key: PartialEq + Default {
    /// Which functions of the runtime a map with such keys uses.
    const KIND: Kind = Kind::Generic;
    /// Whether a key that is there is replaced by the equal one that is put (`NeedKeyUpdate`): two equal keys may
    /// differ in their bits (0.0 and -0.0), or in the memory that they keep alive (strings).
    const UPDATES: bool = false;
    /// Whether it holds pointers: then a delete zeroes it.
    const POINTERS: bool = false;
    /// Whether it is compared by its bits alone, so that nobody can tell how often: a classic map then looks at
    /// tophashes first also where Go compares integers with every slot. The slot that it finds is the same.
    const BITS: bool = false;
    /// Bytes of it in Go.
    const BYTES: usize = size_of::<Self>();

    /// The text of a string; of no use for any other key.
    #[inline]
    fn text(&self) -> &[u8] {
        &[]
    }
}

impl Key for u32 {
    const KIND: Kind = Kind::Fast32;
    const BITS: bool = true;
}

impl Key for u64 {
    const KIND: Kind = Kind::Fast64;
    const BITS: bool = true;
}

/// A UUID, or any other array of 16 bytes.
impl Key for [u8; 16] {}

impl Key for f64 {
    const UPDATES: bool = true;
}

impl Key for Box<str> {
    const KIND: Kind = Kind::FastStr;
    const UPDATES: bool = true;
    const POINTERS: bool = true;

    #[inline]
    fn text(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// A key inside an interface value, as sync.Map keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(transparent)]
pub struct Interface<K>(pub K);

impl<K> Interface<K> {
    /// A key as if it were inside an interface value.
    #[inline]
    pub(crate) const fn of(key: &K) -> &Self {
        // SAFETY: the type is `repr(transparent)`: a reference to its only field is one to it.
        unsafe { &*std::ptr::from_ref(key).cast::<Self>() }
    }
}

impl<K: PartialEq + Default> Key for Interface<K> {
    const UPDATES: bool = true;
    const POINTERS: bool = true;
    const BYTES: usize = 16;
}

/// Bytes of the largest key and the largest element that Go keeps inside a bucket or group (`abi.MapMaxKeyBytes`,
/// `abi.MapMaxElemBytes`). Larger ones it keeps in blocks of their own: give a port a box.
const LARGEST_INSIDE: usize = 128;

/// Refuses to compile a map whose keys or elements Go would not keep inside. Returns the kind of its keys.
pub(crate) const fn kind<K: Key, E>() -> Kind {
    const {
        assert!(K::BYTES <= LARGEST_INSIDE && size_of::<E>() <= LARGEST_INSIDE);
    }
    K::KIND
}

/// Whether some quick looks leave it open that two strings are equal: their lengths, first and last `bytes` bytes.
#[inline]
pub(crate) fn may_be_equal<const BYTES: usize>(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.first_chunk::<BYTES>() == other.first_chunk()
        && one.last_chunk::<BYTES>() == other.last_chunk()
}

#[cfg(test)]
mod tests {
    use super::{Interface, Key, Kind, may_be_equal};

    #[test]
    fn kinds_are_those_of_the_compiler() {
        let kinds = [u32::KIND, u64::KIND, <Box<str>>::KIND, <[u8; 16]>::KIND, f64::KIND];
        assert_eq!(kinds, [Kind::Fast32, Kind::Fast64, Kind::FastStr, Kind::Generic, Kind::Generic]);
        assert_eq!(Interface::<u64>::KIND, Kind::Generic);
    }

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
