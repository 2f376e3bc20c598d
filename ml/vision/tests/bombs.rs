//! Small files that would unpack to a lot: read with little more memory than the file itself has, or refused.
//!
//! In a binary of its own, because it counts the allocations of the whole process.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use myelin_vision::onnx::{self, OnnxError};

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

impl Counting {
    fn grew(by: usize) {
        let held = HELD.fetch_add(by, Ordering::Relaxed) + by;
        PEAK.fetch_max(held, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it came; only sizes are counted beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::grew(layout.size());
        System.alloc(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::grew(layout.size());
        System.alloc_zeroed(layout)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        System.dealloc(at, layout);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A number as protobuf writes it.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field of bytes.
fn field(number: u64, body: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(body.len() as u64), body.to_vec()].concat()
}

/// A field with a number.
fn number(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn tensor(name: &str, shape: &[u64], raw: &[u8]) -> Vec<u8> {
    let shape: Vec<u8> = shape.iter().flat_map(|size| number(1, *size)).collect();
    [shape, number(2, 1), field(8, name.as_bytes()), field(9, raw)].concat()
}

fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[u8]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|name| field(1, name.as_bytes())).collect();
    [inputs, field(2, output.as_bytes()), field(4, operator.as_bytes()), attributes.to_vec()].concat()
}

fn attribute(name: &str, value: u64) -> Vec<u8> {
    field(5, &[field(1, name.as_bytes()), number(3, value)].concat())
}

/// A file whose input `x` is one row of values; operators and constants are given.
fn file(nodes: &[Vec<u8>], tensors: &[Vec<u8>]) -> Vec<u8> {
    let sizes: Vec<u8> = [1, 1, 1, 2_000].iter().flat_map(|size| field(1, &number(1, *size))).collect();
    let input = [field(1, b"x"), field(2, &field(1, &field(2, &sizes)))].concat();
    let nodes: Vec<u8> = nodes.iter().flat_map(|node| field(1, node)).collect();
    let tensors: Vec<u8> = tensors.iter().flat_map(|tensor| field(5, tensor)).collect();
    field(7, &[nodes, tensors, field(11, &input)].concat())
}

/// Operators one after the other, the same constant `w` in each.
fn chained(operator: &str, count: usize, attributes: &[u8]) -> Vec<Vec<u8>> {
    let name = |at: usize| if at == 0 { "x".to_owned() } else { format!("v{at}") };
    (0..count).map(|at| node(operator, &[&name(at), "w"], &name(at + 1), attributes)).collect()
}

/// Result of reading a file, and the most bytes that were held beside the file.
fn reading(bytes: &[u8]) -> (Result<(), OnnxError>, usize) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let read = onnx::read(bytes).map(drop);
    (read, PEAK.load(Ordering::Relaxed) - before)
}

#[test]
fn no_file_takes_more_than_a_few_times_its_size() {
    let side = 2_030;
    let constant = tensor("w", &[side, side], &vec![0; (4 * side * side) as usize]);
    let matrices = file(&chained("Gemm", 250, &[]), std::slice::from_ref(&constant));
    assert!((15 << 20..16 << 20).contains(&matrices.len()), "{} bytes", matrices.len());
    let products = file(&chained("MatMul", 250, &[]), std::slice::from_ref(&constant));
    let filters = file(
        &chained("Conv", 250, &[]),
        &[tensor("w", &[side, side, 1, 1], &vec![0; (4 * side * side) as usize])],
    );

    // A matrix without values that says it has 2^40 rows, and filters that say they make as many channels.
    let empty = file(&chained("Gemm", 1, &attribute("transB", 1)), &[tensor("w", &[1 << 40, 0], &[])]);
    let channels = file(&chained("Conv", 1, &[]), &[tensor("w", &[1 << 40, 0, 1, 1], &[])]);

    // Two bytes each that become eight, and names that become entries of a table.
    let integers: Vec<u8> = [7 << 3, 0].repeat(7 << 20);
    let integers = file(&[], &[[number(2, 7), field(8, b"w"), integers].concat()]);
    let packed = file(&[], &[[number(2, 7), field(8, b"w"), field(7, &vec![0; 15 << 20])].concat()]);
    let shape = file(&[], &[[field(1, &vec![0; 15 << 20]), field(8, b"w")].concat()]);
    let names: Vec<u8> = (0..1_200_000).flat_map(|at: u32| attribute(&format!("{at:x}"), 1)).collect();
    let names = file(&[node("Relu", &["x"], "y", &names)], &[]);

    for (what, bytes) in [
        ("matrices", matrices),
        ("products", products),
        ("filters", filters),
        ("rows of nothing", empty),
        ("channels of nothing", channels),
        ("integers", integers),
        ("packed integers", packed),
        ("a long shape", shape),
        ("names", names),
    ] {
        let (read, peak) = reading(&bytes);
        assert!(peak < 64 << 20, "{what}: {} MiB for a file of {}", peak >> 20, bytes.len() >> 20);
        assert!(matches!(read, Err(OnnxError::TooLarge { .. })), "{what}: {read:?}");
    }
}
