//! The part of a workload file that is a recording: which file, how its records are written, and how much of it is
//! played.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A recording to replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The file, resolved against the folder of the workload; what is compressed is decompressed on the way.
    pub file: PathBuf,
    /// How its records are written.
    pub format: TraceFormat,
    /// How its rows are laid out, where the format leaves that open.
    pub layout: Layout,
    /// Records that only say that a key was asked for are played through a least-recently-used cache of this
    /// many entries: a hit is a get, a miss a get and an insert, an eviction a remove.
    pub capacity: Option<u64>,
    /// What a time to live counts, where the format does not say it.
    pub ttl: Option<TtlUnit>,
    /// Records that are passed over at the start.
    pub skip: u64,
    /// Records that are read after those; `None`: all.
    pub limit: Option<u64>,
    /// The share of the keys, above 0 and below 1, that are played, each with its whole history; `None`: all.
    /// The capacity of the cache is made smaller by the same share.
    pub sample: Option<f64>,
    /// Who recorded it, and where; a recording that is shipped must say it.
    pub origin: Option<String>,
    /// Under which licence it is shipped; a recording that is shipped must say it.
    pub licence: Option<String>,
}

/// How the records of a trace are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TraceFormat {
    /// Rows of columns, one of which is what was done; without `columns`, CSV `op,key[,size[,ttl]]`.
    Operations,
    /// Rows of columns, each a request, played through a cache of `capacity` entries; without `columns`, CSV
    /// `time,key,size`.
    Requests,
    /// A key a line; requests.
    Keys,
    /// Twitter's seven columns: `time,key,key_size,value_size,client,operation,ttl`; `ttl` in seconds.
    Twitter,
    /// Key-value logs of Meta's `CacheLib`: CSV whose heading names `key`, `op` and, in any order, `op_time`,
    /// `op_count`, `size`, `ttl` (seconds) and others; put in the order of their times.
    Cachelib,
    /// libCacheSim's `oracleGeneral`: 24-byte little-endian records `u32 time, u64 key, u32 size, i64 next`;
    /// requests.
    OracleGeneral,
    /// Keys of 4 bytes, one behind the other; requests. The order of the bytes makes no difference.
    KeysU32,
    /// Keys of 8 bytes, one behind the other; requests. The order of the bytes makes no difference.
    KeysU64,
    /// The `ARC` paper's ranges: `start count ignored number`; a request for each block of the range.
    Arc,
    /// Loads and stores of a processor: `l 0x1fffff58 1`; requests.
    Address,
    /// `heaptrack --raw`: every allocation of a program; addresses are the keys.
    Heaptrack,
    /// The log of glibc's `mtrace`; addresses are the keys.
    Mtrace,
    /// The malloc lab of CS:APP: four lines of numbers, then `a id size`, `r id size`, `f id`.
    MallocLab,
    /// What `redis-cli monitor` prints.
    RedisMonitor,
    /// What the crate `churnmark-recorder` writes.
    Recorder,
}

impl TraceFormat {
    /// Every format, in the order in which they are told.
    pub const ALL: [Self; 15] = [
        Self::Operations,
        Self::Requests,
        Self::Keys,
        Self::Twitter,
        Self::Cachelib,
        Self::OracleGeneral,
        Self::KeysU32,
        Self::KeysU64,
        Self::Arc,
        Self::Address,
        Self::Heaptrack,
        Self::Mtrace,
        Self::MallocLab,
        Self::RedisMonitor,
        Self::Recorder,
    ];

