//! Messages between validators, customers and miners of this subnet.

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_provenance::ModelId;
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::{
    hash::{blake2_256, blake2_256_of},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::{describe::LONGEST, provenance::Provenance};

/// Version of protocol and scoring; part of the subnet's name on the wire.
pub const VERSION: u32 = 1;
/// Least and largest width and height of a picture in pixels.
pub const SIDES: (u32, u32) = (64, 1024);
/// Most pictures of a request.
pub const MOST_PICTURES: u8 = 4;
/// Most bytes of a picture's file.
pub const MOST_BYTES: usize = 4 << 20;

/// A picture to paint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaintRequest {
    /// Its content, in English.
    pub description: String,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Chooses among the pictures that fit the description.
    pub seed: u64,
    /// How many different pictures.
    pub n: u8,
}

/// A miner's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaintResponse {
    /// PNG files in base64.
    pub pictures: Vec<String>,
    /// Identity of the model that painted them, 64 hexadecimal digits, if others can run it again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The settings that the pictures depend on beside the model and the request, such as `steps 4 guidance 1.5`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settings: String,
}

/// A painter that others can run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Identity of the model.
    pub model: ModelId,
    /// The settings that its pictures depend on besides.
    pub settings: String,
}

/// Reasons for refusing a request or an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaintError {
    /// A part of a request is larger or smaller than this subnet serves.
    #[error("checking a request: {what} is {found}, it must be {least} to {most}; ask for that")]
    Size {
        /// The part.
        what: &'static str,
        /// Its size.
        found: usize,
        /// Least size.
        least: usize,
        /// Largest size.
        most: usize,
    },
    /// Another number of pictures than requested.
    #[error("reading an answer: {found} pictures instead of {asked}; send as many as were asked for")]
    Count {
        /// Pictures of the answer.
        found: usize,
        /// Pictures of the request.
        asked: u8,
    },
    /// A file that is too long.
    #[error(
        "reading picture {number}: {found} bytes in base64, the limit is for {MOST_BYTES} bytes; send less"
    )]
    TooLong {
        /// Its number from 0.
        number: usize,
        /// Its length.
        found: usize,
    },
    /// A picture is not base64 of a PNG file.
    #[error("reading picture {0}: it is no base64 of a PNG file; encode it so")]
    Encoding(usize),
    /// A picture cannot be read.
    #[error("picture {number}: {error}")]
    Picture {
        /// Its number from 0.
        number: usize,
        /// The reader's error.
        error: PictureError,
    },
    /// A picture of another size than requested.
    #[error("reading picture {number}: {width} by {height} pixels; send the size that was asked for")]
    OtherSize {
        /// Its number from 0.
        number: usize,
        /// Its width.
        width: usize,
        /// Its height.
        height: usize,
    },
}

impl PaintRequest {
    /// Checks the limits.
    pub fn check(&self) -> Result<(), PaintError> {
        let (least, most) = (SIDES.0 as usize, SIDES.1 as usize);
        let sizes = [
            ("the description's length", self.description.len(), 1, LONGEST),
            ("the width", self.width as usize, least, most),
            ("the height", self.height as usize, least, most),
            ("the number of pictures", usize::from(self.n), 1, usize::from(MOST_PICTURES)),
        ];
        match sizes.into_iter().find(|(_, found, least, most)| !(least..=most).contains(&found)) {
            Some((what, found, least, most)) => Err(PaintError::Size { what, found, least, most }),
            None => Ok(()),
        }
    }

    /// Hash of the request, by which a picture's provenance names it.
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The seed of picture `number`.
    pub fn seed_of(&self, number: u8) -> Seed {
        Seed(blake2_256_of(&[b"myelin/imaging picture", &self.seed.to_le_bytes(), &[number]]))
    }
}

impl Declared {
    /// Model and settings as answers and files state them.
    pub fn stated(&self) -> (String, String) {
        (myelin_wire::hash::to_hex(&self.model), self.settings.clone())
    }
}

impl PaintResponse {
    /// An answer with these pictures, each with its provenance in the file.
    pub fn of(
        request: &PaintRequest,
        pictures: &[Picture],
        maker: &str,
        declared: Option<&Declared>,
    ) -> Result<Self, PictureError> {
        let file = |(number, picture): (u8, &Picture)| {
            let provenance = Provenance::of(request, number, maker, declared);
            Ok(STANDARD.encode(provenance.attached(&picture.to_png()?)))
        };
        let pictures = (0..).zip(pictures).map(file).collect::<Result<_, PictureError>>()?;
        let (model, settings) = declared.map(Declared::stated).unwrap_or_default();
        Ok(Self { pictures, model, settings })
    }

    /// The files of the pictures.
    pub fn files(&self) -> Result<Vec<Vec<u8>>, PaintError> {
        let file = |(number, text): (usize, &String)| {
            if text.len() > MOST_BYTES / 3 * 4 + 4 {
                return Err(PaintError::TooLong { number, found: text.len() });
            }
            STANDARD.decode(text).map_err(|_| PaintError::Encoding(number))
        };
        self.pictures.iter().take(usize::from(MOST_PICTURES)).enumerate().map(file).collect()
    }

