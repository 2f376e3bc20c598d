//! How near an answer is to its reference, in integers.

use myelin_wire::record::Ppm;

/// Texts are compared up to this many bytes; what lies beyond counts as different.
pub const LIMIT: usize = 512;

/// A text that others are compared with.
pub struct Pattern<'a> {
    text: &'a [u8],
    /// Beyond [`LIMIT`].
    extra: usize,
    counts: Counts,
    /// Where each byte stands, 64 places in a word.
    places: Box<[[u64; LIMIT / 64]; 256]>,
}

impl<'a> Pattern<'a> {
    /// Prepares a text.
    pub fn of(text: &'a [u8]) -> Self {
        let (text, extra) = text.split_at(text.len().min(LIMIT));
        let mut places = Box::new([[0u64; LIMIT / 64]; 256]);
        for (at, byte) in text.iter().enumerate() {
            places[usize::from(*byte)][at / 64] |= 1 << (at % 64);
        }
        Self { text, extra: extra.len(), counts: counts(text), places }
    }

    /// Levenshtein distance in bytes: the least number of insertions, deletions and replacements.
    pub fn distance(&self, other: &[u8]) -> usize {
        let (other, extra) = other.split_at(other.len().min(LIMIT));
        self.column_by_column(other) + self.extra.max(extra.len())
    }

    /// `1 − distance / longer length`, if that is at least `least`; 1 for two empty texts.
    pub fn alike(&self, other: &[u8], least: Ppm) -> Option<Ppm> {
        let longer = (self.text.len() + self.extra).max(other.len()) as u64;
        if longer == 0 {
            return Some(Ppm::ONE);
        }
        let similarity = |distance: usize| Ppm::ratio(longer.saturating_sub(distance as u64), longer);
        let (start, extra) = other.split_at(other.len().min(LIMIT));
        // Every letter that one has more often than the other costs an edit, which is quick to see.
        let (mut more, mut less) = (0usize, 0usize);
        for (one, other) in self.counts.iter().zip(&counts(start)) {
            more += usize::from(one.saturating_sub(*other));
            less += usize::from(other.saturating_sub(*one));
        }
        let at_least = more.max(less) + self.extra.max(extra.len());
        let is_like = |similarity: &Ppm| *similarity >= least;
        Some(similarity(at_least)).filter(is_like)?;
        Some(similarity(self.distance(other))).filter(is_like)
    }

    /// The table of distances between beginnings of both texts, a column of it in a few words: neighbours differ by one at most, so a
    /// column is two sets of bits, where it rises and where it falls (Myers 1999, with the blocks of Hyyrö 2003).
    fn column_by_column(&self, other: &[u8]) -> usize {
        let Some(end) = self.text.len().checked_sub(1) else { return other.len() };
        let blocks = end / 64 + 1;
        let (mut rises, mut falls) = ([u64::MAX; LIMIT / 64], [0u64; LIMIT / 64]);
        let mut distance = self.text.len();
        for byte in other {
            // How the row above the block changes from the last column to this one.
            let (mut up, mut down) = (1, 0);
            for block in 0..blocks {
                let (rise, fall) = (rises[block], falls[block]);
                let same = self.places[usize::from(*byte)][block];
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
        distance
    }
}

/// How often bytes occur, those with the same last six bits together.
type Counts = [u16; 64];

fn counts(text: &[u8]) -> Counts {
    let mut counts = [0; 64];
    for byte in text {
        counts[usize::from(byte % 64)] += 1;
    }
    counts
}

/// [`Pattern::distance`] of two texts.
pub fn distance(a: &[u8], b: &[u8]) -> usize {
    Pattern::of(a).distance(b)
}

/// `1 − distance / longer length`; 1 for two empty texts.
pub fn edit_similarity(a: &[u8], b: &[u8]) -> Ppm {
    Pattern::of(a).alike(b, Ppm::ZERO).unwrap_or_default()
}

/// Length of the common beginning.
pub fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// Start and length of the longest run of bytes of `a` that also occurs in `b`; the first of several.
pub fn longest_common_run(a: &[u8], b: &[u8]) -> (usize, usize) {
    let (a, b) = (&a[..a.len().min(LIMIT)], &b[..b.len().min(LIMIT)]);
    let mut row = vec![0usize; b.len() + 1];
    let (mut start, mut length) = (0, 0);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let run = if x == y { diagonal + 1 } else { 0 };
            diagonal = row[j + 1];
            row[j + 1] = run;
            if run > length {
                (start, length) = (i + 1 - run, run);
            }
        }
    }
    (start, length)
}

/// Part of the text's runs of four bytes that are distinct: near 1 for ordinary text, near 0 for a loop. Texts of
/// under eight bytes have too few runs to tell and count as 1.
pub fn variety(text: &[u8]) -> Ppm {
    let text = &text[..text.len().min(LIMIT)];
    if text.len() < 8 {
        return Ppm::ONE;
    }
    let mut runs: Vec<&[u8]> = text.windows(4).collect();
    let total = runs.len() as u64;
    runs.sort_unstable();
    runs.dedup();
    Ppm::ratio(runs.len() as u64, total)
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
        assert_eq!(longest_common_run(b"xxabcdyy", b"zabcdz"), (2, 4));
        assert_eq!(variety(b"abababababab"), Ppm::ratio(2, 9));
        assert_eq!(variety(b"let total = 0;"), Ppm::ONE);
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
            for (one, other) in [(&a, &b), (&a, &near)] {
                let likeness = edit_similarity(one, other);
                let least = Ppm::new(800_000);
                prop_assert_eq!(Pattern::of(one).alike(other, least), Some(likeness).filter(|one| *one >= least));
            }
        }

        #[test]
        fn distance_is_a_metric(a: Vec<u8>, b: Vec<u8>, c: Vec<u8>) {
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
        }

        #[test]
        fn the_longest_run_is_in_both(a in "[ab]{0,20}", b in "[ab]{0,20}") {
            let (start, length) = longest_common_run(a.as_bytes(), b.as_bytes());
            prop_assert!(b.contains(&a[start..start + length]));
            prop_assert_eq!(length, longest_common_run(b.as_bytes(), a.as_bytes()).1);
            prop_assert!(length >= common_prefix(a.as_bytes(), b.as_bytes()));
        }
    }
}
