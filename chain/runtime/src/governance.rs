//! The runtime's part of governance: the treasury's account, and a look at proposals.
//!
//! | module | concept |
//! |---|---|
//! | `preimages` | the limit of what the schedule decodes |
//! | `schedule` | room in the schedule |

mod preimages;
mod schedule;

use codec::{Decode, Encode};
use frame_support::traits::{schedule::DispatchTime, Currency, Get, GetCallMetadata, OnUnbalanced};
use myelin_economy::profile::Profile;
use myelin_governance::{calls::names_subnet, grant::treasury_account};
use myelin_units::NetUid;
use pallet_myelin_governance::{Inspect, Origin};
use pallet_network::{ledger::TaoLedger, subnets::SubnetRegistry};

pub use preimages::ShallowPreimages;
pub use schedule::Schedule;

use crate::{closed, AccountId, Balances, BlockNumber, OriginCaller, Runtime, RuntimeCall};

/// The account of the treasury; nobody has its key.
pub struct TreasuryAccount;

impl Get<AccountId> for TreasuryAccount {
    fn get() -> AccountId {
        treasury_account().into()
    }
}

/// Whether an account is one of the network's: nobody has its key, and no call takes from it but those that name it.
pub fn is_networks(who: &AccountId) -> bool {
    TaoLedger::<Runtime>::is_own(who) || *who == TreasuryAccount::get()
}

/// Deposits that are lost go to the treasury.
pub struct ToTreasury;

impl OnUnbalanced<pallet_balances::NegativeImbalance<Runtime>> for ToTreasury {
    fn on_nonzero_unbalanced(lost: pallet_balances::NegativeImbalance<Runtime>) {
        Balances::resolve_creating(&TreasuryAccount::get(), lost);
    }
}

/// The pace of the chain.
pub struct Pace;

impl Get<Profile> for Pace {
    fn get() -> Profile {
        SubnetRegistry::<Runtime>::profile()
    }
}

/// Whether a referendum may ask for this moment of its enactment: a number of blocks after its approval, at most that
/// of its track.
pub fn may_wait(origin: &OriginCaller, moment: &DispatchTime<BlockNumber>) -> bool {
    let longest = match origin {
        OriginCaller::Governance(Origin(track)) => track.longest_wait(&Pace::get()),
        // Nobody submits for another origin.
        _ => 0,
    };
    matches!(moment, DispatchTime::After(blocks) if u64::from(*blocks) <= longest)
}

/// The subnet that a proposal names, and the calls that it carries.
pub struct Proposals;

impl Inspect<RuntimeCall> for Proposals {
    fn netuid(call: &RuntimeCall) -> Option<NetUid> {
        let metadata = call.get_call_metadata();
        if !names_subnet(metadata.pallet_name, metadata.function_name) {
            return None;
        }
        // Such a call begins with the subnet's number, behind the numbers of pallet and call.
        let bytes = call.encode();
        bytes.get(2..).and_then(|mut arguments| NetUid::decode(&mut arguments).ok())
    }

    fn carries(call: &RuntimeCall) -> usize {
        closed::carried(call).count()
    }
}
