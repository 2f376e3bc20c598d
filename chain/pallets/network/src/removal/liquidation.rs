//! Sharing the pool of a removed subnet among the holders of its alpha.
//!
//! The rule is `myelin_economy::dissolve::liquidate`, which needs all claims at once. Here they are filed in storage
//! instead, first in the order of storage, then under their rank. Paying them in the order of the keys therefore pays
//! the same rao.

use myelin_economy::dissolve::{owner_refund, part_of, rank};
use myelin_governance::{book::paid_for_locked, VoteLocks};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use super::{DissolveCleanupStatus, Step, SubnetRemoval};
use crate::{
    costs,
    ledger::TaoLedger,
    paging::{Page, CHANGE, LOOK, REMOVE},
    pallet::{
        AlphaV2, Config, Event, NetworkRegisteredAt, NetworkRegistrationStartBlock, Pallet, RemovalClaims,
        RemovalParts, RemovalVoteLocks, SubnetLocked, SubnetOwnerCut,
    },
    pools::PoolReserves,
    stake::StakeLedger,
    subnets::SubnetRegistry,
};

/// Phase of a removal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Holdings become claims.
    Collects,
    /// Claims become parts of the pot, and these are paid.
    Pays,
    /// The account is closed and all other entries are deleted.
    Forgets,
}

const ONE_RAO: TaoBalance = TaoBalance::from_rao(1);

impl<T: Config> SubnetRemoval<T> {
    /// The steps until all claims are paid, each with its phase.
    pub(super) fn liquidation() -> [(Phase, Step); 6] {
        [
            (Phase::Collects, Self::collect_claims),
            (Phase::Collects, Self::claim_for_the_protocol),
            (Phase::Pays, Self::rank_claims),
            (Phase::Pays, Self::fetch_tao),
            (Phase::Pays, Self::pay_parts),
            (Phase::Forgets, Self::close_account),
        ]
    }

    /// The present phase of a removal.
    pub fn phase(status: &DissolveCleanupStatus) -> Phase {
        Self::liquidation().get(usize::from(status.step)).map_or(Phase::Forgets, |(phase, _)| *phase)
    }

    /// Turns holdings into claims, in the order in which storage lists them.
    fn collect_claims(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let netuid = status.netuid;
        page.scan(AlphaV2::<T>::iter_keys, AlphaV2::<T>::iter_keys_from, |(hotkey, coldkey, subnet)| {
            if subnet != netuid {
                return 0;
            }
            let listed = costs::stakes_on::<T>(&coldkey);
            let alpha = StakeLedger::<T>::take_holding(&hotkey, &coldkey, netuid);
            let votes = Self::collect_vote_lock(netuid, &coldkey, alpha);
            Self::claim(status, Some(coldkey), alpha);
            CHANGE.saturating_add(votes).saturating_add(costs::points_of_length::<T>(listed))
        })
    }

    /// Takes a coldkey's alpha from under its vote lock with the first of its holdings, and adds up those holdings.
    /// Returns the points used.
    fn collect_vote_lock(netuid: NetUid, coldkey: &T::AccountId, alpha: AlphaBalance) -> u32 {
        const ASKED: u32 = 3 * LOOK;
        let filed = RemovalVoteLocks::<T>::get(coldkey);
        let recounts = match filed {
            Some(_) => None,
            None => Some(T::VoteLocks::recounts(netuid, coldkey)),
        };
        let (all, locked) =
            filed.unwrap_or_else(|| (AlphaBalance::ZERO, T::VoteLocks::alpha_claimed(netuid, coldkey)));
        if locked.is_zero() {
            return ASKED;
        }
        RemovalVoteLocks::<T>::insert(coldkey, (all.saturating_add(alpha), locked));
        let changed = recounts.map_or(CHANGE, costs::points_of_vote_lock_change::<T>);
        ASKED.saturating_add(changed)
    }

    /// Files the alpha without an owner: the alpha bought by the chain, and the alpha in the pool. With it all of the
    /// pot is claimed.
    fn claim_for_the_protocol(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        Self::claim(status, None, PoolReserves::<T>::protocol_alpha(status.netuid));
        status.unplaced = PoolReserves::<T>::tao(status.netuid);
        page.spend(CHANGE);
        true
    }

