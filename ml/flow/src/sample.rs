//! Pictures from noise.

use myelin_lm::kernel::{self, from_bf16, to_bf16, Kernel, Random};

use crate::{
    pass::{Moment, Pass},
    Caption, Config, Layout,
};

/// Most Euler steps.
pub const MOST_STEPS: u32 = 64;

/// How a picture is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Euler steps, from 1 to [`MOST_STEPS`].
    pub steps: u32,
    /// Factor on the difference that the caption makes; 1 asks the network only once a step.
    pub guidance: f32,
    /// Chooses the noise.
    pub seed: u64,
}

/// A model that paints.
#[derive(Clone, Debug, PartialEq)]
pub struct Painter {
    layout: Layout,
    parameters: Vec<f32>,
}

impl Painter {
    /// A model of parameters as brain floats. Panics if their number does not match the layout.
    pub(crate) fn of(layout: Layout, parameters: &[u16]) -> Self {
        assert_eq!(parameters.len(), layout.parameters(), "one value per parameter");
        Self { layout, parameters: parameters.iter().map(|value| from_bf16(*value)).collect() }
    }

    /// A model of these parameters, rounded to brain floats as files hold them. Panics like [`Painter::of`].
    pub fn rounded(layout: &Layout, parameters: &[f32]) -> Self {
        let rounded: Vec<u16> = parameters.iter().map(|value| to_bf16(*value)).collect();
        Self::of(layout.clone(), &rounded)
    }

    /// The sizes.
    pub fn config(&self) -> Config {
        self.layout.config
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The samples of a picture, row by row, red, green and blue of a pixel side by side.
    ///
    /// They depend on model, caption and sampling alone.
    pub fn paint(&self, kernel: Kernel, caption: &Caption, sampling: Sampling) -> Vec<u8> {
        let c = self.layout.config;
        let mut random = Random::new(sampling.seed);
        let mut state: Vec<f32> = (0..c.samples()).map(|_| random.normal()).collect();
        let steps = sampling.steps.clamp(1, MOST_STEPS);
        let guided = sampling.guidance != 1.0;
        let mut pass = Pass::new(&self.layout, kernel, if guided { 2 } else { 1 });
        for step in 0..steps {
            let time = step as f32 / steps as f32;
            let mut moments = vec![Moment { state: state.clone(), time, caption: caption.clone() }];
            if guided {
                moments.push(Moment { state: state.clone(), time, caption: Caption::new() });
            }
            let expected = pass.forward(&self.parameters, &moments);
            let (with, without) = expected.split_at(c.samples());
            let mut clean = with.to_vec();
            if guided {
                kernel::blend(kernel, &mut clean, sampling.guidance, without, 1.0 - sampling.guidance);
            }
            // The step goes this part of the way to the clean picture; the last one all of it.
            let part = 1.0 / (steps - step) as f32;
            kernel::blend(kernel, &mut state, 1.0 - part, &clean, part);
        }
        let levels: Vec<u8> = state.iter().map(|value| level(*value)).collect();
        from_patches(&c, &levels)
    }
}

fn level(value: f32) -> u8 {
    let value = (value + 1.0) * 127.5 + 0.5;
    // A conversion saturates, so values beyond both ends and no numbers are levels too.
    value as u8
}

/// A picture whose samples lie patch by patch, row by row.
fn from_patches(c: &Config, patches: &[u8]) -> Vec<u8> {
    let mut samples = vec![0; c.samples()];
    for (place, sample) in places(c).zip(patches) {
        samples[place] = *sample;
    }
    samples
}

/// The samples of a picture patch by patch, as numbers from −1 to 1. Panics if there are not as many as fit.
pub(crate) fn to_patches(c: &Config, samples: &[u8]) -> Vec<f32> {
    assert_eq!(samples.len(), c.samples(), "as many samples as the picture has");
    places(c).map(|place| f32::from(samples[place]) / 127.5 - 1.0).collect()
}

/// Where each sample of the patches lies in the picture.
fn places(c: &Config) -> impl Iterator<Item = usize> {
    let (side, patch) = (c.side, c.patch);
    let in_row = side / patch;
    (0..c.patches()).flat_map(move |number| {
        let (top, left) = (number / in_row * patch, number % in_row * patch);
        (0..patch).flat_map(move |y| {
            let start = 3 * ((top + y) * side + left);
            start..start + 3 * patch
        })
    })
}
