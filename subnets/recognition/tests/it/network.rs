//! The built-in network: its form, and its quality outside of its training.

use myelin_lm::kernel::Kernel;
use myelin_recognition::{
    adversary::tasks,
    backend::{builtin_network, Backend, Baseline, BUILTIN_NETWORK},
    protocol::Wanted,
    task::Renderer,
};
use myelin_wire::hash::{blake2_256, to_hex};

use crate::worth;

#[test]
fn threads_and_kernels_change_no_bit_of_its_answers() {
    let network = builtin_network().expect("built in");
    let task = tasks(b"bits", Renderer::Reserved, 0, 1).remove(0);
    let pictures = task.request.pictures().expect("readable");
    let bits = |kernel, threads| -> Vec<u32> {
        let outputs = network.run_all(kernel, &pictures, threads).expect("it runs");
        outputs.iter().flatten().map(|value| value.to_bits()).collect()
    };
    let expected = bits(Kernel::Portable, 1);
    for kernel in Kernel::available() {
        for threads in [1, 2, 7] {
            assert_eq!(bits(kernel, threads), expected, "{kernel:?} on {threads} threads");
        }
    }
}

#[test]
fn a_miner_declares_the_hash_of_its_file_where_the_network_answers() {
    let baseline = Baseline::new().expect("built in");
    assert_eq!(baseline.model_id(Wanted::Read), [0; 32], "Tesseract reads");
    let declared = to_hex(&baseline.model_id(Wanted::Classify));
    assert_eq!(declared, to_hex(&blake2_256(BUILTIN_NETWORK)));
    let reference = include_str!("../../../../docs/reference/models.md");
    assert!(reference.contains(&declared), "the reference lacks {declared}");
}

#[test]
fn it_fits_a_megabyte_and_loses_at_most_a_fifth_on_the_reserved_renderer() {
    let file = include_bytes!("../../models/scenes.safetensors");
    assert!(file.len() < 1 << 20, "{} bytes", file.len());
    let baseline = Baseline::new().expect("built in");
    let open = worth(&baseline, &tasks(b"transfer", Renderer::Open, 0, 40));
    let reserved = worth(&baseline, &tasks(b"transfer", Renderer::Reserved, 0, 40));
    assert!(open > 700_000, "{open}");
    assert!(reserved * 5 >= open * 4, "{reserved} after {open}");
}

#[test]
fn tesseract_loses_at_most_a_fifth_on_the_reserved_renderer() {
    let baseline = Baseline::new().expect("built in");
    let open = worth(&baseline, &tasks(b"transfer", Renderer::Open, 24, 0));
    let reserved = worth(&baseline, &tasks(b"transfer", Renderer::Reserved, 24, 0));
    assert!(reserved * 5 >= open * 4, "{reserved} after {open}");
}
