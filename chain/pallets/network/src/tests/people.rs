//! People act between blocks, and the pallet still equals the pure crates: every storage value, to the rao, after every
//! call and every block.

use super::{mock::*, model::Model};
use crate::{
    invariants,
    pallet::*,
    removal::SubnetRemoval,
    subnets::{EmissionSplits, Hyperparameters},
    weights::WeightLedger,
};
use myelin_economy::conviction::TAKEOVER_AGE;
use myelin_units::{storage_index, MechId, NetUid, I96F32, ROOT};
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::traits::Dispatchable;

/// Blocks that a change of children waits.
const COOLDOWN: u64 = 4;
/// Blocks that a change of shares of mechanisms waits.
const NOTICE: u64 = 3;
/// Validators: hotkeys 10 to 12.
const VALIDATORS: u16 = 3;
/// Miners, the hotkeys after the validators.
const MINERS: u16 = 3;
/// Weights that a validator commits to and reveals later.
type Secret = (NetUid, MechId, u16, Vec<u16>, Vec<u16>, u16, H256);

/// An act of a person; each act reads the numbers in its own way.
#[derive(Clone, Debug)]
struct Act {
    what: u8,
    who: u16,
    other: u16,
    place: bool,
    amount: u64,
}

fn act() -> impl Strategy<Value = Act> {
    (0u8..24, 0u16..VALIDATORS, 0u16..VALIDATORS + MINERS, any::<bool>(), 1u64..60 * UNIT)
        .prop_map(|(what, who, other, place, amount)| Act { what, who, other, place, amount })
}

/// A chain and the model beside it.
struct Stage {
    model: Model,
    subnets: Vec<NetUid>,
    secrets: Vec<Secret>,
    newcomers: u16,
    done: Vec<u8>,
}

