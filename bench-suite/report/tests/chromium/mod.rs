//! A real browser without a window, and what it printed.
#![allow(unreachable_pub, dead_code, reason = "several test programs share it, each uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where a browser is looked for.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The first browser on the path. Without one the tests are skipped, except in CI, where they fail.
pub fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "CI needs a browser: apt-get install chromium"
        );
        eprintln!("skipped: no browser found ({}); apt-get install chromium", NAMES.join(", "));
    }
    found
}

/// What a browser printed on stdout, and its console with everything else on stderr.
pub fn open(browser: &Path, folder: &TempDir, page: &Path, arguments: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir_in(folder.path()).unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--window-size=1400,1200", "--enable-logging=stderr", "--v=0"])
        // Whatever the page asks of a network ends as an error on the console.
        .args(["--host-resolver-rules=MAP * ~NOTFOUND"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

pub fn written(folder: &TempDir, name: &str, page: &str) -> PathBuf {
    let file = folder.path().join(name);
    std::fs::write(&file, page).unwrap();
    file
}

pub fn console(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.contains("CONSOLE")).collect()
}
