//! Good input, to be damaged.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use formats::tape::{Beside, PhaseMark, Tape};
use formats::workload::{Pace, Speed, Workload};

use crate::target::Target;

/// Larger files are damaged too seldom in each place.
const LARGEST: u64 = 64 << 10;

/// The corpus of a target: its own files, and files of the repository that it reads. In the order of their names.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn of(target: &Target) -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = files(&here.join("corpus").join(target.name));
    files.extend(target.files.iter().flat_map(|pattern| {
        let (folder, ending) = pattern.rsplit_once('*').unwrap_or((pattern, ""));
        let of_repository = self::files(&here.join("../..").join(folder));
        of_repository.into_iter().filter(move |file| file.to_string_lossy().ends_with(ending))
    }));
    files.retain(|file| file.metadata().is_ok_and(|about| about.len() <= LARGEST));
    let mut inputs: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).unwrap_or_else(|why| panic!("{}: {why}", file.display())))
        .collect();
    if target.name == "tape" {
        inputs.extend(tapes());
    }
    assert!(!inputs.is_empty(), "there is no corpus of {}", target.name);
    inputs
}

/// The files of a folder, if there is one, or the file that it is.
fn files(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.into()];
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Tapes of today's version: an old one would be refused at its first bytes.
fn tapes() -> Vec<Vec<u8>> {
    const CHURN: &str = "
        name = \"churn\"
        why = \"A tape of a few operations.\"
        live = 20
        ops = 200
        mix = { insert = 40, remove = 40, get = 20 }
    ";
    let generated = |text: String| {
        let workload = Workload::parse(&text, Path::new("churn.toml")).expect("a good workload");
        generator::generate(&workload).expect("a recipe has a tape")
    };
    let churn = generated(CHURN.to_owned());
    let two = generated(format!("{CHURN}threads = 2\nkeys = \"uuid\"\npace = {{ per_second = 5 }}\n"));
    let sized = generated(format!("{CHURN}values = {{ boxed = {{ from = 8, to = 64 }} }}\n"));
    [recorded(&churn), churn, two, sized]
        .iter()
        .map(|tape| {
            let file = tempfile::NamedTempFile::new().expect("a temporary file");
            tape.write(file.path()).expect("a tape is written");
            std::fs::read(file.path()).expect("a tape is read")
        })
        .collect()
}

/// The same operations as one phase, with a time for each.
fn recorded(tape: &Tape) -> Tape {
    let mut header = tape.header().clone();
    let speed = NonZeroU32::new(1000).expect("it is not 0");
    header.pace = Pace::Recorded(Speed(speed));
    header.recorded_ns = Some(tape.len() as u64 - 1);
    header.phases =
        vec![PhaseMark { name: "trace".into(), ops: vec![tape.len() as u64], counts: true, pace: None }];
    let beside = Beside { due_ns: (0..tape.len() as u64).collect(), ..Beside::default() };
    Tape::with(header, tape.thread(0).to_vec(), beside)
}
