//! Recordings of the real Go runtime, replayed on the ports of Go's maps.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use formats::observation::SCHEMA;
use formats::replay::{Compared, Difference, Ending, Replay};
use go_maps::recorded::{self, Error, Format, Verified};

use subject::stdout::print;

/// Replays each file and prints how it ended, one line of JSON for each. Only stdout can make it fail.
pub(crate) fn replay(files: &[PathBuf]) -> ExitCode {
    files.iter().map(|file| print(&one(file))).find(|code| *code != ExitCode::SUCCESS).unwrap_or_default()
}

fn one(path: &Path) -> Replay {
    let file = path.display().to_string();
    let ending = match File::open(path).map(|reader| recorded::verify(reader, &file)) {
        Err(error) => Ending::Malformed { line: None, problem: format!("cannot be opened: {error}") },
        Ok(Ok(verified)) => Ending::Same(compared(&verified)),
        Ok(Err(Error::Difference(difference))) => differs(*difference),
        Ok(Err(Error::Malformed(malformed))) => {
            Ending::Malformed { line: Some(malformed.line), problem: malformed.problem }
        }
    };
    Replay { schema: SCHEMA, file, ending }
}

fn differs(difference: recorded::Difference) -> Ending {
    let recorded::Difference { compared: verified, line, operation, what, recorded, ported } = difference;
    Ending::Differs {
        compared: compared(&verified),
        difference: Difference { line, operation, what, recorded, ported },
    }
}

fn compared(verified: &Verified) -> Compared {
    let port = match verified.format {
        Format::Classic => "classic",
        Format::Swiss => "swiss",
        Format::SyncMap => "sync_map",
        Format::HashTrie => "hash_trie",
        Format::Pool => "pool",
    };
    Compared {
        port: port.into(),
        go: verified.go.clone(),
        operations: verified.operations,
        digests: verified.digests,
        placements: verified.placements,
        results: verified.results,
        events: verified.events,
        dumps: verified.dumps,
        hashes: verified.hashes,
        skipped: verified.skipped.len() as u64,
    }
}
