//! The maps of this suite, with their allocator undisturbed.

subjects::subject!(undisturbed, "churnmark-subject", subjects::list::maps());
