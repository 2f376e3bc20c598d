//! Emission: the pallet and a second network of plain data live the same blocks and agree to the rao.

use proptest::prelude::*;

use super::{mock::*, model::Model};
use crate::{
    emission::{self, drain},
    epoch::Roll,
    ledger::TaoLedger,
    pallet::*,
    pools::PoolReserves,
    subnets::Hyperparameters,
};
use myelin_abi::RecycleOrBurnEnum;
use myelin_economy::issuance;
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT};
use sp_runtime::traits::Dispatchable;

/// A started subnet with three validators and some miners, nominated by others, that takes part in TAO emission.
fn working_subnet(owner: u8, miners: u16, tempo: u16) -> NetUid {
    let netuid = subnet().owned_by(owner).started().without_commit_reveal().with_neurons(3 + miners).create();
    Hyperparameters::<Test>::set_emission(netuid, true);
    Hyperparameters::<Test>::set_tempo(netuid, tempo);
    LastEpochBlock::<Test>::insert(netuid, u64::from(System::block_number()));
    WeightsSetRateLimit::<Test>::insert(netuid, 0);
    for (i, amount) in [(10, 300), (11, 200), (12, 100)] {
        stake(&owner_of(i), i, netuid, amount);
        stake(&coldkey(i as u8 + 50), i, netuid, amount / 3);
    }
    netuid
}

fn stake(staker: &AccountId, on: u16, netuid: NetUid, amount: u64) {
    ok(staker, Network::add_stake { hotkey: hotkey(on), netuid, amount_staked: tao(amount) });
}

/// Gives three validators permits and lets them set weights for the miners; uid 1 is hotkey 10.
fn judge(netuid: NetUid, rows: [&[u16]; 3]) {
    let count = SubnetworkN::<Test>::get(netuid);
    ValidatorPermit::<Test>::insert(netuid, (0..count).map(|uid| (1..=3).contains(&uid)).collect::<Vec<_>>());
    for (i, row) in (10..).zip(rows) {
        let dests: Vec<u16> = (4..).take(row.len()).collect();
        ok(&hotkey(i), Network::set_weights { netuid, dests, weights: row.to_vec(), version_key: 0 });
    }
}

/// Lets a block pass: weights count only if they were set after the registration of all neurons.
fn let_a_block_pass() {
    System::set_block_number(System::block_number() + 1);
}

fn root_stakers() {
    for i in [70, 71] {
        RegistrationsThisBlock::<Test>::insert(ROOT, 0);
        ok(&owner_of(i), Network::root_register { hotkey: hotkey(i) });
        stake(&owner_of(i), i, ROOT, 500);
    }
    stake(&coldkey(60), 70, ROOT, 100);
    for i in [10, 11] {
        ok(&owner_of(i), Network::try_associate_hotkey { hotkey: hotkey(i) });
        stake(&owner_of(i), i, ROOT, 2_000);
    }
    NumRootClaim::<Test>::put(0);
}

/// Prices high enough that root stakers receive dividends.
fn raise_prices(netuids: &[NetUid]) {
    for &netuid in netuids {
        SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_ratio(4, 5));
    }
}

/// Runs this many blocks and compares the chain with the model after each.
#[track_caller]
fn live_side_by_side(blocks: u32) {
    let mut model = Model::of_chain();
    for _ in 0..blocks {
        run_blocks(1);
        model.step(System::block_number().into());
        model.assert_is_chain();
    }
}

#[test]
fn a_network_at_work_is_what_the_pure_crates_compute() {
    on_chain(|| {
        root_stakers();
        let first = working_subnet(1, 4, 5);
        let second = working_subnet(2, 2, 7);
        let_a_block_pass();
        judge(first, [&[4, 3, 2, 1], &[4, 3, 2, 0], &[1, 2, 3, 4]]);
        judge(second, [&[1, 2], &[2, 1], &[1, 0]]);
        raise_prices(&[first, second]);
        live_side_by_side(30);

        let paid = |i: u16| stake_of(&hotkey(i), &owner_of(i), first);
        assert!(paid(13) > paid(14) && paid(14) > paid(15) && paid(15) > 0, "miners earn by weight");
        assert!(!RootClaimable::<Test>::get(hotkey(10)).is_empty(), "root stakers earn");
        assert!(!SubnetTaoInEmission::<Test>::get(first).is_zero(), "TAO enters the pool");
    });
}

