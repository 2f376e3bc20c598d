//! One run of a program.

use std::time::Duration;

use wasmtime::{Instance, Memory, ResourceLimiter, Store, Trap};

use crate::{program::TICK, Program};

/// Longest time of a run for each unit of fuel: several times the need of a program on a slow machine that waits for
/// memory all the time.
const NANOSECONDS_PER_FUEL: u64 = 10;
/// Longest time of a run with little fuel.
const LEAST_TIME: Duration = Duration::from_secs(2);

/// Most elements of a program's tables.
const TABLE_ELEMENTS: usize = 100_000;

/// Limits of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel. It bounds the time as well, generously ([`Limits::time`]).
    pub fuel: u64,
    /// Bytes of memory.
    pub memory: usize,
    /// Bytes of input.
    pub input: usize,
    /// Bytes of output.
    pub output: usize,
}

impl Default for Limits {
    /// One or two seconds on one core.
    fn default() -> Self {
        Self { fuel: 1_000_000_000, memory: 256 * 1024 * 1024, input: 1024 * 1024, output: 64 * 1024 }
    }
}

impl Limits {
    /// Longest time of a run.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.fuel.saturating_mul(NANOSECONDS_PER_FUEL)).max(LEAST_TIME)
    }
}

/// Result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Answer of the program.
    pub output: Vec<u8>,
    /// Fuel that the run took.
    pub fuel: u64,
}

/// Reason why a run has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// More input than the limit allows; the program was not run.
    #[error("the input has {found} bytes, the limit is {limit}")]
    Input {
        /// Its bytes.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The program used up its fuel.
    #[error("the program used up its {0} units of fuel")]
    OutOfFuel(u64),
    /// The run took longer than its fuel is worth on a machine that is fast enough. Another machine may finish it.
    #[error("the program was stopped after {} seconds", .0.as_secs())]
    TooSlow(Duration),
    /// The program begins with more memory than the limit allows.
    #[error("the program wants more than {0} bytes of memory")]
    OutOfMemory(usize),
    /// The program did something that ends it.
    #[error("the program stopped: {0}")]
    Trapped(String),
    /// The program named bytes outside its memory.
    #[error("the program names bytes {at} to {end} of a memory of {size}")]
    OutOfBounds {
        /// Beginning of the bytes.
        at: u64,
        /// End of the bytes.
        end: u64,
        /// Size of the memory.
        size: usize,
    },
    /// More output than the limit allows.
    #[error("the output has {found} bytes, the limit is {limit}")]
    Output {
        /// Its bytes.
        found: usize,
        /// The limit.
        limit: usize,
    },
}

/// Denies what exceeds the limits. A program sees that its memory does not grow, and may go on.
struct Guard {
    memory: usize,
}

impl ResourceLimiter for Guard {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= self.memory)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

impl Program {
    /// Runs the program on an input, in an instance of its own.
    pub fn run(&self, input: &[u8], limits: &Limits) -> Result<Run, RunError> {
        if input.len() > limits.input {
            return Err(RunError::Input { found: input.len(), limit: limits.input });
        }
        let mut store = Store::new(self.module.engine(), Guard { memory: limits.memory });
        store.limiter(|guard| guard);
        // The engine counts fuel.
        let _ = store.set_fuel(limits.fuel);
        let time = limits.time();
        store.set_epoch_deadline((time.as_millis() / TICK.as_millis()) as u64 + 1);
        let ended = |error: wasmtime::Error| ended(&error, limits);
        let instance = Instance::new(&mut store, &self.module, &[]).map_err(ended)?;
        // Programs without these exports are refused before.
        let missing = || RunError::Trapped("an export is missing".into());
        let memory = instance.get_memory(&mut store, "memory").ok_or_else(missing)?;
        let alloc = instance.get_typed_func::<u32, u32>(&mut store, "alloc").map_err(ended)?;
        let run = instance.get_typed_func::<(u32, u32), u64>(&mut store, "run").map_err(ended)?;

        // The input is no longer than its limit; a length beyond 32 bits could not fit into the program's memory
        // anyway.
        let length = u32::try_from(input.len()).map_err(|_| RunError::OutOfMemory(limits.memory))?;
        let at = alloc.call(&mut store, length).map_err(ended)?;
        check_bounds(&memory, &store, at, length)?;
        memory.data_mut(&mut store)[at as usize..][..input.len()].copy_from_slice(input);
        let answer = run.call(&mut store, (at, length)).map_err(ended)?;
        let (at, length) = ((answer >> 32) as u32, answer as u32);
        if length as usize > limits.output {
            return Err(RunError::Output { found: length as usize, limit: limits.output });
        }
        check_bounds(&memory, &store, at, length)?;
        let output = memory.data(&store)[at as usize..][..length as usize].to_vec();
        let left = store.get_fuel().unwrap_or_default();
        Ok(Run { output, fuel: limits.fuel.saturating_sub(left) })
    }
}

/// Checks that the `length` bytes from `at` on lie in the memory.
fn check_bounds(memory: &Memory, store: &Store<Guard>, at: u32, length: u32) -> Result<(), RunError> {
    let (at, end, size) = (u64::from(at), u64::from(at) + u64::from(length), memory.data_size(store));
    if end > size as u64 {
        return Err(RunError::OutOfBounds { at, end, size });
    }
    Ok(())
}

fn ended(error: &wasmtime::Error, limits: &Limits) -> RunError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => RunError::OutOfFuel(limits.fuel),
        Some(Trap::Interrupt) => RunError::TooSlow(limits.time()),
        Some(trap) => RunError::Trapped(trap.to_string()),
        // The instance imports nothing, so only denied memory can stop it here.
        None => RunError::OutOfMemory(limits.memory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sandbox;

    #[test]
    fn what_takes_too_long_for_its_fuel_is_stopped() {
        let endless = r#"(module (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const 0))
            (func (export "run") (param i32 i32) (result i64) (loop (br 0)) (unreachable)))"#;
        let endless = Sandbox::new().program(&wat::parse_str(endless).expect("a module")).expect("a program");
        let limits = Limits { fuel: 20_000_000_000, ..Limits::default() };
        let engine = endless.module.engine().clone();
        let ticks = limits.time().as_millis() / TICK.as_millis() + 2;
        std::thread::scope(|scope| {
            let run = scope.spawn(|| endless.run(b"", &limits));
            // Advances the clock faster than real time.
            while !run.is_finished() {
                (0..ticks).for_each(|_| engine.increment_epoch());
                std::thread::sleep(Duration::from_millis(10));
            }
            assert_eq!(run.join().expect("it ends"), Err(RunError::TooSlow(limits.time())));
        });
        assert_eq!(limits.time(), Duration::from_secs(200));
    }
}
