//! Tapes for tests, and the program that plays them.

use std::path::{Path, PathBuf};

use formats::session::TapeInfo;
use formats::tape::{Executed, Header, PhaseMark};
use formats::workload::{Keys, Pace, Values, Workload};
use tempfile::TempDir;

/// One thread that plays these phases.
pub(crate) fn tape(phases: &[(&str, u64)]) -> Header {
    let mark = |&(name, ops): &(&str, u64)| PhaseMark { name: name.into(), ops: vec![ops] };
    Header {
        workload: "w".into(),
        seed: 1,
        generator: 1,
        keys: Keys::U64,
        values: Values::U64,
        keys_shared: false,
        pace: Pace::Closed,
        distinct: 1,
        phases: phases.iter().map(mark).collect(),
        executed: Executed::default(),
    }
}

/// The usual two phases.
pub(crate) fn fill_and_churn(fill: u64, churn: u64) -> Header {
    tape(&[("fill", fill), ("churn", churn)])
}

/// A tape on disk.
pub(crate) struct Played {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// What it says of itself.
    pub(crate) tape: TapeInfo,
    _folder: TempDir,
}

/// A small tape of churn for so many threads.
pub(crate) fn play(threads: u16, ops: u64) -> Played {
    let text = format!(
        "name = \"small\"\nwhy = \"Small enough for a test.\"\nlive = 600\nops = {ops}\nthreads = {threads}\n\
         mix = {{ insert = 40, remove = 40, get = 20 }}\nremove = \"uniform\"\n"
    );
    let workload = Workload::parse(&text, Path::new("small.toml")).unwrap();
    let tape = generator::generate(&workload).unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("small.tape");
    tape.write(&file).unwrap();
    let tape = TapeInfo { id: tape.id(), why: workload.why, header: tape.header().clone() };
    Played { file, tape, _folder: folder }
}

/// The program that is built together with this one.
pub(crate) fn subject() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let built = here.ancestors().nth(2).unwrap().join("churnmark-maps");
    assert!(built.is_file(), "{} is missing: cargo build --workspace", built.display());
    built
}