    /// Its name in a workload file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Requests => "requests",
            Self::Keys => "keys",
            Self::Twitter => "twitter",
            Self::Cachelib => "cachelib",
            Self::OracleGeneral => "oracle_general",
            Self::KeysU32 => "keys_u32",
            Self::KeysU64 => "keys_u64",
            Self::Arc => "arc",
            Self::Address => "address",
            Self::Heaptrack => "heaptrack",
            Self::Mtrace => "mtrace",
            Self::MallocLab => "malloc_lab",
            Self::RedisMonitor => "redis_monitor",
            Self::Recorder => "recorder",
        }
    }

    /// Whether its records are requests that need a `capacity` to become inserts and removes.
    #[must_use]
    pub const fn needs_capacity(self) -> bool {
        matches!(
            self,
            Self::Requests
                | Self::Keys
                | Self::OracleGeneral
                | Self::KeysU32
                | Self::KeysU64
                | Self::Arc
                | Self::Address
        )
    }

    /// Whether its records say when they were, where they are laid out like this. Of `CacheLib`'s logs their heading says
    /// whether they do.
    #[must_use]
    pub fn has_times(self, layout: &Layout) -> bool {
        match self {
            Self::Operations => layout.columns.contains(&Column::Time),
            Self::Requests => layout.columns.is_empty() || layout.columns.contains(&Column::Time),
            Self::Twitter | Self::Cachelib | Self::OracleGeneral | Self::RedisMonitor | Self::Recorder => {
                true
            }
            Self::Keys
            | Self::KeysU32
            | Self::KeysU64
            | Self::Arc
            | Self::Address
            | Self::Heaptrack
            | Self::Mtrace
            | Self::MallocLab => false,
        }
    }

    /// Whether its records may say how many bytes a value has, where they are laid out like this.
    #[must_use]
    pub fn has_sizes(self, layout: &Layout) -> bool {
        match self {
            Self::Operations | Self::Requests => {
                layout.columns.is_empty() || layout.columns.contains(&Column::Size)
            }
            Self::Twitter
            | Self::Cachelib
            | Self::OracleGeneral
            | Self::Heaptrack
            | Self::Mtrace
            | Self::MallocLab
            | Self::RedisMonitor => true,
            Self::Keys | Self::KeysU32 | Self::KeysU64 | Self::Arc | Self::Address | Self::Recorder => false,
        }
    }

    /// Whether a workload may say how its rows are laid out.
    #[must_use]
    pub const fn has_layout(self) -> bool {
        matches!(self, Self::Operations | Self::Requests)
    }
}

/// How rows are laid out. The default is what the format says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// What each column holds; empty: the columns of the format.
    pub columns: Vec<Column>,
    /// The byte between two columns; a space stands for any run of spaces and tabs. `None`: a comma.
    pub divider: Option<u8>,
    /// Whether the first row names the columns; `None`: when its first word is a name of a column.
    pub header: Option<bool>,
    /// What the words of the `op` column mean; `None`: those of the format.
    pub kinds: Option<Kinds>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// When, in seconds.
    Time,
    /// What was done.
    Op,
    /// To which key.
    Key,
    /// Bytes of the value.
    Size,
    /// After what time or how many operations the entry leaves by itself; 0 or nothing: never.
    Ttl,
    /// How often it was done in a row.
    Count,
    /// Something else.
    #[serde(rename = "-")]
    Other,
}

impl Column {
    /// Its name in a workload file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Op => "op",
            Self::Key => "key",
            Self::Size => "size",
            Self::Ttl => "ttl",
            Self::Count => "count",
            Self::Other => "-",
        }
    }
}

/// What is done to a map for a word of the `op` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An entry goes in, or its value is replaced.
    Insert,
    /// An entry goes out.
    Remove,
    /// A key is looked up.
    Get,
    /// The value of a live entry is replaced.
    Update,
    /// Every entry goes out at once; the row's key is of no account.
    Clear,
    /// Every entry is walked over; the row's key is of no account.
    Iterate,
    /// Nothing: the row is passed over.
    Ignore,
}

/// Which words of the `op` column mean what. Any other word is a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Kinds {
    /// Words for an insert.
    pub insert: Vec<String>,
    /// Words for a remove.
    pub remove: Vec<String>,
    /// Words for a lookup.
    pub get: Vec<String>,
    /// Words for the update of a live entry.
    pub update: Vec<String>,
    /// Words for taking every entry out at once.
    pub clear: Vec<String>,
    /// Words for a walk over every entry.
    pub iterate: Vec<String>,
    /// Words for what is passed over.
    pub ignore: Vec<String>,
}

impl Kinds {
    /// Every word with what it means.
    pub fn words(&self) -> impl Iterator<Item = (&str, Action)> {
        let lists = [
            (&self.insert, Action::Insert),
            (&self.remove, Action::Remove),
            (&self.get, Action::Get),
            (&self.update, Action::Update),
            (&self.clear, Action::Clear),
            (&self.iterate, Action::Iterate),
            (&self.ignore, Action::Ignore),
        ];
        lists.into_iter().flat_map(|(words, action)| words.iter().map(move |word| (word.as_str(), action)))
    }
}

/// What a time to live counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TtlUnit {
    /// Seconds of the column `time`.
    Seconds,
    /// Operations played.
    Operations,
}
