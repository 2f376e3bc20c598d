//! Training of small networks whose result depends on its inputs alone: not on threads or processor.
//!
//! A batch is cut into a fixed number of shards; the gradients of a shard are added picture by picture, the shards in
//! order. Threads only decide which of them computes a shard.
//!
//! The loss of an [`Example`] is the mean cross entropy of each group of outputs, a proper scoring rule, so that the
//! probabilities are honest on pictures like those trained on. The loss of a [`Pair`] is the root of its mean
//! squared error, so that easy and hard pictures pull equally.

use myelin_lm::{
    kernel::{self, matmul, Kernel, View},
    train::{seal, unseal_exactly, SavedError},
};

use crate::network::{apply, lay_out, Layer, Network, NetworkError, Parameters, Shape};

/// Gradients that are computed apart and added in order.
const SHARDS: usize = 8;
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.99;

/// A prepared picture and the right class of each group.
#[derive(Clone, Debug)]
pub struct Example {
    /// The picture as [`Network::prepare`] returns it.
    pub input: Vec<f32>,
    /// The right class of each group.
    pub classes: Vec<usize>,
}

/// An input and the values that should come out.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Values as [`Network::run`] takes them.
    pub input: Vec<f32>,
    /// One value for each output.
    pub target: Vec<f32>,
    /// 1 for each output that counts, 0 for others.
    pub counts: Vec<f32>,
}

/// Mean squared error below which less is no gain any more: a third of a level of eight bits, for values from -1 to 1.
const FLOOR: f32 = 6.8e-6;

/// Something to learn from.
pub trait Lesson: Sync {
    /// Values that go in.
    fn input(&self) -> &[f32];

    /// Turns outputs into the gradient of `weight` times the loss; returns that loss.
    fn loss(&self, kernel: Kernel, groups: &[usize], outputs: &mut [f32], weight: f32) -> f32;
}

impl Lesson for Example {
    fn input(&self) -> &[f32] {
        &self.input
    }

    fn loss(&self, kernel: Kernel, groups: &[usize], outputs: &mut [f32], weight: f32) -> f32 {
        let (mut start, mut loss) = (0, 0.0);
        for (&size, &class) in groups.iter().zip(&self.classes) {
            let row = &mut outputs[start..start + size];
            let right = row[class.min(size - 1)];
            let (largest, sum) = kernel::cross_entropy(kernel, row, class.min(size - 1), weight);
            loss += weight * (kernel::ln(f64::from(sum)) as f32 + largest - right);
            start += size;
        }
        loss
    }
}

impl Lesson for Pair {
    fn input(&self) -> &[f32] {
        &self.input
    }

    fn loss(&self, kernel: Kernel, _: &[usize], outputs: &mut [f32], weight: f32) -> f32 {
        kernel::blend(kernel, outputs, 1.0, &self.target, -1.0);
        outputs.iter_mut().zip(&self.counts).for_each(|(value, counts)| *value *= counts);
        let counted = kernel::inner(kernel, &self.counts, &self.counts).max(1.0);
        let root = (kernel::inner(kernel, outputs, outputs) / counted + FLOOR).sqrt();
        let slope = weight / (root * counted);
        outputs.iter_mut().for_each(|value| *value *= slope);
        weight * root
    }
}

/// A training run in memory.
pub struct Trainer {
    network: Network,
    groups: Vec<usize>,
    kernel: Kernel,
    first: Vec<Parameters>,
    second: Vec<Parameters>,
    corrections: (f32, f32),
}

impl Trainer {
    /// Trains `network` towards groups of classes whose sizes add up to its outputs. For [`Pair`]s, one group of all
    /// outputs.
    pub fn new(network: Network, groups: Vec<usize>, kernel: Kernel) -> Result<Self, NetworkError> {
        let layers = network.architecture().layers().iter().enumerate();
        for (layer, kind) in layers {
            if matches!(kind, Layer::Scale | Layer::Pool { .. }) {
                let reason = "only conv, relu, flatten and linear can be trained here".to_owned();
                return Err(NetworkError::Misplaced { layer, reason });
            }
        }
        let outputs = network.architecture().outputs();
        let sum: usize = groups.iter().sum();
        if sum != outputs {
            let layer = network.architecture().layers().len();
            let reason = format!("{outputs} outputs for {sum} classes");
            return Err(NetworkError::Misplaced { layer, reason });
        }
        let zeros = zeros_like(&network);
        Ok(Self { network, groups, kernel, first: zeros.clone(), second: zeros, corrections: (1.0, 1.0) })
    }