impl Stage {
    /// Two old subnets at work, on the second of which weights are committed, with stakers and root stakers.
    fn set() -> Self {
        NumRootClaim::<Test>::put(0);
        PendingChildKeyCooldown::<Test>::put(COOLDOWN);
        RubricNotice::<Test>::put(NOTICE);
        UnlockRate::<Test>::put(5_000);
        MaturityRate::<Test>::put(100);
        System::set_block_number(u32::try_from(TAKEOVER_AGE).expect("a block number") + 1);
        for i in [10, 11] {
            ok(&owner_of(i), Network::try_associate_hotkey { hotkey: hotkey(i) });
            stake(&owner_of(i), i, ROOT, 2_000);
        }
        let subnets = vec![working(1, 5, false), working(2, 7, true)];
        System::set_block_number(System::block_number() + 1);
        for &netuid in &subnets {
            SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_ratio(4, 5));
            // Old enough to change hands, and about to be taken over.
            NetworkRegisteredAt::<Test>::insert(netuid, 1);
            let (king, amount) = (owner_of(10), stake_of(&hotkey(10), &owner_of(10), netuid) * 2 / 3);
            ok(&king, Network::set_perpetual_lock { netuid, enabled: true });
            ok(&king, Network::lock_stake { hotkey: hotkey(10), netuid, amount: amount.into() });
        }
        check_invariants();
        Self { model: Model::of_chain(), subnets, secrets: Vec::new(), newcomers: 0, done: Vec::new() }
    }

    fn blocks(&mut self, count: u32) {
        for _ in 0..count {
            let recycled = TaoSupply::<Test>::get().recycled.to_rao();
            let removing = SubnetRemoval::<Test>::count() > 0;
            run_blocks(1);
            self.model.step(System::block_number().into());
            if removing {
                self.model.recycled(TaoSupply::<Test>::get().recycled.to_rao() - recycled);
            }
            self.model.assert_is_chain();
        }
    }

    /// Makes a call, returns whether it succeeded, and records it.
    fn try_call(&mut self, what: u8, signer: &AccountId, call: Network) -> bool {
        let done = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(signer.clone())).is_ok();
        if done {
            self.done.push(what);
        }
        check_invariants();
        done
    }

    fn play(&mut self, act: &Act) {
        let Act { what, who, other, place, amount } = *act;
        let Some(&netuid) = self.subnets.get(usize::from(place)).or(self.subnets.first()) else { return };
        let now = u64::from(System::block_number());
        let (validator, staker) = (hotkey(10 + who), owner_of(10 + who));
        let target = hotkey(10 + other);
        let mechanisms = MechanismCountCurrent::<Test>::get(netuid);
        let mecid = (amount % u64::from(mechanisms)) as MechId;
        let uids: Vec<u16> = (4..4 + MINERS).collect();
        let values: Vec<u16> = uids.iter().map(|uid| (amount >> uid) as u16).collect();
        match what {
            0..=3 => {
                let (dests, weights) = (uids.clone(), values.clone());
                let call = Network::set_mechanism_weights { netuid, mecid, dests, weights, version_key: 0 };
                if self.try_call(0, &validator, call) {
                    self.model.set_weights(netuid, mecid, &validator, &uids, &values, now);
                }
            }
            4..=7 => {
                let (index, salt) = (storage_index(netuid, mecid), amount as u16);
                let hash = WeightLedger::<Test>::commit_hash(&validator, index, &uids, &values, &[salt], 0);
                let call = Network::commit_mechanism_weights { netuid, mecid, commit_hash: hash };
                if self.try_call(4, &validator, call) {
                    self.model.commit(netuid, mecid, &validator, hash, now);
                    self.secrets.push((netuid, mecid, who, uids, values, salt, hash));
                }
            }
            8..=11 => self.reveal_what_is_open(),
            12..=13 => {
                let children = vec![(u64::MAX / (1 + amount % 5), target.clone())];
                let call =
                    Network::set_children { hotkey: validator.clone(), netuid, children: children.clone() };
                if self.try_call(12, &staker, call) {
                    self.model.name_children(netuid, &validator, children, now);
                }
            }
            14..=15 => {
                let call = Network::lock_stake { hotkey: target.clone(), netuid, amount: amount.into() };
                let done = self.try_call(14, &staker, call);
                let predicted = self.model.lock(netuid, &staker, &target, amount.into(), now);
                assert_eq!(done, predicted, "whether {amount} could be locked");
            }
            16 => {
                let from = Lock::<Test>::iter_prefix((&staker, netuid)).next().map(|(hotkey, _)| hotkey);
                let call = Network::move_lock { destination_hotkey: target.clone(), netuid };
                if let Some(from) = from.filter(|_| self.try_call(16, &staker, call)) {
                    self.model.move_lock(netuid, &staker, &from, &target, now);
                }
            }
            17 => {
                let enabled = amount.is_multiple_of(2);
                if self.try_call(17, &staker, Network::set_perpetual_lock { netuid, enabled }) {
                    self.model.set_perpetual(netuid, &staker, enabled, now);
                }
            }
            18 => {
                let owner = SubnetOwner::<Test>::get(netuid);
                if self.try_call(18, &owner, Network::enable_voting_power_tracking { netuid }) {
                    self.model.track_votes(netuid, VotingPowerEmaAlpha::<Test>::get(netuid));
                }
            }
            19 => {
                let count = 1 + (amount % 2) as MechId;
                Hyperparameters::<Test>::set_mechanism_count(netuid, count);
                self.done.push(19);
                self.model.set_mechanisms(netuid, count.into(), now, NOTICE);
                // Commits on a removed mechanism can't be revealed.
                self.secrets.retain(|(of, mecid, ..)| *of != netuid || *mecid < count);
            }
            20 if mechanisms == 2 => {
                let shares = vec![amount as u16, u16::MAX - amount as u16];
                EmissionSplits::<Test>::set(netuid, Some(shares.clone()));
                self.done.push(20);
                self.model.split(netuid, shares, now, NOTICE);
            }
            21..=22 => {
                let (key, owner) = (hotkey(200 + self.newcomers), coldkey(90));
                let call = Network::burned_register { netuid, hotkey: key.clone() };
                let full = SubnetworkN::<Test>::get(netuid) == MaxAllowedUids::<Test>::get(netuid);
                if self.try_call(if full { 22 } else { 21 }, &owner, call) {
                    self.newcomers += 1;
                    self.model.register(netuid, &key, &owner, now);
                    // One trade in a block.
                    self.blocks(1);
                }
            }
            23 if self.subnets.len() == 2 && self.done.len() > 20 => {
                SubnetRemoval::<Test>::dissolve(netuid).expect("it exists");
                self.done.push(23);
                self.subnets.retain(|other| *other != netuid);
                self.secrets.retain(|(of, ..)| *of != netuid);
                self.model.remove(netuid);
            }
            _ => {}
        }
        self.model.assert_is_chain();
    }

    /// The first commit that can be revealed now.
    fn reveal_what_is_open(&mut self) {
        let secrets = self.secrets.clone();
        for (at, (netuid, mecid, who, uids, values, salt, hash)) in secrets.into_iter().enumerate() {
            let validator = hotkey(10 + who);
            let call = Network::reveal_mechanism_weights {
                netuid,
                mecid,
                uids: uids.clone(),
                values: values.clone(),
                salt: vec![salt],
                version_key: 0,
            };
            if self.try_call(8, &validator, call) {
                self.model.reveal(netuid, mecid, &validator, hash, &uids, &values);
                self.secrets.remove(at);
                return;
            }
        }
    }
}

