//! A grant: TAO given to the treasury, a promise by root, a claim, and its payment or its end.

use frame_support::traits::Get;
use myelin_governance::grant::Milestone;
use myelin_runtime::{constants::TAO, governance::TreasuryAccount, AccountId, Runtime, System};
use myelin_units::TaoBalance;
use pallet_myelin_governance::{Call, GrantCount, Grants};

use super::{Affair, Turn};
use crate::{cast::Cast, dice::Dice, scene::View};

/// Turns that a grant has at most.
const TURNS: u64 = 30;

/// A recipient and its grant.
pub struct Grant {
    recipient: AccountId,
    grant: Option<u32>,
    turns: u64,
}

impl Grant {
    /// A grant for some coldkey.
    pub fn begin(dice: &mut Dice, cast: &Cast) -> Self {
        Self { recipient: cast.any_coldkey(dice), grant: None, turns: 0 }
    }
}

impl Affair for Grant {
    fn turn(&mut self, dice: &mut Dice, _: &View, cast: &Cast) -> Turn {
        self.turns += 1;
        let amount = TaoBalance::from_rao(1_000 + dice.below(TAO / 100));
        let who = self.recipient.clone();
        let Some(grant) = self.grant else {
            if self.turns == 1 {
                let dest = TreasuryAccount::get().into();
                let gift = pallet_balances::Call::transfer_keep_alive { dest, value: 10 * TAO };
                return Turn::call(cast.any_coldkey(dice), gift);
            }
            if dice.chance(20) {
                return Turn::by_root(cast, Call::spend { to: who, amount });
            }
            self.grant = Some(GrantCount::<Runtime>::get());
            let last = u64::from(System::block_number()) + 20 + dice.below(200);
            let milestone = Milestone { amount, text: [2; 32], last };
            let Ok(milestones) = vec![milestone].try_into() else { return Turn::Over };
            return Turn::by_root(cast, Call::grant { recipient: who, milestones });
        };
        if self.turns > TURNS || Grants::<Runtime>::get(grant).is_none() {
            return Turn::Over;
        }
        match dice.below(8) {
            0..=1 => Turn::call(who, Call::claim { grant, report: [1; 32] }),
            2..=3 => Turn::call(cast.any_coldkey(dice), Call::pay { grant }),
            4 if dice.chance(30) => Turn::by_root(cast, Call::stop_grant { grant }),
            5 if dice.chance(20) => Turn::by_root(cast, Call::open_subnet { owner: who }),
            _ => Turn::Wait,
        }
    }
}
