//! Extension of a record: data beyond its fixed fields.
//!
//! A record names its extension by hash; the bytes lie beside requests and answers. One extension serves all records
//! that it holds for. The layout has one spelling: the version, then fields by ascending tag, each as tag (1 byte),
//! length (2 bytes, little-endian) and value. A field of an unknown tag is refused: it could change what the record
//! means.
//!
//! | tag | length | value |
//! |---|---|---|
//! | 1 | 18 | [`Asked`]: epoch (8), round (2), source block (8) |

use alloc::vec::Vec;

use super::{Reader, RecordError, NO_EXTENSION};
use crate::hash::blake2_256;

/// No extension is longer than this, in bytes.
pub const EXTENSION_LIMIT: usize = 4096;

const EXTENSION_VERSION: u8 = 1;
const ASKED_TAG: u8 = 1;
const ASKED_LEN: u16 = 8 + 2 + 8;

/// Time of asking of a task that is judged later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked {
    /// The subnet's epoch index.
    pub epoch: u64,
    /// Round within that epoch.
    pub round: u16,
    /// The block that the round's seeds were drawn from.
    pub block: u64,
}

/// Data of a record beyond its fixed fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Time of asking of the task, if not in the round of the record.
    pub asked: Option<Asked>,
}

impl Extension {
    /// Canonical bytes, at most [`EXTENSION_LIMIT`]; empty for an empty extension.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(Asked { epoch, round, block }) = self.asked {
            out.extend_from_slice(&[EXTENSION_VERSION, ASKED_TAG]);
            out.extend_from_slice(&ASKED_LEN.to_le_bytes());
            out.extend_from_slice(&epoch.to_le_bytes());
            out.extend_from_slice(&round.to_le_bytes());
            out.extend_from_slice(&block.to_le_bytes());
        }
        out
    }

    /// Reads [`to_bytes`](Self::to_bytes); every other spelling is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > EXTENSION_LIMIT {
            return Err(RecordError::Malformed { what: "an extension above its limit", at: EXTENSION_LIMIT });
        }
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut reader = Reader { bytes, at: 0 };
        reader.expect_byte(EXTENSION_VERSION, "unknown version of an extension")?;
        reader.expect_byte(ASKED_TAG, "unknown field of an extension")?;
        let at = reader.at;
        if u16::from_le_bytes(reader.take()?) != ASKED_LEN {
            return Err(RecordError::Malformed { what: "wrong length of a field", at });
        }
        let asked = Asked {
            epoch: u64::from_le_bytes(reader.take()?),
            round: u16::from_le_bytes(reader.take()?),
            block: u64::from_le_bytes(reader.take()?),
        };
        reader.finish()?;
        Ok(Self { asked: Some(asked) })
    }

    /// The hash by which records name it: BLAKE2b-256 of the bytes, or [`NO_EXTENSION`] for an empty extension.
    pub fn hash(&self) -> [u8; 32] {
        let bytes = self.to_bytes();
        if bytes.is_empty() {
            return NO_EXTENSION;
        }
        blake2_256(&bytes)
    }
}

#[cfg(test)]
mod tests;
