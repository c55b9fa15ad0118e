//! What a child leaves behind: processes that left its group, and those of a `churnmark` that was killed.
//!
//! They would play on beside the passes that follow. On Linux this process takes the place of the parent that such a
//! process lost, so that it finds and ends them; elsewhere only the group of a child is ended.

use std::process::{Child, Command, ExitStatus};
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, io};

use rustix::process::{Pid, Signal, WaitOptions, getpgid, getpgrp, getpid, kill_process, waitpid};

/// The variable in the environment of every child that names the `churnmark` which started it.
const MARK: &str = "CHURNMARK_STARTED_BY";
/// How long a killed process may take to be gone.
const GRACE: Duration = Duration::from_secs(2);

/// The value of [`MARK`] for children of this process. Always of one length: the size of its environment moves a
/// program's stack.
static OURS: LazyLock<String> = LazyLock::new(|| mark(getpid()).unwrap_or_default());

fn mark(process: Pid) -> Option<String> {
    let started = stat(process)?.split(' ').nth(19)?.parse::<u64>().ok()?;
    Some(format!("{:010}-{started:020}", process.as_raw_nonzero()))
}

/// What the kernel says of a process behind its name: its state, its parent and so on.
fn stat(process: Pid) -> Option<String> {
    let line = fs::read(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    let line = String::from_utf8_lossy(&line).into_owned();
    line.rsplit_once(") ").map(|(_, rest)| rest.into())
}

/// The children that somebody waits for.
static KNOWN: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn known() -> MutexGuard<'static, Vec<Pid>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a child, which must be [reaped](reap) by whoever starts it.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    adopt();
    let mut known = known();
    let child = command.env(MARK, &*OURS).spawn()?;
    known.push(Pid::from_child(&child));
    Ok(child)
}

/// Waits until a child is gone, and ends what it left behind outside its group.
pub(crate) fn reap(child: &mut Child) -> io::Result<ExitStatus> {
    let status = child.wait();
    // Held to the end: no child is started meanwhile that nobody knows yet.
    let mut known = known();
    known.retain(|&one| one != Pid::from_child(child));
    end_left(&known);
    status
}

/// Has the kernel hand over to this process what its children leave behind.
fn adopt() {
    #[cfg(target_os = "linux")]
    {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // A kernel that cannot do this leaves the group as all that is ended.
            let _ = rustix::process::set_child_subreaper(Some(getpid()));
        });
    }
}

/// Ends every child that nobody waits for. What std started without a group of its own is waited for by whoever
/// started it.
fn end_left(known: &[Pid]) {
    let ours = getpgrp();
    let started = Instant::now();
    loop {
        let is_left =
            |child: &Pid| !known.contains(child) && getpgid(Some(*child)).is_ok_and(|group| group != ours);
        let left: Vec<Pid> = children().into_iter().filter(is_left).collect();
        if left.is_empty() || started.elapsed() > GRACE {
            return;
        }
        for child in left {
            // One that has ended needs no signal, only to be seen.
            let _ = kill_process(child, Signal::KILL);
            if matches!(waitpid(Some(child), WaitOptions::NOHANG), Ok(None)) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// The children of this process, those that were handed over to it among them.
fn children() -> Vec<Pid> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let lists =
        threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| pids(&list)).collect()
}

fn pids(list: &str) -> Vec<Pid> {
    list.split_whitespace().filter_map(|id| Pid::from_raw(id.parse().ok()?)).collect()
}

/// Ends what the children of a `churnmark` that was killed left running.
pub(crate) fn end_orphans() {
    let (Ok(processes), Ok(namespace)) = (fs::read_dir("/proc"), fs::read_link("/proc/self/ns/pid")) else {
        return;
    };
    for entry in processes.flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        // In a container the same numbers are other processes.
        if fs::read_link(entry.path().join("ns/pid")).ok().as_ref() != Some(&namespace) {
            continue;
        }
        // Processes of other users do not show their environment.
        let (Some(process), Ok(environment)) = (id, fs::read(entry.path().join("environ"))) else { continue };
        if started_by(&environment).is_some_and(is_gone) {
            // It may have ended by itself since.
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// The `churnmark` that started the process with this environment.
fn started_by(environment: &[u8]) -> Option<&str> {
    let mut variables = environment.split(|&byte| byte == 0);
    let value = variables.find_map(|one| one.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="))?;
    std::str::from_utf8(value).ok()
}

fn is_gone(marked: &str) -> bool {
    let id = marked.split('-').next().and_then(|id| id.parse().ok()).and_then(Pid::from_raw);
    id.is_some_and(|id| mark(id).is_none_or(|now| now != marked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_who_lives() {
        assert_eq!(OURS.len(), 31);
        let environment = format!("A=1\0{MARK}={}\0B=2\0", *OURS);
        assert_eq!(started_by(environment.as_bytes()), Some(OURS.as_str()));
        assert_eq!(started_by(b"CHURNMARK_STARTED_BYE=1\0"), None);
        assert!(!is_gone(&OURS));
        // The same number, another time.
        assert!(is_gone(&format!("{}-{:020}", &OURS[..10], 1)));
        assert!(!is_gone("nonsense"));
    }

    #[test]
    fn lists_of_children_are_read() {
        assert_eq!(pids("12 345 \n").len(), 2);
        assert!(pids("").is_empty());
    }
}