#[test]
fn a_subnet_without_tao_emission_pays_alpha_all_the_same() {
    on_chain(|| {
        let paid = working_subnet(1, 2, 5);
        let unpaid = working_subnet(2, 2, 5);
        raise_prices(&[paid, unpaid]);
        Hyperparameters::<Test>::set_emission(unpaid, false);
        let reserve = SubnetTAO::<Test>::get(unpaid);
        live_side_by_side(12);
        assert_eq!(SubnetTAO::<Test>::get(unpaid), reserve);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(unpaid), AlphaBalance::ZERO);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(unpaid), alpha(1));
        assert!(SubnetTAO::<Test>::get(paid) > reserve);
        assert!(Emission::<Test>::get(unpaid).iter().any(|alpha| !alpha.is_zero()));
    });
}

#[test]
fn closing_registration_stops_all_emission() {
    on_chain(|| {
        let netuid = working_subnet(1, 2, 50);
        run_blocks(1);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(netuid), alpha(1));
        Hyperparameters::<Test>::set_registration_allowed(netuid, false);
        let (pots, issuance) = (drain::pots::<Test>(netuid), TotalIssuance::<Test>::get());
        run_blocks(3);
        assert_eq!(drain::pots::<Test>(netuid), pots);
        assert_eq!(TotalIssuance::<Test>::get(), issuance, "nobody else is paid, so nothing is minted");
        assert_eq!(
            SubnetAlphaOutEmission::<Test>::get(netuid),
            AlphaBalance::ZERO,
            "nothing is shown either"
        );
    });
}

/// Kept as on the official chain: a client that takes it for the emission of TAO reads a subnet's alpha.
#[test]
fn the_block_emission_is_what_was_evaluated_last() {
    on_chain(|| {
        run_blocks(1);
        assert_eq!(BlockEmission::<Test>::get(), 1_000_000_000);
        let netuid = working_subnet(1, 2, 100);
        // Behind the first halving of its alpha; TAO is far from its own.
        SubnetAlphaIn::<Test>::insert(netuid, alpha(10_600_000));
        run_blocks(1);
        assert_eq!(BlockEmission::<Test>::get(), 500_000_000);
        assert_eq!(issuance::block_emission(TotalIssuance::<Test>::get().to_rao()), 1_000_000_000);
    });
}

#[test]
fn a_subnet_is_first_paid_in_the_block_after_its_start_call() {
    on_chain(|| {
        let netuid = subnet().create();
        run_blocks(2);
        assert!(emission::eligible::<Test>().is_empty());
        ok(&coldkey(0), Network::start_call { netuid });
        assert_eq!(drain::pots::<Test>(netuid), Default::default());
        run_blocks(1);
        assert_eq!(FirstEmissionBlockNumber::<Test>::get(netuid), Some(System::block_number().into()));
        assert!(!drain::pots::<Test>(netuid).server.is_zero());
    });
}

#[test]
fn what_pools_do_not_take_is_not_minted() {
    on_chain(|| {
        // Without TAO emission for anybody every rao of the block is left over.
        let netuid = working_subnet(1, 1, 50);
        Hyperparameters::<Test>::set_emission(netuid, false);
        let issuance = TotalIssuance::<Test>::get();
        run_blocks(5);
        assert_eq!(TotalIssuance::<Test>::get(), issuance);
    });
}

#[test]
fn every_minted_rao_of_tao_is_on_the_account_of_a_subnet() {
    on_chain(|| {
        let netuids = [working_subnet(1, 2, 5), working_subnet(2, 2, 5)];
        raise_prices(&netuids);
        let held =
            || netuids.map(|netuid| TaoLedger::<Test>::held_by_subnet(netuid).to_rao()).iter().sum::<u64>();
        for _ in 0..12 {
            let (before, issuance) = (held(), TotalIssuance::<Test>::get());
            run_blocks(1);
            let minted = TotalIssuance::<Test>::get().saturating_sub(issuance).to_rao();
            assert!(minted > UNIT - 10, "a block mints 1 TAO up to rounding");
            assert_eq!(held() - before, minted);
        }
    });
}

