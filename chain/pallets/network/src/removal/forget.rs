//! All storage items with entries of a subnet, in one list.
//!
//! This file is the exception to the rule that only an item's owner writes it. A test can compare a list in one place
//! with the metadata, so that no item is left out. Every new item with entries per subnet must be added here. One item
//! is left out: `RegisteredSubnetCounter` outlives every subnet.

use alloc::vec::Vec;

use codec::{EncodeLike, FullCodec};
use frame_support::storage::{IterableStorageDoubleMap, KeyPrefixIterator};
use myelin_abi::RootClaimTypeEnum;
use myelin_units::{storage_index, MechId, NetUid};
use pallet_commitments::{CommitmentOf, LastBondsReset, LastCommitment, RevealedCommitments, UsedSpaceOf};

use super::{DissolveCleanupStatus, ForgetSubnet, Step, SubnetRemoval};
use crate::{
    epoch::EpochClock,
    paging::{Page, CHANGE, LOOK, REMOVE},
    pallet::*,
    pools::PoolReserves,
    stake::{Delegation, StakeLedger},
};

/// Most mechanisms that a subnet can have had.
const MOST_MECHANISMS: MechId = 16;

impl<T: Config> SubnetRemoval<T> {
    /// Steps that delete the entries, in this order. The rates of root dividends come before the counted claims: while
    /// there are rates, changes of root stake write claims.
    pub(super) fn forgetting() -> Vec<Step> {
        let steps: &[Step] = &[
            Self::forget_rates,
            Self::forget_claim_choices,
            Self::forget_claimed,
            // Stake. The holdings became claims.
            |status, page| sweep::<TotalHotkeyAlpha<T>, _, _>(status.netuid, page),
            |status, page| sweep::<TotalHotkeySharesV2<T>, _, _>(status.netuid, page),
            |status, page| sweep::<TotalHotkeyAlphaLastEpoch<T>, _, _>(status.netuid, page),
            Self::forget_destinations,
            Self::forget_choosers,
            // Children and parents.
            Self::forget_pending_children,
            Self::forget_due_children,
            |status, page| sweep::<ChildKeys<T>, _, _>(status.netuid, page),
            |status, page| sweep::<ParentKeys<T>, _, _>(status.netuid, page),
            |status, page| sweep::<ChildkeyTake<T>, _, _>(status.netuid, page),
            // Locks.
            Self::forget_locks,
            Self::forget_lockers,
            |status, page| sweep::<DecayingLock<T>, _, _>(status.netuid, page),
            |status, page| drain::<HotkeyLock<T>, _, _>(status.netuid, page),
            |status, page| drain::<DecayingHotkeyLock<T>, _, _>(status.netuid, page),
            |status, page| drain::<OwnershipEnded<T>, _, _>(status.netuid, page),
            |status, page| drain::<CountedConvictions<T>, _, _>(status.netuid, page),
            // Commitments of neurons; before the neurons, because only neurons may have commitments.
            |status, page| drain::<CommitmentOf<T>, _, _>(status.netuid, page),
            |status, page| drain::<LastCommitment<T>, _, _>(status.netuid, page),
            |status, page| drain::<LastBondsReset<T>, _, _>(status.netuid, page),
            |status, page| drain::<RevealedCommitments<T>, _, _>(status.netuid, page),
            |status, page| drain::<UsedSpaceOf<T>, _, _>(status.netuid, page),
            // Votes and keys.
            |status, page| drain::<VotingPower<T>, _, _>(status.netuid, page),
            |status, page| drain::<LastHotkeySwapOnNetuid<T>, _, _>(status.netuid, page),
            // Neurons.
            |status, page| sweep::<IsNetworkMember<T>, _, _>(status.netuid, page),
            |status, page| drain::<Uids<T>, _, _>(status.netuid, page),
            |status, page| drain::<Keys<T>, _, _>(status.netuid, page),
            |status, page| drain::<BlockAtRegistration<T>, _, _>(status.netuid, page),
            |status, page| drain::<Axons<T>, _, _>(status.netuid, page),
            |status, page| drain::<Prometheus<T>, _, _>(status.netuid, page),
            |status, page| drain::<NeuronCertificates<T>, _, _>(status.netuid, page),
            |status, page| drain::<AlphaDividendsPerSubnet<T>, _, _>(status.netuid, page),
            |status, page| drain::<RootAlphaDividendsPerSubnet<T>, _, _>(status.netuid, page),
            // Weights, bonds and commits.
            |status, page| of_mechanisms::<Weights<T>, _, _>(status.netuid, page),
            |status, page| of_mechanisms::<Bonds<T>, _, _>(status.netuid, page),
            |status, page| of_mechanisms::<WeightCommits<T>, _, _>(status.netuid, page),
            |status, page| of_mechanisms::<CommitSigners<T>, _, _>(status.netuid, page),
            |status, page| of_mechanisms::<TimelockedWeightCommits<T>, _, _>(status.netuid, page),
            |status, page| of_mechanisms::<EvidenceRoots<T>, _, _>(status.netuid, page),
            |status, page| of_mechanisms::<ProofHistories<T>, _, _>(status.netuid, page),
            |status, page| drain::<FormerHotkeys<T>, _, _>(status.netuid, page),
            |status, page| drain::<AnswerRoots<T>, _, _>(status.netuid, page),
            |status, page| drain::<EvidenceHeld<T>, _, _>(status.netuid, page),
            |status, page| drain::<DeclaredModels<T>, _, _>(status.netuid, page),
            Self::forget_mechanism_results,
            // Waits.
            Self::forget_limits,
            Self::forget_actions,
            // One entry each.
            |status, page| remove_each(status.netuid, page, &Self::settings()),
            |status, page| remove_each(status.netuid, page, &Self::state()),
            |status, page| remove_each(status.netuid, page, &Self::facts()),
            |status, page| T::OtherPallets::forget_subnet(status.netuid, page),
            // Always empty.
            Self::forget_miner_collateral,
            |status, page| drain::<AssociatedEvmAddress<T>, _, _>(status.netuid, page),
            // Rubrics.
            |status, page| drain::<SubnetRubrics<T>, _, _>(status.netuid, page),
            |status, page| drain::<RubricBond<T>, _, _>(status.netuid, page),
        ];
        steps.to_vec()
    }

