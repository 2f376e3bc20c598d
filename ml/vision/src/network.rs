//! Small networks of a stated family, whose output is the same to the last bit wherever they run.
//!
//! The family is a chain: no branches, no recurrence. An architecture is one line of text, for instance
//!
//! ```text
//! input 3 48 48; conv 16 3 2 1; relu; conv 32 3 2 1; relu; flatten; linear 64; relu; linear 23
//! ```
//!
//! | layer | meaning | parameters |
//! |---|---|---|
//! | `conv OUT SIZE STRIDE PAD` | cross-correlation with square filters, zeros around | weight `[OUT, IN, SIZE, SIZE]`, bias `[OUT]` |
//! | `scale` | one factor and one summand per channel | weight `[C]`, bias `[C]` |
//! | `relu` | negative values become zero | |
//! | `maxpool SIZE STRIDE`, `meanpool SIZE STRIDE` | largest value or mean of each square | |
//! | `flatten` | channels, then rows, then columns as one list | |
//! | `linear OUT` | a matrix | weight `[OUT, IN]`, bias `[OUT]` |
//!
//! Weights lie as PyTorch and ONNX lay them. The input is `sample / 127.5 − 1`. An architecture is checked as a whole
//! before anything is allocated: layers, parameters, activations and multiplications each have a limit.

use myelin_lm::kernel::{self, matmul, Kernel, View};

use crate::picture::{Picture, PictureError};

/// Most layers.
pub const MAX_LAYERS: usize = 64;
/// Most parameters: 32 MiB as floats.
pub const MAX_PARAMETERS: usize = 8 << 20;
/// Most values between two layers, patches of convolutions included.
pub const MAX_ACTIVATIONS: usize = 8 << 20;
/// Most multiplications for one picture.
pub const MAX_WORK: u64 = 2_000_000_000;
/// Most outputs: a colour picture of 64 by 64 pixels has 12,288 samples.
pub const MAX_OUTPUTS: usize = 12_288;
/// Most channels of the input. A picture has 1 or 3; others are planes that the caller prepares, such as a mask.
pub const MAX_INPUT_CHANNELS: usize = 8;

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Square filters.
    Conv {
        /// Channels that come out.
        out: usize,
        /// Side of a filter.
        size: usize,
        /// Distance between neighbouring filters.
        stride: usize,
        /// Zeros on each side.
        pad: usize,
    },
    /// A factor and a summand for each channel.
    Scale,
    /// Negative values become zero.
    Relu,
    /// Squares become one value.
    Pool {
        /// Side of a square.
        size: usize,
        /// Distance between neighbouring squares.
        stride: usize,
        /// The mean, or else the largest.
        mean: bool,
    },
    /// Everything in one list.
    Flatten,
    /// A matrix.
    Linear {
        /// Values that come out.
        out: usize,
    },
}

/// Sizes of the values between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Values at one place.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// Values in all.
    pub fn len(&self) -> usize {
        self.channels.saturating_mul(self.height).saturating_mul(self.width)
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn places(&self) -> usize {
        self.height * self.width
    }
}

/// Why an architecture or a set of parameters is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A layer that the family does not have.
    #[error("reading an architecture: the layer `{0}` is not of this family; see its table for what is")]
    UnknownLayer(String),
    /// A layer in a place where it makes no sense.
    #[error("checking layer {layer}: {reason}; correct the architecture")]
    Misplaced {
        /// Its number from 0.
        layer: usize,
        /// Rule that the layer breaks.
        reason: String,
    },
    /// A size beyond its limit.
    #[error("checking a network: {what} of {found} is beyond the limit of {limit}; make it smaller")]
    TooLarge {
        /// Name of the size that is too large.
        what: &'static str,
        /// Size found.
        found: u64,
        /// Largest size allowed.
        limit: u64,
    },
    /// Number of parameters that differs from the architecture's.
    #[error("loading layer {layer}: its {what} has {found} values instead of {expected}; export it again")]
    Parameters {
        /// Its number from 0.
        layer: usize,
        /// Weight or bias.
        what: &'static str,
        /// Values needed.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// A parameter that is no number.
    #[error(
        "loading layer {layer}: its {what} holds infinity or no number; export a network that has converged"
    )]
    NotFinite {
        /// Its number from 0.
        layer: usize,
        /// Weight or bias.
        what: &'static str,
    },
    /// A picture that cannot be scaled to the input.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// Which layers follow each other, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    input: Shape,
    layers: Vec<Layer>,
    /// The shape before each layer, and after the last.
    shapes: Vec<Shape>,
}

