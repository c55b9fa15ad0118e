//! The maps of this suite on another allocator: that of the C library.

subject::subject!(
    std::alloc::System,
    "system",
    "the allocator of the C library",
    "churnmark-maps-system",
    maps::list::maps()
);
