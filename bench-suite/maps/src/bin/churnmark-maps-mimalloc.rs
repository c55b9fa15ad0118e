//! The maps of this suite on another allocator: mimalloc.

subject::subject!(
    mimalloc::MiMalloc,
    "mimalloc",
    concat!("mimalloc of the crate ", env!("VERSION_OF_MIMALLOC")),
    "churnmark-maps-mimalloc",
    maps::list::maps()
);