impl Architecture {
    /// Checks shapes and limits.
    pub fn new(input: Shape, layers: Vec<Layer>) -> Result<Self, NetworkError> {
        let limited = |what, found: u64, limit: u64| {
            if found > limit {
                return Err(NetworkError::TooLarge { what, found, limit });
            }
            Ok(())
        };
        limited("a number of layers", layers.len() as u64, MAX_LAYERS as u64)?;
        let sides = 1..=crate::picture::MAX_SIDE;
        let fits = (1..=MAX_INPUT_CHANNELS).contains(&input.channels);
        if !fits || !sides.contains(&input.height) || !sides.contains(&input.width) {
            let reason = "the input must be 1 to 8 channels of 1 to 4096 rows and columns".to_owned();
            return Err(NetworkError::Misplaced { layer: 0, reason });
        }
        let mut shapes = vec![input];
        let (mut work, mut parameters) = (0u64, 0u64);
        for (number, layer) in layers.iter().enumerate() {
            let from = shapes[number];
            let misplaced = |reason: String| NetworkError::Misplaced { layer: number, reason };
            let to = layer.shape_after(from).map_err(misplaced)?;
            let held = layer.patches(from, to).saturating_add(to.len());
            limited("a layer's number of values", held as u64, MAX_ACTIVATIONS as u64)?;
            work = work.saturating_add(layer.work(from, to));
            let (weight, bias) = layer.parameters(from);
            parameters = parameters.saturating_add(weight.saturating_add(bias) as u64);
            shapes.push(to);
        }
        limited("a number of multiplications", work, MAX_WORK)?;
        limited("a number of parameters", parameters, MAX_PARAMETERS as u64)?;
        let output = shapes[layers.len()];
        if output.places() != 1 {
            let reason = "the last layer must leave one list of values".to_owned();
            return Err(NetworkError::Misplaced { layer: layers.len(), reason });
        }
        limited("a number of outputs", output.len() as u64, MAX_OUTPUTS as u64)?;
        Ok(Self { input, layers, shapes })
    }

    /// Reads the line of text.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let mut input = None;
        let mut layers = Vec::new();
        for clause in text.split(';').map(str::trim).filter(|clause| !clause.is_empty()).take(MAX_LAYERS + 2)
        {
            let unknown = || NetworkError::UnknownLayer(clause.chars().take(60).collect());
            let mut words = clause.split_whitespace();
            let name = words.next().unwrap_or_default();
            let numbers: Vec<usize> =
                words.map(str::parse).collect::<Result<_, _>>().map_err(|_| unknown())?;
            match (name, numbers.as_slice()) {
                ("input", &[channels, height, width]) if input.is_none() && layers.is_empty() => {
                    input = Some(Shape { channels, height, width });
                }
                ("conv", &[out, size, stride, pad]) => layers.push(Layer::Conv { out, size, stride, pad }),
                ("scale", []) => layers.push(Layer::Scale),
                ("relu", []) => layers.push(Layer::Relu),
                ("maxpool", &[size, stride]) => layers.push(Layer::Pool { size, stride, mean: false }),
                ("meanpool", &[size, stride]) => layers.push(Layer::Pool { size, stride, mean: true }),
                ("flatten", []) => layers.push(Layer::Flatten),
                ("linear", &[out]) => layers.push(Layer::Linear { out }),
                _ => return Err(unknown()),
            }
        }
        let input = input.ok_or_else(|| NetworkError::UnknownLayer("no `input` before the layers".into()))?;
        Self::new(input, layers)
    }

    /// The line of text.
    pub fn text(&self) -> String {
        let Shape { channels, height, width } = self.input;
        let mut clauses = vec![format!("input {channels} {height} {width}")];
        clauses.extend(self.layers.iter().map(|layer| match *layer {
            Layer::Conv { out, size, stride, pad } => format!("conv {out} {size} {stride} {pad}"),
            Layer::Scale => "scale".into(),
            Layer::Relu => "relu".into(),
            Layer::Pool { size, stride, mean: false } => format!("maxpool {size} {stride}"),
            Layer::Pool { size, stride, mean: true } => format!("meanpool {size} {stride}"),
            Layer::Flatten => "flatten".into(),
            Layer::Linear { out } => format!("linear {out}"),
        }));
        clauses.join("; ")
    }

    /// Size of the pictures it takes.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// Multiplications for one picture.
    pub fn work(&self) -> u64 {
        let steps = self.layers.iter().zip(self.shapes.windows(2));
        steps.map(|(layer, shapes)| layer.work(shapes[0], shapes[1])).sum()
    }

    /// Values that come out.
    pub fn outputs(&self) -> usize {
        self.shapes[self.layers.len()].len()
    }

    /// The layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The shape before layer `number`; after the last for the number of layers.
    pub(crate) fn shape(&self, number: usize) -> Shape {
        self.shapes[number]
    }

    /// Number of values of weight and bias, layer by layer.
    pub fn parameters(&self) -> Vec<(usize, usize)> {
        self.layers.iter().zip(&self.shapes).map(|(layer, from)| layer.parameters(*from)).collect()
    }

    /// The shapes of weight and bias of layer `number`, as files say them; empty where it has none.
    pub fn parameter_shapes(&self, number: usize) -> [Vec<usize>; 2] {
        let from = self.shapes[number];
        match self.layers[number] {
            Layer::Conv { out, size, .. } => [vec![out, from.channels, size, size], vec![out]],
            Layer::Scale => [vec![from.channels], vec![from.channels]],
            Layer::Linear { out } => [vec![out, from.len()], vec![out]],
            _ => [Vec::new(), Vec::new()],
        }
    }
}

