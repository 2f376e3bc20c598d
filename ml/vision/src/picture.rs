//! Pictures, and reading them from files that may be hostile.
//!
//! A file states the size of its picture before it is unpacked. So nothing is allocated beyond the limits, and a
//! decompression bomb is an error with a name like any other broken file.

use png::{BitDepth, ColorType, Transformations};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

/// Largest file that is read.
pub const MAX_FILE_BYTES: usize = 8 << 20;
/// Largest width and height.
pub const MAX_SIDE: usize = 4096;
/// Largest number of pixels.
pub const MAX_PIXELS: usize = 12 << 20;

/// A picture of eight-bit samples, row by row, the channels of a pixel side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    channels: usize,
    samples: Vec<u8>,
}

/// Why bytes are no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Neither PNG nor JPEG nor netpbm.
    #[error("reading a picture: {0} bytes that begin like neither PNG nor JPEG nor netpbm; send one of these formats")]
    UnknownFormat(usize),
    /// The file is too large.
    #[error("reading a picture: the file has {0} bytes, the limit is {MAX_FILE_BYTES}; send a smaller one")]
    FileTooLarge(usize),
    /// The picture is too large, whatever the size of its file.
    #[error(
        "reading a picture: {width} by {height} pixels, the limits are {MAX_SIDE} a side and {MAX_PIXELS} in all; \
         send a smaller one"
    )]
    TooManyPixels {
        /// Pixels from left to right.
        width: usize,
        /// Pixels from top to bottom.
        height: usize,
    },
    /// The file is broken.
    #[error("reading a picture: the {format} file is broken ({reason}); save it again")]
    Broken {
        /// PNG, JPEG or netpbm.
        format: &'static str,
        /// Defect that the decoder found.
        reason: String,
    },
    /// Samples that do not fill the picture.
    #[error(
        "making a picture: {found} samples for {width} by {height} pixels of {channels}; pass as many as fit"
    )]
    Samples {
        /// Pixels from left to right.
        width: usize,
        /// Pixels from top to bottom.
        height: usize,
        /// Samples of a pixel.
        channels: usize,
        /// Samples given.
        found: usize,
    },
}

impl Picture {
    /// A picture of given samples; `channels` is 1 (grey) or 3 (red, green, blue).
    pub fn new(width: usize, height: usize, channels: usize, samples: Vec<u8>) -> Result<Self, PictureError> {
        check_size(width, height)?;
        if !matches!(channels, 1 | 3) || samples.len() != width * height * channels {
            return Err(PictureError::Samples { width, height, channels, found: samples.len() });
        }
        Ok(Self { width, height, channels, samples })
    }

