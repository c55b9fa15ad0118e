//! The maps of this suite, with every block counted.

subjects::subject!(counting, "churnmark-subject-counted", subjects::list::maps());
