//! The maps of this suite, with every block counted.

subject::subject!(counting, "churnmark-maps-counted", maps::list::maps());
