//! Miners that were away when a validator asked.
//!
//! Where proof is demanded, a miner that runs commits to a root over the answers that it signed in each epoch, be it
//! over none. A miner that did so before and has no root of an epoch says by its silence that it was away in it. A
//! validator cannot have asked it, so such a miner is excused among those drawn by head.
//!
//! Roots are due in the first half of the next epoch ([`answers_due`]). Before that, silence means nothing, so a
//! validator gains nothing by revealing before the roots are in.
//!
//! Up to [`MOST_ABSENT`] of the drawn heads may lack an answer for any reason. Up to [`MOST_AWAY`] may lack one if at
//! most [`MOST_UNEXCUSED`] of them are not excused ([`may_lack`]). With three instead of two, a validator that asks
//! half of the miners would pass in 16 of 100 draws where a fifth is away. With two it passes in at most 8 of 100,
//! whatever part is away, and in 7 if none is.

use super::MOST_ABSENT;

/// Miners drawn by head that may lack an answer, excused ones included. Where a fifth of the paid miners is away, more
/// of them are drawn in 4 of 1,000 draws.
pub const MOST_AWAY: usize = 6;

/// Miners without an answer and without an excuse where more than [`MOST_ABSENT`] have no answer.
pub const MOST_UNEXCUSED: usize = 2;

/// Epochs before the one of a proof in which a miner must have committed to a root, so that its silence says anything.
/// A miner that goes away before its root of the last epoch is due needs two.
pub const SEEN_WITHIN: u64 = 3;

/// Whether `absent` of the drawn heads may lack an answer, of which `excused` belong to miners that were away.
pub fn may_lack(absent: usize, excused: usize) -> bool {
    let unexcused = absent.saturating_sub(excused);
    absent <= MOST_ABSENT || (absent <= MOST_AWAY && unexcused <= MOST_UNEXCUSED)
}

/// Whether `absent` heads may lack an answer if enough of them are excused, and not otherwise.
pub fn needs_excuse(absent: usize) -> bool {
    !may_lack(absent, 0) && may_lack(absent, absent)
}

/// Whether a miner with roots of these epochs says by silence that it was away in `epoch`, once its root is due.
pub fn says_away(roots: impl IntoIterator<Item = u64>, epoch: u64) -> bool {
    let mut is_known = false;
    for root in roots {
        if root == epoch {
            return false;
        }
        is_known |= root < epoch && epoch - root <= SEEN_WITHIN;
    }
    is_known
}

