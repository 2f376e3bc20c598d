//! Digests used on the wire, as raw bytes and as lower-case hexadecimal text.

use alloc::{string::String, vec::Vec};
use core::hash::Hasher as _;

use blake2b_simd::{
    many::{hash_many, HashManyJob},
    Params, State,
};
use sha2::Digest as _;

/// A 32-byte digest.
pub type Hash = [u8; 32];

/// Blake2b with 32 bytes of output, the hash that Substrate calls `blake2_256`.
pub fn blake2_256(bytes: &[u8]) -> Hash {
    first(&sized(32).hash(bytes))
}

/// Blake2b-256 of each input. Inputs of one length take about half as long together as one by one.
pub fn blake2_256_each<'a>(inputs: impl IntoIterator<Item = &'a [u8]>) -> Vec<Hash> {
    let sized = sized(32);
    let mut jobs: Vec<HashManyJob> =
        inputs.into_iter().map(|input| HashManyJob::new(&sized, input)).collect();
    hash_many(&mut jobs);
    jobs.iter().map(|job| first(&job.to_hash())).collect()
}

/// Blake2b-256 of several parts one after the other, without joining them first.
///
/// The parts are not separated: callers fix the length of every part but the last.
pub fn blake2_256_of(parts: &[&[u8]]) -> Hash {
    let mut pieces = Blake2b256::default();
    parts.iter().for_each(|part| pieces.update(part));
    pieces.finish()
}

/// Blake2b-256 of bytes that come in pieces, such as those of a file. The pieces are not separated.
#[derive(Clone, Debug)]
pub struct Blake2b256(State);

impl Default for Blake2b256 {
    fn default() -> Self {
        Self(sized(32).to_state())
    }
}

impl Blake2b256 {
    /// Adds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> Hash {
        first(&self.0.finalize())
    }
}

/// Blake2b with 64 bytes of output.
pub fn blake2_512(bytes: &[u8]) -> [u8; 64] {
    *blake2b_simd::blake2b(bytes).as_array()
}

/// Blake2b with 16 bytes of output, which places keys in storage maps.
pub fn blake2_128(bytes: &[u8]) -> [u8; 16] {
    first(&sized(16).hash(bytes))
}

/// Parts one after the other. They fill the row.
pub(crate) fn row<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let (mut row, mut at) = ([0; N], 0);
    for part in parts {
        row[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    debug_assert_eq!(at, N);
    row
}

/// The hash of each row.
pub(crate) fn each_row<const N: usize>(rows: impl Iterator<Item = [u8; N]>) -> Vec<Hash> {
    let rows: Vec<_> = rows.collect();
    blake2_256_each(rows.iter().map(|row| &row[..]))
}

/// Blake2b with this many bytes of output.
fn sized(length: usize) -> Params {
    let mut params = Params::new();
    params.hash_length(length);
    params
}

/// The first bytes of a digest that has no fewer.
fn first<const N: usize>(digest: &blake2b_simd::Hash) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&digest.as_array()[..N]);
    bytes
}

/// xxHash64 with seed 0, little-endian: Substrate's `twox_64`. Not for data that strangers choose.
pub fn twox_64(bytes: &[u8]) -> [u8; 8] {
    xx_hash(bytes, 0).to_le_bytes()
}

/// xxHash64 with the seeds 0 and 1: Substrate's `twox_128`, the prefix of pallets and storage items.
pub fn twox_128(bytes: &[u8]) -> [u8; 16] {
    let mut both = [0; 16];
    let halves = both.chunks_exact_mut(8).zip(0..);
    halves.for_each(|(half, seed)| half.copy_from_slice(&xx_hash(bytes, seed).to_le_bytes()));
    both
}

fn xx_hash(bytes: &[u8], seed: u64) -> u64 {
    let mut hasher = twox_hash::XxHash64::with_seed(seed);
    hasher.write(bytes);
    hasher.finish()
}

/// SHA3-256, the hash of the official body hash.
pub fn sha3_256(bytes: &[u8]) -> Hash {
    sha3::Sha3_256::digest(bytes).into()
}

/// SHA-256, the body hash of `btauth/1`.
pub fn sha256(bytes: &[u8]) -> Hash {
    sha2::Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal text without a prefix.
pub fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_hex(&mut text, bytes);
    text
}

/// Appends lower-case hexadecimal text to `text`.
pub fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Reads exactly `N` bytes from hexadecimal text of either case, with or without `0x`; `None` if it is anything else.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn several_inputs_together_have_the_hashes_of_each(
            lengths in prop::collection::vec(0usize..400, 0..12), fill in any::<u8>(),
        ) {
            let inputs: Vec<Vec<u8>> = lengths.iter().map(|length| vec![fill; *length]).collect();
            let single: Vec<Hash> = inputs.iter().map(|input| blake2_256(input)).collect();
            let pieces = |input: &Vec<u8>| {
                let (first, rest) = input.split_at(input.len() / 3);
                blake2_256_of(&[first, rest])
            };
            prop_assert_eq!(&blake2_256_each(inputs.iter().map(Vec::as_slice)), &single);
            prop_assert_eq!(&inputs.iter().map(pieces).collect::<Vec<_>>(), &single);
        }
    }

    #[test]
    fn digests_match_published_vectors() {
        // The empty-message vectors of FIPS 202, FIPS 180-4 and the BLAKE2b-256 of Substrate.
        assert_eq!(
            to_hex(&sha3_256(b"")),
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
        );
        assert_eq!(to_hex(&sha256(b"")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(
            to_hex(&blake2_256(b"")),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
        );
        assert_eq!(blake2_256_of(&[b"a", b"bc"]), blake2_256(b"abc"));
        assert_eq!(to_hex(&blake2_128(b"abc")), "cf4ab791c62b8d2b2109c90275287816");
        // xxHash64 with seed 0 of nothing, of "abc", and of 39 letters, from its specification and reference.
        let xx = |bytes: &[u8]| u64::from_le_bytes(twox_64(bytes));
        assert_eq!((xx(b""), xx(b"abc")), (0xEF46_DB37_51D8_E999, 0x44BC_2CF5_AD77_0999));
        assert_eq!(xx(b"Nobody inspects the spammish repetition"), 0xFBCE_A83C_8A37_8BF1);
    }

    #[test]
    fn hexadecimal_text_survives_a_round_trip_and_refuses_other_lengths() {
        let bytes = [0u8, 1, 0x7f, 0x80, 0xff];
        assert_eq!(from_hex::<5>(&to_hex(&bytes)), Some(bytes));
        assert_eq!(from_hex::<5>("0x00017F80FF"), Some(bytes));
        assert_eq!(from_hex::<4>(&to_hex(&bytes)), None);
        assert_eq!(from_hex::<1>("zz"), None);
    }
}