impl Layer {
    fn shape_after(&self, from: Shape) -> Result<Shape, String> {
        let slide = |length: usize, size: usize, stride: usize, pad: usize| {
            let length = length + 2 * pad;
            if stride == 0 || size == 0 || size > length {
                return Err(format!("squares of {size} every {stride} do not fit into {length}"));
            }
            Ok((length - size) / stride + 1)
        };
        match *self {
            Layer::Conv { out, size, stride, pad } => {
                if out == 0 || out > MAX_OUTPUTS || pad > MAX_OUTPUTS {
                    return Err(format!("{out} channels with {pad} zeros around"));
                }
                Ok(Shape {
                    channels: out,
                    height: slide(from.height, size, stride, pad)?,
                    width: slide(from.width, size, stride, pad)?,
                })
            }
            Layer::Pool { size, stride, .. } => Ok(Shape {
                height: slide(from.height, size, stride, 0)?,
                width: slide(from.width, size, stride, 0)?,
                ..from
            }),
            Layer::Scale | Layer::Relu => Ok(from),
            Layer::Flatten => Ok(Shape { channels: from.len(), height: 1, width: 1 }),
            Layer::Linear { out } => {
                if from.places() != 1 {
                    return Err("a matrix needs one list of values; put `flatten` before it".into());
                }
                if out == 0 || out > MAX_ACTIVATIONS {
                    return Err(format!("{out} values come out"));
                }
                Ok(Shape { channels: out, height: 1, width: 1 })
            }
        }
    }

    /// Values of the patches that a convolution lays out.
    fn patches(&self, from: Shape, to: Shape) -> usize {
        match self {
            Layer::Conv { size, .. } => {
                from.channels.saturating_mul(size.saturating_mul(*size)).saturating_mul(to.places())
            }
            _ => 0,
        }
    }

    fn work(&self, from: Shape, to: Shape) -> u64 {
        match self {
            Layer::Conv { out, .. } => (self.patches(from, to) as u64).saturating_mul(*out as u64),
            Layer::Linear { out } => (from.len() as u64).saturating_mul(*out as u64),
            Layer::Pool { size, .. } => (to.len() as u64).saturating_mul((size * size) as u64),
            _ => to.len() as u64,
        }
    }

    fn parameters(&self, from: Shape) -> (usize, usize) {
        match *self {
            Layer::Conv { out, size, .. } => {
                (out.saturating_mul(from.channels).saturating_mul(size.saturating_mul(size)), out)
            }
            Layer::Scale => (from.channels, from.channels),
            Layer::Linear { out } => (out.saturating_mul(from.len()), out),
            _ => (0, 0),
        }
    }
}

/// The parameters of one layer; both lists are empty where it has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// Filters, factors or the matrix.
    pub weight: Vec<f32>,
    /// Summands.
    pub bias: Vec<f32>,
}

/// An architecture with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    architecture: Architecture,
    parameters: Vec<Parameters>,
}

