//! The wire format of protocol buffers: fields with numbers, one after the other.

use super::OnnxError;

/// Value of a field, by its wire type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'a> {
    Varint(u64),
    Fixed32(u32),
    /// Of eight bytes; nothing here needs its value.
    Fixed64,
    Bytes(&'a [u8]),
}

/// The fields of a message; stops at the first broken one.
pub(super) struct Message<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Message<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        let part = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(part)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => self.take(8).map(|_| Field::Fixed64)?,
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(length)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((key >> 3, field))
    }
}

impl<'a> Iterator for Message<'a> {
    type Item = Result<(u64, Field<'a>), OnnxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        match self.field() {
            Some(field) => Some(Ok(field)),
            None => {
                self.at = self.bytes.len();
                Some(Err(OnnxError::Broken(start)))
            }
        }
    }
}

/// Dimensions and attributes are short; longer lists are no network of ours.
const MOST: usize = 64;

/// A list of packed integers.
pub(super) fn varints(packed: &[u8], mut take: impl FnMut(u64)) -> Result<(), OnnxError> {
    let mut message = Message::new(packed);
    let mut count = 0;
    while message.at < packed.len() {
        count += 1;
        if count > MOST {
            return Err(OnnxError::TooLarge { what: "a list of integers", found: packed.len(), limit: MOST });
        }
        take(message.varint().ok_or(OnnxError::Broken(message.at))?);
    }
    Ok(())
}

/// The messages in field `number`.
pub(super) fn children(bytes: &[u8], number: u64) -> Result<Vec<&[u8]>, OnnxError> {
    let mut found = Vec::new();
    for field in Message::new(bytes) {
        if let (n, Field::Bytes(body)) = field? {
            if n == number && found.len() < MOST {
                found.push(body);
            }
        }
    }
    Ok(found)
}
