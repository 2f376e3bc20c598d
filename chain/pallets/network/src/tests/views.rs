//! Views: answers agree with storage and with the rules clients rely on.

use std::collections::BTreeMap;

use super::mock::*;
use crate::{
    pallet::*,
    pools::PoolReserves,
    stake::StakeLedger,
    subnets::Hyperparameters,
    views::{delegate, equation, hyperparams, metagraph, neuron, stake, subnet as subnets, swap},
};
use codec::Compact;
use myelin_abi::{HyperparamValue, SelectiveMetagraphIndex as Field, SimSwapResult};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT, U64F64};

const MISSING: NetUid = 77;

/// A subnet that ran epochs, with three neurons besides the owner's and a nominator.
fn lived() -> NetUid {
    let netuid = subnet().started().without_commit_reveal().with_neurons(3).create();
    Hyperparameters::<Test>::set_emission(netuid, true);
    Hyperparameters::<Test>::set_tempo(netuid, 5);
    for (staker, on) in [(owner_of(10), 10), (owner_of(11), 11), (coldkey(40), 10)] {
        let call = Network::add_stake { hotkey: hotkey(on), netuid, amount_staked: tao(60) };
        ok(&staker, call);
    }
    ok(&owner_of(10), Network::add_stake { hotkey: hotkey(10), netuid: ROOT, amount_staked: tao(100) });
    let axon = Network::serve_axon {
        netuid,
        version: 1,
        ip: u128::from(u32::from_be_bytes([8, 8, 8, 8])),
        port: 8091,
        ip_type: 4,
        protocol: 4,
        placeholder1: 0,
        placeholder2: 0,
    };
    ok(&hotkey(11), axon);
    run_blocks(12);
    netuid
}

#[test]
fn a_missing_subnet_is_none() {
    on_chain(|| {
        assert!(metagraph::metagraph::<Test>(MISSING, 0).is_none());
        assert!(metagraph::metagraph::<Test>(1, 1).is_none(), "nor has subnet 1 a second mechanism");
        assert!(metagraph::selective_metagraph::<Test>(MISSING, 0, vec![52]).is_none());
        assert!(subnets::dynamic_info::<Test>(MISSING).is_none());
        assert!(subnets::subnet_state::<Test>(MISSING).is_none());
        assert!(subnets::subnet_info_v2::<Test>(MISSING).is_none());
        assert!(subnets::next_epoch_start::<Test>(MISSING).is_none());
        assert!(hyperparams::hyperparams_v3::<Test>(MISSING).is_none());
        assert!(stake::holding::<Test>(&hotkey(1), &coldkey(1), MISSING).is_none());
        assert!(neuron::neurons::<Test>(MISSING).is_empty());
        assert_eq!(swap::price::<Test>(MISSING), 0);
        assert_eq!(swap::sim_buy::<Test>(MISSING, tao(1)), SimSwapResult::default());
    });
}

#[test]
fn a_holding_of_zero_on_an_existing_subnet_is_still_an_answer() {
    on_chain(|| {
        let holding = stake::holding::<Test>(&hotkey(1), &coldkey(1), 1).expect("subnet 1 exists");
        assert_eq!(holding.stake.0, AlphaBalance::ZERO);
        assert!(!holding.is_registered);
        assert!(stake::holdings::<Test>(&coldkey(1)).is_empty());
    });
}

