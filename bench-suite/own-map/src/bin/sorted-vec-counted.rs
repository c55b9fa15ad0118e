//! The same map with every block counted, for slots, allocations, events and calls.

subject::subject!(counting, "sorted-vec-counted", own_map::maps());
