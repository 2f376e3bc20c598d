//! Messages between validators, gateways and miners of the recognition subnet.
//!
//! A request holds pictures and says how to treat them. Both messages are plain JSON objects, so a submitted program
//! can read them as well as a server.

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_vision::picture::{Picture, PictureError, MAX_PIXELS};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of protocol and scoring.
pub const VERSION: u32 = 2;
/// Most pictures of a request.
pub const MAX_PICTURES: usize = 32;
/// Most bytes of all pictures of a request, in base64.
pub const MAX_IMAGES: usize = 4 << 20;
/// Longest text of an answer, in bytes.
pub const MAX_TEXT: usize = 16 << 10;
/// Most fields of a request, and the longest name and value of a field in bytes.
pub const MAX_FIELDS: (usize, usize) = (32, 256);
/// Most groups of classes, and most classes of a group.
pub const MAX_GROUPS: (usize, usize) = (8, 64);
/// Most that the sum of a group's probabilities may differ from a million.
pub const SUM_SLACK: u32 = 1000;

/// Kinds of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// The text of one picture, and the values of fields.
    #[default]
    Read,
    /// Probabilities of the classes of each group, for each picture.
    Classify,
}

/// File formats of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PNG, for servers.
    Png,
    /// Binary netpbm, whose samples a small program can take as they are.
    Netpbm,
}

impl Format {
    fn encode(self, picture: &Picture) -> Result<String, PictureError> {
        Ok(STANDARD.encode(match self {
            Format::Png => picture.to_png()?,
            Format::Netpbm => picture.to_netpbm(),
        }))
    }
}

/// A question with classes to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The question, for instance `colour`.
    pub name: String,
    /// The classes, in the order in which probabilities are given.
    pub classes: Vec<String>,
}

/// A request to a miner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognitionRequest {
    /// Treatment of the pictures.
    pub wanted: Wanted,
    /// PNG, JPEG or binary netpbm files in base64; one to read, up to 32 to classify.
    pub images: Vec<String>,
    /// Names of the fields to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Questions about each picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

/// A miner's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognitionResponse {
    /// The text in reading order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The values of the fields in the order of the request; empty where none was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// For each picture and each group: the probabilities of its classes in millionths, which add up to a million.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probabilities: Vec<Vec<Vec<u32>>>,
}

/// Reasons for refusing a request before its pictures are unpacked, or while they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A part of the request is larger than this subnet serves.
    #[error("checking a request: {what} is {found}, the limit is {limit}; ask for less")]
    TooLarge {
        /// The part that is too large.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Pictures and questions do not match.
    #[error(
        "checking a request: {0}; read one picture, or classify some with at least one group of two classes"
    )]
    Shape(&'static str),
    /// A picture is not base64.
    #[error("reading picture {0}: it is not base64; encode the file so")]
    Encoding(usize),
    /// A picture cannot be read.
    #[error("picture {number}: {error}")]
    Picture {
        /// Its number from 0.
        number: usize,
        /// The reader's error.
        error: PictureError,
    },
}

impl RecognitionRequest {
    /// A request to read a picture.
    pub fn read(page: &Picture, format: Format, fields: Vec<String>) -> Result<Self, PictureError> {
        Ok(Self { wanted: Wanted::Read, images: vec![format.encode(page)?], fields, groups: Vec::new() })
    }

    /// A request to classify pictures.
    pub fn classify(pictures: &[Picture], format: Format, groups: Vec<Group>) -> Result<Self, PictureError> {
        let images = pictures.iter().map(|picture| format.encode(picture)).collect::<Result<_, _>>()?;
        Ok(Self { wanted: Wanted::Classify, images, fields: Vec::new(), groups })
    }

    /// A picture of which `number` fit into a request: as it is, or made smaller.
    pub fn fitting(picture: Picture, number: usize) -> Result<Picture, PictureError> {
        let number = number.clamp(1, MAX_PICTURES);
        let (most, most_pixels) = (MAX_IMAGES / number / 4 * 3 - 3, MAX_PIXELS / number);
        let pixels = picture.width() * picture.height();
        let scaled = |part: f64| {
            let side = |pixels: usize| ((pixels as f64 * part) as usize).max(1);
            picture.scaled(side(picture.width()), side(picture.height()))
        };
        let mut part = (most_pixels as f64 / pixels as f64).sqrt().min(1.0);
        let mut fitting = if part < 1.0 { scaled(part)? } else { picture.clone() };
        loop {
            let size = fitting.to_png()?.len();
            if size <= most {
                return Ok(fitting);
            }
            // The packed size of a smaller picture is not known in advance.
            part *= (most as f64 / size as f64).sqrt().min(0.95);
            fitting = scaled(part)?;
        }
    }