    fn claim(status: &mut DissolveCleanupStatus, claimant: Option<T::AccountId>, alpha: AlphaBalance) {
        if alpha.is_zero() {
            return;
        }
        RemovalClaims::<T>::insert(status.claims, (claimant, alpha));
        status.claims = status.claims.saturating_add(1);
        status.total = status.total.saturating_add(alpha.to_rao().into());
    }

    /// Turns claims into parts of the pot, filed so that storage lists the parts with one more rao first.
    fn rank_claims(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let pot = PoolReserves::<T>::tao(status.netuid);
        page.drain(RemovalClaims::<T>::drain(), |(index, (claimant, alpha))| {
            let part = part_of(pot, alpha, status.total);
            RemovalParts::<T>::insert(rank(part.remainder, index), (claimant, part.tao));
            status.unplaced = status.unplaced.saturating_sub(part.tao);
            CHANGE
        })
    }

    /// Brings all TAO of the subnet to the account of root. A subnet's own account would close when the last payments
    /// leave less than the existential deposit, and take them with it.
    fn fetch_tao(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        status.refund = Self::refund(status.netuid);
        status.held = TaoLedger::<T>::merge_into_root(status.netuid);
        page.spend(CHANGE);
        true
    }

    fn pay_parts(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let all_paid = page.drain(RemovalParts::<T>::drain(), |(_, (claimant, part))| {
            let extra = status.unplaced.min(ONE_RAO);
            status.unplaced = status.unplaced.saturating_sub(extra);
            let tao = part.saturating_add(extra).min(status.held);
            PoolReserves::<T>::pay_out(status.netuid, tao);
            let paid = Self::give(status, claimant.as_ref(), tao);
            status.paid = status.paid.saturating_add(paid);
            let votes = claimant.map_or(0, |coldkey| Self::bind_payment(&coldkey, paid));
            CHANGE.saturating_add(votes)
        });
        all_paid && page.drain(RemovalVoteLocks::<T>::drain(), |_| REMOVE)
    }

    /// Binds the part of a payment that takes the place of alpha under the vote lock. Returns the points used.
    fn bind_payment(coldkey: &T::AccountId, paid: TaoBalance) -> u32 {
        let Some((all, locked)) = RemovalVoteLocks::<T>::get(coldkey) else { return LOOK };
        T::VoteLocks::alpha_paid(coldkey, paid_for_locked(locked.to_rao(), all, paid));
        LOOK.saturating_add(CHANGE)
    }

    /// Pays the owner's refund as far as the account reaches, recycles the rest, and announces the use of the TAO.
    fn close_account(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let owner = SubnetRegistry::<T>::owner(status.netuid);
        let refund = Self::give(status, Some(&owner), status.refund.min(status.held));
        // Without any claims all of the pot is left.
        PoolReserves::<T>::pay_out(status.netuid, PoolReserves::<T>::tao(status.netuid));
        let rest = status.held;
        Self::give(status, None, rest);
        Pallet::<T>::deposit_event(Event::SubnetLiquidated {
            netuid: status.netuid,
            paid: status.paid,
            refund,
        });
        page.spend(CHANGE);
        true
    }

    /// Pays out TAO from the account of root, and returns the amount received. TAO without a claimant is recycled, and
    /// so is a payment that the claimant can't hold because an account needs more.
    fn give(
        status: &mut DissolveCleanupStatus,
        claimant: Option<&T::AccountId>,
        tao: TaoBalance,
    ) -> TaoBalance {
        status.held = status.held.saturating_sub(tao);
        if claimant.is_some_and(|who| TaoLedger::<T>::pay_from_subnet(ROOT, who, tao).is_ok()) {
            return tao;
        }
        if let Err(error) = TaoLedger::<T>::recycle_from_subnet(ROOT, tao) {
            log::error!(target: "network", "{tao} of removed subnet {} stay on root: {error:?}", status.netuid);
        }
        TaoBalance::ZERO
    }

    /// The owner's refund for a subnet that predates paid registration.
    fn refund(netuid: NetUid) -> TaoBalance {
        if NetworkRegisteredAt::<T>::get(netuid) >= NetworkRegistrationStartBlock::<T>::get() {
            return TaoBalance::ZERO;
        }
        owner_refund(
            SubnetLocked::<T>::get(netuid),
            PoolReserves::<T>::alpha_issuance(netuid),
            SubnetOwnerCut::<T>::get(),
            PoolReserves::<T>::spot_price(netuid),
        )
    }
}
