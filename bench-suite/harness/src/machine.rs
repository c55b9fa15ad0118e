//! What this machine says about itself.

use std::path::Path;

use formats::session::Machine;

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

fn kibibytes(text: &str) -> u64 {
    text.strip_suffix("kB").and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}
