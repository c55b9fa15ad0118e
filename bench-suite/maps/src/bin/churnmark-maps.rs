//! The maps of this suite, with their allocator undisturbed.

subject::subject!(undisturbed, "churnmark-maps", maps::list::maps());
