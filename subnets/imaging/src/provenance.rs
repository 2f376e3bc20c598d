//! Where a picture comes from, in the picture's own file.
//!
//! A PNG file may hold texts. Ours has one with the key `Myelin`: a JSON object with the model, the seed and the hash
//! of the request. Whoever saves the picture can add the receipt, with the miner's signature, under the key
//! `Myelin-Receipt`. A text in a file proves nothing by itself: anybody can write it. The signature proves.

use myelin_wire::hash::to_hex;
use serde::{Deserialize, Serialize};

use crate::protocol::{Declared, PaintRequest};

/// Key of the text about model and request.
pub const KEY: &str = "Myelin";
/// Key of the receipt.
pub const RECEIPT: &str = "Myelin-Receipt";
/// Longest text that is read.
const LONGEST: usize = 8 << 10;
/// Most chunks that are looked through.
const CHUNKS: usize = 4096;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Bytes of a file up to the end of its head.
const HEAD: usize = 33;

/// Where a picture comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Its painter or restorer, for people.
    pub maker: String,
    /// Identity of the model, if others can run it again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The settings that a picture depends on beside the model and the request.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settings: String,
    /// Hash of the request.
    pub request: String,
    /// The request's seed; 0 for a restored picture.
    pub seed: u64,
    /// Number of the picture among those of the request, from 0.
    pub number: u8,
}

impl Provenance {
    /// The provenance of picture `number` of a request.
    pub fn of(request: &PaintRequest, number: u8, maker: &str, declared: Option<&Declared>) -> Self {
        let (model, settings) = declared.map(Declared::stated).unwrap_or_default();
        Self {
            maker: maker.to_owned(),
            model,
            settings,
            request: to_hex(&request.hash()),
            seed: request.seed,
            number,
        }
    }

    /// The file with this provenance.
    pub fn attached(&self, png: &[u8]) -> Vec<u8> {
        attach(png, KEY, &serde_json::to_string(self).unwrap_or_default())
    }

    /// The provenance that a file states.
    pub fn read(png: &[u8]) -> Option<Self> {
        serde_json::from_str(&text(png, KEY)?).ok()
    }
}

/// A PNG file with a text of JSON behind its head; the file itself if it is no PNG file.
pub fn attach(png: &[u8], key: &str, text: &str) -> Vec<u8> {
    if !png.starts_with(SIGNATURE) || png.len() < HEAD {
        return png.to_vec();
    }
    let mut body = b"tEXt".to_vec();
    body.extend_from_slice(key.as_bytes());
    body.push(0);
    // Texts of PNG files have no letters beyond Latin, and JSON can do without them.
    let mut units = [0; 2];
    for letter in text.chars() {
        match letter {
            letter if letter.is_ascii() => body.push(letter as u8),
            letter => letter
                .encode_utf16(&mut units)
                .iter()
                .for_each(|unit| body.extend_from_slice(format!("\\u{unit:04x}").as_bytes())),
        }
    }
    let mut file = png[..HEAD].to_vec();
    file.extend_from_slice(&(body.len() as u32 - 4).to_be_bytes());
    file.extend_from_slice(&body);
    file.extend_from_slice(&checksum(&body).to_be_bytes());
    file.extend_from_slice(&png[HEAD..]);
    file
}

/// The first text with this key.
pub fn text(png: &[u8], key: &str) -> Option<String> {
    let mut rest = png.strip_prefix(SIGNATURE)?;
    for _ in 0..CHUNKS {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let body = after.get(..length)?;
        let found = body.strip_prefix(key.as_bytes()).and_then(|body| body.strip_prefix(&[0]));
        match found {
            Some(text) if kind == b"tEXt" && text.len() <= LONGEST => {
                return String::from_utf8(text.to_vec()).ok();
            }
            _ => rest = after.get(length.checked_add(4)?..)?,
        }
    }
    None
}

/// The checksum of a chunk (CRC-32 of ISO 3309).
fn checksum(bytes: &[u8]) -> u32 {
    let bit = |sum: u32| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| bit(sum)))
}

#[cfg(test)]
mod tests {
    use myelin_vision::picture::Picture;
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::tests::request;

    fn png() -> Vec<u8> {
        Picture::new(3, 2, 3, (0..18).collect()).expect("it fits").to_png().expect("encoded")
    }

    #[test]
    fn a_file_tells_where_it_comes_from_and_shows_the_same() {
        let declared = Declared { model: [9; 32], settings: "steps 2".into() };
        let provenance = Provenance::of(&request(), 1, "painter", Some(&declared));
        let file = attach(&provenance.attached(&png()), RECEIPT, "abc");
        assert_eq!(Provenance::read(&file), Some(provenance));
        assert_eq!(text(&file, RECEIPT).as_deref(), Some("abc"));
        assert_eq!((text(&png(), KEY), text(&file, "Other")), (None, None));
        assert_eq!(
            Picture::decode(&file).expect("it is a picture"),
            Picture::decode(&png()).expect("so is this")
        );
        // "IEND" has a known checksum.
        assert_eq!(checksum(b"IEND"), 0xae42_6082);
        assert_eq!(attach(b"GIF89a", KEY, "x"), b"GIF89a");
        let said: String =
            serde_json::from_str(&text(&attach(&png(), KEY, "\"ein Kreis, größer 🙂\""), KEY).unwrap())
                .unwrap();
        assert_eq!(said, "ein Kreis, größer 🙂");
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_text_or_none(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            bytes.splice(0..0, SIGNATURE.iter().copied());
            let _ = text(&bytes, KEY);
        }
    }
}
