//! A referendum that passes: the rich lock most of their TAO and vote for it; the committee delays it, and its deposits
//! come back.

use myelin_governance::{Asset, Kind, Multiplier};
use myelin_runtime::{AccountId, Balances, Runtime, RuntimeCall};
use pallet_myelin_governance::{Call, Committee};
use pallet_referenda::{Call as Referenda, ReferendumCount, ReferendumInfo, ReferendumInfoFor};

use super::{
    poll::{enacting, lock_most, submission, RICH},
    Affair, Turn,
};
use crate::{cast::Cast, dice::Dice, scene::View};

/// Turns after the votes.
const PATIENCE: usize = 60;

/// The rich, and their referendum.
pub struct Passage {
    rich: Vec<AccountId>,
    poll: u32,
    turns: usize,
}

impl Passage {
    /// A referendum of those coldkeys that have most of the TAO.
    pub fn begin(cast: &Cast) -> Self {
        let rich = cast.coldkeys().iter().take(RICH as usize).map(|actor| actor.id.clone()).collect();
        Self { rich, poll: 0, turns: 0 }
    }

    fn submit(&self) -> Option<RuntimeCall> {
        let limit = pallet_admin_utils::Call::sudo_set_subnet_limit { max_subnets: 5 };
        submission(Kind::Parameters.id(), &enacting(limit), 0)
    }

    /// Steps after the votes, by the state of the referendum.
    fn follow(&self, dice: &mut Dice, cast: &Cast, first: &AccountId) -> Turn {
        let (poll, index) = (self.poll, self.poll);
        match ReferendumInfoFor::<Runtime>::get(index) {
            Some(ReferendumInfo::Ongoing(_)) => Turn::Wait,
            Some(ReferendumInfo::Approved(..)) => match (dice.below(4), Committee::<Runtime>::get()) {
                (0, _) => Turn::call(first.clone(), Referenda::refund_submission_deposit { index }),
                (1, _) => Turn::call(first.clone(), Referenda::refund_decision_deposit { index }),
                (_, Some(committee)) => {
                    Turn::call(committee, Call::delay { poll, blocks: 1 + dice.below(35) })
                }
                (_, None) => Turn::by_root(cast, Call::set_committee { committee: Some(first.clone()) }),
            },
            _ => Turn::Over,
        }
    }
}

impl Affair for Passage {
    fn turn(&mut self, dice: &mut Dice, _: &View, cast: &Cast) -> Turn {
        let at = self.turns;
        self.turns += 1;
        let count = self.rich.len();
        let Some(first) = self.rich.first().cloned() else { return Turn::Over };
        match at.checked_sub(count) {
            None => {
                let who = &self.rich[at];
                Turn::call(who.clone(), lock_most(who, Asset::Free, Balances::free_balance(who)))
            }
            Some(0) => {
                self.poll = ReferendumCount::<Runtime>::get();
                self.submit().map_or(Turn::Over, |call| Turn::call(first, call))
            }
            Some(1) => Turn::call(first, Referenda::place_decision_deposit { index: self.poll }),
            Some(step) if step - 2 < count => {
                let vote = Call::vote { poll: self.poll, aye: true, multiplier: Multiplier::One };
                Turn::call(self.rich[step - 2].clone(), vote)
            }
            Some(step) if step < PATIENCE => self.follow(dice, cast, &first),
            Some(_) => Turn::Over,
        }
    }
}
