//! What a child finds around it: variables, and processors. Whoever counts instead of timing finds the same on every
//! machine and for every user.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use formats::observation::Collector;

/// What a program may need to start at all.
const KEPT: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"];

/// Settings of allocators and runtimes: they are part of what is timed, never of what is counted.
const SETTINGS: [&str; 7] =
    ["MALLOC_CONF", "_RJEM_MALLOC_CONF", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG", "JAVA_TOOL_OPTIONS"];

/// A subject program, to be started with none of the user's variables but those it needs to start.
pub(crate) fn bare(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    keep(&mut command, &KEPT);
    command
}

/// A subject program that plays for a collector: it has the settings of its allocator and runtime too, unless the
/// collector is one whose figures are the same on every run.
pub(crate) fn of_pass(program: &Path, collector: Collector) -> Command {
    let mut command = bare(program);
    if !is_exact(collector) {
        keep(&mut command, &SETTINGS);
    }
    command
}

/// Whether its figures are the same on every run.
fn is_exact(collector: Collector) -> bool {
    collector.needs_counting() || collector == Collector::Instructions
}

fn keep(command: &mut Command, names: &[&str]) {
    let set = names.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.envs(set);
}

/// Keeps a command on one processor, another one for each of the first lanes. It then sees one processor, whatever the
/// machine has: many a map makes as many parts of itself as it sees processors.
pub(crate) fn bind(command: &mut Command, lane: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_setaffinity};
        let processors = processors();
        let Some(&cpu) = processors.get(lane % processors.len().max(1)) else { return };
        let mut one = CpuSet::new();
        one.set(cpu);
        let bind = move || sched_setaffinity(None, &one).map_err(io::Error::from);
        // SAFETY: the closure makes one system call and touches no memory of this process but its own copy of the
        // set, so it may run between fork and exec.
        unsafe { command.pre_exec(bind) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (command, lane);
}

/// The processors that this process may use; none where a process cannot be bound to one.
pub(crate) fn processors() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let Ok(allowed) = sched_getaffinity(None) else { return Vec::new() };
        // Changes nothing; some containers forbid it.
        if sched_setaffinity(None, &allowed).is_err() {
            return Vec::new();
        }
        (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu)).collect()
    }
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(command: &mut Command) -> Vec<String> {
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect()
    }

    #[test]
    fn a_child_sees_no_variable_of_the_user_that_it_does_not_need() {
        let env = Path::new("/usr/bin/env");
        // Cargo sets a dozen for every test.
        assert!(std::env::vars_os().any(|(name, _)| name == "CARGO_MANIFEST_DIR"));
        for collector in Collector::ALL {
            let seen = variables(&mut of_pass(env, collector));
            let known = |name: &String| {
                KEPT.contains(&name.as_str()) || !is_exact(collector) && SETTINGS.contains(&name.as_str())
            };
            assert!(seen.contains(&"PATH".into()) && seen.iter().all(known), "{seen:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_bound_child_sees_one_processor() {
        for lane in 0..3 {
            let mut command = bare("/usr/bin/nproc");
            bind(&mut command, lane);
            assert_eq!(command.output().unwrap().stdout, b"1\n");
        }
    }
}
