//! Calls that meet a vote lock.
//!
//! A vote lock refuses the calls by which stake under it would leave (`StakeUnderVoteLock`), and payments of TAO under
//! it (`Frozen`). A swap of a hotkey and a claim of root dividends take nothing from under it, so they are made. Calls
//! that are carried by others do not count.

use myelin_governance::Asset;
use myelin_runtime::{AccountId, Runtime, RuntimeCall};
use myelin_units::ROOT;
use pallet_myelin_governance::Voters;
use pallet_network::AlphaV2;
use sp_runtime::{DispatchError, TokenError};

use crate::{
    run::error_name,
    story::Step,
    world::{Outcome, World},
};

type Network = pallet_network::Call<Runtime>;
type Money = pallet_balances::Call<Runtime>;

/// A kind of call that meets a vote lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    /// Stake is sold.
    Unstake,
    /// Stake goes to another subnet, on another hotkey.
    Move,
    /// Stake goes to another subnet, on its hotkey.
    Swap,
    /// Stake goes to another coldkey.
    Transfer,
    /// Alpha is destroyed.
    Burn,
    /// TAO is paid.
    Payment,
    /// Another hotkey takes the place of one with stake under a vote lock.
    HotkeySwap,
    /// A holder claims what root stake under its vote lock brought.
    RootClaim,
}

impl Meeting {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Unstake,
        Self::Move,
        Self::Swap,
        Self::Transfer,
        Self::Burn,
        Self::Payment,
        Self::HotkeySwap,
        Self::RootClaim,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unstake => "unstake",
            Self::Move => "move",
            Self::Swap => "swap",
            Self::Transfer => "transfer",
            Self::Burn => "burn",
            Self::Payment => "payment",
            Self::HotkeySwap => "hotkey swap",
            Self::RootClaim => "root claim",
        }
    }

    /// Whether the vote lock refuses it. The others are made.
    pub fn is_refused(self) -> bool {
        !matches!(self, Self::HotkeySwap | Self::RootClaim)
    }

    /// The kind of a step that may meet a vote lock, by the state before it.
    pub fn ahead(world: &mut World, step: &Step) -> Option<Self> {
        let Step::Call(action) = step else { return None };
        let call = action.decoded()?;
        let kind = Self::of(&call)?;
        let signer = world.cast.actor(action.signer).id.clone();
        world
            .look(|| match kind {
                Self::Payment => under_lock(&signer, Asset::Free) > 0,
                Self::RootClaim => under_lock(&signer, Asset::Stake(ROOT)) > 0,
                Self::HotkeySwap => moves_locked_stake(&call),
                // The error says that it met one.
                _ => true,
            })
            .then_some(kind)
    }

    /// Whether a call of this kind met a vote lock, by its outcome.
    pub fn is_met(self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::HotkeySwap | Self::RootClaim, outcome) => *outcome == Outcome::Done,
            (Self::Payment, Outcome::Refused(error)) => *error == DispatchError::Token(TokenError::Frozen),
            (_, Outcome::Refused(error)) => error_name(error) == "StakeUnderVoteLock",
            _ => false,
        }
    }

    fn of(call: &RuntimeCall) -> Option<Self> {
        Some(match call {
            RuntimeCall::SubtensorModule(call) => match call {
                Network::remove_stake { .. }
                | Network::remove_stake_limit { .. }
                | Network::remove_stake_full_limit { .. } => Self::Unstake,
                Network::move_stake { .. } | Network::move_stake_limit { .. } => Self::Move,
                Network::swap_stake { .. } | Network::swap_stake_limit { .. } => Self::Swap,
                Network::transfer_stake { .. }
                | Network::transfer_stake_and_hotkey { .. }
                | Network::transfer_stake_limit { .. } => Self::Transfer,
                Network::recycle_alpha { .. } | Network::burn_alpha { .. } => Self::Burn,
                Network::swap_hotkey { .. } | Network::swap_hotkey_v2 { .. } => Self::HotkeySwap,
                Network::claim_root { .. } | Network::claim_root_with_hotkey { .. } => Self::RootClaim,
                _ => return None,
            },
            RuntimeCall::Balances(Money::transfer_keep_alive { .. } | Money::transfer_allow_death { .. }) => {
                Self::Payment
            }
            _ => return None,
        })
    }
}

/// The amount of an asset under an account's vote lock, in rao. Requires externalities.
pub fn under_lock(who: &AccountId, asset: Asset) -> u64 {
    Voters::<Runtime>::get(who).lock.amount(asset)
}

/// Whether a swap of a hotkey moves stake of a holder that has such stake under its vote lock.
fn moves_locked_stake(call: &RuntimeCall) -> bool {
    let (old, only) = match call {
        RuntimeCall::SubtensorModule(
            Network::swap_hotkey { hotkey, netuid, .. }
            | Network::swap_hotkey_v2 { hotkey, netuid, keep_stake: false, .. },
        ) => (hotkey, netuid),
        _ => return false,
    };
    let mut holdings = AlphaV2::<Runtime>::iter_keys();
    holdings.any(|(hotkey, coldkey, netuid)| {
        let is_moved = hotkey == *old && only.is_none_or(|only| only == netuid);
        is_moved && under_lock(&coldkey, Asset::Stake(netuid)) > 0
    })
}
