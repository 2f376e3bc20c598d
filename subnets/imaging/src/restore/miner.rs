//! The built-in miner: a small convolutional network for each damage.
//!
//! A network sees tiles of the untouched picture ([`untouched`]) and of a plain restoration ([`start`]), and says what
//! has to be added to the latter. So it begins where the filters end. Except for `small`, its first layer halves the
//! side, and each place of its last layer holds the four pixels that belong there. The output depends on networks and
//! request alone, to the last bit.

use myelin_lm::kernel::Kernel;
use myelin_provenance::{Manifest, ModelId};
use myelin_vision::{
    network::{Architecture, Layer, Network, NetworkError, Parameters, Shape},
    picture::{Picture, PictureError},
    train::Pair,
    weights::{self, WeightsError},
};

use super::{
    damage::{Damaged, Kind, Task},
    filters::{outside_kept, start, untouched},
    protocol::RestoreResponse,
};

/// Side of a tile of the restored picture, and the border of it that a neighbouring tile knows better.
const TILE: usize = 64;
const BORDER: usize = 12;

/// Names and contents of the built-in networks' files, in the order of [`Kind::ALL`]; `examples/train_restore.rs` made
/// them. A directory of these four files is the model.
pub const BUILTIN: [(&str, &[u8]); 4] = [
    ("restore-noise.safetensors", include_bytes!("../../models/restore-noise.safetensors")),
    ("restore-blur.safetensors", include_bytes!("../../models/restore-blur.safetensors")),
    ("restore-small.safetensors", include_bytes!("../../models/restore-small.safetensors")),
    ("restore-holes.safetensors", include_bytes!("../../models/restore-holes.safetensors")),
];

/// Restored pictures for a miner.
pub trait Restores: Send + Sync {
    /// Its name, for people.
    fn name(&self) -> &'static str;

    /// The model that restores, as the miner declares it; zeros for none.
    fn model_id(&self) -> ModelId {
        [0; 32]
    }

    /// The answer to a request that was checked.
    fn answer(&self, damaged: &Damaged) -> Result<RestoreResponse, PictureError>;
}

/// Plain filters that everybody has: non-local means, bicubic interpolation, diffusion.
pub struct Plain;

fn plain(damaged: &Damaged) -> Result<Picture, PictureError> {
    start(damaged, &untouched(damaged)?)
}

impl Restores for Plain {
    fn name(&self) -> &'static str {
        "filters"
    }

    fn answer(&self, damaged: &Damaged) -> Result<RestoreResponse, PictureError> {
        RestoreResponse::of(&plain(damaged)?, None)
    }
}

/// Networks for all damages.
pub struct Restorer {
    networks: [Network; 4],
    id: ModelId,
}

impl Restorer {
    /// The networks that are part of the program.
    pub fn builtin() -> Result<Self, WeightsError> {
        Self::read(&BUILTIN)
    }

    /// Networks of the sizes that [`architecture`] makes, each a file with its name, in the order of [`Kind::ALL`].
    fn read(files: &[(&str, &[u8]); 4]) -> Result<Self, WeightsError> {
        let [noise, blur, small, holes] = files.map(|(_, file)| weights::read(file));
        let networks = [noise?, blur?, small?, holes?];
        for (network, kind) in networks.iter().zip(Kind::ALL) {
            let (found, wanted) = (network.architecture(), input(kind, TILE));
            if found.input() != wanted || found.outputs() != 3 * TILE * TILE {
                let reason = format!("a network for {} takes {wanted:?} and gives a tile", kind.name());
                return Err(NetworkError::Misplaced { layer: 0, reason }.into());
            }
        }
        let manifest =
            Manifest::of_contents(files).map_err(|error| WeightsError::Format(error.to_string()))?;
        Ok(Self { networks, id: manifest.id() })
    }

    /// The restored picture.
    pub fn restore(&self, damaged: &Damaged) -> Result<Picture, PictureError> {
        restore(&self.networks[damaged.kind as usize], damaged)
    }
}

