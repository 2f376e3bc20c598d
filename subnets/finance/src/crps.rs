//! The continuous ranked probability score (CRPS) of an ensemble, in whole numbers.
//!
//! For members `x₁ … xₙ` and an outcome `y`: `CRPS = mean |xᵢ − y| − ½ mean |xᵢ − xⱼ|` (Gneiting and Raftery 2007,
//! section 4.2, with the empirical distribution of the members). With sorted members the second sum is
//! `Σ (2i − n − 1) x₍ᵢ₎`, so `n² · CRPS = n Σ |xᵢ − y| − Σ (2i − n − 1) x₍ᵢ₎` is a whole number. The smaller, the
//! better; who reports the distribution that it believes in expects the smallest.

/// Most members of an ensemble.
pub const MOST_MEMBERS: usize = 4096;
/// Members and outcomes lie strictly between the negative of this and this.
pub const LARGEST: i32 = 1 << 30;

/// Ensembles that are scored at once.
const LANES: usize = 16;
/// The members of so many ensembles, one of each, less their outcomes.
type Row = [i16; LANES];

/// Computes scores of ensembles, with room that it keeps from one to the next.
#[derive(Default)]
pub struct Crps {
    sorted: Vec<i32>,
    lanes: Vec<Row>,
}

impl Crps {
    /// `n² · CRPS` of at most [`MOST_MEMBERS`] members, all below [`LARGEST`] in size.
    pub fn scaled(&mut self, members: &[i32], outcome: i32) -> i64 {
        let spread = self.spread(members);
        members.len() as i64 * distance(members, outcome) - spread
    }

    /// The same members against several outcomes.
    pub fn of_outcomes(&mut self, members: &[i32], outcomes: &[i32]) -> Vec<i64> {
        let spread = self.spread(members);
        let count = members.len() as i64;
        outcomes.iter().map(|outcome| count * distance(members, *outcome) - spread).collect()
    }

    /// Several ensembles of the same size: each row has one member of each, and `outcomes` has their outcomes.
    pub fn of_columns(&mut self, rows: &[Vec<i32>], outcomes: &[i32]) -> Vec<i64> {
        let mut scores = Vec::with_capacity(outcomes.len());
        for (from, outcomes) in (0..).step_by(LANES).zip(outcomes.chunks(LANES)) {
            let lanes = of_lanes(&mut self.lanes, rows, from, outcomes);
            for (lane, outcome) in outcomes.iter().enumerate() {
                scores.push(lanes[lane].unwrap_or_else(|| {
                    let members: Vec<i32> = rows.iter().map(|row| row[from + lane]).collect();
                    self.scaled(&members, *outcome)
                }));
            }
        }
        scores
    }

    /// `Σ (2i − n − 1) x₍ᵢ₎`, which moving all members by the same amount leaves as it is.
    fn spread(&mut self, members: &[i32]) -> i64 {
        debug_assert!(members.len() <= MOST_MEMBERS);
        self.sorted.clear();
        self.sorted.extend_from_slice(members);
        self.sorted.sort_unstable();
        let first = 1 - members.len() as i64;
        (0..).zip(&self.sorted).map(|(at, member)| (first + 2 * at) * i64::from(*member)).sum()
    }
}

/// `Σ |xᵢ − y|`.
fn distance(members: &[i32], outcome: i32) -> i64 {
    members.iter().map(|member| i64::from(member.abs_diff(outcome))).sum()
}

/// `n² · CRPS` of the ensembles from one on; none where a difference does not fit 16 bits.
fn of_lanes(lanes: &mut Vec<Row>, rows: &[Vec<i32>], from: usize, outcomes: &[i32]) -> [Option<i64>; LANES] {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn wide(
            lanes: &mut Vec<Row>,
            rows: &[Vec<i32>],
            from: usize,
            outcomes: &[i32],
        ) -> [Option<i64>; LANES] {
            of_lanes_anywhere(lanes, rows, from, outcomes)
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { wide(lanes, rows, from, outcomes) };
        }
    }
    of_lanes_anywhere(lanes, rows, from, outcomes)
}

