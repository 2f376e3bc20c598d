//! Ownership: no call of one actor makes another one poorer or takes its keys.
//!
//! Sums over all accounts cannot see a rao that moved from one to another. So after each call the TAO of every other
//! actor, its alpha on every existing subnet, its hotkeys and its subnets must be the same as before, or more. Four
//! kinds of calls are left out because they are meant to do this: calls of the sudo key, calls made in another's name,
//! reports of miners that answered twice, and collections of lost deposits.

use std::collections::BTreeMap;

use frame_support::traits::GetCallMetadata;
use myelin_economy::shares::SharePool;
use myelin_runtime::{AccountId, Runtime, RuntimeCall};
use myelin_units::NetUid;
use pallet_network::{
    invariants::Violation, subnets::SubnetRegistry, AlphaV2, Owner, SubnetOwner, TotalHotkeyAlpha,
    TotalHotkeySharesV2,
};

use crate::cast::Cast;

/// Pallets whose calls act for an account other than the signer.
const FOR_OTHERS: [&str; 4] = ["Sudo", "Proxy", "Multisig", "Utility"];

/// Alpha of a coldkey on a subnet.
#[derive(Clone, Copy, Default)]
struct Held {
    rao: u64,
    /// Number of hotkeys with its alpha. Each holding is worth whole rao, and may lose the one that it is rounded by.
    holdings: u64,
}

/// Belongings of all accounts.
pub struct Wealth {
    tao: BTreeMap<AccountId, u64>,
    alpha: BTreeMap<(NetUid, AccountId), Held>,
    hotkeys: BTreeMap<AccountId, AccountId>,
    subnets: BTreeMap<NetUid, AccountId>,
}

/// Whether a call is made by its signer, for itself. A report is not: it takes collateral from the miner that it names.
/// Nor is a collection, which takes the deposits that others lost with a referendum.
pub fn is_own(call: &RuntimeCall) -> bool {
    let takes = matches!(
        call,
        RuntimeCall::Collateral(pallet_myelin_collateral::Call::report { .. })
            | RuntimeCall::Governance(pallet_myelin_governance::Call::collect { .. })
    );
    !takes && !FOR_OTHERS.contains(&call.get_call_metadata().pallet_name)
}

impl Wealth {
    /// Measures the belongings. Requires externalities.
    pub fn measure() -> Self {
        let mut pools: BTreeMap<(AccountId, NetUid), SharePool> = BTreeMap::new();
        for (hotkey, netuid, value) in TotalHotkeyAlpha::<Runtime>::iter() {
            let shares = TotalHotkeySharesV2::<Runtime>::get(&hotkey, netuid);
            pools.insert((hotkey, netuid), SharePool { value, shares });
        }
        let mut alpha: BTreeMap<_, Held> = BTreeMap::new();
        for ((hotkey, coldkey, netuid), shares) in AlphaV2::<Runtime>::iter() {
            let Some(pool) = pools.get(&(hotkey, netuid)) else { continue };
            let held = alpha.entry((netuid, coldkey)).or_default();
            held.rao += pool.value_of(&shares).to_rao();
            held.holdings += 1;
        }
        let accounts = frame_system::Account::<Runtime>::iter();
        Self {
            tao: accounts.map(|(who, account)| (who, account.data.free + account.data.reserved)).collect(),
            alpha,
            hotkeys: Owner::<Runtime>::iter().collect(),
            subnets: SubnetOwner::<Runtime>::iter().collect(),
        }
    }

    /// Whether every actor other than the signer has at least as much as before. Requires externalities.
    pub fn unharmed(&self, before: &Self, cast: &Cast, signer: &AccountId) -> Result<(), Violation> {
        let other = |who: &&AccountId| *who != signer && cast.index(who).is_some();
        let harm = |found: String| Violation { rule: "a call makes nobody else poorer", found };
        for (who, had) in before.tao.iter().filter(|(who, _)| other(who)) {
            let has = self.tao.get(who).copied().unwrap_or_default();
            if has < *had {
                return Err(harm(format!(
                    "{who:?} had {had} rao of TAO and has {has}, by a call of {signer:?}"
                )));
            }
        }
        // The alpha of a removed subnet becomes claims.
        let there = |netuid: &NetUid| SubnetRegistry::<Runtime>::exists(*netuid);
        for (place, had) in before.alpha.iter().filter(|((netuid, who), _)| other(&who) && there(netuid)) {
            let has = self.alpha.get(place).copied().unwrap_or_default().rao;
            if has + had.holdings < had.rao {
                let found =
                    format!("{place:?} had {} rao of alpha and has {has}, by a call of {signer:?}", had.rao);
                return Err(harm(found));
            }
        }
        let lost_hotkey = before
            .hotkeys
            .iter()
            .find(|(hotkey, owner)| other(owner) && self.hotkeys.get(hotkey) != Some(owner));
        let lost_subnet = before
            .subnets
            .iter()
            .find(|(netuid, owner)| other(owner) && there(netuid) && self.subnets.get(netuid) != Some(owner));
        if lost_hotkey.is_some() || lost_subnet.is_some() {
            return Err(harm(format!("{lost_hotkey:?} or {lost_subnet:?} is lost by a call of {signer:?}")));
        }
        Ok(())
    }
}
