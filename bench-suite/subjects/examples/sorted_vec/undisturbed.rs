//! A program around a map of one's own, for throughput, latency, heap and stacks. Copy this folder into a
//! crate of yours, put your map in the place of the sorted vector, and hand both programs to
//! `churnmark measure --subject`.

mod map;

subjects::subject!(undisturbed, "sorted-vec", map::maps());
