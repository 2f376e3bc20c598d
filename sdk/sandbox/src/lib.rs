//! # Sandbox: programs of strangers, run with limits, to the same bit everywhere
//!
//! A miner may submit a *program* instead of serving answers. Every validator runs it on the same input and must come
//! to the same output, whatever the program tries. A program is a WebAssembly module that imports nothing: it can
//! neither tell the time, nor draw randomness, nor reach a file or a network.
//!
//! ## What a program exports
//!
//! | export | type | meaning |
//! |---|---|---|
//! | `memory` | memory | where input and output lie |
//! | `alloc` | `(len: i32) -> i32` | where the input of that many bytes may be put |
//! | `run` | `(at: i32, len: i32) -> i64` | computes; the answer is where the output lies (upper 32 bits) and its length |
//!
//! Every run is a new instance: nothing is remembered from one input to the next, so order and company of tasks change
//! nothing.
//!
//! ## Limits
//!
//! | of | measured in | error |
//! |---|---|---|
//! | the program | bytes, and bytes of each function | [`ProgramError`] |
//! | computing | fuel: one unit for each instruction, several for those that take long | [`RunError::OutOfFuel`] |
//! | time | ten nanoseconds for each unit of fuel, at least two seconds | [`RunError::TooSlow`] |
//! | memory | bytes of linear memory and elements of tables | [`RunError::OutOfMemory`], or what the program makes of it |
//! | input, output | bytes | [`RunError::Input`], [`RunError::Output`] |
//!
//! ## Why two machines agree
//!
//! Numbers that are none have one form, instructions whose result a processor may choose are not offered, instructions
//! that move any number of bytes for one unit of fuel neither, and what ends a run is counted and not timed. What
//! remains is how deep calls may nest, which depends on the machine code: a program that nests without end fails
//! everywhere, one that stops just there may not. And time ends what waits for memory all the while, on a slow machine
//! sooner than on a fast one.
//!
//! ## What it refuses to know
//!
//! What a task is, who wrote the program, and where it came from.

#![warn(missing_docs)]

mod program;
mod run;

pub use program::{Program, ProgramError, Sandbox, COSTS_VERSION, FUNCTION_BYTES, PROGRAM_BYTES};
pub use run::{Limits, Run, RunError};
