use super::*;
use crate::kernel::{Kernel, Random};
use crate::tokenizer::Token;

fn tiny() -> Layout {
    Layout::new(Config { vocabulary: 40, context: 80, layers: 2, width: 16, heads: 2 })
}

/// Parameters without zeros, so that every gradient is alive.
fn parameters(layout: &Layout) -> Vec<f32> {
    let mut random = Random::new(3);
    layout.initial(1).into_iter().map(|x| x + 0.2 * random.normal()).collect()
}

fn tokens(count: usize, seed: u64) -> Vec<Token> {
    let mut random = Random::new(seed);
    (0..count).map(|_| random.below(40) as Token).collect()
}

#[test]
fn gradients_match_finite_differences_in_every_matrix() {
    let layout = tiny();
    let w = parameters(&layout);
    let (sequences, length) = (2, 70);
    let (x, y) = (tokens(sequences * length, 1), tokens(sequences * length, 2));
    let mut activations = Activations::new(&layout, Kernel::best(), sequences, length);
    let mut gradient = vec![0.0; layout.parameters()];
    activations.accumulate_gradient(&w, &x, &y, 1.0, &mut gradient);
    for (matrix, _, range) in layout.entries() {
        // Along the gradient of one matrix the loss changes by its squared length.
        let squared: f64 = gradient[range.clone()].iter().map(|g| f64::from(*g).powi(2)).sum();
        assert!(squared > 1e-6, "{matrix:?} has no gradient");
        let step = 0.02 / squared.sqrt();
        let mut at = |sign: f64| {
            let mut moved = w.clone();
            for i in range.clone() {
                moved[i] += (sign * step * f64::from(gradient[i])) as f32;
            }
            activations.loss(&moved, &x, &y)
        };
        let measured = (at(1.0) - at(-1.0)) / (2.0 * step);
        assert!((measured / squared - 1.0).abs() < 0.01, "{matrix:?}: {measured} against {squared}");
    }
}

#[test]
fn the_future_does_not_change_the_past() {
    let layout = tiny();
    let w = parameters(&layout);
    let mut activations = Activations::new(&layout, Kernel::best(), 1, 70);
    let (mut x, y) = (tokens(70, 1), tokens(70, 2));
    let before = activations.losses(&w, &x, &y);
    x[50] = (x[50] + 1) % 40;
    let after = activations.losses(&w, &x, &y);
    assert_eq!(before[..50], after[..50]);
    assert_ne!(before[50..], after[50..]);
}

#[test]
fn every_kernel_gives_the_same_gradient_bits() {
    let layout = tiny();
    let w = parameters(&layout);
    let (x, y) = (tokens(140, 1), tokens(140, 2));
    let results = Kernel::available().into_iter().map(|kernel| {
        let mut gradient = vec![0.0; layout.parameters()];
        let loss =
            Activations::new(&layout, kernel, 2, 70).accumulate_gradient(&w, &x, &y, 0.01, &mut gradient);
        (loss.to_bits(), gradient.iter().map(|g| g.to_bits()).collect::<Vec<_>>())
    });
    let results: Vec<_> = results.collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_token_fed_alone_or_in_a_batch_gives_the_bits_of_training() {
    let layout = tiny();
    let w: Vec<u16> = parameters(&layout).into_iter().map(crate::kernel::to_bf16).collect();
    let expanded: Vec<f32> = w.iter().map(|&b| crate::kernel::from_bf16(b)).collect();
    let (x, y) = (tokens(70, 1), tokens(70, 2));
    for kernel in Kernel::available() {
        let expected = Activations::new(&layout, kernel, 1, 70).losses(&expanded, &x, &y);
        let weights = Weights::new(&layout, &w, kernel);
        for split in [0, 1, 7, 64, 69] {
            let mut session = Session::new(&weights);
            let mut logits = Vec::new();
            for part in [&x[..split], &x[split..]] {
                for chunk in part.chunks(if split == 7 { 1 } else { 70 }) {
                    session.feed(chunk);
                    logits.extend(session.logits(chunk.len()));
                }
            }
            let losses: Vec<f64> = logits
                .chunks_exact(40)
                .zip(&y)
                .map(|(row, &target)| {
                    let (m, z) = crate::kernel::max_and_exp_sum(kernel, row);
                    crate::kernel::ln(f64::from(z)) + f64::from(m) - f64::from(row[target as usize])
                })
                .collect();
            assert_eq!(losses, expected, "{kernel:?}, split at {split}");
        }
    }
}

#[test]
fn looking_ahead_changes_nothing() {
    let layout = tiny();
    let bits: Vec<u16> = parameters(&layout).into_iter().map(crate::kernel::to_bf16).collect();
    let weights = Weights::new(&layout, &bits, Kernel::best());
    let (read, ahead, other) = (tokens(20, 1), tokens(9, 2), tokens(5, 3));
    let after = |parts: &[&[Token]]| {
        let mut session = Session::new(&weights);
        parts.iter().for_each(|part| session.feed(part));
        session.logits(1)
    };
    let mut session = Session::new(&weights);
    session.feed(&read);
    assert_eq!(session.peek(&ahead), after(&[&read, &ahead]));
    assert_eq!(session.peek(&other), after(&[&read, &other]));
    assert_eq!((session.peek(&[]), session.length()), (after(&[&read]), read.len()));
    session.feed(&other);
    assert_eq!(session.logits(1), after(&[&read, &other]));
}

#[test]
fn other_engines_come_to_nearly_the_same_and_coarser_weights_do_not() {
    use super::plain::{logits, quantised, Arithmetic};
    let layout = tiny();
    let w = parameters(&layout);
    let bits: Vec<u16> = w.iter().map(|&x| crate::kernel::to_bf16(x)).collect();
    let w: Vec<f32> = bits.iter().map(|&x| crate::kernel::from_bf16(x)).collect();
    let weights = Weights::new(&layout, &bits, Kernel::best());
    let tokens = tokens(50, 4);
    let mut session = Session::new(&weights);
    session.feed(&tokens);
    let ours = session.logits(20);
    let off = |parameters: &[f32], arithmetic| {
        let theirs = logits(&layout, parameters, &tokens, 30, arithmetic);
        assert_eq!(theirs.len(), ours.len());
        ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max)
    };
    use Arithmetic::*;
    for honest in [Single, Backwards, Blocks, Double] {
        assert!(off(&w, honest) < 1e-3, "{honest:?}: {}", off(&w, honest));
    }
    let [half, brain] = [Half, Brain].map(|kept| off(&w, kept));
    assert!(half > 1e-4 && half < 0.1 && brain > 2.0 * half, "{half} {brain}");
    let [eight, four] = [8, 4].map(|bits| off(&quantised(&layout, &w, bits), Single));
    assert!(eight > 1e-3 && four > 4.0 * eight, "{eight} {four}");
}