    /// The network as trained so far.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// One step of Adam on a batch; returns the mean loss in nats before it. `threads` changes its speed only.
    pub fn step<L: Lesson>(&mut self, batch: &[L], rate: f32, threads: usize) -> f32 {
        let share = batch.len().div_ceil(SHARDS).max(1);
        let shards: Vec<&[L]> = batch.chunks(share).collect();
        let mut results: Vec<Option<(Vec<Parameters>, f32)>> = vec![None; shards.len()];
        let per_thread = shards.len().div_ceil(threads.max(1)).max(1);
        let this = &*self;
        std::thread::scope(|scope| {
            for (shards, results) in shards.chunks(per_thread).zip(results.chunks_mut(per_thread)) {
                scope.spawn(move || {
                    for (shard, result) in shards.iter().zip(results) {
                        *result = Some(this.gradient(shard, 1.0 / batch.len() as f32));
                    }
                });
            }
        });
        let mut total = zeros_like(&self.network);
        let mut loss = 0.0;
        for (gradient, part) in results.into_iter().flatten() {
            loss += part;
            for (total, part) in total.iter_mut().zip(&gradient) {
                kernel::add(self.kernel, &mut total.weight, &part.weight);
                kernel::add(self.kernel, &mut total.bias, &part.bias);
            }
        }
        let (c1, c2) = (self.corrections.0 * BETA1, self.corrections.1 * BETA2);
        self.corrections = (c1, c2);
        let (c1, c2) = (1.0 / (1.0 - c1), 1.0 / (1.0 - c2));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((w, g), (m, v)) in self.network.parameters_mut().iter_mut().zip(&total).zip(moments) {
            let lists = [
                (&mut w.weight, &g.weight, &mut m.weight, &mut v.weight),
                (&mut w.bias, &g.bias, &mut m.bias, &mut v.bias),
            ];
            for (w, g, m, v) in lists {
                kernel::adam(self.kernel, w, g, m, v, rate, BETA1, BETA2, c1, c2);
            }
        }
        loss
    }

    /// The state of the run, from which [`Trainer::resume`] goes on with the same bits.
    pub fn save(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let values = [self.network.parameters(), &self.first[..], &self.second[..]];
        let values = values.into_iter().flatten().flat_map(|p| p.weight.iter().chain(&p.bias));
        let corrections = [&self.corrections.0, &self.corrections.1];
        values.chain(corrections).for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        seal(bytes)
    }

