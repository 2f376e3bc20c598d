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

const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;

/// Computes scores of ensembles, with room that it keeps from one to the next.
#[derive(Default)]
pub struct Crps {
    keys: Vec<u32>,
    sorted: Vec<u32>,
}

impl Crps {
    /// `n² · CRPS` of at most [`MOST_MEMBERS`] members, all below [`LARGEST`] in size.
    pub fn scaled(&mut self, members: &[i32], outcome: i32) -> i64 {
        debug_assert!(members.len() <= MOST_MEMBERS);
        let Some(least) = members.iter().copied().min() else { return 0 };
        let count = members.len() as i64;
        let mut distance = 0i64;
        self.keys.clear();
        self.keys.extend(members.iter().map(|member| {
            distance += i64::from(member.abs_diff(outcome));
            member.wrapping_sub(least) as u32
        }));
        self.sort();
        // Moving all members by the same amount leaves the sum as it is.
        let mut spread = 0i64;
        let mut factor = 1 - count;
        for key in &self.keys {
            spread += factor * i64::from(*key);
            factor += 2;
        }
        count * distance - spread
    }

    /// Sorts the keys by their digits, the lowest first.
    fn sort(&mut self) {
        let most = self.keys.iter().copied().max().unwrap_or_default();
        if self.keys.len() < 64 {
            self.keys.sort_unstable();
            return;
        }
        self.sorted.resize(self.keys.len(), 0);
        let mut shift = 0;
        while shift < 32 && most >> shift != 0 {
            let mut places = [0u32; BUCKETS];
            self.keys.iter().for_each(|key| places[(key >> shift) as usize % BUCKETS] += 1);
            let mut next = 0;
            for place in &mut places {
                next += std::mem::replace(place, next);
            }
            for key in &self.keys {
                let place = &mut places[(key >> shift) as usize % BUCKETS];
                self.sorted[*place as usize] = *key;
                *place += 1;
            }
            std::mem::swap(&mut self.keys, &mut self.sorted);
            shift += DIGIT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, pair by pair.
    fn literal(members: &[i32], outcome: i32) -> i64 {
        let each = |one: i32, other: i32| i64::from(one.abs_diff(other));
        let distance: i64 = members.iter().map(|one| each(*one, outcome)).sum();
        let pairs: i64 = members.iter().flat_map(|one| members.iter().map(|other| each(*one, *other))).sum();
        members.len() as i64 * distance - pairs / 2
    }

    #[test]
    fn t() {
        let mut x = 1u64;
        let mut next = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x
        };
        let mut crps = Crps::default();
        for n in 0..300 {
            let width = 1 + next() % (1 << (1 + next() % 31));
            let m: Vec<i32> = (0..n).map(|_| (next() % width) as i32 - (width / 2) as i32).collect();
            let y = (next() % width) as i32 - (width / 2) as i32;
            assert_eq!(crps.scaled(&m, y), literal(&m, y));
        }
    }
}
