//! Nothing is left out when a hotkey replaces another: every item with entries per account names here the fate of its
//! entries.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{items, mock::*};
use crate::{
    locks::{ConvictionCount, CountPlace},
    pallet::*,
    stake::Delegation,
    types::RateLimitKey,
};
use myelin_abi::{
    AnswerRoot, AxonInfo, DeclaredModel, EvidenceHoldings, EvidenceRoot, NeuronCertificate, PrometheusInfo,
    ProofHistory,
};
use myelin_economy::conviction::Tally;
use myelin_units::{NetUid, ROOT};
use pallet_commitments::{
    CommitmentInfo, CommitmentOf, LastBondsReset, LastCommitment, Registration, RevealedCommitments,
    UsageTracker, UsedSpaceOf,
};
use sp_runtime::traits::Dispatchable;

/// Fate of the entries of a hotkey that another one replaces everywhere.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// They move to the new hotkey, or end.
    Follow,
    /// Only coldkeys have entries.
    OfColdkeys,
    /// No account has entries; clients read the item.
    Never,
    /// They name the old hotkey for this reason.
    Stay(&'static str),
}

use Fate::{Follow, Never, OfColdkeys, Stay};

/// Every map with entries per account. A new item is added here, and if it follows also to [`everywhere`] and to
/// `keys/succession.rs`.
const FATES: &[(&str, Fate)] = &[
    ("Owner", Follow),
    ("OwnedHotkeys", OfColdkeys),
    ("StakingHotkeys", OfColdkeys),
    ("Delegates", Follow),
    ("IdentitiesV2", OfColdkeys),
    ("LastRateLimitedBlock", Follow),
    ("TransactionKeyLastBlock", Follow),
    ("LastHotkeySwapOnNetuid", OfColdkeys),
    ("SwapsUnderWay", OfColdkeys),
    ("ReplacedHotkeys", Stay("lists of children that wait name the old hotkey")),
    ("ChildKeys", Follow),
    ("ParentKeys", Follow),
    ("PendingChildKeys", Follow),
    ("PendingChildKeysByBlock", Follow),
    ("PendingChildKeySubnets", Follow),
    ("ChildkeyThresholdSuspended", Never),
    ("ChildkeyTake", Follow),
    ("AutoParentDelegationEnabled", Follow),
    ("IsNetworkMember", Follow),
    ("Uids", Follow),
    ("Axons", Follow),
    ("Prometheus", Follow),
    ("NeuronCertificates", Follow),
    ("VotingPower", Follow),
    ("WeightCommits", Follow),
    ("CommitSigners", Follow),
    ("EvidenceRoots", Follow),
    ("ProofHistories", Follow),
    ("AnswerRoots", Follow),
    ("EvidenceHeld", Follow),
    ("FormerHotkeys", Follow),
    ("DeclaredModels", Follow),
    ("AlphaDividendsPerSubnet", Follow),
    ("RootAlphaDividendsPerSubnet", Follow),
    ("AutoStakeDestination", OfColdkeys),
    ("AutoStakeChoosers", Follow),
    ("TotalHotkeyAlpha", Follow),
    ("TotalHotkeyAlphaLastEpoch", Follow),
    ("TotalHotkeySharesV2", Follow),
    ("AlphaV2", Follow),
    ("RootClaimable", Follow),
    ("RootClaimed", Follow),
    ("RootClaimType", OfColdkeys),
    ("StakingColdkeys", OfColdkeys),
    ("Lock", Follow),
    ("HotkeyLock", Follow),
    ("DecayingHotkeyLock", Follow),
    ("DecayingLock", OfColdkeys),
    ("LockingColdkeys", Follow),
    ("AccountFlags", OfColdkeys),
    ("RemovalVoteLocks", OfColdkeys),
    ("OwnershipEnded", Follow),
    ("CountedConvictions", Follow),
    ("MinerCollateral", Never),
    ("BasketRate", Never),
    ("BasketClaimed", Never),
    ("ColdkeySwapAnnouncements", Never),
    ("ColdkeySwapDisputes", Never),
    ("CommitmentOf", Follow),
    ("LastCommitment", Follow),
    ("LastBondsReset", Follow),
    ("RevealedCommitments", Follow),
    ("UsedSpaceOf", Follow),
];