    /// Pixels from left to right.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples of a pixel: 1 or 3.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// All samples.
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// Reads a PNG, JPEG or binary netpbm (P5, P6) file.
    pub fn decode(bytes: &[u8]) -> Result<Self, PictureError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(PictureError::FileTooLarge(bytes.len()));
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            decode_png(bytes)
        } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            decode_jpeg(bytes)
        } else if bytes.starts_with(b"P5") || bytes.starts_with(b"P6") {
            decode_netpbm(bytes)
        } else {
            Err(PictureError::UnknownFormat(bytes.len()))
        }
    }

    /// The picture as a PNG file, quickly.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        self.packed(png::Compression::Fastest)
    }

    /// The picture as a PNG file that is shorter and takes longer to write.
    pub fn to_short_png(&self) -> Result<Vec<u8>, PictureError> {
        self.packed(png::Compression::Balanced)
    }

    fn packed(&self, compression: png::Compression) -> Result<Vec<u8>, PictureError> {
        let broken =
            |error: png::EncodingError| PictureError::Broken { format: "PNG", reason: error.to_string() };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(if self.channels == 1 { ColorType::Grayscale } else { ColorType::Rgb });
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(compression);
        let mut writer = encoder.write_header().map_err(broken)?;
        writer.write_image_data(&self.samples).map_err(broken)?;
        writer.finish().map_err(broken)?;
        Ok(bytes)
    }

    /// The picture in grey: `(77 red + 150 green + 29 blue) / 256`.
    pub fn to_grey(&self) -> Picture {
        if self.channels == 1 {
            return self.clone();
        }
        let grey = |pixel: &[u8]| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            ((77 * r + 150 * g + 29 * b) >> 8) as u8
        };
        let samples = self.samples.chunks_exact(3).map(grey).collect();
        Picture { channels: 1, samples, ..*self }
    }

    /// The picture with three channels.
    pub fn to_colour(&self) -> Picture {
        if self.channels == 3 {
            return self.clone();
        }
        let samples = self.samples.iter().flat_map(|&grey| [grey; 3]).collect();
        Picture { channels: 3, samples, ..*self }
    }

    /// The picture scaled to `width` by `height`, each pixel blended from the four nearest ones by integer weights.
    pub fn scaled(&self, width: usize, height: usize) -> Result<Picture, PictureError> {
        check_size(width, height)?;
        let columns = taps(self.width, width);
        let rows = taps(self.height, height);
        let c = self.channels;
        let mut samples = Vec::with_capacity(width * height * c);
        for &(top, bottom, down) in &rows {
            let row = |y: usize| &self.samples[y * self.width * c..][..self.width * c];
            let (above, below) = (row(top), row(bottom));
            for &(left, right, across) in &columns {
                for channel in 0..c {
                    let at = |row: &[u8], x: usize| u32::from(row[x * c + channel]);
                    let upper = at(above, left) * (256 - across) + at(above, right) * across;
                    let lower = at(below, left) * (256 - across) + at(below, right) * across;
                    samples.push(((upper * (256 - down) + lower * down + (1 << 15)) >> 16) as u8);
                }
            }
        }
        Ok(Picture { width, height, channels: c, samples })
    }

    /// The picture as a binary netpbm file (P5 or P6): a line each for kind, size and largest value, then the samples.
    /// Programs without a decoder can read it.
    pub fn to_netpbm(&self) -> Vec<u8> {
        let kind = if self.channels == 1 { 5 } else { 6 };
        let mut bytes = format!("P{kind}\n{} {}\n255\n", self.width, self.height).into_bytes();
        bytes.extend_from_slice(&self.samples);
        bytes
    }
}

/// For each of `to` pixels: the two pixels of `from` that it lies between, and how near it is to the second, of 256.
fn taps(from: usize, to: usize) -> Vec<(usize, usize, u32)> {
    let tap = |i: usize| {
        // The centre of pixel i, in 256ths of a pixel of the source.
        let centre =
            ((2 * i as i64 + 1) * from as i64 * 128 / to as i64 - 128).clamp(0, (from as i64 - 1) * 256);
        let first = (centre >> 8) as usize;
        (first, (first + 1).min(from - 1), (centre & 255) as u32)
    };
    (0..to).map(tap).collect()
}

fn check_size(width: usize, height: usize) -> Result<(), PictureError> {
    let fits = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    if !fits || width * height > MAX_PIXELS {
        return Err(PictureError::TooManyPixels { width, height });
    }
    Ok(())
}

fn decode_png(bytes: &[u8]) -> Result<Picture, PictureError> {
    let broken = |reason: String| PictureError::Broken { format: "PNG", reason };
    let limits = png::Limits { bytes: 4 * MAX_PIXELS };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info().map_err(|error| broken(error.to_string()))?;
    let (width, height) = (header.width as usize, header.height as usize);
    check_size(width, height)?;
    let mut reader = decoder.read_info().map_err(|error| broken(error.to_string()))?;
    let size = reader.output_buffer_size().ok_or_else(|| broken("its size is beyond all bounds".into()))?;
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples).map_err(|error| broken(error.to_string()))?;
    samples.truncate(frame.buffer_size());
    let (channels, samples) = match frame.color_type {
        ColorType::Grayscale => (1, samples),
        ColorType::Rgb => (3, samples),
        // Transparency is laid on white.
        ColorType::GrayscaleAlpha => (1, on_white::<1>(&samples)),
        ColorType::Rgba => (3, on_white::<3>(&samples)),
        ColorType::Indexed => return Err(broken("its palette was not applied".into())),
    };
    Picture::new(width, height, channels, samples)
}

