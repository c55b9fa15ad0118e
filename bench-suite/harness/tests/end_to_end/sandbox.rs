//! A folder of its own for each test, with small workloads, in which the real programs run.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use formats::run::{Outcome, Run};
use formats::session::Session;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(4);

/// Some kinds of everything: hits and misses, a phase of each name, a size that rehashes a few times.
pub(crate) const CHURN: &str = r#"
name = "churn"
why = "Small enough for a test."
live = 600
ops = 6000
mix = { insert = 40, remove = 40, get = 10, get_absent = 5, update = 5 }
remove = "oldest"
"#;

/// Two threads with keys of their own.
pub(crate) const OWNED: &str = r#"
name = "owned"
why = "Two threads that do not meet."
live = 400
ops = 4000
threads = 2
mix = { insert = 50, remove = 50 }
"#;

/// Two threads that contend for the same keys.
pub(crate) const SHARED: &str = r#"
name = "shared"
why = "Two threads that meet."
live = 400
ops = 4000
threads = 2
keys_shared = true
keyspace = 1000
mix = { insert = 40, remove = 40, get = 20 }
"#;

pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// A folder with these workloads.
    pub(crate) fn with(workloads: &[&str]) -> Self {
        let sandbox = Self { folder: TempDir::new().unwrap() };
        fs::create_dir(sandbox.path("workloads")).unwrap();
        for text in workloads {
            let name = text.split('"').nth(1).unwrap();
            fs::write(sandbox.path(&format!("workloads/{name}.toml")), text).unwrap();
        }
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `churnmark`, with these arguments, in this folder.
    pub(crate) fn churnmark(&self, arguments: &str) -> Command {
        self.program(Path::new(env!("CARGO_BIN_EXE_churnmark")), arguments)
    }

    pub(crate) fn program(&self, program: &Path, arguments: &str) -> Command {
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        command.env("CHURNMARK_TAPES", self.path("tapes")).env("NO_COLOR", "1");
        // What is gated here is no matter of the job that runs the tests.
        command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
        command
    }

    /// What git says in this folder.
    pub(crate) fn git(&self, arguments: &str) -> String {
        let mut command =
            self.program(Path::new("git"), "-c user.name=nobody -c user.email=nobody@example.org");
        // The same commits on every run: what was built of them stays of use.
        command
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        let output = command.args(arguments.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `churnmark` and expects this exit code.
    pub(crate) fn run(&self, arguments: &str, code: i32) -> Said {
        Said::of(self.churnmark(arguments).output().unwrap(), code)
    }

    /// Starts `churnmark` in the background.
    pub(crate) fn start(&self, arguments: &str) -> Background {
        let mut command = self.churnmark(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        Background(Some(command.spawn().unwrap()))
    }

    /// The only session, which must be whole.
    pub(crate) fn session(&self) -> Session {
        Session::read(&self.only("")).unwrap()
    }

    /// The runs of its only session, line by line as they were kept.
    pub(crate) fn runs(&self) -> String {
        let packed = File::open(self.only("").join("runs.jsonl.gz")).unwrap();
        std::io::read_to_string(flate2::read::GzDecoder::new(packed)).unwrap()
    }

    /// The only folder of a session with this ending.
    pub(crate) fn only(&self, ending: &str) -> PathBuf {
        let sessions = self.sessions(ending);
        assert_eq!(sessions.len(), 1, "sessions: {sessions:?}");
        sessions.into_iter().next().unwrap()
    }

    /// Every folder of a session with this ending, `partial` or none.
    pub(crate) fn sessions(&self, ending: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.path("reports")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let fits = |path: &PathBuf| {
            !path.is_symlink() && path.is_dir() && path.extension().unwrap_or_default() == ending
        };
        paths.filter(fits).collect()
    }

    /// A subject program that is a shell script. `list` prints `maps`, the names of its maps; `play` runs
    /// `script` with the map's name in `$map` and the real program in `$real`.
    pub(crate) fn script(&self, maps: &[&str], script: &str) -> PathBuf {
        let infos: Vec<String> = maps
            .iter()
            .map(|name| {
                format!(r#"{{"name":"{name}","version":"1","about":"","family":"single","canary":false}}"#)
            })
            .collect();
        let list = format!(
            r#"{{"schema":1,"program":"script","collectors":["throughput"],"maps":[{}]}}"#,
            infos.join(",")
        );
        let text = format!(
            "#!/bin/sh\nreal={}\nif [ \"$1\" = list ]; then echo '{list}'; exit; fi\nmap=$5\n{script}\n",
            subject("").display()
        );
        self.executable("script", &text)
    }

    /// A shell script that can be started.
    pub(crate) fn executable(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        // Written by a process of its own: a file that this one holds open for writing, even for a moment and
        // through a child forked in another thread, cannot be started.
        let mut writer = Command::new("/bin/sh")
            .args(["-c", "cat > \"$0\" && chmod +x \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());
        path
    }
}

/// The real subject program, with this ending to its name.
pub(crate) fn subject(ending: &str) -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_churnmark")).with_file_name(format!("churnmark-maps{ending}"));
    assert!(beside.is_file(), "{} is missing: cargo build --workspace", beside.display());
    beside
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    pub(crate) fn of(output: Output, code: i32) -> Self {
        let said = Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert_eq!(output.status.code(), Some(code), "{}{}", said.stdout, said.stderr);
        assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
        said
    }

    /// One error, in one line, that holds all of this.
    pub(crate) fn complains(&self, parts: &[&str]) {
        let errors: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("churnmark: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        for part in parts {
            assert!(errors[0].contains(part), "`{part}` is not in: {}", errors[0]);
        }
    }
}

/// A `churnmark` that runs; killed with the test.
pub(crate) struct Background(Option<Child>);

impl Background {
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let child = self.0.as_ref().unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_child(child), signal).unwrap();
    }

    /// Waits until its session in the sandbox has kept this many runs, and gives the folder of the session.
    pub(crate) fn wait_for_runs(&mut self, sandbox: &Sandbox, count: usize) -> PathBuf {
        self.wait_until(|| {
            sandbox.sessions("partial").into_iter().find(|folder| {
                fs::read_to_string(folder.join("runs.jsonl"))
                    .is_ok_and(|runs| runs.matches('\n').count() >= count)
            })
        })
    }

    /// Waits until there is something to see; it must not end before.
    pub(crate) fn wait_until<T>(&mut self, mut look: impl FnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            let ended = self.0.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "it ended too early, with {}", ended.unwrap());
            assert!(started.elapsed() < PATIENCE, "nothing was to be seen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end, whatever it is.
    pub(crate) fn wait(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The failure of the only run of this map, as people read it.
pub(crate) fn failure(session: &Session, map: &str) -> String {
    let runs: Vec<&Run> = session.runs.iter().filter(|run| run.pass.map == map).collect();
    assert_eq!(runs.len(), 1, "{map}");
    match &runs[0].outcome {
        Outcome::Failed(failure) => failure.to_string(),
        Outcome::Measured(_) => panic!("{map} was measured"),
    }
}