impl Restores for Restorer {
    fn name(&self) -> &'static str {
        "networks"
    }

    fn model_id(&self) -> ModelId {
        self.id
    }

    fn answer(&self, damaged: &Damaged) -> Result<RestoreResponse, PictureError> {
        RestoreResponse::of(&self.restore(damaged)?, Some(self.id))
    }
}

/// Size of what a network for a damage takes: two pictures and, for holes, the mask; the damaged one alone for `small`.
fn input(kind: Kind, tile: usize) -> Shape {
    let side = tile / kind.factor();
    let channels = match kind {
        Kind::Noise | Kind::Blur => 6,
        Kind::Small => 3,
        Kind::Holes => 7,
    };
    Shape { channels, height: side, width: side }
}

/// A chain of `depth` convolutions of `width` channels between the first and the last one, for tiles of a side.
fn architecture(kind: Kind, width: usize, depth: usize, tile: usize) -> Result<Architecture, NetworkError> {
    let three = |out| Layer::Conv { out, size: 3, stride: 1, pad: 1 };
    let halving = Layer::Conv { out: width, size: 4, stride: 2, pad: 1 };
    let mut layers = vec![if kind == Kind::Small { three(width) } else { halving }, Layer::Relu];
    for _ in 0..depth {
        layers.extend([three(width), Layer::Relu]);
    }
    layers.extend([three(12), Layer::Flatten]);
    Architecture::new(input(kind, tile), layers)
}

/// A network as a miner uses it, whatever the side of the tiles that it was trained with.
pub fn finished(kind: Kind, network: &Network) -> Result<Network, NetworkError> {
    let architecture = Architecture::new(input(kind, TILE), network.architecture().layers().to_vec())?;
    Network::new(architecture, network.parameters().to_vec())
}

/// A network to train with tiles of a side.
///
/// It begins by changing nothing, and so that details reach its last layer. The first layer has pairs of opposite
/// filters, the first of which compare the two pictures pixel by pixel. The others begin near the identity.
pub fn untrained(
    kind: Kind,
    (width, depth): (usize, usize),
    tile: usize,
    seed: u64,
) -> Result<Network, NetworkError> {
    let network = Network::random(architecture(kind, width, depth, tile)?, seed);
    let mut parameters: Vec<Parameters> = network.parameters().to_vec();
    let last = parameters.len().saturating_sub(2);
    for (number, Parameters { weight, .. }) in parameters.iter_mut().enumerate() {
        if number == last {
            weight.fill(0.0);
        } else if number == 0 {
            let filter = weight.len() / width;
            if kind != Kind::Small {
                for (at, filter) in weight.chunks_exact_mut(2 * filter).take(12).enumerate() {
                    filter.fill(0.0);
                    let tap = 16 * (at % 3) + [5, 6, 9, 10][at / 3];
                    (filter[tap], filter[tap + 16 * 3]) = (1.0, -1.0);
                }
            }
            for pair in weight.chunks_exact_mut(2 * filter) {
                let (one, other) = pair.split_at_mut(filter);
                other.iter_mut().zip(one).for_each(|(other, one)| *other = -*one);
            }
        } else if !weight.is_empty() {
            weight.iter_mut().for_each(|weight| *weight *= 0.3);
            (0..width).for_each(|channel| weight[(channel * width + channel) * 9 + 4] += 1.0);
        }
    }
    Network::new(network.architecture().clone(), parameters)
}

/// A task of one tile, whose side may be smaller than a miner's, as a lesson for a network.
pub fn lesson(task: &Task) -> Result<Pair, PictureError> {
    let view = View::of(&task.damaged)?;
    let tile = task.original.width();
    let mut target = vec![0.0; 3 * tile * tile];
    let mut counts = vec![0.0; 3 * tile * tile];
    let pairs = task.original.samples().iter().zip(view.start.samples());
    for (at, (original, start)) in pairs.enumerate() {
        let place = output_place(tile, (at / 3 % tile, at / 3 / tile), at % 3);
        target[place] = (f32::from(*original) - f32::from(*start)) / 127.5;
        counts[place] = if task.damaged.is_hole(at / 3) { 1.0 } else { 0.0 };
    }
    Ok(Pair { input: view.planes((0, 0), tile), target, counts })
}