fn stake(staker: &AccountId, on: u16, netuid: NetUid, amount: u64) {
    ok(staker, Network::add_stake { hotkey: hotkey(on), netuid, amount_staked: tao(amount) });
}

/// A subnet whose neurons have permits and stake, and whose owner's cut is locked.
fn working(owner: u8, tempo: u16, commit_reveal: bool) -> NetUid {
    let story = subnet().owned_by(owner).started().with_neurons(VALIDATORS + MINERS).with_permits();
    let netuid = if commit_reveal { story.create() } else { story.without_commit_reveal().create() };
    Hyperparameters::<Test>::set_emission(netuid, true);
    Hyperparameters::<Test>::set_tempo(netuid, tempo);
    Hyperparameters::<Test>::set_reveal_period(netuid, 1);
    OwnerCutAutoLockEnabled::<Test>::insert(netuid, true);
    LastEpochBlock::<Test>::insert(netuid, u64::from(System::block_number()));
    WeightsSetRateLimit::<Test>::insert(netuid, 0);
    // Two newcomers find a place of their own.
    MaxAllowedUids::<Test>::insert(netuid, 1 + VALIDATORS + MINERS + 2);
    ImmunityPeriod::<Test>::insert(netuid, 12);
    for (i, amount) in (10..10 + VALIDATORS).zip([300, 200, 100]) {
        stake(&owner_of(i), i, netuid, amount);
        stake(&coldkey(i as u8 + 50), i, netuid, amount / 3);
    }
    netuid
}

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn a_network_of_busy_people_is_what_the_pure_crates_compute(acts in prop::collection::vec(act(), 60..120)) {
        on_chain(|| {
            let mut stage = Stage::set();
            for act in &acts {
                stage.play(act);
                stage.blocks(1);
            }
            stage.blocks(8);
            if SubnetRemoval::<Test>::count() == 0 {
                invariants::check_all::<Test>().expect("every rule holds");
            }
        });
    }
}

#[test]
fn in_a_long_story_people_do_everything_the_model_knows() {
    on_chain(|| {
        let mut stage = Stage::set();
        // A linear congruential generator (Knuth's MMIX): the story is the same every time.
        let mut dice = 7u64;
        let mut roll = |below: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % below
        };
        for round in 0..400u32 {
            let act = Act {
                // The removal comes when everything else has happened on both subnets.
                what: if round == 350 { 23 } else { roll(23) as u8 },
                who: roll(VALIDATORS.into()) as u16,
                other: roll((VALIDATORS + MINERS).into()) as u16,
                place: roll(2) == 0,
                amount: 1 + roll(60 * UNIT),
            };
            stage.play(&act);
            stage.blocks(1);
        }
        for what in [0, 4, 8, 12, 14, 16, 17, 18, 19, 20, 21, 22, 23] {
            let times = stage.done.iter().filter(|done| **done == what).count();
            assert!(times > 0, "nobody did what has number {what}: {:?}", stage.done);
        }
        assert_eq!(SubnetRemoval::<Test>::count(), 0, "the removal came to its end");
        assert!(stage.model.lends(), "children were linked");
        assert!(stage.model.takeovers() > 0, "subnets changed hands");
    });
}
