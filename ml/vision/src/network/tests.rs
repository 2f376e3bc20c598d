use proptest::prelude::*;

use super::*;

const SMALL: &str = "input 3 20 20; conv 8 3 2 1; relu; scale; maxpool 2 2; conv 12 3 1 1; relu; meanpool 5 5; flatten; linear 7";

fn pictures(count: u64) -> Vec<Picture> {
    let picture = |seed| {
        let mut random = kernel::Random::new(seed);
        let samples = (0..24 * 22 * 3).map(|_| random.next_u64() as u8).collect();
        Picture::new(24, 22, 3, samples).expect("it fits")
    };
    (0..count).map(picture).collect()
}

#[test]
fn threads_and_kernels_change_no_bit() {
    let network = Network::random(Architecture::parse(SMALL).expect("valid"), 5);
    let pictures = pictures(9);
    let expected = network.run_all(Kernel::Portable, &pictures, 1).expect("it runs");
    assert!(expected.iter().flatten().any(|x| *x != 0.0));
    for kernel in Kernel::available() {
        for threads in [1, 2, 7] {
            let outputs = network.run_all(kernel, &pictures, threads).expect("it runs");
            let bits = |all: &[Vec<f32>]| all.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&outputs), bits(&expected), "{kernel:?} on {threads} threads");
        }
    }
}

/// The definition of a convolution, one multiplication at a time.
#[test]
fn a_convolution_is_what_its_definition_says() {
    let architecture = Architecture::parse("input 3 6 5; conv 2 3 2 1; flatten; linear 12").expect("valid");
    let network = Network::random(architecture, 3);
    let input: Vec<f32> = (0..90).map(|i| (i as f32 * 0.7) % 1.3 - 0.5).collect();
    let (from, to) = (network.architecture.shape(0), network.architecture.shape(1));
    let layer = network.architecture.layers[0];
    let parameters = &network.parameters[0];
    let got = apply(Kernel::best(), &layer, (from, to), parameters, input.clone(), &mut Vec::new());
    for y in 0..to.height {
        for x in 0..to.width {
            for out in 0..2 {
                let mut sum = parameters.bias[out];
                for c in 0..3 {
                    for ky in 0..3 {
                        for kx in 0..3 {
                            let (sy, sx) = ((y * 2 + ky) as i32 - 1, (x * 2 + kx) as i32 - 1);
                            if (0..6).contains(&sy) && (0..5).contains(&sx) {
                                let value = input[(sy as usize * 5 + sx as usize) * 3 + c];
                                sum += value * parameters.weight[((out * 3 + c) * 3 + ky) * 3 + kx];
                            }
                        }
                    }
                }
                assert!((got[(y * to.width + x) * 2 + out] - sum).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn an_architecture_is_read_as_it_is_written() {
    let architecture = Architecture::parse(SMALL).expect("valid");
    assert_eq!(architecture.text(), SMALL);
    assert_eq!(architecture.outputs(), 7);
}

#[test]
fn what_is_too_large_or_makes_no_sense_is_named() {
    let refused = |text: &str| Architecture::parse(text).expect_err("refused").to_string();
    assert!(refused("input 3 48 48; attention 8; flatten").contains("`attention 8`"));
    assert!(refused("input 3 8 8; linear 5").contains("flatten"));
    assert!(refused("input 3 8 8; conv 4 9 1 0; flatten").contains("do not fit"));
    assert!(refused("input 3 8 8; conv 4 3 0 0; flatten").contains("do not fit"));
    assert!(refused("input 3 4096 4096; conv 4096 3 1 1; flatten").contains("beyond the limit"));
    assert!(refused("input 1 64 64; flatten; linear 13000").contains("beyond the limit"));
    assert!(refused("input 9 8 8; flatten").contains("1 to 8 channels"));
    assert!(refused("input 3 8 8; conv 4 3 1 1").contains("one list"));
    assert!(refused(&format!("input 3 8 8; {}flatten", "relu; ".repeat(MAX_LAYERS))).contains("layers"));
}

#[test]
fn a_picture_does_not_fit_into_planes() {
    let network = Network::random(Architecture::parse("input 4 2 2; flatten").expect("valid"), 1);
    let picture = Picture::new(2, 2, 3, vec![7; 12]).expect("it fits");
    let refused = network.prepare(&picture).expect_err("refused").to_string();
    assert!(refused.contains("4 channels"), "{refused}");
}

#[test]
fn probabilities_add_up_whatever_comes_out() {
    for outputs in [[0.0, 1.0, 2.0, -5.0, 3.0], [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30]] {
        let groups = probabilities(Kernel::best(), &outputs, &[2, 3]);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [2, 3]);
        assert!(groups.iter().all(|group| group.iter().sum::<u32>() == 1_000_000), "{groups:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_an_architecture_or_an_error(text in "(input|conv|relu|pool|linear|flatten|scale|;| |[0-9]{1,20}){0,30}") {
        let _ = Architecture::parse(&text);
    }
}
