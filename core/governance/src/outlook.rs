//! Blocks ahead of a referendum, if its votes stay as they are: for people.

use myelin_economy::profile::Profile;
use myelin_units::{Block, PerBillion};

use crate::{
    deciding::Deciding,
    tally::Tally,
    track::{days, Track},
};

/// Blocks that are tried before and after a computed one, because the curves round.
const TRIED: u64 = 4;

/// Blocks ahead of a referendum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// First block of the decision; the earliest one while it has not begun.
    pub begins: Block,
    /// End of the decision period.
    pub ends: Block,
    /// First block from now on in which it passes; `None` if these votes never suffice.
    pub passes: Option<Block>,
    /// End of the confirmation after it.
    pub approved: Option<Block>,
    /// Earliest block of its enactment.
    pub enacted: Option<Block>,
}

impl Outlook {
    /// The outlook of an open referendum in block `now`. A referendum that waits for its deposit or for a place on its
    /// track is treated as if it got both now.
    pub fn of(
        track: &Track,
        profile: &Profile,
        tally: &Tally,
        submitted: Block,
        deciding: Option<Deciding>,
        now: Block,
    ) -> Self {
        let prepared = submitted.saturating_add(days(track.prepare, profile));
        let deciding = deciding.unwrap_or(Deciding::begin(prepared.max(now.saturating_add(1))));
        let begins = deciding.since;
        let ends = begins.saturating_add(days(track.decision, profile));
        let passes =
            first_passing(deciding, track, profile, tally, now).filter(|block| *block <= ends.max(now));
        let approved = passes.map(|block| match deciding.confirming {
            Some(end) if block <= now => end.max(now),
            _ => block.saturating_add(days(track.confirm, profile)),
        });
        let enacted = approved.map(|block| block.saturating_add(days(track.enactment, profile).max(1)));
        Self { begins, ends, passes, approved, enacted }
    }
}

/// First block from `now` and from the beginning on in which the tally suffices.
fn first_passing(
    deciding: Deciding,
    track: &Track,
    profile: &Profile,
    tally: &Tally,
    now: Block,
) -> Option<Block> {
    let approval = track.approval.first_passing(tally.approval())?;
    let support = track.support.first_passing(tally.support())?;
    let time = u64::from(approval.max(support).parts());
    let one = u64::from(PerBillion::ONE.parts());
    let passed = days(track.decision, profile).saturating_mul(time).div_ceil(one);
    let from = |blocks: u64| deciding.since.saturating_add(blocks).max(now);
    (from(passed.saturating_sub(TRIED))..=from(passed).saturating_add(TRIED))
        .find(|block| deciding.passes(track, profile, tally, *block))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        deciding::Progress,
        track::{Kind, TRACKS},
    };

    const CHAIN: Profile = Profile::PRODUCTION;
    const DAY: u64 = 7_200;

    /// A tally of this much for and against, in percent of the electorate.
    fn tally(aye: u128, nay: u128) -> Tally {
        Tally { ayes: aye * 2, nays: nay * 2, support: aye, electorate: 100, noted: 0 }
    }

    fn upgrade(tally: &Tally, deciding: Option<Deciding>, day: u64) -> Outlook {
        Outlook::of(Track::of(Kind::Upgrade), &CHAIN, tally, 0, deciding, day * DAY)
    }

    #[test]
    fn a_referendum_with_all_votes_passes_as_soon_as_it_can() {
        let whole = upgrade(&tally(100, 0), None, 0);
        let (begins, ends) = (2 * DAY, 30 * DAY);
        let expected =
            Outlook { begins, ends, passes: Some(begins), approved: Some(9 * DAY), enacted: Some(16 * DAY) };
        assert_eq!(whole, expected);
        // After the preparation it begins in the next block.
        assert_eq!(upgrade(&tally(100, 0), None, 5).begins, 5 * DAY + 1);
        let confirming = Deciding { since: begins, confirming: Some(9 * DAY) };
        assert_eq!(upgrade(&tally(100, 0), Some(confirming), 4).approved, Some(9 * DAY));
    }

    #[test]
    fn too_few_votes_never_pass() {
        for few in [tally(33, 0), tally(40, 40), Tally::new(100, 0)] {
            let outlook = upgrade(&few, None, 0);
            assert_eq!((outlook.passes, outlook.approved, outlook.enacted), (None, None, None), "{few:?}");
        }
        let begun = Some(Deciding::begin(2 * DAY));
        assert_eq!(upgrade(&tally(33, 0), begun, 31).passes, None, "it is over");
    }

    proptest! {
        /// The stock pallet's rule, block by block, arrives at the block that the outlook names.
        #[test]
        fn the_outlook_is_the_course_of_the_decision(
            aye in 0..100_u128, nay in 0..100_u128, row in 0..TRACKS.len(), now in 0..40_u64,
        ) {
            let (track, chain) = (&TRACKS[row], Profile::FAST);
            let tally = tally(aye, nay * (100 - aye) / 100);
            let mut deciding = Deciding::begin(days(track.prepare, &chain));
            let start = now.max(deciding.since);
            let outlook = Outlook::of(track, &chain, &tally, 0, Some(deciding), start);
            let mut approved = None;
            for block in start..start + 400 {
                match deciding.next(track, &chain, &tally, block) {
                    Progress::Open(next) => deciding = next,
                    Progress::Approved => approved = Some(block),
                    Progress::Rejected => {}
                }
                if approved.is_some() || block > outlook.ends + days(track.confirm, &chain) {
                    break;
                }
            }
            let in_time = start <= outlook.ends;
            prop_assert_eq!(outlook.approved.filter(|_| in_time), approved.filter(|_| in_time));
        }

        /// Votes that suffice at the end of the decision suffice from one block on, and the outlook names it.
        #[test]
        fn the_outlook_names_the_first_block_that_passes(
            aye in 0..1_000_000_u128, nay in 0..1_000_000_u128, row in 0..TRACKS.len(), now in 0..30_u64,
        ) {
            let track = &TRACKS[row];
            let nays = nay * (1_000_000 - aye) / 1_000_000;
            let tally = Tally { ayes: aye, nays, support: aye, electorate: 1_000_000, noted: 0 };
            let deciding = Deciding::begin(days(track.prepare, &CHAIN));
            let now = now * DAY;
            let outlook = Outlook::of(track, &CHAIN, &tally, 0, Some(deciding), now);
            let passes = |block| deciding.passes(track, &CHAIN, &tally, block);
            match outlook.passes {
                Some(first) => {
                    prop_assert!(passes(first));
                    prop_assert!(first == now.max(deciding.since) || !passes(first - 1));
                }
                None => prop_assert!(now > outlook.ends || !passes(outlook.ends)),
            }
        }
    }
}
