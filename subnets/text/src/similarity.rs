//! How near an answer is to its reference, in integers.

use myelin_wire::record::Ppm;

/// Most bytes of a text that are compared; bytes beyond them count as different.
pub const LIMIT: usize = 512;

/// Levenshtein distance in bytes: the least number of insertions, deletions and replacements.
///
/// Computes the table of distances between beginnings of both texts, a column of it in a few words. Neighbours differ
/// by one at most, so two sets of bits hold a column: the places where it rises, and those where it falls (Myers 1999,
/// with the blocks of Hyyrö 2003).
pub fn distance(a: &[u8], b: &[u8]) -> usize {
    let ((a, beyond), (b, other)) = (a.split_at(a.len().min(LIMIT)), b.split_at(b.len().min(LIMIT)));
    let extra = beyond.len().max(other.len());
    let Some(end) = a.len().checked_sub(1) else { return b.len() + extra };
    // Positions of each byte, 64 of them in a word.
    let mut places = [[0u64; LIMIT / 64]; 256];
    for (at, byte) in a.iter().enumerate() {
        places[usize::from(*byte)][at / 64] |= 1 << (at % 64);
    }
    let blocks = end / 64 + 1;
    let (mut rises, mut falls) = ([u64::MAX; LIMIT / 64], [0u64; LIMIT / 64]);
    let mut distance = a.len();
    for byte in b {
        // Change of the row above the block from the last column to this one.
        let (mut up, mut down) = (1, 0);
        for block in 0..blocks {
            let (rise, fall) = (rises[block], falls[block]);
            let same = places[usize::from(*byte)][block];
            let vertical = same | fall;
            let same = same | down;
            let diagonal = ((same & rise).wrapping_add(rise) ^ rise) | same;
            let (more, less) = (fall | !(diagonal | rise), rise & diagonal);
            let last = if block + 1 == blocks { end % 64 } else { 63 };
            let (shifted_more, shifted_less) = (more << 1 | up, less << 1 | down);
            (rises[block], falls[block]) =
                (shifted_less | !(vertical | shifted_more), shifted_more & vertical);
            (up, down) = (more >> last & 1, less >> last & 1);
        }
        distance = distance + up as usize - down as usize;
    }
    distance + extra
}

/// `1 − distance / longer length`; 1 for two empty texts.
pub fn edit_similarity(a: &[u8], b: &[u8]) -> Ppm {
    let longer = a.len().max(b.len()) as u64;
    match longer {
        0 => Ppm::ONE,
        _ => Ppm::ratio(longer.saturating_sub(distance(a, b) as u64), longer),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_distances() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(edit_similarity(b"abcd", b"abcx"), Ppm::new(750_000));
        assert_eq!(edit_similarity(b"", b""), Ppm::ONE);
    }

    /// The whole table, cell by cell.
    fn literal(a: &[u8], b: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let replaced = diagonal + usize::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_the_whole_table(
            a in prop::collection::vec(0u8..4, 0..300),
            b in prop::collection::vec(0u8..4, 0..300),
            edits in prop::collection::vec((0usize..300, 0u8..4), 0..20),
        ) {
            prop_assert_eq!(distance(&a, &b), literal(&a, &b));
            let mut near = a.clone();
            for (at, byte) in edits.into_iter().filter(|(at, _)| *at < a.len()) {
                near[at] = byte;
            }
            prop_assert_eq!(distance(&a, &near), literal(&a, &near));
        }

        #[test]
        fn distance_is_a_metric(a: Vec<u8>, b: Vec<u8>, c: Vec<u8>) {
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
        }
    }
}
