use myelin_lm::kernel::Kernel;
use proptest::prelude::*;

use super::*;

/// A file of a convolutional network, written by the `onnx` package, with the output of its reference evaluator for one
/// input.
const RECORDED: &[u8] = include_bytes!("../../tests/small.onnx");
const RECORDED_INPUT: &str = include_str!("../../tests/small-input.txt");
const RECORDED_OUTPUT: &str = include_str!("../../tests/small-output.txt");

fn numbers(text: &str) -> Vec<f32> {
    text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

#[test]
fn a_recorded_network_gives_the_recorded_output() {
    let network = read(RECORDED).expect("covered");
    let Shape { channels, height, width } = network.architecture().input();
    let (planes, expected) = (numbers(RECORDED_INPUT), numbers(RECORDED_OUTPUT));
    let mut input = vec![0.0; planes.len()];
    for (at, value) in planes.iter().enumerate() {
        let (channel, place) = (at / (height * width), at % (height * width));
        input[place * channels + channel] = *value;
    }
    let output = network.run(Kernel::best(), &input);
    assert_eq!(output.len(), expected.len());
    for (found, expected) in output.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0), "{output:?} is not {expected:?}");
    }
}

/// The recorded file with one name replaced by another of the same length.
fn renamed(from: &str, to: &str) -> Result<Network, OnnxError> {
    assert_eq!(from.len(), to.len());
    let mut bytes = RECORDED.to_vec();
    let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is there");
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    read(&bytes)
}

#[test]
fn what_is_not_covered_is_refused_by_name() {
    assert_eq!(renamed("Relu", "Gelu"), Err(OnnxError::Operator("Gelu".into())));
    assert_eq!(renamed("MaxPool", "RoiPool"), Err(OnnxError::Operator("RoiPool".into())));
    assert!(matches!(renamed("conv.weight", "conv.height"), Err(OnnxError::Constant(_))));
    assert_eq!(read(b""), Err(OnnxError::Input));
    assert!(matches!(read(&[0xff; 40]), Err(OnnxError::Broken(0))));
    assert!(matches!(read(&vec![0; MAX_FILE_BYTES + 1]), Err(OnnxError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn any_bytes_are_a_network_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn changed_bytes_never_harm(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
        let mut bytes = RECORDED.to_vec();
        let length = bytes.len();
        changes.iter().for_each(|(at, value)| bytes[at % length] = *value);
        if let Ok(network) = read(&bytes) {
            network.run(Kernel::best(), &vec![0.5; network.architecture().input().len()]);
        }
    }
}
