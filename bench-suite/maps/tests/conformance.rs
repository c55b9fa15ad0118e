//! Every map of the list, with every kind of key and value that it takes, against a model that makes no
//! mistake; and the canaries, whose faults the same checks must see.

mod conformance {
    mod alone;
    mod bounded;
    mod canaries;
    mod listed;
    mod model;
    mod threads;
}
