//! Comparisons of what miners answered in the round before, for mechanisms that pay [`raters`](super::raters).
//!
//! A subnet notes answers while it judges them ([`LastRound`]), draws pairs of them ([`pair`]) and mixes pairs among
//! them whose better side it knows. A vote is one character, so all votes of a miner are one short text ([`votes`]).

use std::{cmp::Ordering, collections::BTreeSet};

use myelin_wire::{hash::blake2_256, record::Ppm, seed::SeedRng};
use serde::{Deserialize, Serialize};

use super::{
    raters::{Item, Side, MOST_STRATA},
    Ballot,
};

/// Most answers of one miner that are kept of a round.
pub const MOST_OF_ONE: usize = 16;

/// An answer that can be shown to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept<T> {
    /// Where it comes among others: by a hash of what the miner was asked, so no miner chooses it.
    #[serde(default)]
    place: u64,
    /// The author's uid.
    pub uid: u16,
    /// How much of it was right, in millionths.
    pub right: u32,
    /// The part that is shown.
    #[serde(flatten)]
    pub shown: T,
}

impl<T> Kept<T> {
    /// An answer to `asked`, the request in bytes.
    pub fn new(uid: u16, asked: &[u8], right: Ppm, shown: T) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = blake2_256(asked);
        Self { place: u64::from_le_bytes([a, b, c, d, e, f, g, h]), uid, right: right.get(), shown }
    }
}

/// Answers of this round so far, and of the round before. Which ones are kept does not depend on their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRound<T> {
    gathering: Vec<Kept<T>>,
    told: Vec<Kept<T>>,
}

impl<T> Default for LastRound<T> {
    fn default() -> Self {
        Self { gathering: Vec::new(), told: Vec::new() }
    }
}

impl<T: Ord + Clone> LastRound<T> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.gathering.is_empty() && self.told.is_empty()
    }

    /// Notes an answer of this round. At most `most` are kept, and [`MOST_OF_ONE`] of one miner, the first ones by
    /// their places.
    pub fn note(&mut self, answer: Kept<T>, most: usize) {
        let Err(at) = self.gathering.binary_search(&answer) else { return };
        let uid = answer.uid;
        self.gathering.insert(at, answer);
        let mut own = self.gathering.iter().enumerate().filter(|(_, kept)| kept.uid == uid);
        if let Some((last, _)) = own.nth(MOST_OF_ONE) {
            self.gathering.remove(last);
        }
        self.gathering.truncate(most);
    }

    /// Ends a round: what was gathered is compared from now on.
    pub fn turn(&mut self) {
        self.told = std::mem::take(&mut self.gathering);
    }

    /// Answers of the round before in a random order, each content once.
    pub fn shuffled(&self, rng: &mut SeedRng) -> Vec<Kept<T>> {
        let mut seen = BTreeSet::new();
        let mut answers: Vec<Kept<T>> =
            self.told.iter().filter(|kept| seen.insert(&kept.shown)).cloned().collect();
        rng.shuffle(&mut answers);
        answers
    }
}

/// A side of a comparison, with what raters can know of it without judging it.
#[derive(Clone, Debug)]
pub struct Facing<T> {
    /// The part that is shown.
    pub shown: T,
    /// Its length.
    pub length: usize,
    /// How well its author did in the round before, in any unit.
    pub standing: u32,
}

/// A comparison with its sides in a random order, and its item. Of gold, the first of the two is better.
///
/// Raters may know an author by its style, and remember how it scored: that is no judgement of the answer. So length
/// and standing make the stratum.
pub fn pair<T>([one, other]: [Facing<T>; 2], is_gold: bool, rng: &mut SeedRng) -> (T, T, Item) {
    let swapped = rng.below(2) == 1;
    let (first, second) = if swapped { (other, one) } else { (one, other) };
    let better = if swapped { Side::Second } else { Side::First };
    let rank = |order: Ordering| match order {
        Ordering::Less => 0u8,
        Ordering::Equal => 1,
        Ordering::Greater => 2,
    };
    const { assert!(MOST_STRATA > 8) };
    let stratum = 3 * rank(first.length.cmp(&second.length)) + rank(first.standing.cmp(&second.standing));
    (first.shown, second.shown, Item { stratum, truth: is_gold.then_some(better) })
}

/// Votes for the side that costs less; none where the costs are equal or one of them is not known.
pub fn cheaper(costs: impl IntoIterator<Item = [Option<i64>; 2]>) -> String {
    let vote = |costs: [Option<i64>; 2]| match costs {
        [Some(first), Some(second)] if first < second => '1',
        [Some(first), Some(second)] if first > second => '2',
        _ => '-',
    };
    costs.into_iter().map(vote).collect()
}

