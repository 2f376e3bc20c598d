//! Programs that keep the rules, and programs that try to break them.

use myelin_sandbox::{Limits, Program, ProgramError, Run, RunError, Sandbox, FUNCTION_BYTES, PROGRAM_BYTES};
use proptest::prelude::*;

/// Parts of every program below: memory, and a place for input behind the first kilobyte.
const FRAME: &str = r#"(memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))"#;

fn module(run: &str) -> Vec<u8> {
    let text = format!(r#"(module {FRAME} {run})"#);
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A program whose `run` has this body.
fn program(body: &str) -> Program {
    let wasm = module(&format!(r#"(func (export "run") (param i32 i32) (result i64) {body})"#));
    Sandbox::new().program(&wasm).expect("a program")
}

fn refused(wasm: &[u8]) -> String {
    Sandbox::new().program(wasm).err().expect("it is refused").to_string()
}

const SMALL: Limits = Limits { fuel: 100_000, memory: 1 << 20, input: 4096, output: 4096 };

/// Answers with its input: place and length as they came.
const ECHO: &str =
    "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";

#[test]
fn a_program_answers_and_what_it_took_is_the_same_each_time() {
    let echo = program(ECHO);
    let first = echo.run(b"to be said again", &SMALL).expect("an answer");
    assert_eq!(first.output, b"to be said again");
    assert!((1..100).contains(&first.fuel), "{first:?}");
    assert_eq!(echo.run(b"to be said again", &SMALL), Ok(first));
    assert_eq!(echo.run(b"", &SMALL).map(|run| run.output), Ok(Vec::new()));
}

#[test]
fn a_run_leaves_nothing_to_the_next() {
    let wasm = module(
        r#"(global $runs (mut i32) (i32.const 0))
        (func (export "run") (param i32 i32) (result i64)
          (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (global.get $runs)))
          (i64.const 4))"#,
    );
    let counter = Sandbox::new().program(&wasm).expect("a program");
    for _ in 0..3 {
        assert_eq!(counter.run(b"", &SMALL).map(|run| run.output), Ok(vec![1, 0, 0, 0]));
    }
}

#[test]
fn what_takes_too_much_is_stopped() {
    let endless = program("(loop (br 0)) (unreachable)");
    assert_eq!(endless.run(b"", &SMALL), Err(RunError::OutOfFuel(SMALL.fuel)));
    let deep = r#"(func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
        (func (export "run") (param i32 i32) (result i64) (i64.extend_i32_u (call $deep (i32.const 0))))"#;
    let deep = Sandbox::new().program(&module(deep)).expect("a program");
    assert!(matches!(deep.run(b"", &Limits::default()), Err(RunError::Trapped(_))));
    // A program sees that memory was denied, and may go on.
    let greedy = program("(i32.store (i32.const 0) (memory.grow (i32.const 100))) (i64.const 4)");
    assert_eq!(greedy.run(b"", &SMALL).map(|run| run.output), Ok(vec![255; 4]));
    let large = wat::parse_str(module_text_with_memory(1000)).expect("a module");
    let large = Sandbox::new().program(&large).expect("a program");
    assert_eq!(large.run(b"", &SMALL), Err(RunError::OutOfMemory(SMALL.memory)));
    assert_eq!(large.run(b"", &Limits::default()).map(|run| run.output), Ok(Vec::new()));
    let input = vec![0; SMALL.input + 1];
    assert_eq!(
        program(ECHO).run(&input, &SMALL),
        Err(RunError::Input { found: SMALL.input + 1, limit: SMALL.input })
    );
}

fn module_text_with_memory(pages: u32) -> String {
    format!(
        r#"(module (memory (export "memory") {pages})
        (func (export "alloc") (param i32) (result i32) (i32.const 0))
        (func (export "run") (param i32 i32) (result i64) (i64.const 0)))"#
    )
}

#[test]
fn an_answer_must_lie_in_memory_and_within_the_limit() {
    let far = program("(i64.const 0xffffffff_00000001)");
    assert!(matches!(
        far.run(b"", &SMALL),
        Err(RunError::OutOfBounds { at: 0xffff_ffff, end: 0x1_0000_0000, .. })
    ));
    let long = program("(i64.const 0x00000000_00002000)");
    assert_eq!(long.run(b"", &SMALL), Err(RunError::Output { found: 8192, limit: SMALL.output }));
    let nowhere = format!(
        r#"(module (memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) (i32.const -1))
        (func (export "run") (param i32 i32) (result i64) {ECHO}))"#
    );
    let nowhere = Sandbox::new().program(&wat::parse_str(nowhere).expect("a module")).expect("a program");
    assert!(matches!(nowhere.run(b"x", &SMALL), Err(RunError::OutOfBounds { .. })));
    let stopped = program("(unreachable)").run(b"", &SMALL).expect_err("it stops").to_string();
    assert!(stopped.contains("the program stopped"), "{stopped}");
}

#[test]
fn numbers_that_are_none_have_one_form() {
    // The sign and the payload of such a result are the processor's choice.
    let nan = program(
        "(f32.store (i32.const 0) (f32.div (f32.load (i32.const 8)) (f32.load (i32.const 8))))
         (f64.store (i32.const 4) (f64.sqrt (f64.const -1)))
         (i64.const 12)",
    );
    let output = nan.run(b"", &SMALL).expect("an answer").output;
    assert_eq!(output[..4], 0x7fc0_0000_u32.to_le_bytes());
    assert_eq!(output[4..], 0x7ff8_0000_0000_0000_u64.to_le_bytes());
}

#[test]
fn what_is_no_program_is_refused_with_what_to_do() {
    let run = |body: &str| module(&format!(r#"(func (export "run") (param i32 i32) (result i64) {body})"#));
    let import =
        r#"(module (import "wasi_snapshot_preview1" "clock_time_get" (func)) (memory (export "memory") 1))"#;
    let cases = [
        (b"#!/bin/sh\n".to_vec(), "no module"),
        (vec![0; PROGRAM_BYTES + 1], "bytes"),
        (wat::parse_str(import).expect("a module"), "wasi_snapshot_preview1.clock_time_get"),
        (wat::parse_str("(module)").expect("a module"), "`memory`"),
        (module(""), "`run` of the form (i32, i32) -> i64"),
        (module(r#"(func (export "run") (param i32 i32) (result i32) (i32.const 0))"#), "`run`"),
        (run("(local i32) (drop (block (result i32 i32) (i32.const 1) (i32.const 2))) (drop) (i64.const 0)"), "multi"),
        (run(&format!("(local {}) (i64.const 0)", "i32 ".repeat(2001))), "2001"),
        (run("(memory.fill (i32.const 0) (i32.const 0) (i32.const 9)) (i64.const 0)"), "bulk memory"),
        (run(&format!("{} (i64.const 0)", "(drop (i64.const 0x7fffffffffffffff))".repeat(FUNCTION_BYTES / 8))), "split it"),
        (
            run("(drop (f32x4.relaxed_madd (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0))) (i64.const 0)"),
            "relaxed",
        ),
    ];
    for (wasm, words) in cases {
        let said = refused(&wasm);
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(
        Sandbox::new().program(&[0; PROGRAM_BYTES + 1]).err(),
        Some(ProgramError::TooLong(PROGRAM_BYTES + 1))
    );
}

proptest! {
    #[test]
    fn any_bytes_are_refused_and_harm_nothing(mut bytes in proptest::collection::vec(any::<u8>(), 0..2000), header: bool) {
        if header {
            bytes.splice(..0, *b"\0asm\x01\0\0\0");
        }
        prop_assert!(Sandbox::new().program(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_gives_an_error_or_the_same_result_twice(at in 0usize..200, to: u8) {
        let mut wasm = module(&format!(r#"(func (export "run") (param i32 i32) (result i64) {ECHO})"#));
        let at = at % wasm.len();
        wasm[at] = to;
        if let Ok(program) = Sandbox::new().program(&wasm) {
            let runs: [Result<Run, RunError>; 2] = std::array::from_fn(|_| program.run(b"abc", &SMALL));
            prop_assert_eq!(&runs[0], &runs[1]);
        }
    }
}
