//! Programs: which modules are accepted, and their translation to machine code.

use std::{thread, time::Duration};

use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wasmtime::{Config, Engine, ExternType, Module, OperatorCost, ValType, VariableOperatorCost};

/// Longest program.
pub const PROGRAM_BYTES: usize = 16 * 1024 * 1024;

/// Longest function of a program: the time to translate one grows faster than its length.
pub const FUNCTION_BYTES: usize = 64 * 1024;

/// Most functions of a program.
const FUNCTIONS: u32 = 20_000;

/// Most bytes of all functions together. Large amounts of data belong in the module's data, not in its code.
const CODE_BYTES: u32 = 4 * 1024 * 1024;

/// Most variables of a function: translation takes time for each of them at each branch, while two bytes declare many.
const LOCALS: u64 = 2_000;

/// Time between two looks at the clock.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// Version of the costs of instructions, named by rules; another table or another engine has another number.
pub const COSTS_VERSION: u32 = 2;

/// Fuel of the instructions that take much longer than others. All others take one unit, or none if they compute
/// nothing. `benches/fuel.rs` measures the time of a unit for each.
const COSTS: OperatorCost = OperatorCost {
    I32DivS: 8,
    I32DivU: 8,
    I32RemS: 8,
    I32RemU: 8,
    I64DivS: 12,
    I64DivU: 12,
    I64RemS: 12,
    I64RemU: 12,
    F32Div: 4,
    F64Div: 4,
    F32Sqrt: 6,
    F64Sqrt: 6,
    F32x4Div: 6,
    F64x2Div: 6,
    F32x4Sqrt: 8,
    F64x2Sqrt: 8,
    Call: 3,
    CallIndirect: 5,
    // A denied growth still calls the host.
    MemoryGrow: 100,
    variable: VariableOperatorCost { memory_grow_per_page: 255, ..VariableOperatorCost::new() },
    ..OperatorCost::new()
};

/// WebAssembly features that a program may use: the first version, and later additions with one result only. Blocks and
/// functions with many results are excluded, because a branch to one moves any number of values for one unit of fuel.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SIMD);

/// Why a module is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// The module is too long.
    #[error("a program may have {PROGRAM_BYTES} bytes, and this has {0}")]
    TooLong(usize),
    /// One of its functions is too long, or there are too many.
    #[error("{0}")]
    TooMuch(String),
    /// The bytes are no module, or the module uses features that are not offered.
    #[error("this is no module that can be run here: {0}; compile for the target wasm32v1-none")]
    Invalid(String),
    /// The module imports something.
    #[error(
        "the program imports `{0}`, and a program here imports nothing; compile for the target wasm32v1-none"
    )]
    Import(String),
    /// An export is missing or has another form.
    #[error("the program has no export `{name}` of the form {form}")]
    Export {
        /// Its name.
        name: &'static str,
        /// The required form.
        form: &'static str,
    },
}

/// Translates programs; one for a process, and cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
}

/// A program that can be run; cheap to clone.
#[derive(Clone)]
pub struct Program {
    pub(crate) module: Module,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// A sandbox.
    pub fn new() -> Self {
        let mut config = Config::new();
        config
            .consume_fuel(true)
            .operator_cost(COSTS)
            .epoch_interruption(true)
            .cranelift_nan_canonicalization(true)
            .wasm_relaxed_simd(false)
            .wasm_bulk_memory(false)
            .wasm_multi_value(false)
            .wasm_tail_call(false)
            .wasm_multi_memory(false)
            .wasm_memory64(false)
            .wasm_extended_const(false)
            .max_wasm_stack(1024 * 1024);
        // These settings fit each other on every machine that wasmtime is built for.
        let engine = Engine::new(&config).expect("the settings of the sandbox are consistent");
        let weak = engine.weak();
        // Without this clock nothing but fuel ends a run.
        let clock = thread::Builder::new().name("sandbox clock".into()).spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        });
        clock.expect("a thread can be started");
        Self { engine }
    }

    /// Checks and translates a module of a stranger.
    pub fn program(&self, wasm: &[u8]) -> Result<Program, ProgramError> {
        check_form(wasm)?;
        check_sizes(wasm)?;
        self.translate(wasm)
    }

    /// Checks and translates a module of the caller's own, such as an interpreter for code of strangers. It may use and
    /// import as little as any other module, but the time to translate it is not bounded.
    pub fn own_program(&self, wasm: &[u8]) -> Result<Program, ProgramError> {
        check_form(wasm)?;
        self.translate(wasm)
    }

    fn translate(&self, wasm: &[u8]) -> Result<Program, ProgramError> {
        let module = Module::from_binary(&self.engine, wasm)
            .map_err(|error| ProgramError::Invalid(format!("{error:#}")))?;
        check_borders(&module)?;
        Ok(Program { module })
    }
}

