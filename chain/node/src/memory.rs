//! Keeps the node's memory near the amount in use.
//!
//! The allocator of glibc keeps freed memory: the memory for compiling the runtime (some 150 MiB), and a rest in each
//! of its arenas, of which it makes eight for every core. A node that runs for days would keep the largest sum it ever
//! had.

use std::time::Duration;

use sc_service::TaskManager;

/// Time between two returns of freed memory.
const PAUSE: Duration = Duration::from_secs(10);
/// Arenas for all threads. Few threads allocate at the same time, so more would only hold more rests.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: libc::c_int = 2;

/// Limits the arenas. Called before any thread starts, since arenas are made for threads.
pub fn limit_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets a number of the allocator, at a time when nothing else runs in this process.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// Returns freed memory to the system now and then, for as long as the node runs.
pub fn return_freed(task_manager: &TaskManager) {
    task_manager.spawn_handle().spawn_blocking("freed-memory", None, async {
        loop {
            futures_timer::Delay::new(PAUSE).await;
            trim();
        }
    });
}

fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes no pointer and touches only memory that is free; glibc locks each arena meanwhile.
    unsafe {
        libc::malloc_trim(0);
    }
}