    /// Makes a reading request of a chat request of an OpenAI-compatible client whose last message shows one picture.
    ///
    /// Pictures must be in the request itself, as data URLs: an address in a request is never opened.
    pub fn from_openai(body: &Value) -> Option<Self> {
        let parts = body["messages"].as_array()?.last()?["content"].as_array()?;
        let mut urls = parts.iter().filter_map(|part| part["image_url"]["url"].as_str());
        let (url, None) = (urls.next()?, urls.next()) else { return None };
        let (kind, data) = url.strip_prefix("data:image/")?.split_once(";base64,")?;
        let request = Self { images: vec![data.to_owned()], ..Self::default() };
        (matches!(kind, "png" | "jpeg") && request.check().is_ok()).then_some(request)
    }

    /// Checks shape and limits, and unpacks the pictures.
    pub fn pictures(&self) -> Result<Vec<Picture>, RequestError> {
        self.check()?;
        let mut pictures = Vec::with_capacity(self.images.len());
        let mut pixels = 0;
        for (number, image) in self.images.iter().enumerate() {
            let bytes = STANDARD.decode(image).map_err(|_| RequestError::Encoding(number))?;
            let picture = Picture::decode(&bytes).map_err(|error| RequestError::Picture { number, error })?;
            // Many small files may unpack to as much as one large picture, and no more.
            pixels += picture.width() * picture.height();
            if pixels > MAX_PIXELS {
                let what = "number of pixels of all pictures";
                return Err(RequestError::TooLarge { what, found: pixels, limit: MAX_PIXELS });
            }
            pictures.push(picture);
        }
        Ok(pictures)
    }

    /// Checks shape and limits.
    pub fn check(&self) -> Result<(), RequestError> {
        let longest =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(String::len).max().unwrap_or_default();
        let classes = || self.groups.iter().flat_map(|group| &group.classes);
        let sizes = [
            ("number of pictures", self.images.len(), MAX_PICTURES),
            ("size of all pictures", self.images.iter().map(String::len).sum(), MAX_IMAGES),
            ("number of fields", self.fields.len(), MAX_FIELDS.0),
            ("length of a field's name", longest(&mut self.fields.iter()), MAX_FIELDS.1),
            ("number of groups", self.groups.len(), MAX_GROUPS.0),
            (
                "length of a group's name",
                longest(&mut self.groups.iter().map(|group| &group.name)),
                MAX_FIELDS.1,
            ),
            (
                "number of classes",
                self.groups.iter().map(|group| group.classes.len()).max().unwrap_or(0),
                MAX_GROUPS.1,
            ),
            ("length of a class's name", longest(&mut classes()), MAX_FIELDS.1),
        ];
        if let Some((what, found, limit)) = sizes.into_iter().find(|(_, found, limit)| found > limit) {
            return Err(RequestError::TooLarge { what, found, limit });
        }
        match self.wanted {
            _ if self.images.is_empty() => Err(RequestError::Shape("no picture")),
            Wanted::Read if self.images.len() > 1 => Err(RequestError::Shape("several pictures to read")),
            Wanted::Read if !self.groups.is_empty() => {
                Err(RequestError::Shape("groups of classes for a reader"))
            }
            Wanted::Classify if self.groups.is_empty() => Err(RequestError::Shape("no group of classes")),
            Wanted::Classify if self.groups.iter().any(|group| group.classes.len() < 2) => {
                Err(RequestError::Shape("a group with fewer than two classes"))
            }
            _ => Ok(()),
        }
    }
}

impl RecognitionResponse {
    /// Bytes of text and values.
    pub fn size(&self) -> usize {
        self.text.len() + self.values.iter().map(String::len).sum::<usize>()
    }

