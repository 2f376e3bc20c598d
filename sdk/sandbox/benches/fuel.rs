//! Time per unit of fuel, instruction by instruction: a program of the most expensive instructions should not get much
//! more time than others for the same fuel.
//!
//! Each line is a loop of one instruction whose next input is its last result, so that nothing is computed ahead.
//! Ratios are to an addition.

use std::time::{Duration, Instant};

use myelin_sandbox::{Limits, Sandbox};

/// Instructions that run in a loop, over `$i` (i64), `$d` (f64) and `$v` (v128).
const INSTRUCTIONS: [(&str, &str); 30] = [
    ("i64.add", "(local.set $i (i64.add (local.get $i) (local.get $k)))"),
    ("i64.mul", "(local.set $i (i64.mul (local.get $i) (local.get $k)))"),
    (
        "i32.div_u",
        "(local.set $i (i64.extend_i32_u (i32.div_u (i32.const -3) (i32.or (i32.wrap_i64 (local.get $i)) (i32.const 3)))))",
    ),
    (
        "i32.rem_s",
        "(local.set $i (i64.extend_i32_u (i32.rem_s (i32.const -3) (i32.or (i32.wrap_i64 (local.get $i)) (i32.const 3)))))",
    ),
    ("i64.div_u", "(local.set $i (i64.div_u (i64.const -3) (i64.or (local.get $i) (i64.const 3))))"),
    ("i64.rem_s", "(local.set $i (i64.rem_s (i64.const -3) (i64.or (local.get $i) (i64.const 3))))"),
    ("i64.popcnt", "(local.set $i (i64.add (i64.popcnt (local.get $i)) (i64.const 77)))"),
    ("f64.add", "(local.set $d (f64.add (local.get $d) (f64.const 0.1)))"),
    ("f64.div", "(local.set $d (f64.div (f64.const 3.7) (local.get $d)))"),
    ("f64.sqrt", "(local.set $d (f64.sqrt (local.get $d)))"),
    ("f64.floor", "(local.set $d (f64.floor (f64.add (local.get $d) (f64.const 0.1))))"),
    ("f64.min", "(local.set $d (f64.min (local.get $d) (f64.const 1e300)))"),
    (
        "f64.mul, tiny",
        "(local.set $d (f64.mul (f64.add (f64.const 3e-310) (f64.mul (local.get $d) (f64.const 1e-300))) (f64.const 0.5)))",
    ),
    ("i64.trunc_f64_u", "(local.set $d (f64.convert_i64_u (i64.trunc_f64_u (f64.abs (local.get $d)))))"),
    ("i64.trunc_sat_f64_u", "(local.set $d (f64.convert_i64_u (i64.trunc_sat_f64_u (local.get $d))))"),
    ("i64.load", "(local.set $i (i64.load (i32.and (i32.wrap_i64 (local.get $i)) (i32.const 1016))))"),
    (
        "i64.load, far",
        "(local.set $i (i64.add (i64.mul (local.get $i) (i64.const 6364136223846793005)) (i64.load (i32.wrap_i64 (i64.shr_u (local.get $i) (i64.const 38))))))",
    ),
    (
        "i64.store, far",
        "(local.set $i (i64.add (i64.mul (local.get $i) (i64.const 6364136223846793005)) (i64.const 7)))
         (i64.store (i32.wrap_i64 (i64.shr_u (local.get $i) (i64.const 38))) (local.get $i))",
    ),
    ("call", "(local.set $i (call $next (local.get $i)))"),
    ("call_indirect", "(local.set $i (call_indirect (type $next) (local.get $i) (i32.const 0)))"),
    ("memory.size", "(local.set $i (i64.add (local.get $i) (i64.extend_i32_u (memory.size))))"),
    ("memory.grow, denied", "(local.set $i (i64.extend_i32_s (memory.grow (i32.const 5000))))"),
    ("global.set", "(global.set $g (i64.add (global.get $g) (i64.const 1)))"),
    ("i8x16.shuffle", "(local.set $v (i8x16.shuffle 3 9 1 30 22 8 5 4 31 0 2 17 6 12 13 19 (local.get $v) (local.get $v)))"),
    ("i8x16.swizzle", "(local.set $v (i8x16.swizzle (local.get $v) (local.get $v)))"),
    ("i8x16.shr_s", "(local.set $v (i8x16.shr_s (local.get $v) (i32.wrap_i64 (local.get $i))))"),
    ("i64x2.mul", "(local.set $v (i64x2.mul (local.get $v) (local.get $v)))"),
    ("f32x4.div", "(local.set $v (f32x4.div (local.get $v) (local.get $v)))"),
    ("f64x2.sqrt", "(local.set $v (f64x2.sqrt (local.get $v)))"),
    ("f64x2.convert, trunc", "(local.set $v (i32x4.trunc_sat_f64x2_u_zero (f64x2.convert_low_i32x4_u (local.get $v))))"),
];

/// Copies of an instruction in the loop, and runs of the loop.
const COPIES: usize = 40;
const ROUNDS: u32 = 50_000;
const RUNS: usize = 5;

fn main() {
    let limits = Limits { fuel: u64::MAX / 2, ..Limits::default() };
    println!("instruction             a unit of fuel   to an addition   fuel of it");
    let mut addition = None;
    for (name, instruction) in INSTRUCTIONS {
        let (time, fuel) = measured(instruction, &limits);
        let unit = time.as_secs_f64() * 1e9 / fuel as f64;
        let of_one = fuel as f64 / f64::from(ROUNDS) / COPIES as f64;
        let ratio = unit / *addition.get_or_insert(unit);
        println!("{name:<22} {unit:>12.2} ns {ratio:>16.1} {of_one:>12.0}");
    }
}

/// Time and fuel of a loop: the median of some runs.
fn measured(instruction: &str, limits: &Limits) -> (Duration, u64) {
    let body = instruction.repeat(COPIES);
    let text = format!(
        r#"(module (memory (export "memory") 1100)
            (type $next (func (param i64) (result i64)))
            (func $next (type $next) (i64.add (local.get 0) (i64.const 3)))
            (data (i32.const 64) "\07") (table 1 funcref) (elem (i32.const 0) $next) (global $g (mut i64) (i64.const 0))
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "run") (param i32 i32) (result i64)
              (local $n i32) (local $k i64) (local $i i64) (local $d f64) (local $v v128)
              (local.set $n (i32.const {ROUNDS})) (local.set $k (i64.load (i32.const 64))) (local.set $i (i64.const 12345)) (local.set $d (f64.const 17.3))
              (local.set $v (v128.const i32x4 0x3f800000 0x40490fdb 3 0x01020304))
              (loop $again {body} (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
              (i64.or (i64.const 0)
                (i64.and (i64.const 8) (i64.add (local.get $i) (i64.add (i64.reinterpret_f64 (local.get $d)) (i64x2.extract_lane 0 (local.get $v))))))))"#
    );
    let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let program = Sandbox::new().program(&wasm).expect("a program");
    let mut times = Vec::new();
    let mut fuel = 0;
    for _ in 0..RUNS {
        let started = Instant::now();
        fuel = program.run(b"", limits).expect("an answer").fuel;
        times.push(started.elapsed());
    }
    times.sort();
    (times[RUNS / 2], fuel)
}