/// Last block in which a miner may commit to its answers of the epoch that ended when the present one `began`: half of
/// `tempo` blocks later, rounded down.
pub fn answers_due(began: u64, tempo: u16) -> u64 {
    began.saturating_add(u64::from(tempo / 2))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::evidence::{draw_block, BY_HEAD, DRAW_DELAY};

    /// Chance that a draw holds, where of the paid miners a part is excused and a part lacks an answer without excuse.
    fn passes(excused: f64, unexcused: f64) -> f64 {
        let choose = |n: usize, k: usize| (0..k).fold(1.0, |all, i| all * (n - i) as f64 / (i + 1) as f64);
        let there = 1.0 - excused - unexcused;
        let mut sum = 0.0;
        for away in 0..=BY_HEAD {
            for lacking in 0..=BY_HEAD - away {
                if may_lack(away + lacking, away) {
                    let rest = BY_HEAD - away - lacking;
                    sum += choose(BY_HEAD, away)
                        * choose(BY_HEAD - away, lacking)
                        * excused.powi(away as i32)
                        * unexcused.powi(lacking as i32)
                        * there.powi(rest as i32);
                }
            }
        }
        sum
    }

    #[test]
    fn a_fifth_of_the_miners_away_costs_an_honest_validator_less_than_one_proof_of_200() {
        assert!(passes(0.0, 0.0) > 0.999_999);
        assert!(passes(0.2, 0.0) > 0.995);
        assert!(passes(0.15, 0.05) > 0.98, "a quarter of them without an excuse");
        assert!(passes(0.0, 0.05) > 0.997, "without any excuse as before");
    }

    #[test]
    fn whatever_part_is_away_asking_half_of_the_others_passes_in_at_most_8_of_100_draws() {
        for percent in 0..=100 {
            let away = f64::from(percent) / 100.0;
            let chance = passes(away, (1.0 - away) / 2.0);
            assert!(chance < 0.08, "{percent} % away: {chance}");
            // Colluding miners that hide their roots are worth less than colluding miners that sign.
            let signing = passes(0.0, (1.0 - away) / 2.0);
            assert!(chance <= signing, "{percent} % collude: {chance} instead of {signing}");
        }
        assert_eq!(passes(0.0, 1.0), 0.0);
        assert_eq!(passes(1.0, 0.0), 0.0, "nobody was asked, whatever the reason");
    }

    #[test]
    fn a_search_over_parts_asked_and_roots_hidden_finds_nothing_better_than_asking_more() {
        // Budget: 51 × 51 × 51 strategies, in steps of 2 %: a part of the miners is away, of the others a part colludes
        // and hides its roots, and a part of the rest was asked. Excuses help at most by 1 of 100 beyond what a
        // validator with the same answers has if nobody is away.
        let mut best = (0.0, (0, 0, 0));
        for (away, hiding, asked) in
            (0..=50).flat_map(|a| (0..=50).flat_map(move |h| (0..=50).map(move |q| (a, h, q))))
        {
            let part = |steps: i32| f64::from(steps) / 50.0;
            let excused = part(away) + (1.0 - part(away)) * part(hiding);
            let chance = passes(excused, (1.0 - excused) * (1.0 - part(asked)));
            let gain = chance - passes(0.0, 1.0 - part(asked));
            if gain > best.0 {
                best = (gain, (away, hiding, asked));
            }
        }
        assert!(best.0 < 0.01, "{best:?}");
    }

    #[test]
    fn three_may_lack_for_any_reason_and_six_with_excuses() {
        let allowed: Vec<Vec<usize>> = (0..=12)
            .map(|absent| (0..=absent).filter(|excused| may_lack(absent, *excused)).collect())
            .collect();
        assert!((0..=3).all(|absent| allowed[absent].len() == absent + 1));
        assert_eq!(allowed[4], [2, 3, 4]);
        assert_eq!(allowed[5], [3, 4, 5]);
        assert_eq!(allowed[6], [4, 5, 6]);
        assert!((7..=12).all(|absent| allowed[absent].is_empty()));
        let needed: Vec<usize> = (0..=12).filter(|absent| needs_excuse(*absent)).collect();
        assert_eq!(needed, [4, 5, 6]);
    }

    #[test]
    fn only_a_miner_that_committed_shortly_before_is_away_by_silence() {
        assert!(!says_away([], 7), "it never commits");
        assert!(says_away([6], 7) && says_away([4], 7) && !says_away([3], 7), "it stopped long ago");
        assert!(says_away([5, 6, 8], 7), "it came back");
        assert!(!says_away([6, 7], 7) && !says_away([7], 7));
        assert!(!says_away([8, 9], 7), "it is new");
        assert!(!says_away([0], 0) && says_away([0], 1));
    }

    #[test]
    fn a_draw_waits_for_a_turn_of_all_authorities_where_the_tempo_leaves_room() {
        let draw = |tempo, authorities| draw_block(1_000, tempo, authorities, Some(1));
        let turns = [1, 2, 3, 16, 128].map(|authorities| draw(360, authorities));
        assert_eq!(turns, [1_002, 1_002, 1_003, 1_016, 1_016]);
        assert_eq!([10, 20, 63, 64].map(|tempo| draw(tempo, 20)), [1_002, 1_005, 1_015, 1_016]);
        assert_eq!(draw_block(u64::MAX, 360, 20, Some(1)), u64::MAX);
        assert_eq!(draw_block(1_000, 360, 20, Some(1_001)), 1_002, "an epoch that began under the old rules");
    }

    #[test]
    fn roots_are_due_in_the_first_half_of_the_next_epoch() {
        assert_eq!(answers_due(1_000, 360), 1_180);
        assert_eq!(answers_due(1_000, 21), 1_010);
        assert_eq!(answers_due(u64::MAX, 360), u64::MAX);
    }

    proptest! {
        #[test]
        fn roots_are_due_after_the_draw_and_half_an_epoch_follows(
            began in 0u64..1 << 40, tempo in 8u16.., authorities: u32, strict_from: Option<u64>,
        ) {
            let draw = draw_block(began, tempo, authorities, strict_from);
            prop_assert!((began + DRAW_DELAY..=began + 16).contains(&draw));
            prop_assert!(draw <= answers_due(began, tempo));
            if strict_from.is_none_or(|from| from > began) {
                prop_assert_eq!(draw, began + DRAW_DELAY, "as it was before");
            }
        }

        #[test]
        fn another_excuse_never_harms_and_another_missing_answer_never_helps(
            absent in 0usize..=BY_HEAD, excused in 0usize..=BY_HEAD,
        ) {
            let excused = excused.min(absent);
            if may_lack(absent, excused) {
                prop_assert!(may_lack(absent, excused + 1));
                prop_assert!(absent == 0 || may_lack(absent - 1, excused.min(absent - 1)));
            }
        }

        #[test]
        fn a_root_of_the_epoch_is_presence_whatever_else_is_kept(
            roots in proptest::collection::vec(0u64..40, 0..10), epoch in 0u64..40,
        ) {
            let before = roots.iter().any(|root| *root < epoch && *root + SEEN_WITHIN >= epoch);
            let expected = before && !roots.contains(&epoch);
            prop_assert_eq!(says_away(roots, epoch), expected);
        }
    }
}
