//! Messages of restoration between validators, customers and miners.

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::hash::{blake2_256, to_hex};
use serde::{Deserialize, Serialize};

use super::damage::{Damaged, Kind};
use crate::{protocol::png_size, provenance::Provenance};

/// Least and largest width and height of a damaged picture in pixels.
pub const SIDES: (usize, usize) = (16, 512);
/// Bytes of a file for each pixel: three unpacked samples and some more, and room for text.
const BYTES_PER_PIXEL: usize = 4;
const ROOM: usize = 16 << 10;

/// A picture to restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRequest {
    /// Kind of the damage.
    pub kind: Kind,
    /// PNG file in base64.
    pub picture: String,
    /// For holes: PNG file in base64 of the same size, grey, white where content is missing. Empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mask: String,
}

/// A miner's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreResponse {
    /// PNG file in base64.
    pub picture: String,
    /// Identity of the model that restored it, 64 hexadecimal digits, if others can run it again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
}

/// Reasons for refusing a request or an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// No picture.
    #[error("reading the {0}: it is empty; send a PNG file in base64")]
    Empty(&'static str),
    /// A file that is too long.
    #[error("reading the {what}: {found} characters of base64, the limit is {limit}; send less")]
    TooLong {
        /// Picture, mask or answer.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Largest length.
        limit: usize,
    },
    /// A file that is not base64 of a PNG file.
    #[error("reading the {0}: it is no base64 of a PNG file; encode it so")]
    Encoding(&'static str),
    /// A picture of a size that is not served or not the one that was asked for.
    #[error("reading the {what}: {width} by {height} pixels; send {wanted}")]
    Size {
        /// Picture, mask or answer.
        what: &'static str,
        /// Its width.
        width: usize,
        /// Its height.
        height: usize,
        /// The size that would do.
        wanted: String,
    },
    /// A file that cannot be read.
    #[error("reading the {what}: {error}")]
    Picture {
        /// Picture, mask or answer.
        what: &'static str,
        /// The reader's error.
        error: PictureError,
    },
    /// A mask where none belongs, or one that marks no pixel.
    #[error("checking a request: {0}; correct the mask")]
    Mask(&'static str),
    /// An answer that changes pixels outside the holes.
    #[error(
        "reading the answer: {0} pixels outside the holes differ from the request; leave them as they are"
    )]
    Changed(usize),
}

/// Longest base64 of a file with so many pixels.
const fn longest(pixels: usize) -> usize {
    (BYTES_PER_PIXEL * pixels + ROOM) / 3 * 4 + 4
}

/// Reads a PNG file, whose size must fit before anything is unpacked.
pub(crate) fn unpack(
    what: &'static str,
    text: &str,
    limit: usize,
    fits: impl Fn(usize, usize) -> Result<(), String>,
) -> Result<Picture, RestoreError> {
    if text.is_empty() {
        return Err(RestoreError::Empty(what));
    }
    if text.len() > limit {
        return Err(RestoreError::TooLong { what, found: text.len(), limit });
    }
    let file = STANDARD.decode(text).map_err(|_| RestoreError::Encoding(what))?;
    let (width, height) = png_size(&file).ok_or(RestoreError::Encoding(what))?;
    let (width, height) = (width as usize, height as usize);
    let check = |width, height| {
        fits(width, height).map_err(|wanted| RestoreError::Size { what, width, height, wanted })
    };
    check(width, height)?;
    let picture = Picture::decode(&file).map_err(|error| RestoreError::Picture { what, error })?;
    check(picture.width(), picture.height())?;
    Ok(picture)
}

/// Accepts one size only.
pub(crate) fn exactly(width: usize, height: usize) -> impl Fn(usize, usize) -> Result<(), String> {
    move |w, h| if (w, h) == (width, height) { Ok(()) } else { Err(format!("{width} by {height}")) }
}

fn encoded(picture: &Picture) -> Result<String, PictureError> {
    Ok(STANDARD.encode(picture.to_png()?))
}

impl RestoreRequest {
    /// The request for a damaged picture.
    pub fn of(damaged: &Damaged) -> Result<Self, PictureError> {
        let (width, height) = (damaged.picture.width(), damaged.picture.height());
        let mask = match damaged.kind {
            Kind::Holes => encoded(&Picture::new(width, height, 1, damaged.mask.clone())?)?,
            _ => String::new(),
        };
        Ok(Self { kind: damaged.kind, picture: encoded(&damaged.picture)?, mask })
    }

