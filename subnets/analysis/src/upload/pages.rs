//! Unpacked sizes that the pages of a Parquet column claim.
//!
//! A page of a few bytes may claim two gigabytes, and readers believe it. So the headers are read here first. A page
//! header is a Thrift structure in compact form. Its fields 2 and 3 are the size after and before unpacking. The first
//! field of the structures 5, 7 and 8 is a number of values.

use super::UploadLimits;

/// Deepest nesting in a header.
const MAX_DEPTH: usize = 8;

/// Sum of the sizes that the pages of a column claim; `None` if one claims too much or a header is malformed.
pub(super) fn claimed(chunk: &[u8], limits: &UploadLimits) -> Option<usize> {
    let mut rest = chunk;
    let mut sum = 0usize;
    while !rest.is_empty() {
        let mut header = Header::default();
        structure(&mut rest, MAX_DEPTH, &mut |path, value| header.note(path, value))?;
        let (packed, unpacked) =
            (usize::try_from(header.packed?).ok()?, usize::try_from(header.unpacked?).ok()?);
        // A dictionary has at most as many values as there are rows; so has a page.
        if unpacked > limits.unpacked || header.values > limits.rows as u64 {
            return None;
        }
        sum = sum.checked_add(unpacked)?;
        rest = rest.get(packed..)?;
    }
    Some(sum)
}

#[derive(Default)]
struct Header {
    packed: Option<i64>,
    unpacked: Option<i64>,
    /// Number of values of the page; a negative number, which no page has, counts as a very large one.
    values: u64,
}

impl Header {
    fn note(&mut self, path: &[i16], value: i64) {
        match path {
            [2] => self.unpacked = Some(value),
            [3] => self.packed = Some(value),
            [5 | 7 | 8, 1] => self.values = self.values.max(u64::try_from(value).unwrap_or(u64::MAX)),
            _ => {}
        }
    }
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let next = byte(rest)?;
        number |= u64::from(next & 0x7f).checked_shl(shift)?;
        if next & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn zigzag(rest: &mut &[u8]) -> Option<i64> {
    let number = varint(rest)?;
    Some((number >> 1) as i64 ^ -((number & 1) as i64))
}

/// Reads a structure and reports every whole number in it with the numbers of the fields that lead to it.
fn structure(rest: &mut &[u8], depth: usize, note: &mut dyn FnMut(&[i16], i64)) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let mut field = 0i16;
    loop {
        let head = byte(rest)?;
        if head == 0 {
            return Some(());
        }
        field = match head >> 4 {
            0 => i16::try_from(zigzag(rest)?).ok()?,
            step => field.checked_add(i16::from(step))?,
        };
        let mut here = |path: &[i16], value| {
            let path: Vec<i16> = [field].into_iter().chain(path.iter().copied()).collect();
            note(&path, value);
        };
        match head & 0x0f {
            // The two truth values have no bytes beside the field's header.
            1 | 2 => {}
            kind => value(rest, kind, depth, &mut here)?,
        }
    }
}

fn value(rest: &mut &[u8], kind: u8, depth: usize, note: &mut dyn FnMut(&[i16], i64)) -> Option<()> {
    match kind {
        1..=3 => drop(byte(rest)?),
        4..=6 => note(&[], zigzag(rest)?),
        7 => *rest = rest.get(8..)?,
        8 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            *rest = rest.get(length..)?;
        }
        9 | 10 => {
            let head = byte(rest)?;
            let count = if head >> 4 == 15 { varint(rest)? } else { u64::from(head >> 4) };
            let depth = depth.checked_sub(1)?;
            for _ in 0..count {
                value(rest, head & 0x0f, depth, &mut |_, _| {})?;
            }
        }
        12 => structure(rest, depth, note)?,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_claim_too_much_are_found() {
        let limits = UploadLimits { unpacked: 1000, rows: 10, ..UploadLimits::default() };
        // Fields 1, 2, 3 as numbers, field 5 as a structure whose first field is a number.
        let page = |unpacked: u8, packed: u8, values: u8| {
            let mut page = vec![0x15, 0, 0x15, unpacked * 2, 0x15, packed * 2, 0x2c, 0x15, values * 2, 0, 0];
            page.extend(vec![0; usize::from(packed)]);
            page
        };
        assert_eq!(claimed(&[page(60, 3, 9), page(5, 5, 1)].concat(), &limits), Some(65));
        assert_eq!(claimed(&page(60, 3, 11), &limits), None, "more values than rows");
        assert_eq!(claimed(&page(60, 3, 9)[..13], &limits), None, "cut short");
        // 2,000 in three bytes of seven bits.
        let large = [0x15, 0, 0x15, 0xa0, 0x1f, 0x15, 0, 0x2c, 0x15, 2, 0, 0];
        assert_eq!(claimed(&large, &limits), None, "larger than allowed");
        assert_eq!(claimed(&large, &UploadLimits { unpacked: 2000, ..limits }), Some(2000));
        assert_eq!(claimed(&[0x1c; 100], &limits), None, "structures without an end");
    }
}