    /// Goes on from a saved state of a run with the same architecture.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), SavedError> {
        let sizes = self.network.architecture().parameters();
        let values = sizes.iter().map(|(weight, bias)| weight + bias).sum::<usize>();
        let body = unseal_exactly(bytes, 12 * values + 8)?;
        let mut saved = body.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let lists = [self.network.parameters_mut(), &mut self.first[..], &mut self.second[..]];
        let values = lists.into_iter().flatten().flat_map(|p| p.weight.iter_mut().chain(&mut p.bias));
        let corrections = [&mut self.corrections.0, &mut self.corrections.1];
        values.chain(corrections).zip(&mut saved).for_each(|(value, saved)| *value = saved);
        Ok(())
    }

    /// Gradients of the loss over a shard, each picture weighing `weight`, and that loss.
    fn gradient<L: Lesson>(&self, shard: &[L], weight: f32) -> (Vec<Parameters>, f32) {
        let mut gradient = zeros_like(&self.network);
        let mut loss = 0.0;
        let mut patches = Vec::new();
        for example in shard {
            let architecture = self.network.architecture();
            let mut values = vec![example.input().to_vec()];
            for (number, layer) in architecture.layers().iter().enumerate() {
                let shapes = (architecture.shape(number), architecture.shape(number + 1));
                let parameters = &self.network.parameters()[number];
                let next =
                    apply(self.kernel, layer, shapes, parameters, values[number].clone(), &mut patches);
                values.push(next);
            }
            let mut back = values.pop().unwrap_or_default();
            loss += example.loss(self.kernel, &self.groups, &mut back, weight);
            for (number, layer) in architecture.layers().iter().enumerate().rev() {
                let shapes = (architecture.shape(number), architecture.shape(number + 1));
                let parameters = &self.network.parameters()[number];
                let first = number == 0;
                back =
                    self.back(layer, shapes, parameters, &values[number], back, &mut gradient[number], first);
            }
        }
        (gradient, loss)
    }

    /// Adds to the gradient of a layer's parameters and returns that of its input; `first` layers need none.
    #[allow(clippy::too_many_arguments)]
    fn back(
        &self,
        layer: &Layer,
        (from, to): (Shape, Shape),
        parameters: &Parameters,
        input: &[f32],
        mut back: Vec<f32>,
        gradient: &mut Parameters,
        first: bool,
    ) -> Vec<f32> {
        match *layer {
            Layer::Conv { out, size, stride, pad } => {
                let inner = from.channels * size * size;
                let places = to.height * to.width;
                let mut patches = Vec::new();
                lay_out(input, from, to, (size, stride, pad), &mut patches);
                let shape = (out, inner, places);
                let (down, rows) = (View::transposed(&back, out), View::rows(&patches, inner));
                matmul(self.kernel, shape, down, rows, &mut gradient.weight, inner, true);
                back.chunks_exact(out).for_each(|place| kernel::add(self.kernel, &mut gradient.bias, place));
                if first {
                    return Vec::new();
                }
                let filters = View::rows(&parameters.weight, inner);
                let shape = (places, inner, out);
                matmul(self.kernel, shape, View::rows(&back, out), filters, &mut patches, inner, false);
                gather(&patches, from, to, (size, stride, pad))
            }
            Layer::Relu => {
                back.iter_mut()
                    .zip(input)
                    .for_each(|(back, value)| *back = if *value > 0.0 { *back } else { 0.0 });
                back
            }
            Layer::Flatten => {
                let places = from.height * from.width;
                let mut result = vec![0.0; back.len()];
                for (place, channels) in result.chunks_exact_mut(from.channels).enumerate() {
                    for (channel, value) in channels.iter_mut().enumerate() {
                        *value = back[channel * places + place];
                    }
                }
                result
            }
            Layer::Linear { out } => {
                let inner = from.len();
                let (down, row) = (View::transposed(&back, out), View::rows(input, inner));
                matmul(self.kernel, (out, inner, 1), down, row, &mut gradient.weight, inner, true);
                kernel::add(self.kernel, &mut gradient.bias, &back);
                if first {
                    return Vec::new();
                }
                let mut result = vec![0.0; inner];
                let matrix = View::rows(&parameters.weight, inner);
                matmul(
                    self.kernel,
                    (1, inner, out),
                    View::rows(&back, out),
                    matrix,
                    &mut result,
                    inner,
                    false,
                );
                result
            }
            // `new` refuses the others.
            Layer::Scale | Layer::Pool { .. } => back,
        }
    }
}

/// The reverse of [`lay_out`]: adds the gradient of each patch to the places that the patch was taken from.
fn gather(patches: &[f32], from: Shape, to: Shape, (size, stride, pad): (usize, usize, usize)) -> Vec<f32> {
    let area = size * size;
    let mut result = vec![0.0; from.len()];
    for (place, patch) in patches.chunks_exact(from.channels * area).enumerate() {
        let (top, left) = (place / to.width * stride, place % to.width * stride);
        for tap in 0..area {
            let (y, x) = (top + tap / size, left + tap % size);
            let inside = (pad..pad + from.height).contains(&y) && (pad..pad + from.width).contains(&x);
            if inside {
                let at = ((y - pad) * from.width + x - pad) * from.channels;
                for (channel, value) in result[at..at + from.channels].iter_mut().enumerate() {
                    *value += patch[channel * area + tap];
                }
            }
        }
    }
    result
}