    /// Checks everything and unpacks picture and mask. Nothing is unpacked whose size is beyond the limits.
    pub fn check(&self) -> Result<Damaged, RestoreError> {
        let (least, most) = SIDES;
        let fits = |width: usize, height: usize| {
            let sides = least..=most;
            if sides.contains(&width) && sides.contains(&height) {
                Ok(())
            } else {
                Err(format!("{least} to {most} a side"))
            }
        };
        if self.kind != Kind::Holes && !self.mask.is_empty() {
            return Err(RestoreError::Mask("only holes have a mask"));
        }
        let picture = unpack("picture", &self.picture, longest(most * most), fits)?.to_colour();
        let mut mask = Vec::new();
        if self.kind == Kind::Holes {
            let (width, height) = (picture.width(), picture.height());
            let read = unpack("mask", &self.mask, longest(width * height), exactly(width, height))?;
            mask =
                read.to_grey().samples().iter().map(|sample| if *sample < 128 { 0 } else { 255 }).collect();
            let holes = mask.iter().filter(|sample| **sample != 0).count();
            if holes == 0 || 2 * holes > mask.len() {
                return Err(RestoreError::Mask("it marks no pixel or more than half of them"));
            }
        }
        Ok(Damaged { kind: self.kind, picture, mask })
    }
}

impl RestoreResponse {
    /// An answer with this picture.
    pub fn of(picture: &Picture, model: Option<[u8; 32]>) -> Result<Self, PictureError> {
        let model = model.map(|id| to_hex(&id)).unwrap_or_default();
        Ok(Self { picture: encoded(picture)?, model })
    }

    /// The same with its provenance in the file.
    pub fn stating(self, request: &RestoreRequest, maker: &str) -> Result<Self, RestoreError> {
        let request = to_hex(&blake2_256(&serde_json::to_vec(request).unwrap_or_default()));
        let (maker, model) = (maker.to_owned(), self.model.clone());
        let provenance = Provenance { maker, model, settings: String::new(), request, seed: 0, number: 0 };
        Ok(Self { picture: STANDARD.encode(provenance.attached(&self.file()?)), ..self })
    }

    /// The file of the picture.
    pub fn file(&self) -> Result<Vec<u8>, RestoreError> {
        STANDARD.decode(&self.picture).map_err(|_| RestoreError::Encoding("answer"))
    }

