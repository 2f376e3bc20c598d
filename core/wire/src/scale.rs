//! Reading of SCALE, the encoding of headers, justifications and trie nodes. Every length is checked before it is used.

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// The next byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A compact number of up to eight bytes.
    pub fn compact(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let with = |more: &[u8]| {
            let mut bytes = [0; 8];
            bytes.first_mut().into_iter().for_each(|byte| *byte = first);
            bytes.iter_mut().skip(1).zip(more).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(bytes) >> 2
        };
        match first & 3 {
            0 => Some(u64::from(first >> 2)),
            1 => self.take(1).map(with),
            2 => self.take(3).map(with),
            _ => {
                let bytes = self.take(usize::from(first >> 2).checked_add(4).filter(|count| *count <= 8)?)?;
                let mut wide = [0; 8];
                wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                Some(u64::from_le_bytes(wide))
            }
        }
    }

    /// The length of a list whose entries have at least `least` bytes each: never more than the bytes that are left.
    pub fn len(&mut self, least: usize) -> Option<usize> {
        let count = usize::try_from(self.compact()?).ok()?;
        (count.checked_mul(least.max(1))? <= self.0.len()).then_some(count)
    }

    /// Bytes after their compact length.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.len(1)?;
        self.take(count)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Appends a compact number.
pub(crate) fn push_compact(out: &mut alloc::vec::Vec<u8>, value: u64) {
    match value {
        0..=0x3f => out.push((value as u8) << 2),
        0x40..=0x3fff => out.extend_from_slice(&((value as u16) << 2 | 1).to_le_bytes()),
        0x4000..=0x3fff_ffff => out.extend_from_slice(&((value as u32) << 2 | 2).to_le_bytes()),
        _ => {
            let count = 8 - (value.leading_zeros() as usize) / 8;
            out.push((count as u8 - 4) << 2 | 3);
            out.extend(value.to_le_bytes().iter().take(count));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn compact_numbers_survive_a_round_trip(value: u64, shift in 0u32..64) {
            let value = value >> shift;
            let mut out = alloc::vec::Vec::new();
            push_compact(&mut out, value);
            let mut reader = Reader(&out);
            prop_assert_eq!(reader.compact(), Some(value));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: alloc::vec::Vec<u8>) {
            let mut reader = Reader(&bytes);
            let _ = (reader.bytes(), reader.len(4), reader.compact(), reader.u64(), reader.u32());
        }
    }
}
