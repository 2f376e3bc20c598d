//! JavaScript in the sandbox: a script goes in, the text of its last value or of its error comes out.
//!
//! The first byte of the answer says which: 0 for a value, 1 for an error. Nothing is remembered from run to run, there
//! is no clock, and `Math.random` begins with the same number each time, because nothing outside can be asked for
//! another.

#![no_std]

extern crate alloc;

use alloc::{boxed::Box, string::String, vec::Vec};

use kataan::{limits::Limits, nbexec};

#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn stop(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// Calls nest so deep at most; the sandbox has one megabyte for them.
const LIMITS: fn() -> Limits = || Limits {
    max_call_depth: 400,
    max_eval_depth: 300,
    max_handler_depth: 1_000,
    max_json_depth: 200,
    max_display_depth: 100,
    max_string_len: 1 << 22,
    max_array_len: 1 << 20,
    max_bigint_bits: 1 << 16,
    ..Limits::default()
};

/// Where so many bytes of a script may be put.
#[no_mangle]
pub extern "C" fn alloc(len: u32) -> u32 {
    Box::leak(alloc::vec![0u8; len as usize].into_boxed_slice()).as_mut_ptr() as u32
}

/// Runs the script of `len` bytes at `at`; place and length of the answer.
///
/// # Safety
///
/// The bytes must be those that [`alloc`] gave.
#[no_mangle]
pub unsafe extern "C" fn run(at: u32, len: u32) -> u64 {
    // SAFETY: the sandbox calls with what `alloc` returned, after it filled it.
    let script = unsafe { core::slice::from_raw_parts(at as *const u8, len as usize) };
    let (status, text) = match core::str::from_utf8(script) {
        Err(_) => (1, String::from("the script is not UTF-8")),
        Ok(script) => match nbexec::eval_source_with_limits(script, LIMITS()) {
            Ok((_, value)) => (0, value),
            Err(error) => (1, error),
        },
    };
    let mut answer = Vec::with_capacity(text.len() + 1);
    answer.push(status);
    answer.extend_from_slice(text.as_bytes());
    let answer = Box::leak(answer.into_boxed_slice());
    (answer.as_ptr() as u64) << 32 | answer.len() as u64
}
