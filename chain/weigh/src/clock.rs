//! The clock of benchmarks: the processor time of this thread, so that other work of the machine counts little.

// The macro asks whether it is in a runtime.
#![allow(unexpected_cfgs)]
// It also declares functions for runtimes.
#![allow(dead_code)]

use std::time::Duration;

use sp_runtime_interface::{pass_by::AllocateAndReturnPointer, runtime_interface};

/// Replaces the function of the same name in `frame-benchmarking`, which reads the time of day.
#[runtime_interface]
pub trait Benchmarking {
    /// Nanoseconds, as little-endian bytes of a `u128`.
    fn current_time() -> AllocateAndReturnPointer<[u8; 16], 16> {
        thread_time().as_nanos().to_le_bytes()
    }
}

/// Processor time that this thread has used.
fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on Linux, and `time` is a valid place for the answer during the call.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0, "the clock of a thread can be read");
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
