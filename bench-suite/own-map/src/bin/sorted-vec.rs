//! The program for throughput, latency, heap and stacks.

subject::subject!(undisturbed, "sorted-vec", own_map::maps());
