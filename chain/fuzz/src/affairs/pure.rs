//! An account without a key that one of the coldkeys made, uses, and closes.

use myelin_runtime::{constants::TAO, proxy::ProxyType, AccountId, Balances, Runtime, RuntimeCall, System};
use pallet_proxy::Proxies;

use super::{
    errand::{endow, errand},
    Affair, Turn,
};
use crate::{cast::Cast, dice::Dice, scene::View};

type Call = pallet_proxy::Call<Runtime>;

/// Kind of its proxy: everything is permitted, including its own end.
const KIND: ProxyType = ProxyType::Any;
/// Most transactions of a block that are searched for the one that made it.
const MOST_TRANSACTIONS: u32 = 400;

/// One such account.
pub struct Pure {
    spawner: AccountId,
    index: u16,
    /// Block in which its creation was requested.
    asked: Option<u32>,
}

impl Pure {
    /// A coldkey that wants such an account.
    pub fn begin(dice: &mut Dice, cast: &Cast) -> Self {
        Self { spawner: cast.any_coldkey(dice), index: dice.below(1_000) as u16, asked: None }
    }

    /// The account, with the block and the transaction that made it. A full block may have put it off to the next one.
    fn find(&self, asked: u32) -> Option<(AccountId, u32, u32)> {
        let spots = (asked..asked + 2).flat_map(|at| (0..MOST_TRANSACTIONS).map(move |i| (at, i)));
        let account = |spot| {
            pallet_proxy::Pallet::<Runtime>::pure_account(&self.spawner, &KIND, self.index, Some(spot))
        };
        let mut all = spots.map(|spot| (account(spot), spot.0, spot.1));
        all.find(|(account, _, _)| Proxies::<Runtime>::contains_key(account))
    }
}

impl Affair for Pure {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        let (spawner, index) = (self.spawner.clone(), self.index);
        let Some(asked) = self.asked else {
            self.asked = Some(System::block_number());
            return Turn::call(spawner, Call::create_pure { proxy_type: KIND, delay: 0, index });
        };
        let Some((account, height, ext_index)) = self.find(asked) else { return Turn::Over };
        if Balances::free_balance(&account) < TAO && dice.chance(50) {
            return Turn::call(spawner, endow(dice, &account));
        }
        let call: RuntimeCall = if dice.chance(25) {
            let spawner = spawner.clone().into();
            Call::kill_pure { spawner, proxy_type: KIND, index, height, ext_index }.into()
        } else {
            errand(dice, view, cast)
        };
        let call = Call::proxy { real: account.into(), force_proxy_type: None, call: Box::new(call) };
        Turn::call(spawner, call)
    }
}
