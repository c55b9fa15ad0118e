//! Maps with a planted fault. Each proves that one check sees what it claims to see; they play only when
//! named.
//!
//! | canary | fault | must be caught by |
//! |---|---|---|
//! | `canary-slow` | work before each operation | the comparison of throughput, latency and instructions with `hashbrown` |
//! | `canary-slow:steps=64` | twice as much | `instructions`: twice as many beyond those of its twin |
//! | `canary-slow:steps=0` | none: their twin | nothing |
//! | `canary-leaky` | each remove leaks a block | `allocations` and `heap`: bytes left when the map is gone |
//! | `canary-wrong` | a wrong answer now and then | the digest of the answers |
//! | `canary-unsteady` | every map but the first of a process gives one wrong answer | plays of one process against each other |
//! | `canary-hanging` | an operation that never ends | the time limit of a pass, which it is said to hang at |
//! | `canary-crawling` | operations that sleep for half a millisecond | the time limit of a pass, which it is said to be too slow for |
//! | `canary-crashing` | the process aborts | the exit status of a pass |
//! | `canary-fresh` | no slot is ever used again | `slots`: no insert reuses or recycles, and its film has no reused slot; `heap`: it only grows |
//! | `canary-freed-last` | none: the twin of `canary-fresh` | nothing |
//! | `canary-oversized` | a table of eight times the size or more | the exact gate: peak bytes rise, although instructions and rehashed entries fall |
//! | `canary-fitting` | none: the twin of `canary-oversized` | nothing |
//! | `canary-slow-rehash` | work for each entry when the table is rebuilt | total CPU time, whose median slice stays as it was |
//! | `canary-even-rehash` | none: the twin of `canary-slow-rehash` | nothing |
//! | `canary-clustered` | keys start to be looked for in a 256th of the slots | `probes`: groups that an operation goes to |
//! | `canary-scattered` | none: the twin of `canary-clustered` | nothing |
//! | `canary-stalling:why=rehash` | one operation of each thousand rebuilds the table, and takes long | `tail`: a new table is the cause |
//! | `canary-stalling:why=allocate` | it calls the allocator | `tail`: the allocator is |
//! | `canary-stalling:why=fault` | it writes to pages that the kernel has to find first | `tail`: page faults are |
//! | `canary-stalling:why=wait` | it waits for a lock that another thread holds | `tail`: a wait is |
//! | `canary-stalling` | none of these: their twin, which takes as long | `tail`: it recurs, and nothing explains it |
//! | `canary-losing` | new entries vanish now and then | the conservation check of threads that share keys |
//! | `canary-inventing` | a value now and then that nobody wrote | what threads that share keys were told: no order explains it |
//! | `canary-truthful` | none: the twin of `canary-inventing` | nothing |
//! | `canary-stale` | a bounded cache that now and then leaves a value as it was | what it finds against what was written last |
//! | `canary-overfull` | one that holds an eighth more than it may | entries left against the bound |
//! | `canary-tidy` | none: the twin of both | nothing |

use formats::subject::MapInfo;

pub use cached::{overfull, stale, tidy};
pub use planted::Planted;
use planted::{
    CRASHING, CRAWLING, EVEN_REHASH, FITTING, HANGING, LEAKY, OVERSIZED, SLOW, SLOW_REHASH, UNSTEADY, WRONG,
};

mod append_only;
mod cached;
mod clustering;
mod invented;
mod lossy;
mod planted;
pub mod stalling;

/// Hands the list of all canaries to the macro named, as lines `kind canary::module;`.
#[macro_export]
macro_rules! for_each_canary {
    ($callback:ident) => {
        $callback! {
            single canary::slow;
            single canary::leaky;
            single canary::wrong;
            single canary::unsteady;
            single canary::hanging;
            single canary::crawling;
            single canary::crashing;
            single canary::fresh;
            single canary::freed_last;
            single canary::oversized;
            single canary::fitting;
            single canary::slow_rehash;
            single canary::even_rehash;
            single canary::clustered;
            single canary::scattered;
            single canary::stalling;
            shared canary::losing;
            shared canary::inventing;
            shared canary::truthful;
            cache canary::stale;
            cache canary::overfull;
            cache canary::tidy;
        }
    };
}

fn info(name: &str, about: &str) -> MapInfo {
    MapInfo { canary: true, ..MapInfo::new(name, env!("CARGO_PKG_VERSION"), about) }
}

/// Does the same work before each operation.
pub mod slow {
    use super::planted::STEPS;
    use super::{MapInfo, Planted, SLOW};
    use formats::subject::Axis;

    /// hashbrown behind multiplications and rotations.
    pub type Adapter<K, V> = Planted<K, V, SLOW>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with so many dependent multiplications and rotations before each operation as the \
                     axis says.";
        let (steps, values, usual) = STEPS;
        super::info("canary-slow", about).with_axis(Axis::new(steps, values, usual.to_string()))
    }
}

/// Keeps memory for ever.
pub mod leaky {
    use super::{LEAKY, MapInfo, Planted};

    /// hashbrown that leaks.
    pub type Adapter<K, V> = Planted<K, V, LEAKY>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, leaking 64 bytes with each remove of a live entry.";
        super::info("canary-leaky", about)
    }
}

/// Gives a wrong answer now and then.
pub mod wrong {
    use super::{MapInfo, Planted, WRONG};

    /// hashbrown that lies.
    pub type Adapter<K, V> = Planted<K, V, WRONG>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with the last bit of one answer in 100,003 flipped.";
        super::info("canary-wrong", about)
    }
}

/// Gives a wrong answer once it is not the first.
pub mod unsteady {
    use super::{MapInfo, Planted, UNSTEADY};