    fn forget_rates(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        page.scan(RootClaimable::<T>::iter_keys, RootClaimable::<T>::iter_keys_from, |hotkey| {
            let mut rates = RootClaimable::<T>::get(&hotkey);
            if rates.remove(&status.netuid).is_none() {
                return LOOK;
            }
            if rates.is_empty() {
                RootClaimable::<T>::remove(hotkey);
            } else {
                RootClaimable::<T>::insert(hotkey, rates);
            }
            CHANGE
        })
    }

    /// A coldkey that no longer keeps the alpha of any subnet sells it again.
    fn forget_claim_choices(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        page.scan(RootClaimType::<T>::iter_keys, RootClaimType::<T>::iter_keys_from, |coldkey| {
            let RootClaimTypeEnum::KeepSubnets { mut subnets } = RootClaimType::<T>::get(&coldkey) else {
                return LOOK;
            };
            if !subnets.remove(&status.netuid) {
                return LOOK;
            }
            if subnets.is_empty() {
                RootClaimType::<T>::remove(coldkey);
            } else {
                RootClaimType::<T>::insert(coldkey, RootClaimTypeEnum::KeepSubnets { subnets });
            }
            CHANGE
        })
    }

    fn forget_claimed(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let netuid = status.netuid;
        page.drain(RootClaimed::<T>::iter_key_prefix((netuid,)), |(hotkey, coldkey)| {
            RootClaimed::<T>::remove((netuid, hotkey, coldkey));
            REMOVE
        })
    }

    fn forget_destinations(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let (first, behind) =
            (AutoStakeDestination::<T>::iter_keys, AutoStakeDestination::<T>::iter_keys_from);
        page.scan(first, behind, |(coldkey, netuid)| {
            if netuid != status.netuid {
                return 0;
            }
            StakeLedger::<T>::forget_destination(&coldkey, netuid);
            REMOVE.saturating_mul(2)
        })
    }

    fn forget_pending_children(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let netuid = status.netuid;
        page.drain(PendingChildKeys::<T>::iter_key_prefix(netuid), |hotkey| {
            Delegation::<T>::unschedule(&hotkey, netuid);
            CHANGE
        })
    }

    /// Removes the mirror of the entries of the step before; in an orderly state nothing is left.
    fn forget_choosers(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let (first, behind) = (AutoStakeChoosers::<T>::iter_keys, AutoStakeChoosers::<T>::iter_keys_from);
        page.scan(first, behind, |(hotkey, netuid, coldkey)| {
            if netuid != status.netuid {
                return 0;
            }
            AutoStakeChoosers::<T>::remove((hotkey, netuid, coldkey));
            REMOVE
        })
    }

    /// As [`Self::forget_choosers`].
    fn forget_due_children(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let netuid = status.netuid;
        page.drain(PendingChildKeysByBlock::<T>::iter_key_prefix((netuid,)), |(due, hotkey)| {
            PendingChildKeysByBlock::<T>::remove((netuid, due, hotkey));
            REMOVE
        })
    }

