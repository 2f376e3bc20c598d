//! A judge of shapes that each validator trains by itself.
//!
//! The measures are public, so pixels can be searched that please them. The judge looks at each thing that the measures
//! found and says how surely it is a shape, or junk. It is a small network, trained whenever a validator starts, from
//! its secret: the secret chooses the initial weights, the styles of the training pictures and the junk. An attacker
//! can train judges too, but none with this secret.

use myelin_lm::kernel::{Kernel, Random};
use myelin_vision::{
    network::{probabilities, Architecture, Network, NetworkError},
    picture::Picture,
    train::{Example, Trainer},
    weights,
};
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    measure::Patch,
    scene::{below, between, covers, Canvas, SHAPES, SIDE},
};

/// Pixels along a side of what the judge sees of a thing.
const CROP: usize = 24;
/// Steps of training, and pictures of each.
const STEPS: u64 = 600;
const BATCH: u64 = 64;
/// The class of everything that is no shape.
const JUNK: usize = SHAPES.len();
const CLASSES: usize = SHAPES.len() + 1;

/// A validator's judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    network: Network,
}

impl Judge {
    /// Trains a judge by a secret: about twenty seconds of one core. The result depends on the secret alone.
    pub fn train(secret: &[u8; 32]) -> Result<Self, NetworkError> {
        Self::trained(secret, STEPS)
    }

    fn trained(secret: &[u8; 32], steps: u64) -> Result<Self, NetworkError> {
        let seed = Seed(*secret).derive(b"imaging judge", 0);
        let mut rng = seed.rng();
        let (first, second) = (12 + 2 * below(&mut rng, 3), 20 + 4 * below(&mut rng, 3));
        let line = format!(
            "input 3 {CROP} {CROP}; conv {first} 5 2 2; relu; conv {second} 3 2 1; relu; flatten; linear 48; relu; \
             linear {CLASSES}"
        );
        let network = Network::random(Architecture::parse(&line)?, rng.next_u64());
        let mut trainer = Trainer::new(network, vec![CLASSES], Kernel::best())?;
        for step in 0..steps {
            let batch: Vec<Example> =
                (0..BATCH).map(|number| example(&seed.derive(b"crop", step * BATCH + number))).collect();
            let rate = 2e-3 * ((step + 1) as f32 / 30.0).min(1.0) * (1.0 - 0.97 * step as f32 / steps as f32);
            trainer.step(&batch, rate, 1);
        }
        Ok(Self { network: weights::rounded(trainer.network()) })
    }

    /// How surely a patch of a picture is this shape, in millionths.
    pub fn sure(&self, samples: &[[u8; 3]], patch: &Patch, shape: usize) -> u32 {
        let reach = 8 * patch.width().max(patch.height());
        let input = crop(samples, patch.centre(), reach);
        let kernel = Kernel::best();
        let output = self.network.run(kernel, &input);
        probabilities(kernel, &output, &[CLASSES])
            .first()
            .and_then(|row| row.get(shape))
            .copied()
            .unwrap_or(0)
    }
}

/// The judge's view: a square around a middle, whose half is 1.3 times `reach`, both in sixteenths of a pixel.
fn crop(samples: &[[u8; 3]], middle: (i32, i32), reach: i32) -> Vec<f32> {
    let half = (reach * 13 / 10).max(32);
    let last = SIDE as i32 * 16 - 17;
    let place = |middle: i32, at: usize| {
        let place = middle - half + (2 * at as i32 + 1) * half / CROP as i32 - 8;
        let place = place.clamp(0, last);
        ((place / 16) as usize, place % 16)
    };
    let mut input = Vec::with_capacity(3 * CROP * CROP);
    for row in 0..CROP {
        let (y, down) = place(middle.1, row);
        for column in 0..CROP {
            let (x, right) = place(middle.0, column);
            let at = |x: usize, y: usize| samples[y * SIDE + x];
            let corners = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
            let parts = [(16 - right) * (16 - down), right * (16 - down), (16 - right) * down, right * down];
            for channel in 0..3 {
                let sum: i32 = corners.iter().zip(parts).map(|(c, part)| i32::from(c[channel]) * part).sum();
                input.push(sum as f32 / (128.0 * 255.0) - 1.0);
            }
        }
    }
    input
}