    /// hashbrown that lies later.
    pub type Adapter<K, V> = Planted<K, V, UNSTEADY>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with the last bit of the 5,000th answer flipped in every map but the first \
                     of a process.";
        super::info("canary-unsteady", about)
    }
}

/// Never ends.
pub mod hanging {
    use super::{HANGING, MapInfo, Planted};

    /// hashbrown that hangs.
    pub type Adapter<K, V> = Planted<K, V, HANGING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, whose operations sleep for ever once 5,000 are done.";
        super::info("canary-hanging", about)
    }
}

/// Comes forward, and hardly.
pub mod crawling {
    use super::{CRAWLING, MapInfo, Planted};

    /// hashbrown that sleeps.
    pub type Adapter<K, V> = Planted<K, V, CRAWLING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        super::info(
            "canary-crawling",
            "The map hashbrown, whose operations sleep for half a millisecond once 5,000 are done.",
        )
    }
}

/// Takes the whole process down.
pub mod crashing {
    use super::{CRASHING, MapInfo, Planted};

    /// hashbrown that aborts.
    pub type Adapter<K, V> = Planted<K, V, CRASHING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, which aborts the process once 5,000 operations are done.";
        super::info("canary-crashing", about)
    }
}

/// Never uses a slot again.
pub mod fresh {
    use super::MapInfo;

    /// Values that are appended.
    pub type Adapter<K, V> = super::append_only::Appended<K, V, false>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "Values in blocks that are only appended to: no insert lands where an entry was before, \
                     and no memory is given back. A hashbrown table says where each one is.";
        super::info("canary-fresh", about)
    }
}

/// The twin of the map that never uses a slot again: takes the one that was freed last.
pub mod freed_last {
    use super::MapInfo;

    /// Values that lie where others did.
    pub type Adapter<K, V> = super::append_only::Appended<K, V, true>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The twin of canary-fresh: keeps values as that does, and puts a new one where one was freed last.";
        super::info("canary-freed-last", about)
    }
}

/// Takes far more memory than it needs.
pub mod oversized {
    use super::{MapInfo, OVERSIZED, Planted};

    /// hashbrown with too large a table.
    pub type Adapter<K, V> = Planted<K, V, OVERSIZED>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about =
            "The map hashbrown, whose table is made at least eight times as large as its entries need.";
        super::info("canary-oversized", about)
    }
}

/// The twin of the map with too large a table: asks for room as that does, and for no more than it needs.
pub mod fitting {
    use super::{FITTING, MapInfo, Planted};

    /// hashbrown with a table that fits.
    pub type Adapter<K, V> = Planted<K, V, FITTING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about =
            "The twin of canary-oversized: asks for room as that does, and for no more than it needs.";
        super::info("canary-fitting", about)
    }
}

/// Rebuilds its table slowly.
pub mod slow_rehash {
    use super::{MapInfo, Planted, SLOW_REHASH};

    /// hashbrown that toils when its table was rebuilt.
    pub type Adapter<K, V> = Planted<K, V, SLOW_REHASH>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with 64 dependent multiplications and rotations for each entry after an \
                     insert that rebuilt the table.";
        super::info("canary-slow-rehash", about)
    }
}

/// The twin of the map that rebuilds slowly: looks for rebuilds as that does, and does nothing then.
pub mod even_rehash {
    use super::{EVEN_REHASH, MapInfo, Planted};

    /// hashbrown that notices when its table was rebuilt.
    pub type Adapter<K, V> = Planted<K, V, EVEN_REHASH>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The twin of canary-slow-rehash: notices a rebuilt table and does nothing.";
        super::info("canary-even-rehash", about)
    }
}

/// Looks far for every key.
pub mod clustered {
    use super::MapInfo;
    use super::clustering::Clustering;
    use crate::control_bytes::telling;
    use crate::hashbrown_foldhash::Table;

    /// hashbrown whose hash has eight low bits of zero.
    pub type Adapter<K, V> = Table<K, V, Clustering<true>>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with a hash whose low eight bits are always 0.";
        telling(super::info("canary-clustered", about))
    }
}

/// The twin of the map that looks far: computes its hash as that does, and leaves it whole.
pub mod scattered {
    use super::MapInfo;
    use super::clustering::Clustering;
    use crate::control_bytes::telling;
    use crate::hashbrown_foldhash::Table;

    /// hashbrown behind a hash that could be damaged.
    pub type Adapter<K, V> = Table<K, V, Clustering<false>>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The twin of canary-clustered: its hash takes the same way, and stays whole.";
        telling(super::info("canary-scattered", about))
    }
}

/// Loses new entries.
pub mod losing {
    use super::MapInfo;

    pub use super::lossy::Adapter;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map dashmap, but of the entries that a thread adds each hundredth vanishes at once.";
        super::info("canary-losing", about)
    }
}

/// Answers with values that nobody wrote.
pub mod inventing {
    use super::MapInfo;
    use super::invented::Lying;

    /// dashmap that invents.
    pub type Adapter<K, V> = Lying<K, V, true>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map dashmap, but each fiftieth value that a thread gets after the first 2,000 is one \
                     that nobody wrote. Entries come and go as they should.";
        super::info("canary-inventing", about)
    }
}

/// The twin of the map that invents.
pub mod truthful {
    use super::MapInfo;
    use super::invented::Lying;

    /// dashmap that counts what it answers.
    pub type Adapter<K, V> = Lying<K, V, false>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        super::info(
            "canary-truthful",
            "The twin of canary-inventing: counts its answers as that does, and tells the truth.",
        )
    }
}
