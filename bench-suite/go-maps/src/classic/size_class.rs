//! How far Go's allocator rounds a bucket array up: what fits into the rest becomes spare overflow buckets.

use crate::release::Release;

/// The size classes of Go's allocator, in bytes (`runtime/sizeclasses.go`; the same from 1.19 to 1.23).
const CLASSES: [usize; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
    448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200,
    3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336,
    16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
];

/// The largest request served from a size class; larger ones are rounded to pages.
const LARGEST: usize = 32_768 - 8;
const PAGE: usize = 8192;
/// A larger block with pointers has a header that says where they are, if the release has such headers.
const LARGEST_WITHOUT_HEADER: usize = 512;
const HEADER: usize = 8;

/// The bytes that Go's allocator hands out for a request of `bytes`, without those that it takes for itself.
pub(super) fn round_up(bytes: usize, pointers: bool, release: Release) -> usize {
    if bytes > LARGEST {
        return bytes.next_multiple_of(PAGE);
    }
    let has_header = pointers && bytes > LARGEST_WITHOUT_HEADER && release.has_malloc_header();
    let header = if has_header { HEADER } else { 0 };
    CLASSES[CLASSES.partition_point(|&class| class < bytes + header)] - header
}

#[cfg(test)]
mod tests {
    use super::round_up;
    use crate::release::Release;

    #[test]
    fn rounds_as_measured() {
        let plain = |bytes| round_up(bytes, false, Release::LAST_CLASSIC);
        assert_eq!([1, 8, 9, 2448, 32_760, 32_769].map(plain), [8, 8, 16, 2688, 32_768, 40_960]);
    }

    #[test]
    fn blocks_with_pointers_have_a_header_since_1_22() {
        let of = |minor, bytes| round_up(bytes, true, Release::new(minor));
        assert_eq!([of(21, 3536), of(22, 3536), of(22, 512)], [4096, 4088, 512]);
        assert_eq!([of(21, 4096), of(22, 4096), of(22, 40_000)], [4096, 4856, 40_960]);
    }
}