impl Network {
    /// Puts parameters into an architecture: as many as it has, and finite.
    pub fn new(architecture: Architecture, parameters: Vec<Parameters>) -> Result<Self, NetworkError> {
        let sizes = architecture.parameters();
        for (layer, (weight, bias)) in sizes.iter().enumerate() {
            let given = parameters.get(layer);
            let lists =
                [("weight", *weight, given.map(|p| &p.weight)), ("bias", *bias, given.map(|p| &p.bias))];
            for (what, expected, list) in lists {
                let list = list.map(Vec::as_slice).unwrap_or_default();
                if list.len() != expected {
                    return Err(NetworkError::Parameters { layer, what, expected, found: list.len() });
                }
                if !list.iter().all(|x| x.is_finite()) {
                    return Err(NetworkError::NotFinite { layer, what });
                }
            }
        }
        Ok(Self { architecture, parameters: parameters.into_iter().take(sizes.len()).collect() })
    }

    /// Random parameters that keep the size of values from layer to layer.
    pub fn random(architecture: Architecture, seed: u64) -> Self {
        let mut random = kernel::Random::new(seed);
        let sizes = architecture.parameters();
        let parameters = sizes
            .iter()
            .map(|&(weight, bias)| {
                let spread = if bias == 0 { 0.0 } else { (2.0 * bias as f32 / weight as f32).sqrt() };
                Parameters {
                    weight: (0..weight).map(|_| random.normal() * spread).collect(),
                    bias: vec![0.0; bias],
                }
            })
            .collect();
        Self { architecture, parameters }
    }

    /// The layers.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The parameters, layer by layer.
    pub fn parameters(&self) -> &[Parameters] {
        &self.parameters
    }

    pub(crate) fn parameters_mut(&mut self) -> &mut [Parameters] {
        &mut self.parameters
    }

    /// The picture as the first layer takes it: scaled, grey or coloured as needed, pixel by pixel.
    pub fn prepare(&self, picture: &Picture) -> Result<Vec<f32>, NetworkError> {
        let Shape { channels, height, width } = self.architecture.input;
        if !matches!(channels, 1 | 3) {
            let reason = format!("a picture has no {channels} channels; prepare the planes yourself");
            return Err(NetworkError::Misplaced { layer: 0, reason });
        }
        let picture = if channels == 1 { picture.to_grey() } else { picture.to_colour() };
        let picture = if (picture.width(), picture.height()) == (width, height) {
            picture
        } else {
            picture.scaled(width, height)?
        };
        Ok(picture.samples().iter().map(|&sample| f32::from(sample) / 127.5 - 1.0).collect())
    }

    /// Output of the last layer for one prepared picture.
    pub fn run(&self, kernel: Kernel, input: &[f32]) -> Vec<f32> {
        let mut values = input.to_vec();
        let mut patches = Vec::new();
        for (number, layer) in self.architecture.layers.iter().enumerate() {
            let (from, to) = (self.architecture.shapes[number], self.architecture.shapes[number + 1]);
            let parameters = &self.parameters[number];
            values = apply(kernel, layer, (from, to), parameters, values, &mut patches);
        }
        values
    }

    /// Output for each picture, on `threads` threads. The number of threads changes speed only.
    pub fn run_all(
        &self,
        kernel: Kernel,
        pictures: &[Picture],
        threads: usize,
    ) -> Result<Vec<Vec<f32>>, NetworkError> {
        let inputs: Vec<_> =
            pictures.iter().map(|picture| self.prepare(picture)).collect::<Result<_, _>>()?;
        let mut outputs = vec![Vec::new(); inputs.len()];
        let share = inputs.len().div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            for (inputs, outputs) in inputs.chunks(share).zip(outputs.chunks_mut(share)) {
                scope.spawn(move || {
                    for (input, output) in inputs.iter().zip(outputs) {
                        *output = self.run(kernel, input);
                    }
                });
            }
        });
        Ok(outputs)
    }
}

