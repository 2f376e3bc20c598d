//! The border between the pallet of governance and the pallet of the network. Neither depends on the other; the runtime
//! joins them by these two traits.

use myelin_units::{AlphaBalance, Block, NetUid, TaoBalance};

use crate::{
    book::VoteError,
    power::{Asset, Prices},
    track::TrackId,
};

/// The network's answers to governance.
pub trait Holdings<AccountId> {
    /// Reasons for which the chain refuses a call.
    type Error;

    /// Stake of a coldkey over all its hotkeys, in rao: TAO on the root network, alpha elsewhere. 0 for free TAO, which
    /// governance asks of the ledger of balances.
    fn held(who: &AccountId, asset: Asset) -> u64;

    /// Prices of all subnets as [`crate::noted_price`] gives them.
    fn prices() -> Prices;

    /// The price of a subnet's alpha now, as [`crate::noted_price`] gives it; 0 if there is no such subnet.
    fn price(netuid: NetUid) -> u64;

    /// The electorate of a track now, in rao: [`crate::power::network_electorate`] with the treasury in it, or
    /// [`crate::power::subnet_electorate`]. 0 for a subnet that does not exist.
    fn electorate(track: TrackId) -> u128;

    /// The owner of a subnet and the block of its registration, 0 if the chain has no record of it; `None` if there is
    /// no such subnet.
    fn subnet(netuid: NetUid) -> Option<(AccountId, Block)>;

    /// Registers a subnet for `owner` without a lock cost, whose first TAO `payer` pays, and returns its number.
    fn open_subnet(owner: &AccountId, payer: &AccountId) -> Result<NetUid, Self::Error>;
}

/// Vote locks, as the network asks for them.
pub trait VoteLocks<AccountId> {
    /// The amount of an asset under an account's vote lock, in rao.
    fn locked(who: &AccountId, asset: Asset) -> u64;

    /// Whether `new` can take over vote lock, votes and delegations of `old`, as a swap of coldkeys needs it.
    fn may_succeed(old: &AccountId, new: &AccountId) -> Result<(), VoteError>;

    /// Moves them and frees the TAO of `old`. The network calls it before it moves TAO and stake, and [`Self::bind`]
    /// afterwards. Nothing happens if [`Self::may_succeed`] refuses.
    fn succeed(old: &AccountId, new: &AccountId);

    /// Binds the TAO under an account's vote lock anew, after the TAO came.
    fn bind(who: &AccountId);

    /// Whether any stake of an account is under its vote lock.
    fn binds_stake(who: &AccountId) -> bool;

    /// Votes that [`Self::alpha_claimed`] counts anew, at most; 0 if no alpha of the subnet is under the vote lock. The
    /// network counts the cost by it.
    fn recounts(netuid: NetUid, who: &AccountId) -> u32;

    /// The alpha of an account on a removed subnet became a claim: it leaves the vote lock, and delegations that count
    /// it end. Returns the amount that was under the vote lock.
    fn alpha_claimed(netuid: NetUid, who: &AccountId) -> AlphaBalance;

    /// `paid` TAO came for alpha that was under the vote lock, and is bound in its place. The network pays an account
    /// for each of its holdings apart.
    fn alpha_paid(who: &AccountId, paid: TaoBalance);

    /// A subnet is removed: referenda on its rubric that wait for a place are cancelled, at most
    /// [`crate::track::MAX_QUEUED`], so they wait before none of the next subnet of its number.
    fn subnet_removed(netuid: NetUid);

    /// A subnet has a new owner, who votes on its rubric no more.
    fn owner_changed(netuid: NetUid, new: &AccountId);
}

/// No vote locks: nothing is bound.
impl<AccountId> VoteLocks<AccountId> for () {
    fn locked(_: &AccountId, _: Asset) -> u64 {
        0
    }

    fn may_succeed(_: &AccountId, _: &AccountId) -> Result<(), VoteError> {
        Ok(())
    }

    fn succeed(_: &AccountId, _: &AccountId) {}

    fn bind(_: &AccountId) {}

    fn binds_stake(_: &AccountId) -> bool {
        false
    }

    fn recounts(_: NetUid, _: &AccountId) -> u32 {
        0
    }

    fn alpha_claimed(_: NetUid, _: &AccountId) -> AlphaBalance {
        AlphaBalance::ZERO
    }

    fn alpha_paid(_: &AccountId, _: TaoBalance) {}

    fn subnet_removed(_: NetUid) {}

    fn owner_changed(_: NetUid, _: &AccountId) {}
}
