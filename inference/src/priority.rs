//! How the system ranks a thread.

/// Lets every other thread of the machine go before the calling one. Where the system has no word for that, nothing happens:
/// the thread only computes at the same time as others.
pub fn go_last() {
    #[cfg(target_os = "linux")]
    // SAFETY: both calls take plain values and speak of the calling thread alone. Either may be refused, which changes
    // nothing.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 19);
        let parameters = libc::sched_param { sched_priority: 0 };
        libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters);
    }
}