#[inline(always)]
fn of_lanes_anywhere(
    lanes: &mut Vec<Row>,
    rows: &[Vec<i32>],
    from: usize,
    outcomes: &[i32],
) -> [Option<i64>; LANES] {
    let padded = |values: &[i32]| -> [i32; LANES] {
        values
            .try_into()
            .unwrap_or_else(|_| std::array::from_fn(|lane| values.get(lane).copied().unwrap_or(0)))
    };
    let until = from + outcomes.len();
    let outcomes = padded(outcomes);
    let mut beyond = [0i32; LANES];
    lanes.clear();
    lanes.extend(rows.iter().map(|row| {
        let members = padded(&row[from..until]);
        let mut small = [0i16; LANES];
        for lane in 0..LANES {
            let moved = members[lane].wrapping_sub(outcomes[lane]);
            small[lane] = moved as i16;
            beyond[lane] |= moved ^ i32::from(moved as i16);
        }
        small
    }));
    // The network sorts powers of two. What fills them up comes last.
    lanes.resize(rows.len().next_power_of_two(), [i16::MAX; LANES]);
    sort(lanes);
    let sorted = &lanes[..rows.len()];
    let (mut distances, mut spreads) = ([0i32; LANES], [0i64; LANES]);
    for (at, (low, high)) in sorted.iter().zip(sorted.iter().rev()).take(rows.len().div_ceil(2)).enumerate() {
        // The two members that are as far from the middle have opposite factors; the one in the middle has none.
        let factor = (rows.len() - 1 - 2 * at) as i32;
        let twice = i32::from(factor != 0);
        for lane in 0..LANES {
            // At most 4096 members of 16 bits: nothing wraps. Checks would keep lanes from being computed at once.
            let (low, high) = (i32::from(low[lane]), i32::from(high[lane]));
            let both = low.wrapping_abs().wrapping_add(twice.wrapping_mul(high.wrapping_abs()));
            distances[lane] = distances[lane].wrapping_add(both);
            let spread = factor.wrapping_mul(high.wrapping_sub(low));
            spreads[lane] = spreads[lane].wrapping_add(i64::from(spread));
        }
    }
    let score = |lane: usize| rows.len() as i64 * i64::from(distances[lane]) - spreads[lane];
    std::array::from_fn(|lane| (beyond[lane] == 0).then(|| score(lane)))
}

/// Sorts each lane by the odd-even merge of Batcher 1968, whose comparisons do not depend on the values. The number of
/// rows is a power of two.
#[inline(always)]
fn sort(rows: &mut [Row]) {
    let mut half = 1;
    while half < rows.len() {
        for block in rows.chunks_exact_mut(2 * half) {
            let (lower, upper) = block.split_at_mut(half);
            order(lower, upper);
            let mut apart = half / 2;
            while apart > 0 {
                for two in block[apart..2 * half - apart].chunks_exact_mut(2 * apart) {
                    let (lower, upper) = two.split_at_mut(apart);
                    order(lower, upper);
                }
                apart /= 2;
            }
        }
        half *= 2;
    }
}

/// Puts the smaller of each two into the lower rows.
#[inline(always)]
fn order(lower: &mut [Row], upper: &mut [Row]) {
    for (lower, upper) in lower.iter_mut().zip(upper) {
        for (low, high) in lower.iter_mut().zip(upper) {
            (*low, *high) = ((*low).min(*high), (*low).max(*high));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, pair by pair.
    fn literal(members: &[i32], outcome: i32) -> i64 {
        let each = |one: i32, other: i32| i64::from(one.abs_diff(other));
        let pairs: i64 = members.iter().flat_map(|one| members.iter().map(|other| each(*one, *other))).sum();
        members.len() as i64 * distance(members, outcome) - pairs / 2
    }

    prop_compose! {
        /// Rows of members and their outcomes: small, large, and around the limit of 16 bits.
        fn ensembles()(width in prop::sample::select(vec![2, 300, 32_767, 32_768, 40_000, LARGEST]))(
            rows in (0usize..40).prop_flat_map(move |columns| {
                prop::collection::vec(prop::collection::vec(1 - width..width, columns), 1..150)
            }),
        ) -> Vec<Vec<i32>> {
            rows
        }
    }

    proptest! {
        #[test]
        fn every_way_is_the_definition(rows in ensembles()) {
            let (outcomes, rows) = rows.split_last().unwrap();
            let mut crps = Crps::default();
            let found = crps.of_columns(rows, outcomes);
            prop_assert_eq!(found.len(), outcomes.len());
            for (column, outcome) in outcomes.iter().enumerate() {
                let members: Vec<i32> = rows.iter().map(|row| row[column]).collect();
                let right = literal(&members, *outcome);
                prop_assert_eq!(found[column], right);
                prop_assert_eq!(crps.scaled(&members, *outcome), right);
                let both = [right, literal(&members, outcomes[0])];
                prop_assert_eq!(crps.of_outcomes(&members, &[*outcome, outcomes[0]]), both);
            }
        }
    }

    #[test]
    fn the_largest_ensemble_has_room() {
        let rows: Vec<Vec<i32>> =
            (0..MOST_MEMBERS).map(|at| vec![if at % 2 == 0 { 32_767 } else { -32_768 }; 3]).collect();
        let members: Vec<i32> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(Crps::default().of_columns(&rows, &[0, 0, 0]), [literal(&members, 0); 3]);
    }
}
