//! Draws tasks from a seed.
//!
//! | kind | pictures | request | hidden side |
//! |---|---|---|---|
//! | `page` | one degraded document | its text and up to four fields | both |
//! | `scenes` | [`SCENES`] small pictures | shape, colour and pattern of the object in each | the classes |
//! | `control` | those of an earlier request of a customer | the same | the answer that the customer accepted |
//!
//! Half of the tasks come from the open renderer, on which anyone may train, and half from the reserved one: other
//! kinds of documents, faces, ways of setting, grounds, outlines and degradations. A request does not show which one
//! drew it.

use myelin_vision::picture::PictureError;
use myelin_wire::seed::Seed;
use serde::{Deserialize, Serialize};

use crate::{
    degrade,
    document::{self, Typeset, Vocabulary},
    draw::Choices,
    protocol::{Format, Group, RecognitionRequest},
    render::{open_faces, reserved_faces},
    scene,
};

/// Pictures of a `scenes` task: enough for a correlation within it to be meaningful.
pub const SCENES: usize = 16;
/// Most fields that a `page` task asks for.
pub const FIELDS: usize = 4;

/// Renderer of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Renderer {
    /// The renderer that models are trained on.
    Open,
    /// The renderer that no model here was trained or tuned on.
    Reserved,
}

/// The side of a task that the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hidden {
    /// The hidden side of a document.
    Page {
        /// Its text.
        text: String,
        /// The values of the requested fields, in order.
        values: Vec<String>,
        /// Renderer of the page; none if a customer sent it.
        renderer: Option<Renderer>,
    },
    /// The hidden side of scenes.
    Scenes {
        /// For each picture the class of each group.
        classes: Vec<Vec<u8>>,
        /// Renderer of the scenes; none if a customer sent them.
        renderer: Option<Renderer>,
    },
}

/// A drawn task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The miner's side.
    pub request: RecognitionRequest,
    /// The validator's side.
    pub hidden: Hidden,
}

/// A function that draws tasks of one kind.
pub type Draw = fn(&Seed, Renderer, Format) -> Result<Task, PictureError>;

/// The renderer of a seed's task.
pub fn renderer(seed: &Seed) -> Renderer {
    match seed.derive(b"renderer", 0).rng().below(2) {
        0 => Renderer::Open,
        _ => Renderer::Reserved,
    }
}

/// A page to read, with names that everybody has.
pub fn page(seed: &Seed, renderer: Renderer, format: Format) -> Result<Task, PictureError> {
    page_of(&Vocabulary::public(), seed, renderer, format)
}

/// A page to read, with names of this vocabulary.
pub fn page_of(
    words: &Vocabulary,
    seed: &Seed,
    renderer: Renderer,
    format: Format,
) -> Result<Task, PictureError> {
    let mut rng = seed.derive(b"content", 0).rng();
    let (kinds, faces) = match renderer {
        Renderer::Open => (&document::OPEN_KINDS[..], open_faces()),
        Renderer::Reserved => (&document::RESERVED_KINDS[..], reserved_faces()),
    };
    let document = document::compose(*rng.one(kinds), words, &mut rng);
    let mut rng = seed.derive(b"typeset", 0).rng();
    let picture = match renderer {
        Renderer::Open => {
            let clean = document::lay_out(&document, &Typeset::open(&faces, &mut rng))?;
            degrade::open(&clean, seed)?
        }
        Renderer::Reserved => {
            let clean = document::lay_out(&document, &Typeset::reserved(&faces, &mut rng))?;
            degrade::reserved(&clean, seed)?
        }
    };
    let mut fields = document.fields.clone();
    seed.derive(b"fields", 0).rng().shuffle(&mut fields);
    fields.truncate(FIELDS);
    let (names, values) = fields.into_iter().map(|field| (field.name, field.value)).unzip();
    let request = RecognitionRequest::read(&picture, format, names)?;
    Ok(Task { request, hidden: Hidden::Page { text: document.text(), values, renderer: Some(renderer) } })
}

/// Scenes to classify.
pub fn scenes(seed: &Seed, renderer: Renderer, format: Format) -> Result<Task, PictureError> {
    let render = match renderer {
        Renderer::Open => scene::open,
        Renderer::Reserved => scene::reserved,
    };
    let (mut pictures, mut classes) = (Vec::with_capacity(SCENES), Vec::with_capacity(SCENES));
    for number in 0..SCENES {
        let (picture, shown) = render(&seed.derive(b"picture", number as u64))?;
        pictures.push(picture);
        classes.push(shown.iter().map(|class| *class as u8).collect());
    }
    let request = RecognitionRequest::classify(&pictures, format, groups())?;
    Ok(Task { request, hidden: Hidden::Scenes { classes, renderer: Some(renderer) } })
}

/// Questions about each scene.
pub fn groups() -> Vec<Group> {
    let group = |(name, classes): &(&str, &[&str])| Group {
        name: (*name).to_owned(),
        classes: classes.iter().map(|class| (*class).to_owned()).collect(),
    };
    scene::GROUPS.iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(number: u64) -> Seed {
        Seed([9; 32]).derive(b"test", number)
    }

    #[test]
    fn a_seed_draws_one_task_and_another_seed_another() {
        for renderer in [Renderer::Open, Renderer::Reserved] {
            for draw in [page as Draw, scenes] {
                assert_eq!(draw(&seed(1), renderer, Format::Png), draw(&seed(1), renderer, Format::Png));
                assert_ne!(draw(&seed(1), renderer, Format::Png), draw(&seed(2), renderer, Format::Png));
            }
        }
    }

    #[test]
    fn every_field_stands_in_the_text_and_every_picture_is_of_a_bearable_size() {
        for number in 0..40 {
            for renderer in [Renderer::Open, Renderer::Reserved] {
                let task = page(&seed(number), renderer, Format::Png).expect("drawn");
                let Hidden::Page { text, values, .. } = &task.hidden else { panic!("a page") };
                assert!(
                    !values.is_empty() && values.iter().all(|value| text.contains(value)),
                    "{text} {values:?}"
                );
                assert!(text.len() > 30 && text.len() < 800, "{text}");
                let pictures = task.request.pictures().expect("readable");
                assert!(pictures[0].width() <= 700 && pictures[0].height() <= 700);
                assert!(task.request.images[0].len() < 400_000, "{}", task.request.images[0].len());
            }
        }
    }

    /// The pixels of these tasks: a change of a drawing changes every task, and needs a new version.
    #[test]
    fn the_pixels_are_the_same_on_every_machine() {
        let mut hasher = myelin_wire::hash::blake2_256(b"");
        for number in 0..6 {
            for renderer in [Renderer::Open, Renderer::Reserved] {
                for draw in [page as Draw, scenes] {
                    let task = draw(&seed(number), renderer, Format::Netpbm).expect("drawn");
                    for picture in task.request.pictures().expect("readable") {
                        hasher = myelin_wire::hash::blake2_256_of(&[&hasher, picture.samples()]);
                    }
                }
            }
        }
        assert_eq!(myelin_wire::hash::to_hex(&hasher), PIXELS);
    }

    const PIXELS: &str = "7abe8e2dd068d06796377eccb20b03121b5a1e75363447583a75c88480fc0258";
}