/// A crop of a drawn shape, or of junk.
fn example(seed: &Seed) -> Example {
    let mut rng = seed.rng();
    let rng = &mut rng;
    let class = below(rng, CLASSES + 2).min(JUNK);
    let ground: [u8; 3] = std::array::from_fn(|_| below(rng, 256) as u8);
    let paint = loop {
        let paint: [u8; 3] = std::array::from_fn(|_| below(rng, 256) as u8);
        if ground.iter().zip(paint).any(|(one, other)| one.abs_diff(other) > 60) {
            break paint;
        }
    };
    let mut canvas = Canvas::new(SIDE, ground);
    let at = (between(rng, 9, 54), between(rng, 9, 54));
    let radius = between(rng, 72, 180);
    if class == JUNK {
        junk(rng, &mut canvas, at, radius, paint);
    } else {
        shape(rng, &mut canvas, at, radius, paint, class as u8);
    }
    let mut samples: Vec<[u8; 3]> = canvas.samples.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
    finish(rng, &mut samples);
    let mut near = |value: i32| 16 * value + 8 + between(rng, -16, 16);
    let middle = (near(at.0) - 8, near(at.1) - 8);
    let reach = radius * between(rng, 88, 112) / 100;
    Example { input: crop(&samples, middle, reach), classes: vec![class] }
}

/// A shape, sometimes leaning, framed or shaded.
fn shape(rng: &mut SeedRng, canvas: &mut Canvas, at: (i32, i32), radius: i32, paint: [u8; 3], shape: u8) {
    let lean = between(rng, -3, 3);
    let squash = between(rng, 29, 35);
    let bent = |x: i32, y: i32| (x + y * lean / 32, y * squash / 32);
    let framed = below(rng, 4) == 0;
    if framed {
        let frame = paint.map(|channel| channel / 3);
        canvas.fill(at, radius + 32, frame, |x, y| {
            let (x, y) = bent(x, y);
            covers(shape, x, y, radius)
        });
    }
    let inner = if framed { radius * 13 / 16 } else { radius };
    canvas.fill(at, radius + 32, paint, |x, y| {
        let (x, y) = bent(x, y);
        covers(shape, x, y, inner)
    });
    if below(rng, 3) == 0 {
        let light = paint.map(|channel| channel.saturating_add(50));
        let from = between(rng, -radius / 2, radius / 2);
        canvas.fill(at, radius + 32, light, |x, y| {
            let (bx, by) = bent(x, y);
            covers(shape, bx, by, inner) && x + y < from
        });
    }
}

/// Something that is no shape: blobs, broken shapes, shapes in each other, noise in the outline of a shape, stripes.
fn junk(rng: &mut SeedRng, canvas: &mut Canvas, at: (i32, i32), radius: i32, paint: [u8; 3]) {
    let kind = below(rng, 6);
    let figure = below(rng, SHAPES.len()) as u8;
    let mut random = Random::new(rng.next_u64());
    match kind {
        0 => {
            for _ in 0..3 + below(rng, 5) {
                let part = radius * between(rng, 20, 55) / 100;
                let mut off = || between(rng, -radius / 2, radius / 2) / 16;
                let middle = (at.0 + off(), at.1 + off());
                let round = below(rng, 2) as u8;
                canvas.fill(middle, part, paint, |x, y| covers(round, x, y, part));
            }
        }
        1 => {
            // A shape of which a part is missing.
            let (cut, side) = (between(rng, -radius / 3, radius / 3), below(rng, 4));
            canvas.fill(at, radius, paint, |x, y| {
                let away = [x, -x, y, -y][side] > cut;
                covers(figure, x, y, radius) && !away
            });
        }
        2 => {
            let other = below(rng, SHAPES.len()) as u8;
            let off = (at.0 + between(rng, -5, 5), at.1 + between(rng, -5, 5));
            canvas.fill(at, radius, paint, |x, y| covers(figure, x, y, radius));
            canvas.fill(off, radius, paint, |x, y| covers(other, x, y, radius * 3 / 4));
        }
        3 => {
            // Spots in the outline of a shape, as a search for pixels leaves them.
            let share = 40 + below(rng, 50);
            let spots: Vec<bool> = (0..SIDE * SIDE).map(|_| random.below(100) < share).collect();
            canvas.fill(at, radius, paint, |x, y| {
                let (px, py) = (at.0 + x.div_euclid(16), at.1 + y.div_euclid(16));
                covers(figure, x, y, radius)
                    && spots[(py * SIDE as i32 + px).rem_euclid(SIDE as i32 * 64) as usize]
            });
        }
        4 => {
            let (wide, turned) = (between(rng, 24, 80), below(rng, 2) == 0);
            canvas.fill(at, 2 * radius, paint, |x, y| {
                let along = if turned { x } else { x + y };
                along.rem_euclid(2 * wide) < wide
            });
        }
        _ => {
            // An outline that wavers at random.
            let corners: Vec<i32> = (0..8).map(|_| radius * between(rng, 35, 110) / 100).collect();
            canvas.fill(at, radius * 2, paint, |x, y| {
                let octant = usize::from(x > 0) + 2 * usize::from(y > 0) + 4 * usize::from(x.abs() > y.abs());
                x.abs().max(y.abs()) < corners[octant]
            });
        }
    }
}

