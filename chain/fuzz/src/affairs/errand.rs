//! Calls in the name of another account, and calls of root that affect others.

use frame_system::RawOrigin;
use myelin_runtime::{constants::TAO, AccountId, Balances, OriginCaller, Runtime, RuntimeCall};
use myelin_units::{NetUid, TaoBalance};

use super::by_root;
use crate::{cast::Cast, dice::Dice, scene::View};

type Network = pallet_network::Call<Runtime>;
type Utility = pallet_utility::Call<Runtime>;
type Money = pallet_balances::Call<Runtime>;

/// A call that makes sense for any account with a few TAO.
pub fn errand(dice: &mut Dice, view: &View, cast: &Cast) -> RuntimeCall {
    let position = dice.pick(&view.positions).cloned();
    let (hotkey, netuid) =
        position.map_or_else(|| (cast.any_hotkey(dice), 0), |(hotkey, _, netuid)| (hotkey, netuid));
    match dice.below(6) {
        0..=1 => pay(&cast.any_coldkey(dice), TAO / 10),
        2..=3 => Network::add_stake { hotkey, netuid, amount_staked: TaoBalance::from_rao(TAO / 2) }.into(),
        4 => Network::remove_stake_full_limit { hotkey, netuid, limit_price: None }.into(),
        _ => Network::unstake_all { hotkey }.into(),
    }
}

/// A payment after which the payer's account still exists.
pub fn pay(to: &AccountId, value: u64) -> RuntimeCall {
    Money::transfer_keep_alive { dest: to.clone().into(), value }.into()
}

/// A few TAO for an account that nobody has the key of.
pub fn endow(dice: &mut Dice, account: &AccountId) -> RuntimeCall {
    pay(account, (3 + dice.below(20)) * TAO)
}

/// A call with its signer: one that only root may make on accounts, or one in the name of an account that belongs to
/// another.
pub fn forced(dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, RuntimeCall)> {
    let (one, other) = (cast.any_coldkey(dice), cast.any_coldkey(dice));
    let in_name = |account: AccountId| Box::new(OriginCaller::system(RawOrigin::Signed(account)));
    let call = Box::new(errand(dice, view, cast));
    let of_root: RuntimeCall = match dice.below(6) {
        0 => {
            let value = dice.part_of(Balances::free_balance(&one) / 1_000);
            Money::force_transfer { source: one.into(), dest: other.into(), value }.into()
        }
        1 => Utility::dispatch_as { as_origin: in_name(one), call }.into(),
        2 => Utility::dispatch_as_fallible { as_origin: in_name(one), call }.into(),
        3 => {
            let netuid = view.any_subnet(dice);
            Utility::with_weight { call: Box::new(quiet_setting(dice, netuid)), weight: Default::default() }
                .into()
        }
        4 => {
            let index = dice.below(3) as u16;
            let account = pallet_utility::derivative_account_id(one.clone(), index);
            let poor = Balances::free_balance(&account) < TAO;
            let call =
                if poor { endow(dice, &account) } else { Utility::as_derivative { index, call }.into() };
            return Some((one, call));
        }
        _ => {
            let fallback = Box::new(pay(&other, TAO / 100));
            return Some((one, Utility::if_else { main: call, fallback }.into()));
        }
    };
    Some(by_root(cast, of_root))
}

/// A setting of root that does not disable anything.
fn quiet_setting(dice: &mut Dice, netuid: NetUid) -> RuntimeCall {
    pallet_admin_utils::Call::<Runtime>::sudo_set_kappa { netuid, kappa: 20_000 + dice.below(20_000) as u16 }
        .into()
}
