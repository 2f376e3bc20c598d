//! Gives freed memory back to the system.

/// Gives freed memory back. The allocator of glibc keeps what a round needed: hundreds of megabytes in small pieces,
/// between which new large ones find no room.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes no pointer and touches only memory that is free; glibc locks each arena meanwhile.
    unsafe {
        libc::malloc_trim(0);
    }
}