#[test]
fn an_epoch_loses_no_more_alpha_than_its_floors() {
    on_chain(|| {
        root_stakers();
        let netuid = working_subnet(1, 4, 5);
        let_a_block_pass();
        judge(netuid, [&[5, 1, 1, 1], &[1, 5, 1, 1], &[1, 1, 5, 1]]);
        SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_ratio(11, 10));
        for _ in 0..20 {
            let before = Model::unowned(netuid);
            run_blocks(1);
            let lost = Model::unowned(netuid) - before;

            // One rao for each pot, miner, validator, take and holder of root stake, and the 2⁻³² to which a root
            // dividend's rate per rao of root stake is rounded.
            let bound = 60 + u128::from(SubnetTAO::<Test>::get(ROOT).to_rao() >> 32);
            assert!(lost < bound, "{lost} rao belong to nobody");
        }
    });
}

#[test]
fn while_root_stakers_get_nothing_half_of_their_part_is_left_to_nobody() {
    on_chain(|| {
        root_stakers();
        let netuid = working_subnet(1, 4, 5);
        let_a_block_pass();
        judge(netuid, [&[1, 1, 1, 1], &[1, 1, 1, 1], &[1, 1, 1, 1]]);
        let before = Model::unowned(netuid);
        run_blocks(3);
        let pots = drain::pots::<Test>(netuid);
        run_blocks(1);
        assert_eq!(LastMechansimStepBlock::<Test>::get(netuid), u64::from(System::block_number()));
        // The epoch divides both pots in halves, and the validators' half is only used for proportions. The validators'
        // pot is the smaller one, because the root part was taken out of it; so miners get less than their pot.
        let left = (pots.server.to_rao() - pots.validator.to_rao()) / 2 * 4 / 3;
        let lost = u64::try_from(Model::unowned(netuid) - before).expect("little");
        assert!(lost.abs_diff(left) < UNIT / 1_000, "{lost} is not {left}");
    });
}

#[test]
fn the_owner_is_paid_its_cut_and_root_stakers_only_while_prices_are_high() {
    on_chain(|| {
        root_stakers();
        let netuid = working_subnet(1, 2, 50);
        run_blocks(1);
        let pots = drain::pots::<Test>(netuid);
        let cut = UNIT * 11_796 / 65_535;
        assert_eq!(pots.owner_cut, AlphaBalance::from_rao(cut));
        assert_eq!(pots.root, AlphaBalance::ZERO, "prices add up to less than 1");
        let out = SubnetAlphaOut::<Test>::get(netuid);
        run_blocks(1);
        let minted = SubnetAlphaOut::<Test>::get(netuid).saturating_sub(out);
        assert!(minted < alpha(1), "the root part is taken out of circulation");

        raise_prices(&[netuid]);
        SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_ratio(11, 10));
        run_blocks(1);
        assert!(!drain::pots::<Test>(netuid).root.is_zero());
    });
}

#[test]
fn a_subnet_whose_owner_mines_for_itself_earns_less_tao() {
    on_chain(|| {
        let honest = working_subnet(1, 2, 5);
        let greedy = working_subnet(2, 2, 5);
        raise_prices(&[honest, greedy]);
        let_a_block_pass();
        judge(honest, [&[1, 1], &[1, 1], &[1, 1]]);
        // On this subnet the first miner's hotkey belongs to the owner.
        let owner = coldkey(2);
        let miner = hotkey(13);
        let before = stake_of(&miner, &owner_of(13), greedy);
        SubnetOwner::<Test>::insert(greedy, owner_of(13));
        judge(greedy, [&[3, 1], &[3, 1], &[3, 1]]);
        live_side_by_side(11);
        assert!(!MinerBurned::<Test>::get(greedy).is_zero());
        assert_eq!(stake_of(&miner, &owner_of(13), greedy), before, "its incentive is withheld");
        let tao_of = |netuid| {
            SubnetTaoInEmission::<Test>::get(netuid).saturating_add(SubnetExcessTao::<Test>::get(netuid))
        };
        assert!(tao_of(greedy) < tao_of(honest));
        SubnetOwner::<Test>::insert(greedy, owner);
    });
}

#[test]
fn a_capped_supply_is_never_exceeded() {
    on_chain(|| {
        let netuid = working_subnet(1, 1, 50);
        let cap = TaoBalance::from_rao(myelin_economy::issuance::MAX_SUPPLY_RAO);
        let room = TaoBalance::from_rao(7);
        let missing = cap.saturating_sub(TotalIssuance::<Test>::get()).saturating_sub(room);
        TaoLedger::<Test>::deposit(netuid, TaoLedger::<Test>::issue(missing));
        run_blocks(5);
        assert!(TotalIssuance::<Test>::get() <= cap);
    });
}