/// The votes of a text: a character for each comparison, `1`, `2`, or `-` for none. Otherwise what is wrong.
pub fn votes(text: &str, comparisons: usize) -> Result<Vec<Option<Side>>, String> {
    if text.len() != comparisons {
        return Err(format!("{} bytes for {comparisons} comparisons", text.len()));
    }
    let vote = |byte: u8| match byte {
        b'1' => Ok(Some(Side::First)),
        b'2' => Ok(Some(Side::Second)),
        b'-' => Ok(None),
        _ => Err(format!("a vote is 1, 2 or -, and one is byte {byte}")),
    };
    text.bytes().map(vote).collect()
}

/// The part of the gold comparisons on which votes are right.
pub fn right_on_gold(items: &[Item], votes: &[Option<Side>]) -> Ppm {
    let gold = items.iter().zip(votes).filter(|(item, _)| item.truth.is_some());
    let right = gold.clone().filter(|(item, vote)| item.truth == **vote).count();
    Ppm::ratio(right as u64, gold.count() as u64)
}

impl Ballot {
    /// The ballot of a task; votes that are not in form are none.
    pub fn of<'a>(items: &[Item], texts: impl IntoIterator<Item = &'a str>) -> Self {
        let votes = texts.into_iter().map(|text| votes(text, items.len()).unwrap_or_default()).collect();
        Self { items: items.to_vec(), votes }
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;
    use proptest::prelude::*;

    use super::*;

    fn kept(uid: u16, asked: u8) -> Kept<String> {
        Kept::new(uid, &[asked], Ppm::ZERO, format!("{uid} {asked}"))
    }

    #[test]
    fn one_miner_has_few_of_the_answers_and_all_have_room() {
        let mut round = LastRound::default();
        for asked in 0..100 {
            round.note(kept(1, asked), 40);
            round.note(kept(2, asked), 40);
        }
        assert_eq!(round.gathering.len(), 2 * MOST_OF_ONE);
        for uid in 3..100 {
            (0..20).for_each(|asked| round.note(kept(uid, asked), 40));
        }
        assert_eq!(round.gathering.len(), 40);
        assert!(round.told.is_empty() && !round.is_empty());
        round.turn();
        assert_eq!((round.gathering.len(), round.told.len()), (0, 40));
        let json = serde_json::to_string(&LastRound { gathering: Vec::<Kept<()>>::new(), told: Vec::new() });
        assert_eq!(json.unwrap(), r#"{"gathering":[],"told":[]}"#);
    }

    #[test]
    fn votes_are_one_character_each() {
        assert_eq!(votes("1-2", 3).unwrap(), vec![Some(Side::First), None, Some(Side::Second)]);
        for wrong in ["", "12", "1212", "1é"] {
            assert!(votes(wrong, 3).is_err(), "{wrong}");
        }
        assert!(votes("123", 3).unwrap_err().contains("byte 51"));
        assert_eq!(cheaper([[Some(1), Some(2)], [Some(2), Some(1)], [Some(1); 2], [None, Some(1)]]), "12--");
    }

    #[test]
    fn of_gold_the_first_is_better_on_whichever_side_it_is_shown() {
        let side = |shown, length, standing| Facing { shown, length, standing };
        let (mut rng, mut firsts) = (Seed([1; 32]).rng(), 0);
        for _ in 0..200 {
            let (first, second, item) = pair([side('a', 5, 1), side('b', 4, 1)], true, &mut rng);
            let better = if item.truth == Some(Side::First) { first } else { second };
            assert_eq!((better, item.stratum), ('a', if first == 'a' { 7 } else { 1 }));
            firsts += usize::from(first == 'a');
        }
        assert!((70..130).contains(&firsts), "{firsts} of 200");
    }

    proptest! {
        #[test]
        fn the_order_of_answers_changes_nothing(
            answers in prop::collection::vec((0u16..6, 0u8..60), 0..200),
            most in 0usize..50,
            seed in any::<[u8; 32]>(),
        ) {
            let gathered = |answers: &[(u16, u8)]| {
                let mut round = LastRound::default();
                answers.iter().for_each(|(uid, asked)| round.note(kept(*uid, *asked), most));
                round
            };
            let mut other = answers.clone();
            Seed(seed).rng().shuffle(&mut other);
            prop_assert_eq!(gathered(&answers), gathered(&other));
        }
    }
}
