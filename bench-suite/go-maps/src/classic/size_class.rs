//! How far Go's allocator rounds a bucket array up: what fits into the rest becomes spare overflow buckets.

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

/// The bytes that Go's allocator hands out for a request of `bytes`.
pub(super) fn round_up(bytes: usize) -> usize {
    if bytes <= LARGEST {
        CLASSES[CLASSES.partition_point(|&class| class < bytes)]
    } else {
        bytes.next_multiple_of(PAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn rounds_as_measured() {
        assert_eq!([1, 8, 9, 2448, 32_760, 32_769].map(round_up), [8, 8, 16, 2688, 32_768, 40_960]);
    }
}