#[test]
fn dust_of_a_closed_account_leaves_the_issuance() {
    on_chain(|| {
        let issuance = TotalIssuance::<Test>::get().to_rao();
        let all_but_dust = balance(&coldkey(5)) - (EXISTENTIAL_DEPOSIT - 1);
        let call = pallet_balances::Call::transfer_allow_death { dest: coldkey(6), value: all_but_dust };
        RuntimeCall::from(call)
            .dispatch(RuntimeOrigin::signed(coldkey(5)))
            .expect("it may close its account");
        assert_eq!(TotalIssuance::<Test>::get().to_rao(), issuance - (EXISTENTIAL_DEPOSIT - 1));
        check_invariants();
    });
}

/// Inputs of a random network.
#[derive(Clone, Debug)]
struct Story {
    tempos: [u16; 2],
    rows: [[Vec<u16>; 3]; 2],
    yuma3: bool,
    liquid: bool,
    penalty: u16,
    owner_cut: bool,
    recycle: bool,
    childkey_burn: u64,
    stakes: Vec<(u8, u16, u64)>,
    epochs_per_block: u8,
    mechanisms: u8,
    prices: [u8; 2],
}

fn any_story() -> impl Strategy<Value = Story> {
    let row = || prop::collection::vec(0u16..100, 4);
    let rows = move || [row(), row(), row()];
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (
        [2u16..7, 2u16..7],
        [rows(), rows()],
        switches,
        any::<u16>(),
        prop_oneof![Just(0u64), any::<u64>()],
        prop::collection::vec((30u8..90, 10u16..17, 1u64..400), 0..6),
        (1u8..3, 1u8..3, [0u8..20, 0u8..20]),
    )
        .prop_map(|(tempos, rows, (yuma3, liquid, owner_cut, recycle), penalty, burn, stakes, rest)| {
            Story {
                tempos,
                rows,
                yuma3,
                liquid,
                penalty,
                owner_cut,
                recycle,
                childkey_burn: burn,
                stakes,
                epochs_per_block: rest.0,
                mechanisms: rest.1,
                prices: rest.2,
            }
        })
}

impl Story {
    fn tell(&self) {
        root_stakers();
        MaxEpochsPerBlock::<Test>::put(self.epochs_per_block);
        CKBurn::<Test>::put(self.childkey_burn);
        let netuids = [working_subnet(1, 4, self.tempos[0]), working_subnet(2, 4, self.tempos[1])];
        for (netuid, tenths) in netuids.into_iter().zip(self.prices) {
            Hyperparameters::<Test>::set_yuma3(netuid, self.yuma3);
            Hyperparameters::<Test>::set_liquid_alpha(netuid, self.liquid);
            Hyperparameters::<Test>::set_bonds_penalty(netuid, self.penalty);
            Hyperparameters::<Test>::set_owner_cut(netuid, self.owner_cut);
            let choice = if self.recycle { RecycleOrBurnEnum::Recycle } else { RecycleOrBurnEnum::Burn };
            Hyperparameters::<Test>::set_recycle_or_burn(netuid, choice);
            Hyperparameters::<Test>::set_mechanism_count(netuid, self.mechanisms);
            SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_ratio(tenths, 10));
            for (staker, on, amount) in &self.stakes {
                stake(&coldkey(*staker), *on, netuid, *amount);
            }
        }
        let_a_block_pass();
        for (netuid, rows) in netuids.into_iter().zip(&self.rows) {
            judge(netuid, [&rows[0], &rows[1], &rows[2]]);
        }
        live_side_by_side(12);
    }
}

proptest! {
    #![proptest_config(cases(24))]
    #[test]
    fn random_networks_are_what_the_pure_crates_compute(story in any_story()) {
        on_chain(|| story.tell());
    }
}

#[test]
fn what_the_chain_buys_counts_as_volume() {
    on_chain(|| {
        let netuid = working_subnet(0, 2, 50);
        raise_prices(&[netuid]);
        let mut bought = TaoBalance::ZERO;
        let before = SubnetVolume::<Test>::get(netuid);
        for _ in 0..20 {
            run_blocks(1);
            bought = bought.saturating_add(SubnetExcessTao::<Test>::get(netuid));
        }
        assert!(!bought.is_zero(), "the cap of injection turns TAO into buys");
        assert_eq!(SubnetVolume::<Test>::get(netuid) - before, u128::from(bought.to_rao()));
    });
}