#[test]
fn the_metagraph_agrees_with_storage() {
    on_chain(|| {
        let netuid = lived();
        let view = metagraph::metagraph::<Test>(netuid, 0).expect("it exists");
        assert_eq!(view.netuid.0, netuid);
        assert_eq!(view.hotkeys, [hotkey(0), hotkey(10), hotkey(11), hotkey(12)]);
        assert_eq!(view.coldkeys, [coldkey(0), owner_of(10), owner_of(11), owner_of(12)]);
        assert_eq!(view.block.0, u64::from(System::block_number()));
        assert_eq!(view.num_uids.0, 4);
        assert_eq!(view.tao_in.0, SubnetTAO::<Test>::get(netuid));
        assert_eq!(view.alpha_in.0, SubnetAlphaIn::<Test>::get(netuid));
        assert_eq!(view.alpha_out.0, SubnetAlphaOut::<Test>::get(netuid));
        assert_eq!(view.moving_price, SubnetMovingPrice::<Test>::get(netuid));
        assert_eq!(view.last_step.0, LastMechansimStepBlock::<Test>::get(netuid));
        assert_eq!(view.axons[2].port, 8091);
        assert_eq!(view.axons[1], Default::default(), "hotkey 10 never announced one");
        assert_eq!(view.validator_permit, ValidatorPermit::<Test>::get(netuid));
        assert_eq!(
            view.emission.iter().map(|alpha| alpha.0).collect::<Vec<_>>(),
            Emission::<Test>::get(netuid)
        );
        assert_eq!(view.alpha_stake[1].0, TotalHotkeyAlpha::<Test>::get(hotkey(10), netuid));
        assert_eq!(view.tao_stake[1].0, tao(100));
        let expected = view.alpha_stake[1].0.to_rao() + (100.0 * 1e9 * 0.052_677) as u64;
        assert!(
            view.total_stake[1].0.to_rao().abs_diff(expected) < 100_000,
            "root stake counts by the TAO weight"
        );
        assert_eq!(view.tempo.0, 5);
        assert_eq!(view.activity_cutoff.0, 5_000, "the fixed number that clients expect");
        let hyperparameters = hyperparams::hyperparams::<Test>(netuid).expect("it exists");
        assert_eq!(hyperparameters.activity_cutoff.0, 13_889 * 5 / 1000, "what the epoch goes by");
        for length in
            [view.rank.len(), view.incentives.len(), view.identities.len(), view.collateral_min.len()]
        {
            assert_eq!(length, 4);
        }
    });
}

#[test]
fn the_columns_of_a_subnet_without_epochs_are_full() {
    on_chain(|| {
        let netuid = subnet().with_neurons(2).create();
        let view = metagraph::metagraph::<Test>(netuid, 0).expect("it exists");
        let lengths =
            [view.active.len(), view.dividends.len(), view.incentives.len(), view.last_update.len()];
        assert_eq!(lengths, [3; 4]);
        assert_eq!(view.pruning_score, [Compact(0); 3], "no score is kept");
        let nothing: Vec<_> =
            view.hotkeys.iter().map(|hotkey| (hotkey.clone(), Compact(AlphaBalance::ZERO))).collect();
        assert_eq!((&view.tao_dividends_per_hotkey, &view.alpha_dividends_per_hotkey), (&nothing, &nothing));
        let state = subnets::subnet_state::<Test>(netuid).expect("it exists");
        assert_eq!((state.hotkeys.len(), state.consensus.len(), state.emission_history.len()), (3, 3, 3));
    });
}

#[test]
fn a_selective_metagraph_holds_what_was_asked_for() {
    on_chain(|| {
        let netuid = lived();
        let full = metagraph::metagraph::<Test>(netuid, 0).expect("it exists");
        let numbers = vec![Field::Hotkeys.number(), Field::Burn.number(), Field::Hotkeys.number(), 999];
        let part = metagraph::selective_metagraph::<Test>(netuid, 0, numbers).expect("it exists");
        assert_eq!(part.hotkeys, Some(full.hotkeys.clone()));
        assert_eq!(part.burn, Some(full.burn));
        assert!(part.coldkeys.is_none() && part.tempo.is_none());

        let everything = Field::ALL.map(Field::number).to_vec();
        let all = metagraph::selective_metagraph::<Test>(netuid, 0, everything).expect("it exists");
        assert_eq!(all.identities, Some(full.identities));
        assert_eq!(all.total_stake.as_ref(), Some(&full.total_stake));
        assert_eq!(all.alpha_dividends_per_hotkey, Some(full.alpha_dividends_per_hotkey));
        assert_eq!(all.bonds_moving_avg, Some(full.bonds_moving_avg));
        let validators: Vec<_> = all.validators.into_iter().flatten().map(|uid| usize::from(uid.0)).collect();
        let permits = ValidatorPermit::<Test>::get(netuid);
        let staked =
            (0..permits.len()).filter(|uid| permits[*uid] && full.total_stake[*uid].0 > AlphaBalance::ZERO);
        let mut ascending: Vec<usize> = staked.collect();
        ascending.sort_by_key(|uid| full.total_stake[*uid].0);
        assert!(validators.len() > 1 && validators == ascending, "{validators:?} is not {ascending:?}");
        assert_eq!(all.commitments, Some(Vec::new()), "nobody committed");
    });
}

