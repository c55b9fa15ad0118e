//! The same map with every block counted, for slots and allocations.

mod map;

subjects::subject!(counting, "sorted-vec-counted", map::maps());