/// The miners whose incentives were announced as staked elsewhere, in order. Hotkeys 13 and 80 are miners of one
/// coldkey and earn the same; their coldkey has their earnings staked on `destination`.
fn announced_miners(destination: u16) -> Vec<AccountId> {
    on_chain(|| {
        let netuid = working_subnet(1, 1, 5);
        let owner = owner_of(13);
        ok(&owner, Network::burned_register { netuid, hotkey: hotkey(80) });
        ok(&owner, Network::set_coldkey_auto_stake_hotkey { netuid, hotkey: hotkey(destination) });
        let_a_block_pass();
        judge(netuid, [&[1, 1], &[1, 1], &[1, 1]]);
        run_blocks(12);
        let announced = System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::SubtensorModule(Event::AutoStakeAdded { destination: to, hotkey: of, .. }) => {
                assert_eq!(to, hotkey(destination));
                Some(of)
            }
            _ => None,
        });
        announced.collect()
    })
}

#[test]
fn every_incentive_that_is_staked_elsewhere_is_announced_once() {
    let both = announced_miners(10);
    assert!(!both.is_empty());
    assert!(both.chunks(2).all(|pair| pair == [hotkey(13), hotkey(80)]), "{both:?}");
    // Earnings of the destination itself stay there.
    let one = announced_miners(13);
    assert_eq!(one, vec![hotkey(80); both.len() / 2]);
}

#[test]
fn dividends_of_a_validator_without_holders_are_shown_too() {
    on_chain(|| {
        let netuid = working_subnet(0, 2, 50);
        let pots = drain::pots::<Test>(netuid);
        let validator = myelin_economy::payout::Validator {
            hotkey: hotkey(13),
            coldkey: owner_of(13),
            dividend: alpha(1),
            holding: Default::default(),
            take: 0,
        };
        let pots = myelin_economy::payout::EpochPots { validator: alpha(3), server: alpha(0), ..pots };
        let mut roll = Roll::<Test>::call(netuid);
        let mut input = emission::payout::input(&mut roll, pots, &[]);
        input.validators = vec![validator];
        let payout = input.pay();
        assert!(!payout.credits.is_empty());
        PoolReserves::<Test>::mint_out(netuid, alpha(3));
        PoolReserves::<Test>::burn_out(netuid, pots.left_by(&payout));
        emission::payout::apply(&mut roll, payout);
        let paid = AlphaDividendsPerSubnet::<Test>::get(netuid, hotkey(13));
        assert_eq!(paid.to_rao(), stake_of(&hotkey(13), &owner_of(13), netuid));
        assert!(!paid.is_zero());
    });
}

#[test]
fn loans_and_parents_without_a_uid_count_in_what_an_epoch_cost() {
    on_chain(|| {
        let netuid = working_subnet(0, 2, 50);
        let_a_block_pass();
        judge(netuid, [&[1, 1], &[1, 1], &[1, 1]]);
        let part = u64::MAX / 4;
        for i in [70, 71] {
            ok(&owner_of(i), Network::try_associate_hotkey { hotkey: hotkey(i) });
            stake(&owner_of(i), i, netuid, 100);
        }
        for i in [70, 71] {
            ChildKeys::<Test>::insert(hotkey(i), netuid, vec![(part, hotkey(10))]);
        }
        ParentKeys::<Test>::insert(hotkey(10), netuid, vec![(part, hotkey(70)), (part, hotkey(71))]);
        survey(netuid);
        run_blocks(10);
        System::set_block_number(System::block_number() + 50);
        let now = System::block_number().into();
        let due = drain::due::<Test>(now);
        assert_eq!(due.len(), 1);
        let (_, pots) = due[0];
        let work = emission::payout::pay::<Test>(netuid, pots, now);
        assert_eq!((work.neurons, work.kin, work.loans), (6, 1, 2));
        let said = work.opinions;
        assert_eq!((said.rows, said.entries, said.commits), (4, 6, 0), "three rows of two, and the owner's");
        assert_eq!(work.validators, 5, "three validators and two parents");
    });
}