/// Blurs some pictures, and lays noise on most.
fn finish(rng: &mut SeedRng, samples: &mut [[u8; 3]]) {
    if below(rng, 3) == 0 {
        let from = samples.to_vec();
        for (at, pixel) in samples.iter_mut().enumerate() {
            let (x, y) = (at % SIDE, at / SIDE);
            let near = [at, y * SIDE + (x + 1).min(SIDE - 1), (y + 1).min(SIDE - 1) * SIDE + x];
            *pixel = std::array::from_fn(|c| {
                (near.iter().map(|near| u32::from(from[*near][c])).sum::<u32>() / 3) as u8
            });
        }
    }
    let strength = [0, 6, 14, 26][below(rng, 4)];
    let mut random = Random::new(rng.next_u64());
    if strength > 0 {
        for value in samples.iter_mut().flatten() {
            let noise = random.below(2 * strength + 1) as i32 - strength as i32;
            *value = (i32::from(*value) + noise).clamp(0, 255) as u8;
        }
    }
}

/// A sheet of what a judge is trained on, for people: eight by eight crops.
pub fn sheet(secret: &[u8; 32]) -> Result<Picture, NetworkError> {
    let seed = Seed(*secret).derive(b"imaging judge", 0);
    let side = 8 * CROP;
    let mut samples = vec![0; 3 * side * side];
    for number in 0..64 {
        let crop = example(&seed.derive(b"crop", number as u64)).input;
        for (at, value) in crop.iter().enumerate() {
            let (pixel, channel) = (at / 3, at % 3);
            let (x, y) = (number % 8 * CROP + pixel % CROP, number / 8 * CROP + pixel / CROP);
            samples[3 * (y * side + x) + channel] = ((value + 1.0) * 127.5) as u8;
        }
    }
    Ok(Picture::new(side, side, 3, samples)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_trains_one_judge_and_another_secret_another() {
        let judge = |secret: u8| Judge::trained(&[secret; 32], 3).expect("trained").network;
        let trained = judge(1);
        assert!(trained == judge(1));
        assert!(trained != judge(2));
    }

    #[test]
    fn it_tells_shapes_from_each_other_and_from_junk() {
        let judge = Judge::train(&[7; 32]).expect("trained");
        let fresh = Seed([8; 32]).derive(b"fresh", 0);
        let (mut right, mut all) = ([0; CLASSES], [0; CLASSES]);
        for number in 0..700 {
            let example = example(&fresh.derive(b"", number));
            let output = judge.network.run(Kernel::best(), &example.input);
            let best = (0..CLASSES).max_by(|one, other| output[*one].total_cmp(&output[*other]));
            all[example.classes[0]] += 1;
            right[example.classes[0]] += usize::from(best == Some(example.classes[0]));
        }
        println!("right {right:?} of {all:?}");
        let sum = |list: &[usize]| list.iter().sum::<usize>();
        assert!(sum(&right) * 100 >= sum(&all) * 85, "{right:?} of {all:?}");
    }
}
