//! Neurons: their weights, endpoints, places, and the hotkeys behind them.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, VecDeque},
    vec,
    vec::Vec,
};

use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::{storage::migration::put_storage_value, StorageHasher, Twox64Concat};
use frame_system::pallet_prelude::BlockNumberFor;
use frame_system::RawOrigin;
use myelin_abi::{
    AnswerRoot, AxonInfo, DeclaredModel, EvidenceRoot, LockState, NeuronCertificate, PrometheusInfo,
};
use myelin_units::{storage_index, MechId, Uid, ROOT, U64F64};
use myelin_wire::{evidence::Lots, sr25519::Keypair};
use pallet_commitments::{CommitmentBoard, CommitmentInfo, Data};

use super::{
    asked::{miner, Occasion},
    scene::*,
};
use crate::{
    epoch::EpochClock,
    evidence::EvidenceLedger,
    extension,
    keys::KeyOwnership,
    locks::Locks,
    neurons::NeuronRegistry,
    pallet::*,
    stake::StakeLedger,
    subnets::{now, Hyperparameters},
    types::HashCommit,
    weights::{WeightLedger, MAX_SALT},
};

/// Stands for the pallet.
pub struct Pallet<T: Config>(crate::pallet::Pallet<T>);

/// 8.8.8.8.
const PUBLIC: u128 = 0x0808_0808;
const SALT: u32 = MAX_SALT as u32;

fn uids(n: u32) -> Vec<Uid> {
    (0..n).map(|uid| uid as Uid).collect()
}

fn values(n: u32) -> Vec<u16> {
    (0..n).map(|uid| 1 + uid as u16).collect()
}

/// A validator of a full subnet with this many parents, whose stake matters.
fn validator<T: Config>(parents: u32) -> T::AccountId {
    let hotkey = full::<T>();
    lend::<T>(&hotkey, HERE, &neighbours::<T>(64, parents));
    StakeThreshold::<T>::put(1);
    hold::<T>(&hotkey, &coldkey::<T>(1), HERE, 1_000);
    hotkey
}

/// Commits of a hotkey that can be revealed now, `last` being the last one. The hotkey replaced others that had
/// committed too.
fn commits<T: Config>(hotkey: &T::AccountId, mecid: MechId, count: u32, last: T::Hash) {
    CommitRevealWeightsEnabled::<T>::insert(HERE, true);
    SubnetEpochIndex::<T>::insert(HERE, 10);
    let epoch = EpochClock::<T>::number(HERE, now::<T>()).saturating_sub(RevealPeriodEpochs::<T>::get(HERE));
    let hash = |i: u32| if i + 1 == count { last } else { T::Hash::default() };
    let queue: alloc::collections::VecDeque<HashCommit<T::Hash>> =
        (0..count).map(|i| (hash(i), epoch, 1, 0)).collect();
    WeightCommits::<T>::insert(storage_index(HERE, mecid), hotkey, queue);
    CommitSigners::<T>::insert(storage_index(HERE, mecid), hotkey, strangers::<T>(10));
}

fn axon() -> AxonInfo {
    AxonInfo { ip: PUBLIC, port: 1, ip_type: 4, ..Default::default() }
}

/// Endpoints that a hotkey announced long ago.
fn endpoints<T: Config>(hotkey: &T::AccountId) {
    Axons::<T>::insert(HERE, hotkey, axon());
    Prometheus::<T>::insert(
        HERE,
        hotkey,
        PrometheusInfo { ip: PUBLIC, port: 1, ip_type: 4, ..Default::default() },
    );
    if let Some(certificate) = NeuronCertificate::from_announcement(&[1; 65]) {
        NeuronCertificates::<T>::insert(HERE, hotkey, certificate);
    }
}

/// The largest commitment.
fn statement() -> CommitmentInfo {
    let field = || Data::BigRaw(vec![1; 512].try_into().unwrap_or_default());
    CommitmentInfo { fields: vec![field(), field(), field()].try_into().unwrap_or_default() }
}