/// One layer; values lie place by place, the channels of a place side by side.
pub(crate) fn apply(
    kernel: Kernel,
    layer: &Layer,
    (from, to): (Shape, Shape),
    parameters: &Parameters,
    mut values: Vec<f32>,
    patches: &mut Vec<f32>,
) -> Vec<f32> {
    match *layer {
        Layer::Conv { out, size, stride, pad } => {
            lay_out(&values, from, to, (size, stride, pad), patches);
            let inner = from.channels * size * size;
            let mut result = vec![0.0; to.len()];
            let filters = View::transposed(&parameters.weight, inner);
            matmul(
                kernel,
                (to.places(), out, inner),
                View::rows(patches, inner),
                filters,
                &mut result,
                out,
                false,
            );
            for place in result.chunks_exact_mut(out) {
                place.iter_mut().zip(&parameters.bias).for_each(|(value, bias)| *value += bias);
            }
            result
        }
        Layer::Scale => {
            for place in values.chunks_exact_mut(from.channels) {
                let factors = parameters.weight.iter().zip(&parameters.bias);
                place
                    .iter_mut()
                    .zip(factors)
                    .for_each(|(value, (factor, bias))| *value = *value * factor + bias);
            }
            values
        }
        Layer::Relu => {
            values.iter_mut().for_each(|value| *value = if *value > 0.0 { *value } else { 0.0 });
            values
        }
        Layer::Pool { size, stride, mean } => pool(&values, from, to, (size, stride), mean),
        Layer::Flatten => {
            let mut list = vec![0.0; values.len()];
            for (place, channels) in values.chunks_exact(from.channels).enumerate() {
                for (channel, &value) in channels.iter().enumerate() {
                    list[channel * from.places() + place] = value;
                }
            }
            list
        }
        Layer::Linear { out } => {
            let inner = from.len();
            let mut result = vec![0.0; out];
            let matrix = View::transposed(&parameters.weight, inner);
            matmul(kernel, (1, out, inner), View::rows(&values, inner), matrix, &mut result, out, false);
            result.iter_mut().zip(&parameters.bias).for_each(|(value, bias)| *value += bias);
            result
        }
    }
}

/// One row for each place of a convolution: the values under its filter in the order of the filter.
pub(crate) fn lay_out(
    values: &[f32],
    from: Shape,
    to: Shape,
    (size, stride, pad): (usize, usize, usize),
    patches: &mut Vec<f32>,
) {
    let area = size * size;
    patches.clear();
    patches.resize(to.places() * from.channels * area, 0.0);
    for (place, patch) in patches.chunks_exact_mut(from.channels * area).enumerate() {
        let (top, left) = (place / to.width * stride, place % to.width * stride);
        for tap in 0..area {
            let (y, x) = (top + tap / size, left + tap % size);
            let inside = (pad..pad + from.height).contains(&y) && (pad..pad + from.width).contains(&x);
            if inside {
                let at = ((y - pad) * from.width + x - pad) * from.channels;
                for (channel, &value) in values[at..at + from.channels].iter().enumerate() {
                    patch[channel * area + tap] = value;
                }
            }
        }
    }
}

fn pool(values: &[f32], from: Shape, to: Shape, (size, stride): (usize, usize), mean: bool) -> Vec<f32> {
    let channels = from.channels;
    let start = if mean { 0.0 } else { f32::MIN };
    let mut result = vec![start; to.len()];
    for (place, out) in result.chunks_exact_mut(channels).enumerate() {
        let (top, left) = (place / to.width * stride, place % to.width * stride);
        for tap in 0..size * size {
            let at = ((top + tap / size) * from.width + left + tap % size) * channels;
            for (out, &value) in out.iter_mut().zip(&values[at..at + channels]) {
                if mean {
                    *out += value;
                } else if value > *out {
                    *out = value;
                }
            }
        }
        if mean {
            out.iter_mut().for_each(|out| *out /= (size * size) as f32);
        }
    }
    result
}

/// Probabilities of each group of outputs in millionths that add up to a million, from raw outputs.
///
/// The remainder of rounding goes to the likeliest class. Outputs beyond the groups are ignored; groups beyond the
/// outputs get an empty list.
pub fn probabilities(kernel: Kernel, outputs: &[f32], groups: &[usize]) -> Vec<Vec<u32>> {
    let mut rest = outputs;
    groups
        .iter()
        .map(|&size| {
            let Some((group, left)) = rest.split_at_checked(size) else { return Vec::new() };
            rest = left;
            let mut row: Vec<f32> =
                group.iter().map(|x| if x.is_nan() { 0.0 } else { x.clamp(-1e9, 1e9) }).collect();
            kernel::softmax(kernel, &mut row, 1.0);
            let mut millionths: Vec<u32> =
                row.iter().map(|p| (p * 1e6) as u32).map(|p| p.min(1_000_000)).collect();
            let sum: u32 = millionths.iter().sum();
            if let Some(largest) = millionths.iter_mut().max() {
                *largest = (*largest + 1_000_000).saturating_sub(sum);
            }
            millionths
        })
        .collect()
}

#[cfg(test)]
mod tests;
