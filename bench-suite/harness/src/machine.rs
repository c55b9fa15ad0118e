//! What this machine says about itself.

use std::path::Path;

use anyhow::{Result, ensure};
use formats::session::Machine;
use rustix::process::{Resource, getrlimit};

/// The machine that this program runs on. What cannot be found out is empty or 0.
pub(crate) fn describe() -> Machine {
    Machine {
        host: line("/proc/sys/kernel/hostname"),
        cpu: colon_field("/proc/cpuinfo", "model name"),
        cores: std::thread::available_parallelism().map_or(0, usize::from),
        memory: kibibytes(&colon_field("/proc/meminfo", "MemTotal")),
        kernel: line("/proc/sys/kernel/osrelease"),
        clock: line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
    }
}

/// Refuses to go on here with what was measured on another machine: figures of two are not compared in one report.
pub(crate) fn must_be(then: &Machine, now: &Machine) -> Result<()> {
    // What the kernel keeps for itself, and so what is left, differs a little from one start to the next.
    let memory = |machine: &Machine| {
        format!("{} GiB of memory", (machine.memory as f64 / (1u64 << 30) as f64).round())
    };
    let cores = |machine: &Machine| format!("{} processors", machine.cores);
    let what = |text: &str, noun: &str| format!("{noun} `{text}`");
    let facts = [
        [what(&then.host, "host"), what(&now.host, "host")],
        [what(&then.cpu, "processor"), what(&now.cpu, "processor")],
        [cores(then), cores(now)],
        [memory(then), memory(now)],
        [what(&then.kernel, "kernel"), what(&now.kernel, "kernel")],
        [what(&then.clock, "clock"), what(&now.clock, "clock")],
    ];
    let differ: Vec<String> = facts
        .into_iter()
        .filter(|[then, now]| then != now)
        .map(|[then, now]| format!("{then} then, {now} here"))
        .collect();
    ensure!(
        differ.is_empty(),
        "the session was begun on another machine ({}): go on with it there, or start a new one",
        differ.join("; ")
    );
    Ok(())
}

/// A file of one line, or nothing.
pub(crate) fn line(file: impl AsRef<Path>) -> String {
    std::fs::read_to_string(file).unwrap_or_default().trim().into()
}

/// The first value after `name :` in a file of such lines, or nothing.
pub(crate) fn colon_field(file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(key, _)| key.trim() == name).map_or_else(String::new, |(_, value)| value.trim().into())
}

/// Bytes of memory that a process can still get: what the machine has free or would give up, what its control group
/// leaves, and what it may address. `None` where nobody tells.
pub(crate) fn available_memory() -> Option<u64> {
    let machine = Some(kibibytes(&colon_field("/proc/meminfo", "MemAvailable"))).filter(|&free| free > 0);
    let taken = kibibytes(&colon_field("/proc/self/status", "VmSize"));
    let address_space = getrlimit(Resource::As).current.map(|limit| limit.saturating_sub(taken));
    let groups = line("/proc/self/cgroup");
    let groups = groups.lines().filter_map(|group| in_group(group, Path::new("/sys/fs/cgroup")));
    [machine, address_space].into_iter().flatten().chain(groups).min()
}

/// What a control group and those around it leave; `group` is a line of `/proc/self/cgroup`.
fn in_group(group: &str, mounted: &Path) -> Option<u64> {
    let mut fields = group.splitn(3, ':').skip(1);
    let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
    let (root, limit, used, cached) = match controllers {
        "" => (mounted.into(), "memory.max", "memory.current", "inactive_file"),
        _ if controllers.split(',').any(|name| name == "memory") => {
            let names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
            (mounted.join("memory"), names.0, names.1, names.2)
        }
        _ => return None,
    };
    let number = |file: &Path| line(file).parse::<u64>().ok();
    let left = |folder: &Path| {
        let statistics = line(folder.join("memory.stat"));
        // Pages of files are given up when somebody needs them.
        let cached =
            statistics.lines().find_map(|line| line.strip_prefix(cached)?.trim().parse::<u64>().ok());
        let used = number(&folder.join(used))?.saturating_sub(cached.unwrap_or(0));
        Some(number(&folder.join(limit))?.saturating_sub(used))
    };
    // Inside a container the path may be that of outside; the root is then its own group.
    root.join(path).ancestors().take_while(|folder| folder.starts_with(&root)).filter_map(left).min()
}

/// How many processes the kernel has killed so far for want of memory; 0 where it does not tell.
pub(crate) fn kills_for_memory() -> u64 {
    let text = line("/proc/vmstat");
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok()).unwrap_or(0)
}

fn kibibytes(text: &str) -> u64 {
    text.strip_suffix("kB").and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_tightest_group_decides() {
        let mounted = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = mounted.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("a/memory.max", "1000\n");
        write("a/memory.current", "900\n");
        write("a/memory.stat", "anon 100\ninactive_file 300\n");
        write("a/b/memory.max", "max\n");
        write("a/b/memory.current", "900\n");
        assert_eq!(in_group("0::/a/b", mounted.path()), Some(400));
        write("memory/memory.limit_in_bytes", "2000");
        write("memory/memory.usage_in_bytes", "500");
        assert_eq!(in_group("4:cpu,memory:/not/here", mounted.path()), Some(1500));
        assert_eq!(in_group("3:cpuset:/a", mounted.path()), None);
        assert_eq!(in_group("nonsense", mounted.path()), None);
    }

    #[test]
    fn another_machine_is_told_by_what_differs() {
        let here = describe();
        must_be(&here, &here).unwrap();
        let there = Machine { cpu: "Apple M9".into(), cores: 96, ..here.clone() };
        let error = must_be(&there, &here).unwrap_err().to_string();
        assert!(
            error.contains("processor `Apple M9` then, ") && error.contains("; 96 processors then, "),
            "{error}"
        );
        assert!(!error.contains("host") && !error.contains("clock"), "{error}");
    }

    #[test]
    fn this_machine_has_memory() {
        assert!(available_memory().is_none_or(|free| free > 1 << 20));
    }
}
