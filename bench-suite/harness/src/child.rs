//! One child process: started in a group of its own, watched, and ended when its time is up.

use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

pub(crate) use self::headway::{Headway, Reached};
use crate::descendants;
use crate::interrupt::Interrupt;

mod headway;

/// What is kept of a child's stderr: its last bytes.
const STDERR_TAIL: usize = 4096;
/// How long a pipe may stay open after the group was killed: only a process that left the group can hold it.
const PIPE_GRACE: Duration = Duration::from_secs(2);

/// What a child may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Time from start to end.
    pub(crate) time: Duration,
    /// Bytes on stdout.
    pub(crate) stdout: usize,
}

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, or by a signal that was not ours.
    Exited(ExitStatus),
    /// Killed: its time was up.
    TimedOut,
    /// Killed: it printed too much.
    OutputLimit,
    /// Killed, or never started: the user asked to stop.
    Interrupted,
}

/// What is left of a child.
#[derive(Debug)]
pub(crate) struct Finished {
    /// How it ended.
    pub(crate) end: End,
    /// What it printed, up to the limit.
    pub(crate) stdout: Vec<u8>,
    /// The last of what it wrote to stderr.
    pub(crate) stderr: String,
    /// How long it lived.
    pub(crate) lived: Duration,
    /// How far it had come when its time was up, if it was asked to tell and did.
    pub(crate) reached: Option<Reached>,
}

impl Finished {
    /// Whether somebody else killed it.
    pub(crate) fn was_killed(&self) -> bool {
        matches!(self.end, End::Exited(status) if status.signal() == Some(Signal::KILL.as_raw()))
    }
}

enum Event {
    Exited,
    OutputLimit,
}

/// Runs a child that reads nothing to its end. Nothing that it started is left when this returns.
pub(crate) fn run(command: Command, limits: Limits, interrupt: &Interrupt) -> Result<Finished> {
    run_with(command, Stdio::null(), limits, interrupt)
}

/// Runs a child that plays, with this stdin: it is asked to tell how far it has come.
pub(crate) fn run_player(
    mut command: Command,
    stdin: Stdio,
    limits: Limits,
    interrupt: &Interrupt,
) -> Result<Finished> {
    let headway = Headway::new();
    if let Some(headway) = &headway {
        headway.name_to(&mut command);
    }
    run_watched(command, stdin, limits, interrupt, headway.as_ref())
}

/// Runs a child with this stdin to its end. Nothing that it started is left when this returns, and no
/// copy of the stdin is kept beside the child's own.
pub(crate) fn run_with(
    command: Command,
    stdin: Stdio,
    limits: Limits,
    interrupt: &Interrupt,
) -> Result<Finished> {
    run_watched(command, stdin, limits, interrupt, None)
}

fn run_watched(
    mut command: Command,
    stdin: Stdio,
    limits: Limits,
    interrupt: &Interrupt,
    headway: Option<&Headway>,
) -> Result<Finished> {
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    die_with_us(&mut command);
    let started = Instant::now();
    let child = interrupt.start(|| descendants::spawn(&mut command));
    let program = command.get_program().to_owned();
    drop(command);
    let Some(child) = child else {
        return Ok(Finished {
            end: End::Interrupted,
            stdout: Vec::new(),
            stderr: String::new(),
            lived: Duration::ZERO,
            reached: None,
        });
    };
    let mut child = child.with_context(|| format!("`{}` does not start", program.display()))?;
    let group = Pid::from_child(&child);
    let (events, happened) = mpsc::channel();
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    let full = events.clone();
    let stdout = Pipe::read(stdout, limits.stdout, Keep::First(full));
    let stderr = Pipe::read(stderr, STDERR_TAIL, Keep::Last);
    std::thread::spawn(move || {
        // Without reaping: the number must stay the child's until its group has been killed.
        let _ = waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // Nobody listens any more when the child was killed for another reason.
        let _ = events.send(Event::Exited);
    });

    let (event, reached) = wait(&happened, limits.time, headway);
    let lived = started.elapsed();
    // Also after a regular end: what the child may have left behind would disturb the next pass.
    let _ = kill_process_group(group, Signal::KILL);
    interrupt.ended(group);
    let status = descendants::reap(&mut child).context("the child's end cannot be seen")?;
    let end = match event {
        _ if interrupt.requested() && !status.success() => End::Interrupted,
        Ok(Event::Exited) | Err(RecvTimeoutError::Disconnected) => End::Exited(status),
        Ok(Event::OutputLimit) => End::OutputLimit,
        Err(RecvTimeoutError::Timeout) => End::TimedOut,
    };
    let stderr = String::from_utf8_lossy(&stderr.rest()).into_owned();
    Ok(Finished { end, stdout: stdout.rest(), stderr, lived, reached })
}