#[test]
fn root_shows_the_blocks_since_genesis_as_those_since_its_step() {
    on_chain(|| {
        let netuid = lived();
        let shown =
            |netuid| metagraph::metagraph::<Test>(netuid, 0).expect("it exists").blocks_since_last_step.0;
        assert_eq!(shown(ROOT), u64::from(System::block_number()));
        assert_eq!(shown(netuid), BlocksSinceLastStep::<Test>::get(netuid));
    });
}

#[test]
fn a_mechanism_answers_with_its_storage_index() {
    on_chain(|| {
        let netuid = lived();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        let view = metagraph::metagraph::<Test>(netuid, 1).expect("it has two");
        assert_eq!(view.netuid.0, 4096 + netuid);
        assert_eq!(metagraph::all_mechagraphs::<Test>().len(), 4, "root, subnet 1, and two of this");
        assert_eq!(metagraph::all_metagraphs::<Test>().len(), 3);
    });
}

#[test]
fn neurons_agree_with_storage_in_both_forms() {
    on_chain(|| {
        let netuid = lived();
        let neurons = neuron::neurons::<Test>(netuid);
        assert_eq!(neurons.iter().map(|neuron| neuron.uid.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let of_10 = &neurons[1];
        assert_eq!((&of_10.hotkey, &of_10.coldkey), (&hotkey(10), &owner_of(10)));
        assert_eq!(
            of_10.stake,
            vec![(owner_of(10), Compact(TotalHotkeyAlpha::<Test>::get(hotkey(10), netuid)))]
        );
        assert_eq!(of_10.dividends.0, Dividends::<Test>::get(netuid)[1]);
        assert_eq!(of_10.validator_permit, ValidatorPermit::<Test>::get(netuid)[1]);
        let lite = neuron::neurons_lite::<Test>(netuid);
        assert_eq!(lite[2].axon_info, neurons[2].axon_info);
        assert_eq!(neuron::neuron::<Test>(netuid, 1).as_ref(), Some(of_10));
        assert_eq!(neuron::neuron_lite::<Test>(netuid, 3).as_ref(), Some(&lite[3]));
        assert!(neuron::neuron::<Test>(netuid, 4).is_none());
    });
}

#[test]
fn hyperparameters_are_the_official_33() {
    on_chain(|| {
        let netuid = subnet().create();
        let entries = hyperparams::hyperparams_v3::<Test>(netuid).expect("it exists");
        assert_eq!(entries.len(), 33);
        let value = |name: &str| {
            let entry = entries.iter().find(|entry| entry.name == name.as_bytes());
            entry.unwrap_or_else(|| panic!("{name} is missing")).value.clone()
        };
        assert_eq!(value("kappa"), HyperparamValue::U16(Compact(32_767)));
        assert_eq!(value("max_burn"), HyperparamValue::TaoBalance(Compact(tao(100))));
        assert_eq!(value("yuma_version"), HyperparamValue::U16(Compact(3)));
        assert_eq!(value("subnet_is_active"), HyperparamValue::Bool(false));
        assert_eq!(value("min_childkey_take"), HyperparamValue::U16(Compact(0)));
        let multiplier = U64F64::from_bits(23_242_897_532_874_035_200);
        assert_eq!(value("burn_increase_mult"), HyperparamValue::U64F64(multiplier));
        let second = hyperparams::hyperparams_v2::<Test>(netuid).expect("it exists");
        assert_eq!(second.yuma_version.0, 3);
        let first = hyperparams::hyperparams::<Test>(netuid).expect("it exists");
        assert_eq!(first.max_validators, second.max_validators);
    });
}

#[test]
fn dynamic_info_names_the_subnet_by_its_identity_or_as_clients_know_it() {
    on_chain(|| {
        let (netuid, third) = (subnet().create(), subnet().owned_by(1).create());
        let name = |netuid| {
            let info = subnets::dynamic_info::<Test>(netuid).expect("it exists");
            String::from_utf8(info.subnet_name.iter().map(|byte| byte.0).collect()).expect("UTF-8")
        };
        assert_eq!((name(ROOT), name(netuid)), ("root".into(), "omron".into()));
        let identity =
            myelin_abi::SubnetIdentityV3 { subnet_name: b"weather".to_vec(), ..Default::default() };
        SubnetIdentitiesV3::<Test>::insert(netuid, identity);
        assert_eq!(
            (name(1), name(netuid), name(third)),
            ("apex".into(), "weather".into(), "subnet 3".into())
        );
        assert_eq!(subnets::all_dynamic_info::<Test>().len(), 4);
    });
}

#[test]
fn holdings_name_every_stake_of_a_coldkey_and_what_is_available() {
    on_chain(|| {
        let netuid = lived();
        let holdings = stake::holdings::<Test>(&owner_of(10));
        let found: Vec<_> =
            holdings.iter().map(|h| (h.hotkey.clone(), h.netuid.0, h.stake.0.to_rao())).collect();
        let on_subnet = stake_of(&hotkey(10), &owner_of(10), netuid);
        assert_eq!(found, [(hotkey(10), ROOT, 100 * UNIT), (hotkey(10), netuid, on_subnet)]);
        assert!(holdings[1].is_registered && !holdings[0].is_registered);
        assert_eq!(holdings[1].emission.0, AlphaDividendsPerSubnet::<Test>::get(netuid, hotkey(10)));

        let available = |netuids| {
            let of_all = stake::stake_availabilities::<Test>(vec![owner_of(10)], netuids);
            of_all.into_values().next().expect("an answer for each coldkey")
        };
        let all = available(None);
        assert_eq!(all.keys().copied().collect::<Vec<_>>(), [ROOT, netuid]);
        assert_eq!(all[&netuid].available.0.to_rao(), on_subnet);
        let some = available(Some(vec![1, MISSING]));
        assert_eq!(some.keys().copied().collect::<Vec<_>>(), [1]);

        // A coldkey that is named a thousand times is answered once, and no answer is unbounded.
        let again = vec![owner_of(10); 1_000];
        assert_eq!(stake::holdings_of_all::<Test>(again.clone()).len(), 1);
        assert_eq!(stake::stake_availabilities::<Test>(again, Some(vec![1; 1_000])).len(), 1);
        let many = (0..2_000).map(hotkey).collect();
        assert_eq!(stake::holdings_of_all::<Test>(many).len(), stake::MOST_COLDKEYS);
    });
}

/// Gives a coldkey a little stake on each of these hotkeys on each of 128 subnets.
fn spread(coldkey: &AccountId, hotkeys: std::ops::Range<u16>) {
    for netuid in 2..=129 {
        NetworksAdded::<Test>::insert(netuid, true);
        for i in hotkeys.clone() {
            let given = StakeLedger::<Test>::increase(&hotkey(i), coldkey, netuid, alpha(1));
            assert_eq!(given, Ok(()));
        }
    }
}

#[test]
fn what_is_read_for_one_question_is_limited() {
    situation().execute_with(|| {
        let (rich, heavy, poor) = (coldkey(1), coldkey(2), coldkey(3));
        spread(&rich, 0..40);
        spread(&heavy, 40..120);
        spread(&poor, 120..121);
        // 5,120, 10,240 and 128 holdings.
        assert_eq!(stake::holdings::<Test>(&rich).len(), 5_120);
        assert_eq!(stake::holdings::<Test>(&heavy).len(), stake::MOST_HOLDINGS);
        let answered = |coldkeys: &[&AccountId]| {
            let coldkeys: Vec<_> = coldkeys.iter().map(|coldkey| (*coldkey).clone()).collect();
            let holdings = stake::holdings_of_all::<Test>(coldkeys.clone()).len();
            let available = stake::stake_availabilities::<Test>(coldkeys, None);
            assert_eq!(holdings, available.len());
            (holdings, available.values().map(BTreeMap::len).sum::<usize>())
        };
        assert_eq!(answered(&[&poor, &rich]), (2, 256));
        assert_eq!(answered(&[&poor, &heavy, &rich]), (1, 128), "what does not fit is left out, not cut");
        assert_eq!(delegate::delegated::<Test>(&heavy), [], "nobody owns these hotkeys");
        for i in 40..120 {
            Owner::<Test>::insert(hotkey(i), &heavy);
        }
        assert_eq!(delegate::delegated::<Test>(&heavy).len(), stake::MOST_HOLDINGS);

        for i in 1_000..2_100 {
            Owner::<Test>::insert(hotkey(i), &poor);
            Delegates::<Test>::insert(hotkey(i), 1);
        }
        assert_eq!(delegate::delegates::<Test>().len(), delegate::MOST_DELEGATES);
    });
}

#[test]
fn a_delegate_lists_its_nominators_and_its_return() {
    on_chain(|| {
        let netuid = lived();
        ok(&owner_of(10), Network::decrease_take { hotkey: hotkey(10), take: 5_000 });
        let info = delegate::delegate::<Test>(&hotkey(10)).expect("it has an owner");
        assert_eq!(info.owner_ss58, owner_of(10));
        let nominators: Vec<_> = info.nominators.iter().map(|(coldkey, _)| coldkey.clone()).collect();
        assert_eq!(nominators, [owner_of(10), coldkey(40)]);
        assert_eq!(info.registrations, [Compact(netuid)]);
        assert!(info.total_daily_return.0 > TaoBalance::ZERO);
        let dividends = AlphaBalance::from_tokens(5);
        RootAlphaDividendsPerSubnet::<Test>::insert(netuid, hotkey(10), dividends);
        RootAlphaDividendsPerSubnet::<Test>::insert(netuid, hotkey(11), dividends);
        // 1,440 tempos of 5 blocks a day, shared by 100 TAO on root.
        let daily = PoolReserves::<Test>::value_at_spot(netuid, dividends).to_rao() * 1_440;
        let of =
            |i| delegate::delegate::<Test>(&hotkey(i)).expect("it has an owner").return_per_1000.0.to_rao();
        assert!(of(10).abs_diff(daily * 10) <= 1, "{} is not {}", of(10), daily * 10);
        assert_eq!(of(11), 0, "nobody stakes with it on root");
        let info = delegate::delegate::<Test>(&hotkey(10)).expect("it has an owner");
        assert!(delegate::delegates::<Test>().contains(&info));
        assert!(delegate::delegate::<Test>(&hotkey(99)).is_none());

        let delegated = delegate::delegated::<Test>(&coldkey(40));
        assert_eq!(delegated.len(), 1);
        assert!(delegated[0].0.nominators.is_empty(), "everybody else's stake is not asked for");
        assert_eq!(delegated[0].1 .1 .0.to_rao(), stake_of(&hotkey(10), &coldkey(40), netuid));
    });
}

#[test]
fn a_simulated_swap_is_what_the_swap_does() {
    on_chain(|| {
        let netuid = lived();
        let sim = swap::sim_buy::<Test>(netuid, tao(10));
        let before = stake_of(&hotkey(12), &coldkey(70), netuid);
        let call = Network::add_stake { hotkey: hotkey(12), netuid, amount_staked: tao(10) };
        ok(&coldkey(70), call);
        assert_eq!(stake_of(&hotkey(12), &coldkey(70), netuid) - before, sim.alpha_amount.to_rao());
        assert_eq!(sim.tao_amount.saturating_add(sim.tao_fee), tao(10));
        assert!(sim.alpha_slippage > AlphaBalance::ZERO && sim.tao_slippage.is_zero());

        let held = AlphaBalance::from_rao(stake_of(&hotkey(12), &coldkey(70), netuid));
        let sim = swap::sim_sell::<Test>(netuid, held);
        let before = balance(&coldkey(70));
        ok(&coldkey(70), Network::remove_stake { hotkey: hotkey(12), netuid, amount_unstaked: held });
        assert_eq!(balance(&coldkey(70)) - before, sim.tao_amount.to_rao());
        assert!(sim.tao_slippage > TaoBalance::ZERO);
    });
}

#[test]
fn prices_are_in_rao_and_one_on_root() {
    on_chain(|| {
        let netuid = subnet().create();
        assert_eq!(swap::price::<Test>(ROOT), UNIT);
        assert_eq!(swap::price::<Test>(netuid), price_rao(netuid));
        let prices: Vec<_> = swap::prices::<Test>().into_iter().map(|price| price.netuid).collect();
        assert_eq!(prices, [0, 1, 2]);
        assert_eq!(swap::sim_buy::<Test>(ROOT, tao(1)).alpha_amount, alpha(1));
    });
}

#[test]
fn the_published_root_of_the_price_follows_the_pool() {
    use myelin_economy::pool::sqrt_price;
    use pallet_myelin_swap::AlphaSqrtPrice;
    on_chain(|| {
        let netuid = lived();
        let now = || sqrt_price(PoolReserves::<Test>::spot_price(netuid)).to_bits();
        let published = || AlphaSqrtPrice::<Test>::get(netuid).to_bits();
        let mut last = published();
        for call in [
            Network::add_stake { hotkey: hotkey(12), netuid, amount_staked: tao(10) },
            Network::remove_stake { hotkey: hotkey(12), netuid, amount_unstaked: alpha(5) },
        ] {
            ok(&coldkey(70), call);
            assert_eq!(published(), now());
            assert!(published() != last, "an order moves the price");
            last = published();
        }
        run_blocks(300);
        assert!(published().abs_diff(now()) <= now() / 1_000_000_000, "injections do not move it");
        assert!(!AlphaSqrtPrice::<Test>::contains_key(ROOT));
    });
}

#[test]
fn the_equation_of_all_tao_adds_up_and_names_the_subnet_that_lacks_a_rao() {
    situation().execute_with(|| {
        let netuid = lived();
        let earlier = equation::tao_equation::<Test>();
        run_blocks(3);
        let sound = equation::tao_equation::<Test>();
        assert_eq!(sound.differences(), []);
        assert_eq!(sound.differences_since(&earlier, 3), []);
        assert!(sound.minted > earlier.minted && !sound.pools.is_zero() && !sound.root.is_zero());
        let people = frame_system::Account::<Test>::iter()
            .filter(|(who, _)| !crate::ledger::TaoLedger::<Test>::is_own(who))
            .map(|(_, account)| TaoBalance::from_rao(account.data.free + account.data.reserved))
            .sum();
        assert_eq!(sound.with_people(), people);

        TotalAlphaStaked::<Test>::mutate(netuid, |staked| {
            *staked = AlphaBalance::from_rao(staked.to_rao() - 1)
        });
        let broken = equation::tao_equation::<Test>().differences();
        assert_eq!(broken.len(), 1);
        assert_eq!((broken[0].netuid, broken[0].left - broken[0].right), (Some(netuid), 1));
        assert_eq!(broken[0].rule, "every rao of alpha has a place");
    });
}