fn zeros_like(network: &Network) -> Vec<Parameters> {
    let zeros =
        |p: &Parameters| Parameters { weight: vec![0.0; p.weight.len()], bias: vec![0.0; p.bias.len()] };
    network.parameters().iter().map(zeros).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Architecture;

    fn examples(count: u64) -> Vec<Example> {
        let example = |seed| {
            let mut random = kernel::Random::new(seed);
            let class = random.below(3);
            // Each class is bright in another third.
            let input = (0..3 * 81)
                .map(|i| random.normal() * 0.3 + if i / 3 % 9 / 3 == class { 1.0 } else { 0.0 })
                .collect();
            Example { input, classes: vec![class, usize::from(class == 1)] }
        };
        (0..count).map(example).collect()
    }

    fn trainer(kernel: Kernel) -> Trainer {
        let line = "input 3 9 9; conv 6 3 2 1; relu; conv 8 3 2 1; relu; flatten; linear 5";
        let network = Network::random(Architecture::parse(line).expect("valid"), 2);
        Trainer::new(network, vec![3, 2], kernel).expect("it can be trained")
    }

    #[test]
    fn threads_and_kernels_change_no_bit_of_a_trained_network() {
        let train = |kernel, threads| {
            let mut trainer = trainer(kernel);
            let batch = examples(30);
            (0..3).for_each(|_| {
                trainer.step(&batch, 3e-3, threads);
            });
            trainer.save()
        };
        let expected = train(Kernel::Portable, 1);
        for kernel in Kernel::available() {
            for threads in [1, 2, 7] {
                assert!(train(kernel, threads) == expected, "{kernel:?} on {threads} threads");
            }
        }
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let trainer = trainer(Kernel::best());
        let batch = examples(4);
        let (gradient, _) = trainer.gradient(&batch, 0.25);
        for (layer, at) in [(0, 7), (0, 100), (2, 55), (5, 3)] {
            let loss = |step: f32| {
                let mut moved = self::trainer(Kernel::best());
                moved.network.parameters_mut()[layer].weight[at] += step;
                f64::from(moved.gradient(&batch, 0.25).1)
            };
            let slope = (loss(2e-3) - loss(-2e-3)) / 4e-3;
            let found = f64::from(gradient[layer].weight[at]);
            assert!((slope - found).abs() < 2e-3 + 0.05 * found.abs(), "layer {layer}: {slope} and {found}");
        }
    }

    #[test]
    fn a_saved_run_goes_on_with_the_same_bits() {
        let batch = examples(8);
        let mut whole = trainer(Kernel::best());
        let mut resumed = trainer(Kernel::best());
        whole.step(&batch, 3e-3, 1);
        resumed.resume(&whole.save()).expect("saved");
        whole.step(&batch, 3e-3, 1);
        resumed.step(&batch, 3e-3, 1);
        assert!(resumed.save() == whole.save());
        let mut broken = whole.save();
        broken[9] ^= 1;
        assert!(resumed.resume(&broken).is_err() && resumed.resume(&broken[..20]).is_err());
    }

    #[test]
    fn pairs_lower_the_root_of_the_squared_error() {
        let line = "input 4 6 6; conv 6 4 2 1; relu; conv 8 3 1 1; flatten";
        let network = Network::random(Architecture::parse(line).expect("valid"), 2);
        let outputs = network.architecture().outputs();
        let mut trainer = Trainer::new(network, vec![outputs], Kernel::best()).expect("it can be trained");
        let pair = |seed| {
            let mut random = kernel::Random::new(seed);
            let input: Vec<f32> = (0..4 * 36).map(|_| random.normal()).collect();
            let target = (0..outputs).map(|at| 0.5 * input[at % 9 * 4]).collect();
            let counts = (0..outputs).map(|at| if at % 5 == 0 { 0.0 } else { 1.0 }).collect();
            Pair { input, target, counts }
        };
        let batch: Vec<Pair> = (0..4).map(pair).collect();
        let (gradient, before) = trainer.gradient(&batch, 0.25);
        trainer.network.parameters_mut()[2].weight[5] += 1e-3;
        let slope = (trainer.gradient(&batch, 0.25).1 - before) / 1e-3;
        assert!((slope - gradient[2].weight[5]).abs() < 2e-3 + 0.05 * slope.abs());
        (0..200).for_each(|_| {
            trainer.step(&batch, 5e-3, 2);
        });
        assert!(trainer.gradient(&batch, 0.25).1 < 0.4 * before);
    }

    #[test]
    fn it_learns() {
        let mut trainer = trainer(Kernel::best());
        let first = trainer.step(&examples(64), 5e-3, 2);
        (0..40).for_each(|_| {
            trainer.step(&examples(64), 5e-3, 2);
        });
        let last = trainer.step(&examples(64), 5e-3, 2);
        assert!(last < 0.3 * first, "{first} then {last}");
    }
}