    /// Unpacks the pictures, each within the size that was asked for.
    ///
    /// A file states its size before it is unpacked, so one of another size costs nothing.
    pub fn unpacked(&self, request: &PaintRequest) -> Result<Vec<Picture>, PaintError> {
        if self.pictures.len() != usize::from(request.n) {
            return Err(PaintError::Count { found: self.pictures.len(), asked: request.n });
        }
        let mut pictures = Vec::new();
        for (number, file) in self.files()?.into_iter().enumerate() {
            let (width, height) = png_size(&file).ok_or(PaintError::Encoding(number))?;
            if (width, height) != (request.width, request.height) {
                let (width, height) = (width as usize, height as usize);
                return Err(PaintError::OtherSize { number, width, height });
            }
            let picture = Picture::decode(&file).map_err(|error| PaintError::Picture { number, error })?;
            if (picture.width(), picture.height()) != (width as usize, height as usize) {
                let (width, height) = (picture.width(), picture.height());
                return Err(PaintError::OtherSize { number, width, height });
            }
            pictures.push(picture);
        }
        Ok(pictures)
    }
}

/// Width and height that the head of a PNG file states.
pub(crate) fn png_size(file: &[u8]) -> Option<(u32, u32)> {
    let head = file.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?;
    let (width, rest) = head.split_first_chunk::<4>()?;
    let (height, _) = rest.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn request() -> PaintRequest {
        let description = "A red ring in the top left on a white background.".to_owned();
        PaintRequest { description, width: 64, height: 64, seed: 7, n: 2 }
    }

    fn picture(side: usize) -> Picture {
        Picture::new(side, side, 3, (0..3 * side * side).map(|at| at as u8).collect()).expect("it fits")
    }

    #[test]
    fn an_answer_holds_the_pictures_it_was_made_of() {
        let pictures = [picture(64), picture(64)];
        let declared = Declared { model: [3; 32], settings: "steps 2".into() };
        let answer = PaintResponse::of(&request(), &pictures, "test", Some(&declared)).expect("encoded");
        let json = serde_json::to_string(&answer).expect("JSON");
        let read: PaintResponse = serde_json::from_str(&json).expect("the same");
        assert_eq!(read.unpacked(&request()).expect("unpacked"), pictures);
        assert_eq!((read.model, read.settings), declared.stated());
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let refused = |change: &dyn Fn(&mut PaintRequest)| {
            let mut request = request();
            change(&mut request);
            request.check().expect_err("refused").to_string()
        };
        assert!(refused(&|r| r.description.clear()).contains("description's length is 0"));
        assert!(refused(&|r| r.description = "x".repeat(2000)).contains("1 to 1000"));
        assert!(refused(&|r| r.width = 20_000).contains("the width is 20000"));
        assert!(refused(&|r| r.n = 0).contains("number of pictures is 0"));
        let answer = |pictures: Vec<String>| {
            let answer = PaintResponse { pictures, ..PaintResponse::default() };
            answer.unpacked(&request()).expect_err("refused").to_string()
        };
        let good = STANDARD.encode(picture(64).to_png().expect("encoded"));
        assert!(answer(vec![good.clone()]).contains("1 pictures instead of 2"));
        assert!(answer(vec![good.clone(), "%%%".into()]).contains("picture 1: it is no base64"));
        assert!(answer(vec![good.clone(), STANDARD.encode(b"GIF89a")]).contains("no base64 of a PNG"));
        assert!(answer(vec![good.clone(), "A".repeat(8 << 20)]).contains("the limit is for"));
        let larger = STANDARD.encode(picture(65).to_png().expect("encoded"));
        assert!(answer(vec![good.clone(), larger]).contains("65 by 65 pixels"));
        let cut = STANDARD.encode(&picture(64).to_png().expect("encoded")[..400]);
        assert!(answer(vec![good, cut]).contains("is broken"));
    }

    #[test]
    fn a_bomb_of_any_size_costs_nothing() {
        // Thousands of white pixels a side in a short file, and a head that claims billions.
        let white =
            Picture::new(4096, 3000, 1, vec![255; 4096 * 3000]).expect("it fits").to_png().expect("encoded");
        let mut head = white.clone();
        head[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        for file in [white, head] {
            let file = STANDARD.encode(file);
            let answer = PaintResponse { pictures: vec![file.clone(), file], ..PaintResponse::default() };
            assert!(matches!(answer.unpacked(&request()), Err(PaintError::OtherSize { .. })));
        }
    }

    proptest! {
        #[test]
        fn any_file_is_a_picture_or_an_error(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            at in 0usize..400,
        ) {
            let mut changed = picture(64).to_png().expect("encoded");
            let end = changed.len().min(at + bytes.len());
            let start = at.min(end);
            changed[start..end].copy_from_slice(&bytes[..end - start]);
            let files = [bytes, changed].map(|file| STANDARD.encode(file)).to_vec();
            let _ = PaintResponse { pictures: files, ..PaintResponse::default() }.unpacked(&request());
        }
    }
}