/// Place in the output of a sample of a tile: channel by channel, each channel one of four pixels of a colour.
fn output_place(tile: usize, (x, y): (usize, usize), channel: usize) -> usize {
    let half = tile / 2;
    ((4 * channel + 2 * (y % 2) + x % 2) * half + y / 2) * half + x / 2
}

/// A damaged picture as a network sees it.
struct View<'a> {
    damaged: &'a Damaged,
    /// The damaged picture, with its holes filled.
    untouched: Picture,
    start: Picture,
}

impl<'a> View<'a> {
    fn of(damaged: &'a Damaged) -> Result<Self, PictureError> {
        let untouched = untouched(damaged)?;
        let start = start(damaged, &untouched)?;
        let untouched = if damaged.kind == Kind::Small { damaged.picture.clone() } else { untouched };
        Ok(Self { damaged, untouched, start })
    }

    /// The planes of the tile that starts at a place of the damaged picture; beyond its edges, the mirror image.
    fn planes(&self, (left, top): (usize, usize), tile: usize) -> Vec<f32> {
        let kind = self.damaged.kind;
        let Shape { channels, height: side, .. } = input(kind, tile);
        let (width, height) = (self.untouched.width(), self.untouched.height());
        let mirrored = |at: usize, length: usize| {
            let at = at % (2 * length);
            at.min(2 * length - 1 - at)
        };
        let mut planes = Vec::with_capacity(channels * side * side);
        for y in top..top + side {
            for x in left..left + side {
                let at = mirrored(y, height) * width + mirrored(x, width);
                let mut push = |picture: &Picture| {
                    let pixel = &picture.samples()[3 * at..3 * at + 3];
                    planes.extend(pixel.iter().map(|sample| f32::from(*sample) / 127.5 - 1.0));
                };
                push(&self.untouched);
                if kind != Kind::Small {
                    push(&self.start);
                }
                if kind == Kind::Holes {
                    planes.push(if self.damaged.is_hole(at) { 1.0 } else { -1.0 });
                }
            }
        }
        planes
    }
}

