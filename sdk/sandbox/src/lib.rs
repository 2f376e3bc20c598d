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
//! Every run is a new instance. Nothing is remembered from one input to the next, so the order of tasks and the other
//! tasks of a round do not change a result.
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
//! Two machines agree for four reasons:
//! * results that are not a number have one form;
//! * instructions whose result a processor may choose are not offered;
//! * instructions that move any number of bytes for one unit of fuel are not offered;
//! * a run ends by counted fuel, not by time.
//!
//! Two differences remain. The depth of nested calls depends on the machine code: a program that nests without end
//! fails everywhere, but a program that stops just at the limit may fail on some machines only. And the time limit ends
//! a program that waits for memory all the time, on a slow machine sooner than on a fast one.
//!
//! ## Programs of this machine
//!
//! Programs that are installed, as Tesseract, get strangers' input with other limits: [`process`].
//!
//! ## What it refuses to know
//!
//! What a task is, who wrote the program, and where it came from.

#![warn(missing_docs)]

pub mod process;
mod program;
mod run;

pub use program::{Program, ProgramError, Sandbox, COSTS_VERSION, FUNCTION_BYTES, PROGRAM_BYTES};
pub use run::{Limits, Run, RunError};