    fn forget_locks(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        page.scan(Lock::<T>::iter_keys, Lock::<T>::iter_keys_from, |(coldkey, netuid, hotkey)| {
            if netuid != status.netuid {
                return 0;
            }
            Lock::<T>::remove((coldkey, netuid, hotkey));
            REMOVE
        })
    }

    fn forget_lockers(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let netuid = status.netuid;
        page.drain(LockingColdkeys::<T>::iter_key_prefix((netuid,)), |(hotkey, coldkey)| {
            LockingColdkeys::<T>::remove((netuid, hotkey, coldkey));
            REMOVE
        })
    }

    fn forget_miner_collateral(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let netuid = status.netuid;
        page.drain(MinerCollateral::<T>::iter_key_prefix((netuid,)), |(hotkey, coldkey)| {
            MinerCollateral::<T>::remove((netuid, hotkey, coldkey));
            REMOVE
        })
    }

    fn forget_mechanism_results(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        for mecid in 0..MOST_MECHANISMS {
            let index = storage_index(status.netuid, mecid);
            Incentive::<T>::remove(index);
            LastUpdate::<T>::remove(index);
            OutvotedMarks::<T>::remove(index);
            page.spend(REMOVE.saturating_mul(3));
        }
        true
    }

    fn forget_limits(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let (first, behind) =
            (LastRateLimitedBlock::<T>::iter_keys, LastRateLimitedBlock::<T>::iter_keys_from);
        page.scan(first, behind, |key| {
            if key.subnet() != Some(status.netuid) {
                return 0;
            }
            LastRateLimitedBlock::<T>::remove(key);
            REMOVE
        })
    }

    fn forget_actions(status: &mut DissolveCleanupStatus, page: &mut Page) -> bool {
        let (first, behind) =
            (TransactionKeyLastBlock::<T>::iter_keys, TransactionKeyLastBlock::<T>::iter_keys_from);
        page.scan(first, behind, |(owner, netuid, action)| {
            if netuid != status.netuid {
                return 0;
            }
            TransactionKeyLastBlock::<T>::remove((owner, netuid, action));
            REMOVE
        })
    }

    /// Hyperparameters.
    fn settings() -> Vec<fn(NetUid)> {
        let items: &[fn(NetUid)] = &[
            SubnetEpochConsensus::<T>::remove,
            CollateralLockShare::<T>::remove,
            CollateralDrainRatio::<T>::remove,
            Tempo::<T>::remove,
            ActivityCutoffFactorMilli::<T>::remove,
            ActivityCutoff::<T>::remove,
            Kappa::<T>::remove,
            Rho::<T>::remove,
            BondsMovingAverage::<T>::remove,
            BondsPenalty::<T>::remove,
            BondsResetOn::<T>::remove,
            Yuma3On::<T>::remove,
            LiquidAlphaOn::<T>::remove,
            AlphaValues::<T>::remove,
            AlphaSigmoidSteepness::<T>::remove,
            MaxAllowedUids::<T>::remove,
            MinAllowedUids::<T>::remove,
            MaxAllowedValidators::<T>::remove,
            MinAllowedWeights::<T>::remove,
            MaxWeightsLimit::<T>::remove,
            WeightsSetRateLimit::<T>::remove,
            WeightsVersionKey::<T>::remove,
            CommitRevealWeightsEnabled::<T>::remove,
            RevealPeriodEpochs::<T>::remove,
            ImmunityPeriod::<T>::remove,
            ImmuneOwnerUidsLimit::<T>::remove,
            MinNonImmuneUids::<T>::remove,
            ServingRateLimit::<T>::remove,
            MaxRegistrationsPerBlock::<T>::remove,
            TargetRegistrationsPerInterval::<T>::remove,
            AdjustmentInterval::<T>::remove,
            AdjustmentAlpha::<T>::remove,
            Difficulty::<T>::remove,
            MinDifficulty::<T>::remove,
            MaxDifficulty::<T>::remove,
            MinBurn::<T>::remove,
            MaxBurn::<T>::remove,
            BurnHalfLife::<T>::remove,
            BurnIncreaseMult::<T>::remove,
            TransferToggle::<T>::remove,
            OwnerCutEnabled::<T>::remove,
            OwnerCutAutoLockEnabled::<T>::remove,
            RecycleOrBurn::<T>::remove,
            MechanismCountCurrent::<T>::remove,
            MechanismEmissionSplit::<T>::remove,
            FormerEmissionSplit::<T>::remove,
            EMAPriceHalvingBlocks::<T>::remove,
            MinChildkeyTakePerSubnet::<T>::remove,
            TotalVotingPower::<T>::remove,
            VotingPowerTrackingEnabled::<T>::remove,
            VotingPowerDisableAtBlock::<T>::remove,
            VotingPowerEmaAlpha::<T>::remove,
            RootClaimableThreshold::<T>::remove,
            RootClaimPot::<T>::remove,
            EvidenceDemands::<T>::remove,
            ParentShares::<T>::remove,
            BarredValidators::<T>::remove,
        ];
        items.to_vec()
    }