/// The picture that a network makes of a damaged one, tile by tile.
pub fn restore(network: &Network, damaged: &Damaged) -> Result<Picture, PictureError> {
    let view = View::of(damaged)?;
    let factor = damaged.kind.factor();
    let mut samples = view.start.samples().to_vec();
    let (width, height) = (view.start.width(), view.start.height());
    let kernel = Kernel::best();
    for (top, rows) in tiles(height) {
        for (left, columns) in tiles(width) {
            let output = network.run(kernel, &view.planes((left / factor, top / factor), TILE));
            for (y, x) in rows.clone().flat_map(|y| columns.clone().map(move |x| (y, x))) {
                for channel in 0..3 {
                    let added = output[output_place(TILE, (x - left, y - top), channel)] * 127.5;
                    let value = &mut samples[3 * (y * width + x) + channel];
                    *value = (f32::from(*value) + added + 0.5).clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
    let restored = Picture::new(width, height, 3, samples)?;
    if damaged.kind == Kind::Holes {
        outside_kept(damaged, &restored)
    } else {
        Ok(restored)
    }
}

/// Tiles along a side: the start of each, and the pixels that it decides. Each pixel is decided once, at least a border
/// away from the edge of its tile unless that is the edge of the picture.
fn tiles(length: usize) -> Vec<(usize, std::ops::Range<usize>)> {
    let mut tiles = Vec::new();
    let mut decided = 0;
    while decided < length {
        // Even starts, so that a tile of a small picture starts at a pixel of it.
        let last = length.saturating_sub(TILE).next_multiple_of(2);
        let start = decided.saturating_sub(BORDER).min(last) & !1;
        let end = if start + TILE >= length { length } else { start + TILE - BORDER };
        tiles.push((start, decided..end));
        decided = end;
    }
    tiles
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::{
        super::{damage::of_side, originals::Style},
        *,
    };

    fn task(kind: Kind, side: usize) -> Task {
        of_side(&Style::own(&[3; 32]), kind, &Seed([8; 32]).derive(b"miner", 1), side).expect("drawn")
    }

    #[test]
    fn tiles_decide_each_pixel_once_and_away_from_their_edges() {
        for length in [16, 33, 63, 64, 65, 66, 96, 127, 512, 1024] {
            let mut decided = 0;
            for (start, pixels) in tiles(length) {
                assert_eq!(pixels.start, decided);
                assert!(
                    start % 2 == 0 && pixels.end > pixels.start && pixels.end <= start + TILE,
                    "{length}"
                );
                assert!(pixels.start == 0 || pixels.start >= start + BORDER - 1);
                assert!(pixels.end == length || pixels.end <= start + TILE - BORDER);
                decided = pixels.end;
            }
            assert_eq!(decided, length);
        }
    }

    #[test]
    fn a_network_that_adds_nothing_leaves_the_picture() {
        for kind in Kind::ALL {
            let network = untrained(kind, (4, 1), TILE, 1).expect("valid");
            let zero = network
                .parameters()
                .iter()
                .map(|p| Parameters { weight: vec![0.0; p.weight.len()], bias: vec![0.0; p.bias.len()] });
            let network = Network::new(network.architecture().clone(), zero.collect()).expect("valid");
            for side in [16, 64, 96, 130] {
                let damaged = task(kind, side).damaged;
                let restored = restore(&network, &damaged).expect("restored");
                assert_eq!(restored, plain(&damaged).expect("filtered"));
            }
        }
    }

    #[test]
    fn what_a_lesson_teaches_is_the_original() {
        for kind in Kind::ALL {
            let task = task(kind, 64);
            let Pair { input, target, .. } = lesson(&task).expect("made");
            assert_eq!(input.len(), super::input(kind, 64).len());
            let start = plain(&task.damaged).expect("filtered");
            for (at, sample) in task.original.samples().iter().enumerate() {
                let added = target[output_place(64, (at / 3 % 64, at / 3 / 64), at % 3)] * 127.5;
                assert!((f32::from(start.samples()[at]) + added - f32::from(*sample)).abs() < 1e-3);
            }
        }
    }

    /// Mean gains in thousandths of a decibel: over the plain restoration with which a network begins, and over the
    /// untouched picture and non-local means, as the table of the README compares them.
    #[test]
    fn the_built_in_networks_improve_pictures_of_any_size() {
        use super::super::{
            filters::non_local_means,
            score::{decibels, squares},
        };
        let restorer = Restorer::builtin().expect("read");
        for kind in Kind::ALL {
            let mut gains = [0; 3];
            for number in 0..8 {
                let seed = Seed([8; 32]).derive(b"gain", number);
                let side = [64, 48, 70, 96][number as usize % 4];
                let Task { damaged, original } =
                    of_side(&Style::own(&[3; 32]), kind, &seed, side).expect("drawn");
                let first = untouched(&damaged).expect("filtered");
                let means = non_local_means(&first, 16);
                let error = |picture: Result<Picture, PictureError>| {
                    squares(&picture.expect("restored"), &original) + 1
                };
                let after = error(restorer.restore(&damaged));
                let before = [plain(&damaged), Ok(first), means].map(error);
                gains.iter_mut().zip(before).for_each(|(gain, before)| *gain += decibels(before, after));
            }
            let gains = gains.map(|gain| gain / 8);
            println!("{kind:?}: {gains:?} mdB");
            assert!(gains[0] > 80 && gains[1..].iter().all(|gain| *gain >= 1_000), "{kind:?}: {gains:?} mdB");
        }
    }
}
