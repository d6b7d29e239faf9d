//! What the figures were measured on, and what a process takes of it.

use std::path::Path;
use std::process::Command;

/// One line about the machine and the versions.
pub fn description() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("CPU", |it| it.1);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    let gigabytes = kilobytes.unwrap_or(0u64) / 1_048_576;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{model}, {cores} cores, {gigabytes} GiB, Linux {}, {}", kernel.trim(), profile())
}

/// How the programs were built: figures of the two differ by much.
fn profile() -> &'static str {
    if cfg!(debug_assertions) { "development build" } else { "release build" }
}

/// The commit that was measured, with a mark where the tree was changed.
pub fn commit() -> String {
    let said = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    said.ok().map_or_else(|| "unknown".to_owned(), |said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// Seconds of CPU that a process has used, and the memory that it holds now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    pub resident_mib: f64,
}

/// Read from /proc; zeros for a process that is gone.
pub fn usage(process: u32) -> Usage {
    /// Of USER_HZ, which Linux shows to programs as a hundred on every machine.
    const TICKS: f64 = 100.0;
    let folder = Path::new("/proc").join(process.to_string());
    let stat = std::fs::read_to_string(folder.join("stat")).unwrap_or_default();
    // After the name, which may hold anything, fields 14 and 15 are at places 11 and 12 (proc(5)).
    let fields: Vec<&str> = stat.rsplit_once(") ").map_or("", |it| it.1).split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    Usage { cpu_seconds: (ticks(11) + ticks(12)) / TICKS, resident_mib: resident.unwrap_or(0.0) / 1_024.0 }
}