/// Gives a hotkey everything that a neuron can publish.
fn speak<T: Config>(hotkey: &T::AccountId) -> Result<(), BenchmarkError> {
    endpoints::<T>(hotkey);
    CommitmentBoard::<T>::publish(hotkey.clone(), HERE, statement())
        .map_err(|_| BenchmarkError::Stop("the commitment is refused"))?;
    Ok(())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_weights(n: Linear<1, 256>, p: Linear<0, 64>) {
        let hotkey = validator::<T>(p);
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey), HERE, uids(n), values(n), 0);
        assert_eq!(Weights::<T>::get(main_of(HERE), 1).len(), n as usize);
    }

    #[benchmark]
    fn commit_weights() {
        let hotkey = full::<T>();
        commits::<T>(&hotkey, 0, 9, Default::default());
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, Default::default());
        assert_eq!(WeightCommits::<T>::get(main_of(HERE), &hotkey).map(|queue| queue.len()), Some(10));
    }

    #[benchmark]
    fn reveal_weights(n: Linear<1, 256>, s: Linear<0, SALT>, p: Linear<0, 64>) {
        let hotkey = validator::<T>(p);
        let salt = values(s);
        let hash = WeightLedger::<T>::commit_hash(&hotkey, main_of(HERE), &uids(n), &values(n), &salt, 0);
        commits::<T>(&hotkey, 0, 10, hash);
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey), HERE, uids(n), values(n), salt, 0);
        assert_eq!(Weights::<T>::get(main_of(HERE), 1).len(), n as usize);
    }

    #[benchmark]
    fn commit_proven_weights() {
        let hotkey = full::<T>();
        commits::<T>(&hotkey, 0, 9, Default::default());
        let root = |commit: u8| EvidenceRoot {
            commit: [commit; 32],
            root: [1; 32],
            signer: hotkey.clone(),
            epoch: 1,
            began: 1,
            block: 1,
        };
        EvidenceRoots::<T>::insert(main_of(HERE), &hotkey, (0..10).map(root).collect::<VecDeque<_>>());
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, 0, Default::default(), [2; 32]);
        let last = EvidenceRoots::<T>::get(main_of(HERE), &hotkey).pop_back();
        assert_eq!(last.map(|root| root.root), Some([2; 32]));
    }

    #[benchmark]
    fn commit_answer_root() {
        let hotkey = full::<T>();
        let root = |epoch: u64| AnswerRoot { epoch, root: [1; 32], answers: 1, block: 1 };
        let epoch = EpochClock::<T>::number(HERE, now::<T>());
        SubnetEpochIndex::<T>::insert(HERE, epoch.max(20));
        AnswerRoots::<T>::insert(HERE, &hotkey, (0..10).map(root).collect::<VecDeque<_>>());
        let present = EpochClock::<T>::number(HERE, now::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, present, [2; 32], 9);
        let last = AnswerRoots::<T>::get(HERE, &hotkey).pop_back();
        assert_eq!(last.map(|root| root.root), Some([2; 32]));
    }

    #[benchmark]
    fn declare_model() {
        let hotkey = full::<T>();
        DeclaredModels::<T>::insert(HERE, &hotkey, DeclaredModel { model: [1; 32], has_parents: true });
        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(1)), hotkey.clone(), HERE, None);
        assert!(!DeclaredModels::<T>::contains_key(HERE, hotkey));
    }

    #[benchmark]
    fn attest_evidence(n: Linear<1, 64>) {
        let hotkey = full::<T>();
        SubnetEpochIndex::<T>::insert(HERE, 20);
        let opened = EpochClock::<T>::number(HERE, now::<T>()) - RevealPeriodEpochs::<T>::get(HERE) - 1;
        let held: Vec<_> = (0..n as Uid).map(|uid| (uid, [7; 16])).collect();
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, opened, held);
        assert_eq!(EvidenceHeld::<T>::get(HERE, &hotkey).epoch, opened);
    }

    /// Checking a proof of a full row, with answers of every miner.
    #[benchmark]
    fn prove() -> Result<(), BenchmarkError> {
        full::<T>();
        let judge = miner(0);
        let account = |key: &Keypair| T::AccountId::decode(&mut &key.public()[..]);
        let hotkey = account(&judge).map_err(|_| "an account has 32 bytes")?;
        let hash = |byte: u8| {
            let mut hash = T::Hash::default();
            hash.as_mut().fill(byte);
            hash
        };
        frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::from(0u32), hash(7));
        frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::from(5u32), hash(8));
        for uid in 1..NEURONS as Uid {
            let seated = account(&miner(uid)).map_err(|_| "an account has 32 bytes")?;
            Keys::<T>::insert(HERE, uid, seated);
            BlockAtRegistration::<T>::insert(HERE, uid, 1);
        }
        NeuronRegistry::<T>::write_roster(HERE);
        // The value of the beacon is the hash of the block, so the seeds hold with and without its strict rules.
        let place = Twox64Concat::hash(&5u32.encode());
        put_storage_value(b"Beacon", b"Values", &place, [8u8; 32]);
        let occasion = Occasion { genesis: [7; 32], netuid: HERE, epoch: 3, source: (5, [8; 32]), judge };
        let (tree, seeds) = occasion.evidence((1..NEURONS as Uid).map(|uid| (uid, miner(uid))), 3);
        let root = EvidenceRoot {
            commit: [0; 32],
            root: tree.root(),
            signer: hotkey.clone(),
            epoch: 3,
            began: 4,
            block: 9,
        };
        let row: Vec<(Uid, u16)> = (1..NEURONS as Uid).map(|uid| (uid, uid)).collect();
        let weights = EvidenceLedger::<T>::need_proof(&hotkey, HERE, &row, 9);
        Incentive::<T>::insert(main_of(HERE), vec![1; NEURONS as usize]);
        let paid = EvidenceLedger::<T>::paid(&hotkey, main_of(HERE), 9);
        let lots = Lots { randomness: [9; 32], weights: &weights, paid: &paid, answers: 1 };
        let proof = tree.prove(&lots, &seeds, |_| None).map_err(|_| "a miner has no answer")?;
        let (proof, held) = (proof.to_bytes(), core::cell::Cell::new(false));
        #[block]
        {
            held.set(
                EvidenceLedger::<T>::check(&hotkey, main_of(HERE), &root, &row, [9; 32], 1, &proof).is_ok(),
            );
        }
        assert!(held.get());
        Ok(())
    }

    /// Work of the transaction extension for a call that it does not check.
    #[benchmark]
    fn check_nothing() {
        let (who, call) = (hotkey::<T>(1), Call::<T>::start_call { netuid: HERE });
        #[block]
        {
            let _ = extension::admit::<T>(&who, &call);
        }
    }

    #[benchmark]
    fn check_weights(n: Linear<1, 256>, p: Linear<0, 64>) {
        let hotkey = validator::<T>(p);
        let call =
            Call::<T>::set_weights { netuid: HERE, dests: uids(n), weights: values(n), version_key: 0 };
        let checked;
        #[block]
        {
            checked = extension::admit::<T>(&hotkey, &call);
        }
        assert!(checked.is_ok());
    }

    #[benchmark]
    fn check_commit(p: Linear<0, 64>) {
        let hotkey = validator::<T>(p);
        commits::<T>(&hotkey, 0, 9, Default::default());
        let call = Call::<T>::commit_weights { netuid: HERE, commit_hash: Default::default() };
        let checked;
        #[block]
        {
            checked = extension::admit::<T>(&hotkey, &call);
        }
        assert!(checked.is_ok());
    }

    #[benchmark]
    fn check_reveal(n: Linear<1, 256>, s: Linear<0, SALT>, p: Linear<0, 64>) {
        let hotkey = validator::<T>(p);
        let salt = values(s);
        let hash = WeightLedger::<T>::commit_hash(&hotkey, main_of(HERE), &uids(n), &values(n), &salt, 0);
        commits::<T>(&hotkey, 0, 10, hash);
        let call = Call::<T>::reveal_weights {
            netuid: HERE,
            uids: uids(n),
            values: values(n),
            salt,
            version_key: 0,
        };
        let checked;
        #[block]
        {
            checked = extension::admit::<T>(&hotkey, &call);
        }
        assert!(checked.is_ok());
    }

    #[benchmark]
    fn check_endpoint() {
        let hotkey = full::<T>();
        endpoints::<T>(&hotkey);
        let call = Call::<T>::serve_axon_tls {
            netuid: HERE,
            version: 1,
            ip: PUBLIC,
            port: 1,
            ip_type: 4,
            protocol: 0,
            placeholder1: 0,
            placeholder2: 0,
            certificate: vec![1; 65],
        };
        let checked;
        #[block]
        {
            checked = extension::admit::<T>(&hotkey, &call);
        }
        assert!(checked.is_ok());
    }

    #[benchmark]
    fn check_commitment() -> Result<(), BenchmarkError> {
        let hotkey = full::<T>();
        let call =
            pallet_commitments::Call::<T>::set_commitment { netuid: HERE, info: Box::new(statement()) };
        let checked;
        #[block]
        {
            checked = extension::admit_commitment::<T>(&hotkey, &call);
        }
        assert!(checked.is_ok());
        Ok(())
    }

    /// A commitment of about `b` bytes that replaces a large one.
    #[benchmark]
    fn commitment(b: Linear<100, 1_536>) -> Result<(), BenchmarkError> {
        let hotkey = full::<T>();
        speak::<T>(&hotkey)?;
        SubnetEpochIndex::<T>::mutate(HERE, |index| *index += 1);
        let field = || Data::BigRaw(vec![2; (b / 3) as usize].try_into().unwrap_or_default());
        let info = CommitmentInfo { fields: vec![field(), field(), field()].try_into().unwrap_or_default() };
        #[block]
        {
            CommitmentBoard::<T>::publish(hotkey, HERE, info)
                .map_err(|_| BenchmarkError::Stop("the commitment is refused"))?;
        }
        Ok(())
    }

    #[benchmark]
    fn serve_axon() {
        let hotkey = full::<T>();
        endpoints::<T>(&hotkey);
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, 1, PUBLIC, 1, 4, 0, 0, 0);
        assert_eq!(Axons::<T>::get(HERE, &hotkey).map(|axon| axon.version), Some(1));
    }

    #[benchmark]
    fn serve_axon_tls() {
        let hotkey = full::<T>();
        endpoints::<T>(&hotkey);
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, 1, PUBLIC, 1, 4, 0, 0, 0, vec![1; 65]);
        assert_eq!(Axons::<T>::get(HERE, &hotkey).map(|axon| axon.version), Some(1));
    }

    #[benchmark]
    fn serve_prometheus() {
        let hotkey = full::<T>();
        endpoints::<T>(&hotkey);
        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey.clone()), HERE, 1, PUBLIC, 1, 4);
        assert_eq!(Prometheus::<T>::get(HERE, &hotkey).map(|info| info.version), Some(1));
    }

    /// A registration where there is room.
    #[benchmark]
    fn appended() {
        open::<T>(HERE);
        fill::<T>(HERE, NEURONS - 1);
        later::<T>();
        let (payer, newcomer) = (rich::<T>(1_000), hotkey::<T>(1_000));
        #[extrinsic_call]
        burned_register(RawOrigin::Signed(payer), HERE, newcomer.clone());
        assert!(NeuronRegistry::<T>::is_registered(HERE, &newcomer));
    }

    /// A registration in a full subnet of neurons that have published everything they can.
    #[benchmark]
    fn replaced(n: Linear<16, 256>) -> Result<(), BenchmarkError> {
        open::<T>(HERE);
        fill::<T>(HERE, n);
        MaxAllowedUids::<T>::insert(HERE, n as u16);
        later::<T>();
        MaxAllowedUids::<T>::insert(HERE, n as u16);
        (0..n).map(hotkey::<T>).try_for_each(|hotkey| speak::<T>(&hotkey))?;
        (1..n).map(hotkey::<T>).for_each(|hotkey| commits::<T>(&hotkey, 0, 10, Default::default()));
        let (payer, newcomer) = (rich::<T>(1_000), hotkey::<T>(1_000));
        #[extrinsic_call]
        burned_register(RawOrigin::Signed(payer), HERE, newcomer.clone());
        assert!(NeuronRegistry::<T>::is_registered(HERE, &newcomer));
        assert_eq!(NeuronRegistry::<T>::count(HERE), n as u16);
        Ok(())
    }

    #[benchmark]
    fn root_register() {
        (0..64).for_each(|i| hold::<T>(&hotkey::<T>(i), &coldkey::<T>(i), ROOT, 1));
        for i in 0..64 {
            KeyOwnership::<T>::claim(&coldkey::<T>(i), &hotkey::<T>(i));
            NeuronRegistry::<T>::seat(
                ROOT,
                myelin_economy::registration::UidChoice::Append(i as Uid),
                &hotkey::<T>(i),
            );
        }
        let (owner, newcomer) = (coldkey::<T>(1_000), hotkey::<T>(1_000));
        hold::<T>(&newcomer, &owner, ROOT, 10);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), newcomer.clone());
        assert!(NeuronRegistry::<T>::is_registered(ROOT, &newcomer));
    }

    /// Removal of everybody's bonds in one neuron.
    #[benchmark]
    fn bonds_reset(n: Linear<1, 256>) {
        open::<T>(HERE);
        fill::<T>(HERE, n);
        uids(n).into_iter().for_each(|uid| say::<T>(main_of(HERE), uid, &uids(n)));
        NeuronRegistry::<T>::write_roster(HERE);
        #[block]
        {
            <crate::pallet::Pallet<T> as pallet_commitments::Subnets<T::AccountId>>::reset_bonds(
                HERE,
                &hotkey::<T>(0),
            );
        }
    }

    /// Trimming of a subnet of this many neurons to half of them.
    #[benchmark]
    fn trimmed(n: Linear<64, 256>) -> Result<(), BenchmarkError> {
        open::<T>(HERE);
        fill::<T>(HERE, n);
        MinAllowedUids::<T>::insert(HERE, 8);
        later::<T>();
        (0..n).map(hotkey::<T>).try_for_each(|hotkey| speak::<T>(&hotkey))?;
        #[block]
        {
            NeuronRegistry::<T>::trim(HERE, (n / 2) as u16)?;
        }
        assert_eq!(u32::from(NeuronRegistry::<T>::count(HERE)), n / 2);
        Ok(())
    }

    /// A swap of a hotkey without a role on any of these subnets, by a coldkey with a full list.
    #[benchmark]
    fn swapped(s: Linear<2, 128>) {
        open_subnets::<T>(s);
        let (owner, old, new) = (rich::<T>(1_000), hotkey::<T>(1_000), hotkey::<T>(1_001));
        KeyOwnership::<T>::claim(&owner, &old);
        Delegates::<T>::insert(&old, 1);
        later::<T>();
        #[extrinsic_call]
        swap_hotkey_v2(RawOrigin::Signed(owner.clone()), old.clone(), new.clone(), None, false);
        assert_eq!(Owner::<T>::get(&new), owner);
        assert!(!KeyOwnership::<T>::exists(&old));
    }

    /// A swap on one subnet where the hotkey has every kind of entry: `l` links to other neurons, the last five to
    /// children.
    #[benchmark]
    fn role_swapped(l: Linear<5, 69>, m: Linear<1, 8>) -> Result<(), BenchmarkError> {
        open::<T>(HERE);
        fill::<T>(HERE, NEURONS);
        Hyperparameters::<T>::set_mechanism_count(HERE, m as MechId);
        later::<T>();
        let (owner, old, new) = (rich::<T>(1), hotkey::<T>(1), hotkey::<T>(1_001));
        speak::<T>(&old)?;
        (0..m).for_each(|mecid| commits::<T>(&old, mecid as MechId, 10, Default::default()));
        lend::<T>(&old, HERE, &neighbours::<T>(64, l - 5));
        let parent = core::slice::from_ref(&old);
        neighbours::<T>(200, 5).iter().for_each(|child| lend::<T>(child, HERE, parent));
        ChildkeyTake::<T>::insert(&old, HERE, 1);
        VotingPower::<T>::insert(HERE, &old, 1);
        #[extrinsic_call]
        swap_hotkey_v2(RawOrigin::Signed(owner), old.clone(), new.clone(), Some(HERE), true);
        assert!(NeuronRegistry::<T>::is_registered(HERE, &new));
        assert_eq!(ParentKeys::<T>::get(&new, HERE).len(), (l - 5) as usize);
        Ok(())
    }

    /// Moving the root stake of one coldkey, with its claims on `r` subnets.
    #[benchmark]
    fn position_moved(r: Linear<0, 128>) {
        let (holder, old, new) = (coldkey::<T>(1), hotkey::<T>(1), hotkey::<T>(2));
        hold::<T>(&old, &coldkey::<T>(2), ROOT, 10);
        hold::<T>(&old, &holder, ROOT, 10);
        hold::<T>(&new, &coldkey::<T>(2), ROOT, 10);
        let rates: BTreeMap<_, _> =
            (0..r).map(|i| (HERE + i as u16, myelin_units::I96F32::from_int(1u64))).collect();
        RootClaimable::<T>::insert(&old, &rates);
        RootClaimable::<T>::insert(&new, &rates);
        let shares = AlphaV2::<T>::get((&old, &holder, ROOT));
        let positions = BTreeMap::from([(ROOT, vec![(holder.clone(), shares)])]);
        #[block]
        {
            StakeLedger::<T>::move_holders(&old, &new, positions, false);
        }
        assert!(StakeLedger::<T>::is_holder(&new, &holder, ROOT));
    }

    /// Moving one lock to another hotkey.
    #[benchmark]
    fn lock_swapped() -> Result<(), BenchmarkError> {
        open::<T>(HERE);
        let (old, new) = (hotkey::<T>(1), hotkey::<T>(2));
        for i in 1..4 {
            let (holder, on) = (coldkey::<T>(i), if i == 3 { &new } else { &old });
            KeyOwnership::<T>::claim(&coldkey::<T>(1), on);
            hold::<T>(on, &holder, HERE, 100);
            Locks::<T>::lock(&holder, on, HERE, alpha(10))?;
        }
        let moved;
        #[block]
        {
            moved = Locks::<T>::swap_hotkey(HERE, &old, &new, 1);
        }
        assert_eq!(moved, 1);
        Ok(())
    }

    /// Moving the choice of one coldkey that directs its miner emission.
    #[benchmark]
    fn choice_moved() -> Result<(), BenchmarkError> {
        let (old, new) = (full::<T>(), hotkey::<T>(2));
        StakeLedger::<T>::choose_auto_stake(coldkey::<T>(1), HERE, old.clone())?;
        let mut meter = frame_support::weights::WeightMeter::new();
        #[block]
        {
            StakeLedger::<T>::move_choices(&old, &new, Some(HERE), &mut meter);
        }
        assert_eq!(AutoStakeDestination::<T>::get(coldkey::<T>(1), HERE), Some(new));
        Ok(())
    }

    /// A page of a count of convictions.
    #[benchmark]
    fn convictions(h: Linear<1, 32>) {
        open::<T>(HERE);
        let sum =
            LockState { locked_mass: alpha(1), conviction: U64F64::from_int(1u64), last_update: now::<T>() };
        strangers::<T>(h).iter().for_each(|hotkey| DecayingHotkeyLock::<T>::insert(HERE, hotkey, &sum));
        later::<T>();
        frame_system::Pallet::<T>::set_block_number(5_000_000u32.into());
        SubnetAlphaOut::<T>::insert(HERE, alpha(1_000_000));
        #[block]
        {
            crate::locks::Takeover::<T>::evaluate(HERE);
        }
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
