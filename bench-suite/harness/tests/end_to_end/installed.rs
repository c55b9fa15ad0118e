//! Installed, in an empty folder: nothing is there but the command and its programs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::sandbox::{Said, subject};

/// A folder `bin` with the command and its programs, and an empty one.
fn installed() -> TempDir {
    let folder = TempDir::new().unwrap();
    let bin = folder.path().join("bin");
    for made in [&bin, &folder.path().join("empty")] {
        fs::create_dir(made).unwrap();
    }
    fs::copy(env!("CARGO_BIN_EXE_churnmark"), bin.join("churnmark")).unwrap();
    for ending in ["", "-counted"] {
        symlink(subject(ending), bin.join(format!("churnmark-maps{ending}"))).unwrap();
    }
    folder
}

fn run(folder: &TempDir, arguments: &str, code: i32) -> Said {
    let mut command = Command::new(folder.path().join("bin/churnmark"));
    command.args(arguments.split_whitespace()).current_dir(folder.path().join("empty"));
    command.env("XDG_CACHE_HOME", folder.path().join("cache")).env("NO_COLOR", "1");
    Said::of(command.output().unwrap(), code)
}

#[test]
fn an_empty_folder_suffices() {
    let folder = installed();
    let listed = run(&folder, "list", 0).stdout;
    assert!(
        listed.starts_with("workloads from this program: there is no folder `workloads` here\n"),
        "{listed}"
    );
    let said = run(&folder, "measure -w fifo-10k -m hashbrown,std -c slots --scale 0.1", 0);
    let page = said.stdout.trim();
    assert!(page.starts_with("reports/") && folder.path().join("empty").join(page).is_file(), "{page}");
    // Recordings came along. What is kept stands in the user's cache, once.
    let kept = fs::read_dir(folder.path().join("cache/churnmark/workloads")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    let recording = "traces/twitter-cluster52.csv.zst";
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads").join(recording);
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!(fs::read(kept.join(recording)).unwrap(), fs::read(shipped).unwrap());
    // A folder of one's own goes before.
    fs::create_dir(folder.path().join("empty/workloads")).unwrap();
    run(&folder, "list", 2).complains(&["there is no workload (*.toml) in `workloads`"]);
    // Findings are not what one has of one's own.
    assert!(run(&folder, "evidence", 0).stdout.contains("papaya-returning-key"));
}