/// Checks of the bytes before anything is translated.
fn check_form(wasm: &[u8]) -> Result<(), ProgramError> {
    if wasm.len() > PROGRAM_BYTES {
        return Err(ProgramError::TooLong(wasm.len()));
    }
    Validator::new_with_features(FEATURES).validate_all(wasm).map_err(invalid)?;
    Ok(())
}

fn invalid(error: wasmparser::BinaryReaderError) -> ProgramError {
    ProgramError::Invalid(error.to_string())
}

/// Checks of the sizes that bound the time to translate a valid module.
fn check_sizes(wasm: &[u8]) -> Result<(), ProgramError> {
    for part in Parser::new(0).parse_all(wasm) {
        match part.map_err(invalid)? {
            Payload::CodeSectionStart { size, .. } if size > CODE_BYTES => {
                return Err(ProgramError::TooMuch(format!(
                    "the functions of a program may have {CODE_BYTES} bytes, and these have {size}"
                )));
            }
            Payload::CodeSectionStart { count, .. } if count > FUNCTIONS => {
                return Err(ProgramError::TooMuch(format!(
                    "a program may have {FUNCTIONS} functions, and this has {count}"
                )));
            }
            Payload::CodeSectionEntry(body) if body.range().len() > FUNCTION_BYTES => {
                return Err(ProgramError::TooMuch(format!(
                    "a function may have {FUNCTION_BYTES} bytes, and the one at byte {} has {}; split it",
                    body.range().start,
                    body.range().len()
                )));
            }
            Payload::CodeSectionEntry(body) => {
                let mut locals = 0u64;
                for group in body.get_locals_reader().map_err(invalid)? {
                    locals = locals.saturating_add(group.map_err(invalid)?.0.into());
                }
                if locals > LOCALS {
                    return Err(ProgramError::TooMuch(format!(
                        "a function may have {LOCALS} variables, and the one at byte {} has {locals}",
                        body.range().start
                    )));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks of imports and exports.
fn check_borders(module: &Module) -> Result<(), ProgramError> {
    if let Some(import) = module.imports().next() {
        return Err(ProgramError::Import(format!("{}.{}", import.module(), import.name())));
    }
    let memory = matches!(module.get_export("memory"), Some(ExternType::Memory(_)));
    if !memory {
        return Err(ProgramError::Export { name: "memory", form: "memory" });
    }
    let function = |name: &'static str, form, takes: &[ValType], gives: ValType| {
        let Some(ExternType::Func(found)) = module.get_export(name) else {
            return Err(ProgramError::Export { name, form });
        };
        let same = |one: ValType, other: &ValType| ValType::eq(&one, other);
        let fits = found.params().len() == takes.len()
            && found.params().zip(takes).all(|(one, other)| same(one, other))
            && found.results().len() == 1
            && found.results().all(|result| same(result, &gives));
        if fits {
            Ok(())
        } else {
            Err(ProgramError::Export { name, form })
        }
    };
    function("alloc", "(i32) -> i32", &[ValType::I32], ValType::I32)?;
    function("run", "(i32, i32) -> i64", &[ValType::I32, ValType::I32], ValType::I64)
}
