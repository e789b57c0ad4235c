//! How long a thread was at work: what else a machine does counts for nothing.

use std::time::Duration;

/// How long this thread was on a processor.
///
/// `None` where the kernel does not count it.
pub(crate) fn used() -> Option<Duration> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = counted.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The most memory that this process has held, in bytes.
pub(crate) fn most_memory() -> Option<u64> {
    let counted = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = counted
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}
