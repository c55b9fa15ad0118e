//! A copy of the checkout that takes no time and nothing to build.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A layer over the checkout, in the same place, which only the commands see that are run in it. What they write stays in
/// the layer.
pub(crate) struct Layer(PathBuf);

impl Layer {
    const OVER: &str = "mount -t overlay overlay -o \
        lowerdir=\"$0\",upperdir=\"$1/written\",workdir=\"$1/work\",userxattr \"$0\" && cd \"$0\" && eval \"$2\"";

    /// A layer whose files lie in this folder; none where the kernel gives a user no layer: in most containers.
    pub(crate) fn new(folder: PathBuf) -> Option<Self> {
        for folder in ["written", "work"].map(|name| folder.join(name)) {
            std::fs::create_dir_all(folder).unwrap();
        }
        let layer = Self(folder);
        layer.shell("true").output().is_ok_and(|output| output.status.success()).then_some(layer)
    }

    /// A command of the shell, at the root.
    pub(crate) fn shell(&self, command: &str) -> Command {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", Self::OVER]);
        unshare.args([&root(), &self.0]).arg(command);
        unshare
    }

    /// Where the files lie that were written in the layer.
    pub(crate) fn written(&self) -> PathBuf {
        self.0.join("written")
    }
}