    /// Unpacks the picture, which must have the size that was asked for and, for holes, be unchanged outside of them.
    pub fn unpacked(&self, damaged: &Damaged) -> Result<Picture, RestoreError> {
        let (width, height) = (damaged.width(), damaged.height());
        let picture =
            unpack("answer", &self.picture, longest(width * height), exactly(width, height))?.to_colour();
        if damaged.kind == Kind::Holes {
            let pixels = picture.samples().chunks_exact(3).zip(damaged.picture.samples().chunks_exact(3));
            let differ =
                pixels.enumerate().filter(|(at, (one, other))| !damaged.is_hole(*at) && one != other);
            match differ.count() {
                0 => {}
                changed => return Err(RestoreError::Changed(changed)),
            }
        }
        Ok(picture)
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;
    use proptest::prelude::*;

    use super::{
        super::{
            damage::{of_side, Task},
            originals::Style,
        },
        *,
    };

    fn task(kind: Kind) -> Task {
        of_side(&Style::own(&[6; 32]), kind, &Seed([4; 32]), 32).expect("drawn")
    }

    #[test]
    fn a_request_and_an_answer_hold_what_they_were_made_of() {
        for kind in Kind::ALL {
            let Task { damaged, original } = task(kind);
            let request = RestoreRequest::of(&damaged).expect("encoded");
            let json = serde_json::to_string(&request).expect("JSON");
            assert!(json.contains(kind.name()));
            let read: RestoreRequest = serde_json::from_str(&json).expect("the same");
            assert_eq!(read.check().expect("valid"), damaged);
            let answer = RestoreResponse::of(&original, Some([3; 32])).expect("encoded");
            assert_eq!(answer.unpacked(&damaged).expect("valid"), original);
            let stating = answer.stating(&request, "networks").expect("a file");
            assert_eq!(stating.unpacked(&damaged).expect("valid"), original);
            let stated = Provenance::read(&stating.file().expect("a file")).expect("stated");
            assert_eq!((stated.maker.as_str(), stated.model), ("networks", to_hex(&[3; 32])));
        }
    }

    #[test]
    fn a_request_that_does_not_fit_is_refused_by_name() {
        let file = |side: usize| {
            encoded(&Picture::new(side, side, 1, vec![9; side * side]).expect("it fits")).expect("encoded")
        };
        let refused = |change: &dyn Fn(&mut RestoreRequest)| {
            let mut request = RestoreRequest::of(&task(Kind::Holes).damaged).expect("encoded");
            change(&mut request);
            request.check().expect_err("refused").to_string()
        };
        assert!(refused(&|r| r.picture.clear()).contains("the picture: it is empty"));
        assert!(refused(&|r| r.picture = "%%%".into()).contains("no base64 of a PNG"));
        assert!(refused(&|r| r.picture = file(8)).contains("16 to 512 a side"));
        assert!(refused(&|r| r.picture = file(513)).contains("513 by 513"));
        assert!(refused(&|r| r.picture = "A".repeat(4 << 20)).contains("the limit is"));
        assert!(refused(&|r| r.mask.clear()).contains("the mask: it is empty"));
        assert!(refused(&|r| r.mask = file(33)).contains("send 32 by 32"));
        assert!(refused(&|r| r.mask = file(32)).contains("marks no pixel"));
        assert!(refused(&|r| r.kind = Kind::Blur).contains("only holes have a mask"));
    }

    #[test]
    fn a_hostile_answer_is_refused_by_name() {
        for kind in Kind::ALL {
            let Task { damaged, original } = task(kind);
            let refused = |picture: String| {
                RestoreResponse { picture, model: String::new() }.unpacked(&damaged).expect_err("refused")
            };
            assert_eq!(refused(String::new()), RestoreError::Empty("answer"));
            assert_eq!(refused("%%%".into()), RestoreError::Encoding("answer"));
            assert_eq!(refused(STANDARD.encode(b"GIF89a")), RestoreError::Encoding("answer"));
            assert!(matches!(refused("A".repeat(1 << 20)), RestoreError::TooLong { .. }));
            let other = encoded(&original.scaled(33, 32).expect("scaled")).expect("encoded");
            assert!(matches!(refused(other), RestoreError::Size { width: 33, .. }));
            let file = original.to_png().expect("encoded");
            assert!(matches!(
                refused(STANDARD.encode(&file[..file.len() / 2])),
                RestoreError::Picture { .. }
            ));
            // A head that claims billions of pixels, and thousands of white pixels a side in a short file.
            let mut head = file;
            head[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
            assert!(matches!(refused(STANDARD.encode(head)), RestoreError::Size { .. }));
            let white = Picture::new(1500, 1500, 1, vec![255; 1500 * 1500]).expect("it fits");
            let white = STANDARD.encode(white.to_png().expect("encoded"));
            assert!(matches!(refused(white), RestoreError::Size { .. } | RestoreError::TooLong { .. }));
        }
    }

    #[test]
    fn pixels_outside_the_holes_must_stay() {
        let Task { damaged, original } = task(Kind::Holes);
        let mut samples = original.samples().to_vec();
        let outside = damaged.mask.iter().position(|sample| *sample == 0).expect("there is one");
        samples[3 * outside] ^= 1;
        let changed = Picture::new(32, 32, 3, samples).expect("it fits");
        let answer = RestoreResponse::of(&changed, None).expect("encoded");
        assert_eq!(answer.unpacked(&damaged), Err(RestoreError::Changed(1)));
    }

    proptest! {
        #[test]
        fn any_file_is_a_picture_or_an_error(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            at in 0usize..3000,
        ) {
            let Task { damaged, original } = task(Kind::Holes);
            let mut changed = original.to_png().expect("encoded");
            let end = changed.len().min(at + bytes.len());
            let start = at.min(end);
            changed[start..end].copy_from_slice(&bytes[..end - start]);
            for file in [bytes, changed] {
                let text = STANDARD.encode(file);
                let _ = RestoreResponse { picture: text.clone(), model: String::new() }.unpacked(&damaged);
                let _ = RestoreRequest { kind: Kind::Holes, picture: text.clone(), mask: text }.check();
            }
        }
    }
}