    /// Results of blocks and epochs.
    fn state() -> Vec<fn(NetUid)> {
        let items: &[fn(NetUid)] = &[
            EpochClock::<T>::remove,
            Active::<T>::remove,
            Consensus::<T>::remove,
            Dividends::<T>::remove,
            Emission::<T>::remove,
            ValidatorTrust::<T>::remove,
            ValidatorPermit::<T>::remove,
            StakeWeight::<T>::remove,
            PendingServerEmission::<T>::remove,
            PendingValidatorEmission::<T>::remove,
            PendingRootAlphaDivs::<T>::remove,
            PendingOwnerCut::<T>::remove,
            MinerBurned::<T>::remove,
            SubnetMovingPrice::<T>::remove,
            SubnetAlphaInEmission::<T>::remove,
            SubnetAlphaOutEmission::<T>::remove,
            SubnetTaoInEmission::<T>::remove,
            SubnetExcessTao::<T>::remove,
            RootProp::<T>::remove,
            SubnetEmaTaoFlow::<T>::remove,
            SubnetworkN::<T>::remove,
            SubnetRoster::<T>::remove,
            TotalAlphaStaked::<T>::remove,
            Burn::<T>::remove,
            RAORecycledForRegistration::<T>::remove,
            RegistrationsThisBlock::<T>::remove,
            RegistrationsThisInterval::<T>::remove,
            BurnRegistrationsThisInterval::<T>::remove,
            LastAdjustmentBlock::<T>::remove,
            OwnerLock::<T>::remove,
            DecayingOwnerLock::<T>::remove,
            OwnershipBegan::<T>::remove,
            TakeoverCounts::<T>::remove,
        ];
        items.to_vec()
    }

    /// Facts about the subnet.
    fn facts() -> Vec<fn(NetUid)> {
        let items: &[fn(NetUid)] = &[
            PoolReserves::<T>::forget,
            NetworksAdded::<T>::remove,
            NetworkRegisteredAt::<T>::remove,
            SubnetOwner::<T>::remove,
            SubnetOwnerHotkey::<T>::remove,
            SubnetLocked::<T>::remove,
            LargestLocked::<T>::remove,
            TokenSymbol::<T>::remove,
            SubnetIdentitiesV3::<T>::remove,
            FirstEmissionBlockNumber::<T>::remove,
            SubtokenEnabled::<T>::remove,
            SubnetEmissionEnabled::<T>::remove,
            NetworkRegistrationAllowed::<T>::remove,
            NetworkPowRegistrationAllowed::<T>::remove,
        ];
        items.to_vec()
    }
}

fn remove_each(netuid: NetUid, page: &mut Page, removals: &[fn(NetUid)]) -> bool {
    for remove in removals {
        remove(netuid);
        page.spend(REMOVE);
    }
    true
}

/// Removes the entries of a subnet from a map whose first key is the subnet.
fn drain<Map, K, V>(netuid: NetUid, page: &mut Page) -> bool
where
    Map: IterableStorageDoubleMap<NetUid, K, V>,
    K: FullCodec + EncodeLike<K>,
    V: FullCodec,
{
    page.drain(Map::iter_key_prefix(netuid), |key| {
        Map::remove(netuid, key);
        REMOVE
    })
}

/// Removes the entries of a subnet from a map whose second key is the subnet, by looking at all of it.
fn sweep<Map, K, V>(netuid: NetUid, page: &mut Page) -> bool
where
    Map: IterableStorageDoubleMap<K, NetUid, V, FullKeyIterator = KeyPrefixIterator<(K, NetUid)>>,
    K: FullCodec + EncodeLike<K>,
    V: FullCodec,
{
    page.scan(Map::iter_keys, Map::iter_keys_from, |(key, subnet)| {
        if subnet != netuid {
            return 0;
        }
        Map::remove(key, subnet);
        REMOVE
    })
}

/// Removes the entries of all mechanisms of a subnet from a map whose first key is the index of the mechanism.
fn of_mechanisms<Map, K, V>(netuid: NetUid, page: &mut Page) -> bool
where
    Map: IterableStorageDoubleMap<u16, K, V>,
    K: FullCodec + EncodeLike<K>,
    V: FullCodec,
{
    (0..MOST_MECHANISMS).all(|mecid| drain::<Map, K, V>(storage_index(netuid, mecid), page))
}