/// Items whose values name an old hotkey for ever.
const VALUES_THAT_STAY: &[(&str, &str)] = &[
    ("CommitSigners", "hashes of commits contain the name of who committed"),
    ("EvidenceRoots", "answers under a root are addressed to who asked"),
    ("FormerHotkeys", "answers of the time before are signed by the old hotkey"),
];

const OLD: u16 = 10;
const NEW: u16 = 99;

/// A network in which hotkey [`OLD`] has an entry wherever a hotkey can have one.
fn everywhere() {
    let netuid = subnet().started().with_neurons(3).create();
    let (old, owner) = (hotkey(OLD), owner_of(OLD));
    ok(&owner, Network::root_register { hotkey: old.clone() });
    for place in [netuid, ROOT] {
        for staker in [60, 61] {
            let stake = Network::add_stake { hotkey: old.clone(), netuid: place, amount_staked: tao(50) };
            ok(&coldkey(staker), stake);
        }
    }
    let accrued = alpha(4);
    crate::pools::PoolReserves::<Test>::mint_out(netuid, accrued);
    accrue_root(&old, netuid, accrued);
    ok(&coldkey(60), Network::claim_root { subnets: [netuid].into() });
    ok(&coldkey(60), Network::set_perpetual_lock { netuid, enabled: true });
    for locker in [60, 61] {
        ok(&coldkey(locker), Network::lock_stake { hotkey: old.clone(), netuid, amount: alpha(1) });
    }
    ok(&coldkey(60), Network::set_coldkey_auto_stake_hotkey { netuid, hotkey: old.clone() });
    ok(&owner, Network::set_childkey_take { hotkey: old.clone(), netuid, take: 55 });
    ok(&owner, Network::decrease_take { hotkey: old.clone(), take: 100 });
    ok(&owner, Network::set_auto_parent_delegation_enabled { hotkey: old.clone(), enabled: false });
    said_and_done(netuid, &old);
}

