//! Tapes for tests, and the program that plays them.

use std::path::{Path, PathBuf};

use formats::session::TapeInfo;
use formats::tape::{Header, PhaseMark};
use formats::workload::Workload;
use tempfile::TempDir;

/// One thread that plays a filling that prepares, then this load.
pub(crate) fn tape(filling: u64, load: &[(&str, u64)]) -> Header {
    let mark = |name: &str, ops, counts| PhaseMark { name: name.into(), ops: vec![ops], counts, pace: None };
    let load = load.iter().map(|&(name, ops)| mark(name, ops, true));
    let phases = std::iter::once(mark("fill", filling, false)).chain(load).collect();
    Header { phases, ..Header::default() }
}

/// The usual two phases.
pub(crate) fn fill_and_churn(fill: u64, churn: u64) -> Header {
    tape(fill, &[("churn", churn)])
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
    let Workload { why, asks, point, expectations, .. } = workload;
    let tape = TapeInfo { id: tape.id(), why, asks, header: tape.header().clone(), point, expectations };
    Played { file, tape, _folder: folder }
}

/// The program that is built together with this one.
pub(crate) fn subject() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let built = here.ancestors().nth(2).unwrap().join("churnmark-maps");
    assert!(built.is_file(), "{} is missing: cargo build --workspace", built.display());
    built
}