fn on_white<const C: usize>(samples: &[u8]) -> Vec<u8> {
    let blend = |pixel: &[u8]| -> [u8; C] {
        let alpha = u32::from(pixel[C]);
        std::array::from_fn(|c| ((u32::from(pixel[c]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
    };
    samples.chunks_exact(C + 1).flat_map(blend).collect()
}

/// Reads the format of [`Picture::to_netpbm`]: single spaces or line ends between the words, no comments.
fn decode_netpbm(bytes: &[u8]) -> Result<Picture, PictureError> {
    let broken = |reason: &str| PictureError::Broken { format: "netpbm", reason: reason.to_owned() };
    let mut parts = bytes.splitn(5, |byte| byte.is_ascii_whitespace());
    let mut number = || -> Option<usize> { std::str::from_utf8(parts.next()?).ok()?.parse().ok() };
    number();
    let sizes = (number(), number(), number());
    let (Some(width), Some(height), Some(255)) = sizes else {
        return Err(broken("its head is not kind, width, height and 255"));
    };
    check_size(width, height)?;
    let channels = if bytes.starts_with(b"P5") { 1 } else { 3 };
    Picture::new(width, height, channels, parts.next().unwrap_or_default().to_vec())
}

fn decode_jpeg(bytes: &[u8]) -> Result<Picture, PictureError> {
    let broken = |reason: String| PictureError::Broken { format: "JPEG", reason };
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| broken(error.to_string()))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| broken("it names no size".into()))?;
    check_size(width, height)?;
    let samples = decoder.decode().map_err(|error| broken(error.to_string()))?;
    Picture::new(width, height, 3, samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture(width: usize, height: usize, channels: usize) -> Picture {
        let samples = (0..width * height * channels).map(|i| (i * 37 % 251) as u8).collect();
        Picture::new(width, height, channels, samples).expect("it fits")
    }

    #[test]
    fn a_file_says_what_the_picture_said() {
        for channels in [1, 3] {
            let original = picture(31, 17, channels);
            assert_eq!(Picture::decode(&original.to_png().expect("encoded")).expect("decoded"), original);
            assert_eq!(Picture::decode(&original.to_netpbm()).expect("decoded"), original);
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        // A header that claims 60,000 by 60,000 pixels, in a file of a few dozen bytes.
        let mut bytes = picture(4, 4, 1).to_png().expect("encoded");
        bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let checksum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(
            Picture::decode(&bytes),
            Err(PictureError::TooManyPixels { width: 60_000, height: 60_000 })
        );
        assert!(matches!(
            Picture::decode(&vec![0x89; MAX_FILE_BYTES + 1]),
            Err(PictureError::FileTooLarge(_))
        ));
        assert!(matches!(Picture::decode(b"GIF89a"), Err(PictureError::UnknownFormat(6))));
    }

    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
        };
        !bytes.iter().fold(!0, step)
    }

    #[test]
    fn a_picture_cut_short_is_a_broken_file() {
        let bytes = picture(40, 40, 3).to_png().expect("encoded");
        let cut = Picture::decode(&bytes[..bytes.len() / 2]);
        assert!(matches!(cut, Err(PictureError::Broken { format: "PNG", .. })), "{cut:?}");
    }

    #[test]
    fn scaling_to_the_same_size_changes_nothing_and_flat_pictures_stay_flat() {
        let original = picture(13, 9, 3);
        assert_eq!(original.scaled(13, 9).expect("it fits"), original);
        let flat = Picture::new(5, 5, 1, vec![77; 25]).expect("it fits");
        assert!(flat.scaled(17, 3).expect("it fits").samples().iter().all(|&grey| grey == 77));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_picture_or_an_error(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..400),
            head in 0..4usize,
        ) {
            let starts: [&[u8]; 4] =
                [b"", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", &[0xff, 0xd8, 0xff, 0xe0], b"P5\n4 3\n255\n"];
            bytes.splice(0..0, starts[head].iter().copied());
            let _ = Picture::decode(&bytes);
        }

        #[test]
        fn a_changed_byte_never_harms(at in 0usize..2000, value in any::<u8>()) {
            let mut bytes = picture(33, 21, 3).to_png().expect("encoded");
            let at = at % bytes.len();
            bytes[at] = value;
            let _ = Picture::decode(&bytes);
        }
    }
}