    /// Whether there are probabilities for `pictures` pictures and groups of these sizes, and they add up.
    pub fn has_probabilities(&self, pictures: usize, groups: &[usize]) -> bool {
        let adds_up = |row: &Vec<u32>| {
            let sum: u64 = row.iter().map(|p| u64::from(*p)).sum();
            sum.abs_diff(1_000_000) <= u64::from(SUM_SLACK)
        };
        let fits = |rows: &Vec<Vec<u32>>| {
            rows.len() == groups.len()
                && rows.iter().zip(groups).all(|(row, size)| row.len() == *size && adds_up(row))
        };
        self.probabilities.len() == pictures && self.probabilities.iter().all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page() -> Picture {
        Picture::new(8, 6, 1, vec![200; 48]).expect("it fits")
    }

    #[test]
    fn a_request_shows_the_picture_it_was_made_of() {
        for format in [Format::Png, Format::Netpbm] {
            let request = RecognitionRequest::read(&page(), format, vec!["total".into()]).expect("encoded");
            let json = serde_json::to_string(&request).expect("JSON");
            let read: RecognitionRequest = serde_json::from_str(&json).expect("the same");
            assert_eq!(read.pictures().expect("decoded"), [page()]);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let good = RecognitionRequest::read(&page(), Format::Png, Vec::new()).expect("encoded");
        let refused = |change: &dyn Fn(&mut RecognitionRequest)| {
            let mut request = good.clone();
            change(&mut request);
            request.pictures().expect_err("refused").to_string()
        };
        assert!(refused(&|r| r.images.clear()).contains("no picture"));
        assert!(refused(&|r| r.wanted = Wanted::Classify).contains("no group"));
        assert!(refused(&|r| r.images.push(r.images[0].clone())).contains("several pictures"));
        assert!(refused(&|r| r.images = vec!["A".repeat(12 << 20)]).contains("size of all pictures"));
        assert!(refused(&|r| r.fields = vec!["x".repeat(300)]).contains("name is 300"));
        assert!(refused(&|r| r.images[0].insert(3, '!')).contains("not base64"));
        assert!(refused(&|r| r.images[0] = STANDARD.encode(b"GIF89a"))
            .contains("neither PNG nor JPEG nor netpbm"));
    }

    #[test]
    fn many_bombs_are_no_better_than_one() {
        let white = Picture::new(3000, 1500, 1, vec![255; 4_500_000]).expect("it fits");
        let group = Group { name: "side".into(), classes: vec!["left".into(), "right".into()] };
        let request = RecognitionRequest::classify(&vec![white.clone(); 3], Format::Png, vec![group.clone()]);
        let request = request.expect("encoded");
        assert!(request.images[0].len() < 100_000, "{}", request.images[0].len());
        let error = request.pictures().expect_err("refused").to_string();
        assert!(error.contains("number of pixels of all pictures is 13500000"), "{error}");

        let fitting = RecognitionRequest::fitting(white, 3).expect("scaled");
        let request = RecognitionRequest::classify(&vec![fitting; 3], Format::Png, vec![group]);
        request.expect("encoded").pictures().expect("as many pixels as are allowed");
    }

    #[test]
    fn a_chat_with_a_picture_becomes_a_request_and_other_chats_do_not() {
        let chat = |url: &str| {
            let image = serde_json::json!({ "type": "image_url", "image_url": { "url": url } });
            let text = serde_json::json!({ "type": "text", "text": "What does it say?" });
            serde_json::json!({ "messages": [{ "role": "user", "content": [text, image] }] })
        };
        let png = STANDARD.encode(page().to_png().expect("encoded"));
        let request = RecognitionRequest::from_openai(&chat(&format!("data:image/png;base64,{png}")));
        assert_eq!(request.expect("a picture").pictures().expect("decoded"), [page()]);
        assert_eq!(RecognitionRequest::from_openai(&chat("http://127.0.0.1/picture.png")), None);
        let words = serde_json::json!({ "messages": [{ "role": "user", "content": "Hello" }] });
        assert_eq!(RecognitionRequest::from_openai(&words), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_request_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(request) = serde_json::from_slice::<RecognitionRequest>(&bytes) {
                let _ = request.pictures();
            }
            let request = RecognitionRequest { images: vec![STANDARD.encode(&bytes)], ..Default::default() };
            let _ = request.pictures();
        }
    }
}
