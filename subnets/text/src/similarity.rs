//! How near an answer is to its reference, in integers.

use myelin_wire::record::Ppm;

/// Texts are compared up to this many bytes; what lies beyond counts as different.
pub const LIMIT: usize = 512;

/// Levenshtein distance in bytes: the least number of insertions, deletions and replacements.
pub fn distance(a: &[u8], b: &[u8]) -> usize {
    let (a, extra_a) = a.split_at(a.len().min(LIMIT));
    let (b, extra_b) = b.split_at(b.len().min(LIMIT));
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
    row[b.len()] + extra_a.len().max(extra_b.len())
}

/// `1 − distance / longer length`; 1 for two empty texts.
pub fn edit_similarity(a: &[u8], b: &[u8]) -> Ppm {
    let longer = a.len().max(b.len()) as u64;
    if longer == 0 {
        return Ppm::ONE;
    }
    Ppm::ratio(longer.saturating_sub(distance(a, b) as u64), longer)
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

    proptest! {
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