/// Waits for the child's end or for that of its time. Looks twice at how far it has come, and only at one that takes
/// half of its time: the machine is the child's.
fn wait(
    happened: &Receiver<Event>,
    time: Duration,
    headway: Option<&Headway>,
) -> (Result<Event, RecvTimeoutError>, Option<Reached>) {
    let Some(headway) = headway else { return (happened.recv_timeout(time), None) };
    let first_half = happened.recv_timeout(time / 2);
    if !matches!(first_half, Err(RecvTimeoutError::Timeout)) {
        return (first_half, None);
    }
    let half = headway.done();
    let event = happened.recv_timeout(time.saturating_sub(time / 2));
    let done = headway.done();
    // One that has told nothing may not know how to.
    (event, (done > 0).then_some(Reached { done, moving: done > half }))
}

/// Has the kernel kill the child when the thread that started it is gone: not even `kill -9` on this program
/// leaves a child behind to disturb what runs next.
fn die_with_us(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        let die =
            || rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from);
        // SAFETY: the closure makes one system call and touches no memory of this process, so it may run
        // between fork and exec.
        unsafe { command.pre_exec(die) };
    }
}

/// A pipe that a thread reads, so that the child never waits for us.
struct Pipe {
    text: Arc<Mutex<Vec<u8>>>,
    closed: Receiver<()>,
}

/// What to keep of a pipe that says more than is wanted.
enum Keep {
    /// The first bytes, and tell that there were more.
    First(Sender<Event>),
    /// The last bytes.
    Last,
}

impl Pipe {
    fn read(mut pipe: impl Read + Send + 'static, limit: usize, keep: Keep) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (closing, closed) = mpsc::channel();
        let kept = Arc::clone(&text);
        std::thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            // A broken pipe ends the text as an end of file does; the text is then judged as it is.
            while let Ok(count @ 1..) = pipe.read(&mut chunk) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&chunk[..count]);
                let excess = kept.len().saturating_sub(limit);
                match &keep {
                    Keep::Last => drop(kept.drain(..excess)),
                    Keep::First(_) if excess == 0 => {}
                    Keep::First(full) => {
                        kept.truncate(limit);
                        // Nobody listens any more when the child was killed for another reason.
                        let _ = full.send(Event::OutputLimit);
                        break;
                    }
                }
            }
            let _ = closing.send(());
        });
        Self { text, closed }
    }

    /// What was read, once the pipe is closed. One that stays open is not waited for.
    fn rest(self) -> Vec<u8> {
        let _ = self.closed.recv_timeout(PIPE_GRACE);
        std::mem::take(&mut *self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { time: Duration::from_mins(1), stdout: 1 << 20 };

    fn shell(script: &str, limits: Limits) -> Finished {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        run(command, limits, &Interrupt::default()).unwrap()
    }

    #[test]
    fn keeps_what_a_child_prints_and_how_it_ends() {
        let finished = shell("echo out; echo err >&2; exit 3", LIMITS);
        assert!(matches!(finished.end, End::Exited(status) if status.code() == Some(3)));
        assert_eq!(finished.stdout, b"out\n");
        assert_eq!(finished.stderr, "err\n");
    }

    #[test]
    fn a_child_that_ignores_sigterm_is_killed_with_its_children() {
        let limits = Limits { time: Duration::from_millis(300), ..LIMITS };
        let started = Instant::now();
        let finished = shell("trap '' TERM INT; sleep 600 & echo $!; wait; sleep 600", limits);
        assert_eq!(finished.end, End::TimedOut);
        assert!(started.elapsed() < Duration::from_mins(1), "it must not wait for the sleepers");
        let grandchild = String::from_utf8(finished.stdout).unwrap().trim().to_string();
        // A signal takes a moment, and a killed orphan is a zombie until its new parent looks.
        let gone = || match std::fs::read_to_string(format!("/proc/{grandchild}/stat")) {
            Ok(state) => state.contains(") Z "),
            Err(_) => true,
        };
        while !gone() {
            assert!(started.elapsed() < Duration::from_mins(2), "the grandchild lives on");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_child_that_prints_without_end_is_killed() {
        let finished = shell("yes", Limits { stdout: 1000, ..LIMITS });
        assert_eq!(finished.end, End::OutputLimit);
        assert_eq!(finished.stdout.len(), 1000);
    }

    #[test]
    fn only_the_last_of_stderr_is_kept() {
        let finished = shell("yes | head -n 100000 >&2; echo last words >&2", LIMITS);
        assert!(finished.stderr.len() <= STDERR_TAIL);
        assert!(finished.stderr.ends_with("last words\n"));
    }

    #[test]
    fn a_process_that_left_the_group_does_not_hold_us_up() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("left");
        let script = format!(
            "setsid sh -c 'echo kept; touch {0}; exec sleep 100' & while [ ! -e {0} ]; do sleep 0.01; done",
            left.display()
        );
        let started = Instant::now();
        let finished = shell(&script, LIMITS);
        assert!(matches!(finished.end, End::Exited(status) if status.success()));
        assert_eq!(finished.stdout, b"kept\n");
        assert!(started.elapsed() < Duration::from_secs(90), "the sleeper holds the pipe for 100 s");
    }
}
