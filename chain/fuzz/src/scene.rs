//! Subject of a call: accounts, a subnet and amounts that belong together in the present state of the chain.

use std::collections::BTreeMap;

use myelin_runtime::{AccountId, Balances, Runtime};
use myelin_units::{NetUid, ROOT};
use pallet_network::{
    pools::PoolReserves, stake::StakeLedger, subnets::SubnetRegistry, AlphaV2, CommitRevealWeightsEnabled,
    Keys, Owner, SubnetOwner, SubnetworkN, ValidatorPermit,
};

use crate::{cast::Cast, dice::Dice};

/// A subnet as stories see it.
#[derive(Clone, Debug, Default)]
pub struct Subnet {
    /// Its hotkeys by uid.
    pub hotkeys: Vec<AccountId>,
    /// Uids with a permit.
    pub permits: Vec<u16>,
    /// Its owner.
    pub owner: Option<AccountId>,
    /// Whether weights must be committed.
    pub commit_reveal: bool,
    /// Price of its alpha, in rao of TAO.
    pub price: u64,
}

/// State of the chain, read once per block.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Subnets.
    pub subnets: BTreeMap<NetUid, Subnet>,
    /// Owner of each hotkey.
    pub owners: BTreeMap<AccountId, AccountId>,
    /// Stake: hotkey, coldkey, subnet.
    pub positions: Vec<(AccountId, AccountId, NetUid)>,
}

impl View {
    /// Reads the chain. Requires externalities.
    pub fn look() -> Self {
        let subnet = |netuid: NetUid| Subnet {
            hotkeys: (0..SubnetworkN::<Runtime>::get(netuid))
                .map(|uid| Keys::<Runtime>::get(netuid, uid))
                .collect(),
            permits: (0..)
                .zip(ValidatorPermit::<Runtime>::get(netuid))
                .filter_map(|(uid, permit)| permit.then_some(uid))
                .collect(),
            owner: SubnetOwner::<Runtime>::try_get(netuid).ok(),
            commit_reveal: CommitRevealWeightsEnabled::<Runtime>::get(netuid),
            price: myelin_economy::pool::price_to_rao(PoolReserves::<Runtime>::spot_price(netuid)),
        };
        let netuids = SubnetRegistry::<Runtime>::netuids();
        Self {
            subnets: netuids.into_iter().map(|netuid| (netuid, subnet(netuid))).collect(),
            owners: Owner::<Runtime>::iter().collect(),
            positions: AlphaV2::<Runtime>::iter_keys().collect(),
        }
    }

    /// Any subnet, root included.
    pub fn any_subnet(&self, dice: &mut Dice) -> NetUid {
        let netuids: Vec<_> = self.subnets.keys().copied().collect();
        dice.pick(&netuids).copied().unwrap_or(ROOT)
    }
}

/// Subject of one call.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The subnet.
    pub netuid: NetUid,
    /// Another subnet.
    pub other_netuid: NetUid,
    /// The hotkey.
    pub hotkey: AccountId,
    /// Another hotkey.
    pub other_hotkey: AccountId,
    /// The owner of the hotkey, or an account with stake on it.
    pub coldkey: AccountId,
    /// Another coldkey.
    pub other_coldkey: AccountId,
    /// The owner of the subnet, if there is one.
    pub owner: Option<AccountId>,
    /// Distinct uids of the subnet.
    pub uids: Vec<u16>,
    /// Alpha of the coldkey on the hotkey, in rao.
    pub stake: u64,
    /// Free TAO of the coldkey, in rao.
    pub free: u64,
    /// Price of the subnet's alpha, in rao of TAO.
    pub price: u64,
    /// Percentage of arguments that are hostile.
    pub hostility: u64,
}

impl Scene {
    /// A situation that mostly makes sense. Requires externalities.
    pub fn draw(dice: &mut Dice, view: &View, cast: &Cast) -> Self {
        let mut netuid = view.any_subnet(dice);
        let mut hotkey = cast.any_hotkey(dice);
        let mut coldkey = cast.any_coldkey(dice);
        let own =
            |hotkey: &AccountId, coldkey: AccountId| view.owners.get(hotkey).cloned().unwrap_or(coldkey);
        match dice.below(10) {
            // Existing stake.
            0..=4 => {
                if let Some((on, of, there)) = dice.pick(&view.positions).cloned() {
                    (hotkey, coldkey, netuid) = (on, of, there);
                }
            }
            // A neuron and its owner.
            5..=7 => {
                let there = view.subnets.get(&netuid).and_then(|subnet| dice.pick(&subnet.hotkeys)).cloned();
                hotkey = there.unwrap_or(hotkey);
                coldkey = own(&hotkey, coldkey);
            }
            8 => coldkey = own(&hotkey, coldkey),
            _ => {}
        }
        let subnet = view.subnets.get(&netuid);
        let hotkeys = subnet.map_or(0, |subnet| subnet.hotkeys.len()) as u64;
        let first = dice.below(hotkeys.max(1));
        let uids =
            (first..hotkeys).take(1 + dice.below(hotkeys.max(1)) as usize).map(|uid| uid as u16).collect();
        Self {
            netuid,
            other_netuid: view.any_subnet(dice),
            other_hotkey: cast.any_hotkey(dice),
            other_coldkey: cast.any_coldkey(dice),
            owner: subnet.and_then(|subnet| subnet.owner.clone()),
            uids,
            stake: StakeLedger::<Runtime>::alpha_of(&hotkey, &coldkey, netuid).to_rao(),
            free: Balances::free_balance(&coldkey),
            price: subnet.map_or(0, |subnet| subnet.price),
            hostility: if dice.chance(25) { 30 } else { 0 },
            hotkey,
            coldkey,
        }
    }
}