/// Entries that calls and epochs would have written, written at once.
fn said_and_done(netuid: NetUid, old: &AccountId) {
    assert!(LastRateLimitedBlock::<Test>::contains_key(RateLimitKey::LastTxBlockDelegateTake(old.clone())));
    for (parent, child) in [(hotkey(11), old.clone()), (old.clone(), hotkey(12))] {
        ChildKeys::<Test>::insert(&parent, netuid, vec![(5, child.clone())]);
        ParentKeys::<Test>::insert(&child, netuid, vec![(5, parent)]);
    }
    Delegation::<Test>::file_pending(old, netuid, vec![(7, hotkey(12))], 9_000);
    Axons::<Test>::insert(netuid, old, AxonInfo::default());
    Prometheus::<Test>::insert(netuid, old, PrometheusInfo::default());
    let certificate = NeuronCertificate::from_announcement(&[1; 33]).expect("33 bytes are short enough");
    NeuronCertificates::<Test>::insert(netuid, old, certificate);
    VotingPowerTrackingEnabled::<Test>::insert(netuid, true);
    VotingPower::<Test>::insert(netuid, old, 9);
    WeightCommits::<Test>::insert(netuid, old, VecDeque::new());
    CommitSigners::<Test>::insert(netuid, old, vec![hotkey(8)]);
    let root =
        EvidenceRoot { commit: [1; 32], root: [2; 32], signer: old.clone(), epoch: 1, began: 1, block: 1 };
    EvidenceRoots::<Test>::insert(netuid, old, VecDeque::from([root]));
    ProofHistories::<Test>::insert(netuid, old, ProofHistory { latest: 1, proven: 1, failed: 0 });
    FormerHotkeys::<Test>::insert(netuid, old, hotkey(8));
    let answers = AnswerRoot { epoch: 1, root: [3; 32], answers: 2, block: 1 };
    AnswerRoots::<Test>::insert(netuid, old, VecDeque::from([answers]));
    EvidenceHeld::<Test>::insert(netuid, old, EvidenceHoldings { epoch: 1, held: vec![(2, [4; 16])] });
    DeclaredModels::<Test>::insert(netuid, old, DeclaredModel { model: [5; 32], has_parents: true });
    BarredValidators::<Test>::insert(netuid, vec![(old.clone(), 9)]);
    AlphaDividendsPerSubnet::<Test>::insert(netuid, old, alpha(1));
    RootAlphaDividendsPerSubnet::<Test>::insert(netuid, old, alpha(1));
    TotalHotkeyAlphaLastEpoch::<Test>::insert(old, netuid, alpha(1));
    let tally = Tally { leader: Some((Default::default(), old.clone())), ..Default::default() };
    TakeoverCounts::<Test>::insert(netuid, ConvictionCount { as_of: 1, tally, next: CountPlace::Done });
    CountedConvictions::<Test>::insert(netuid, old, 1);
    OwnershipEnded::<Test>::insert(netuid, old, 1);
    let info = CommitmentInfo { fields: Default::default() };
    CommitmentOf::<Test>::insert(netuid, old, Registration { deposit: 0, block: 1, info });
    LastCommitment::<Test>::insert(netuid, old, 1);
    LastBondsReset::<Test>::insert(netuid, old, 1);
    RevealedCommitments::<Test>::insert(netuid, old, vec![(vec![1u8], 1u64)]);
    UsedSpaceOf::<Test>::insert(netuid, old, UsageTracker { last_epoch: 0, used_space: 100 });
}

/// The items whose keys, and those whose values, name a hotkey.
fn naming(hotkey: &AccountId) -> (BTreeSet<String>, BTreeSet<String>) {
    let wanted: &[u8] = hotkey.as_ref();
    let names = |bytes: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    let (mut keys, mut values) = (BTreeSet::new(), BTreeSet::new());
    for (item, key, value) in items::everything() {
        if names(&key) {
            keys.insert(item.clone());
        }
        if names(&value) {
            values.insert(item);
        }
    }
    (keys, values)
}

#[test]
fn every_item_with_entries_per_account_says_what_becomes_of_them() {
    let listed: BTreeMap<_, _> = FATES.iter().copied().collect();
    assert_eq!(listed.len(), FATES.len(), "each item once");
    let found: BTreeSet<String> = items::per_account().into_iter().collect();
    let listed: BTreeSet<String> = listed.into_keys().map(String::from).collect();
    assert_eq!(found, listed);
}

#[test]
fn after_a_swap_everywhere_nothing_names_the_old_hotkey_that_should_not() {
    on_chain(|| {
        sp_io::storage::start_transaction();
        everywhere();
        let (keys, _) = naming(&hotkey(OLD));
        for (item, fate) in FATES {
            assert_eq!(keys.contains(*item), *fate == Follow, "{item} before the swap");
        }
        let swap = Network::swap_hotkey { hotkey: hotkey(OLD), new_hotkey: hotkey(NEW), netuid: None };
        let outcome = RuntimeCall::from(swap).dispatch(RuntimeOrigin::signed(owner_of(OLD)));
        assert!(outcome.is_ok(), "{outcome:?}");
        assert!(!SwapsUnderWay::<Test>::contains_key(owner_of(OLD)), "one call was enough");
        let (keys, values) = naming(&hotkey(OLD));
        let stays = |(item, fate): &(&str, Fate)| matches!(fate, Stay(_)).then(|| String::from(*item));
        assert_eq!(keys, FATES.iter().filter_map(stays).collect(), "keys");
        assert_eq!(values, VALUES_THAT_STAY.iter().map(|(item, _)| String::from(*item)).collect(), "values");
        sp_io::storage::rollback_transaction();
    });
}
