use super::*;
use crate::childkeys::Parent;
use myelin_units::TaoBalance;
use proptest::prelude::*;
use std::vec;

type Key = &'static str;

fn alpha(rao: u64) -> AlphaBalance {
    AlphaBalance::from_rao(rao)
}

fn holding(alpha_rao: u64, root: u64) -> Holding {
    Holding { alpha: alpha(alpha_rao), root: TaoBalance::from_rao(root) }
}

fn miner(hotkey: Key, coldkey: Key, incentive: u64) -> Miner<Key> {
    Miner { hotkey, coldkey, destination: hotkey, incentive: alpha(incentive), parents: None }
}

fn validator(hotkey: Key, dividend: u64, holding: Holding) -> Validator<Key> {
    Validator { hotkey, coldkey: "validator cold", dividend: alpha(dividend), holding, take: 0 }
}

/// A subnet of "owner cold" with a pot of 500 for miners, 400 for validators, 100 for root and 200 for the owner.
fn subnet() -> PayoutInput<Key> {
    PayoutInput {
        pots: EpochPots {
            server: alpha(500),
            validator: alpha(400),
            root: alpha(100),
            owner_cut: alpha(200),
        },
        tao_weight: u64::MAX,
        owner: Some(SubnetOwner { coldkey: "owner cold", hotkey: "owner hot" }),
        recycle_withheld: false,
        miners: vec![],
        validators: vec![],
        childkey_recycled: AlphaBalance::ZERO,
    }
}

fn stake(reason: Reason, hotkey: Key, coldkey: Key, amount: u64) -> Credit<Key> {
    Credit::Stake { reason, earner: hotkey, hotkey, coldkey, amount: alpha(amount) }
}

/// An incentive that is staked elsewhere.
fn redirected(earner: Key, hotkey: Key, coldkey: Key, amount: u64) -> Credit<Key> {
    Credit::Stake { reason: Reason::Incentive, earner, hotkey, coldkey, amount: alpha(amount) }
}

#[test]
fn the_owner_is_paid_its_cut() {
    let payout = subnet().pay();
    assert_eq!(payout.credits, [stake(Reason::OwnerCut, "owner hot", "owner cold", 200)]);
    assert_eq!(payout.unpaid, alpha(1_000), "nobody else is there to be paid");
    let ownerless = PayoutInput { owner: None, ..subnet() }.pay();
    assert_eq!((ownerless.credits.len(), ownerless.unpaid), (0, alpha(1_200)));
}

#[test]
fn miners_are_paid_the_epochs_numbers_where_they_want_them() {
    let mut input = subnet();
    input.miners = vec![miner("b", "cold b", 300), Miner { destination: "z", ..miner("a", "cold a", 199) }];
    let payout = input.pay();
    assert_eq!(
        payout.credits[1..],
        [redirected("a", "z", "cold a", 199), stake(Reason::Incentive, "b", "cold b", 300)]
    );
    assert_eq!((payout.miner_burned, payout.unpaid), (U64F64::ZERO, alpha(501)));
}

/// A miner that serves a model with parents.
fn of_parents(share: u32, miner: Miner<Key>) -> Miner<Key> {
    let share = PerBillion::millionths(share);
    Miner { parents: Some(ParentsPart { hotkey: "parents", pot: "pot", share }), ..miner }
}

#[test]
fn parents_of_a_model_get_their_part_and_the_miner_the_rest() {
    let mut input = subnet();
    input.miners =
        vec![of_parents(333_333, miner("a", "cold a", 100)), of_parents(1, miner("b", "cold b", 9))];
    let credits = input.pay().credits;
    let part = Credit::Stake {
        reason: Reason::ModelParents,
        earner: "a",
        hotkey: "parents",
        coldkey: "pot",
        amount: alpha(33),
    };
    let expected =
        [stake(Reason::Incentive, "a", "cold a", 67), part, stake(Reason::Incentive, "b", "cold b", 9)];
    assert_eq!(credits[1..], expected, "less than a rao stays with the miner");
    input.miners = vec![of_parents(500_000, miner("owner hot", "owner cold", 100))];
    let payout = input.pay();
    assert_eq!((payout.credits.len(), payout.unowned), (1, alpha(100)), "what is withheld has no parents");
}

proptest! {
    /// A miner and its pot together get the miner's pay without a share, and nobody else notices.
    #[test]
    fn a_share_of_parents_takes_from_its_miner_alone(
        incentives in prop::collection::vec(0u64..=u64::MAX / 8, 1..8),
        shares in prop::collection::vec(0u32..2_000_000, 8),
    ) {
        const KEYS: [Key; 8] = ["a", "b", "c", "d", "e", "f", "g", "owner hot"];
        let alone: Vec<_> = KEYS.iter().zip(&incentives).map(|(key, rao)| miner(key, key, *rao)).collect();
        let sharing = alone.iter().zip(&shares).map(|(miner, share)| of_parents(*share, miner.clone()));
        let sharing = PayoutInput { miners: sharing.collect(), ..subnet() }.pay();
        let alone = PayoutInput { miners: alone, ..subnet() }.pay();
        let by_earner = |payout: &Payout<Key>| {
            let mut sums = BTreeMap::<Key, u64>::new();
            for credit in &payout.credits {
                if let Credit::Stake { earner, amount, .. } = credit {
                    *sums.entry(*earner).or_default() += amount.to_rao();
                }
            }
            sums
        };
        prop_assert_eq!(by_earner(&sharing), by_earner(&alone));
        prop_assert_eq!(
            (sharing.recycled, sharing.unowned, sharing.unpaid, sharing.miner_burned),
            (alone.recycled, alone.unowned, alone.unpaid, alone.miner_burned)
        );
    }
}

#[test]
fn incentives_of_the_owners_keys_are_withheld() {
    let mut input = subnet();
    input.miners =
        vec![miner("a", "owner cold", 100), miner("owner hot", "other cold", 25), miner("c", "cold c", 375)];
    let burned = input.pay();
    assert_eq!((burned.unowned, burned.recycled), (alpha(125), AlphaBalance::ZERO));
    assert_eq!(burned.miner_burned, U64F64::from_ratio(1, 4));
    assert_eq!(burned.credits[1..], [stake(Reason::Incentive, "c", "cold c", 375)]);
    let recycled = PayoutInput { recycle_withheld: true, ..input }.pay();
    assert_eq!((recycled.unowned, recycled.recycled), (AlphaBalance::ZERO, alpha(125)));
}

#[test]
fn without_incentives_the_validators_get_the_miners_pot() {
    let mut input = subnet();
    input.miners = vec![miner("a", "cold a", 0)];
    input.validators = vec![validator("v", 1, holding(10, 0))];
    let payout = input.pay();
    assert_eq!(payout.credits[1..], [Credit::Nominators { hotkey: "v", amount: alpha(900) }]);
}

#[test]
fn dividends_are_paid_from_two_pots_by_two_kinds_of_stake() {
    let mut input = subnet();
    input.miners = vec![miner("a", "cold a", 500)];
    // Both earn 1000. "v" with three quarters of alpha, "w" with root alone.
    input.validators = vec![validator("w", 1_000, holding(0, 50)), validator("v", 1_000, holding(75, 25))];
    let payout = input.pay();
    assert_eq!(
        payout.credits[2..],
        [
            Credit::Nominators { hotkey: "v", amount: alpha(400) },
            // A fifth and four fifths of 100: the quotient is floored at 2⁻³² before the product is floored.
            Credit::RootClaims { hotkey: "v", amount: alpha(19) },
            Credit::RootClaims { hotkey: "w", amount: alpha(79) },
        ]
    );
    assert_eq!(payout.unpaid, alpha(2));
}

#[test]
fn a_take_is_staked_for_the_validators_owner() {
    let mut input = subnet();
    input.miners = vec![miner("a", "cold a", 500)];
    let v = validator("v", 1_000, holding(50, 50));
    input.validators = vec![Validator { take: u16::MAX / 5, ..v }];
    let payout = input.pay();
    assert_eq!(
        payout.credits[2..],
        [
            stake(Reason::AlphaTake, "v", "validator cold", 79),
            Credit::Nominators { hotkey: "v", amount: alpha(320) },
            stake(Reason::RootTake, "v", "validator cold", 19),
            Credit::RootClaims { hotkey: "v", amount: alpha(80) },
        ]
    );
}

#[test]
fn a_dividend_without_nominators_goes_to_the_owner() {
    let mut input = subnet();
    input.miners = vec![miner("a", "cold a", 500)];
    input.validators = vec![validator("v", 1_000, holding(0, 0))];
    assert_eq!(input.pay().credits[2..], [stake(Reason::AlphaDividend, "v", "validator cold", 400)]);
}

#[test]
fn parents_receive_their_part_without_being_registered() {
    let parent =
        |hotkey, alpha| Parent { hotkey, proportion: u64::MAX, holding: holding(alpha, 0), same_owner: true };
    let family = |hotkey, parents| FamilyDividend {
        hotkey,
        dividend: alpha(1_000),
        holding: holding(100, 0),
        lent: vec![],
        take: 0,
        parents,
    };
    let families = [family("v", vec![parent("p", 300)]), family("w", vec![parent("p", 100)])];
    let shared = share_with_parents(&families, FamilyRates::default());
    let expected = BTreeMap::from([("p", alpha(750 + 500)), ("v", alpha(250)), ("w", alpha(500))]);
    assert_eq!((shared.by_hotkey, shared.recycled), (expected, AlphaBalance::ZERO));
}

#[test]
fn childkey_burn_comes_out_of_the_validator_pot() {
    let mut input = subnet();
    input.miners = vec![miner("a", "cold a", 500)];
    input.validators = vec![validator("v", 1_000, holding(10, 0))];
    input.childkey_recycled = alpha(150);
    let payout = input.pay();
    assert_eq!(payout.recycled, alpha(150));
    assert_eq!(payout.credits[2..], [Credit::Nominators { hotkey: "v", amount: alpha(250) }]);
}

#[test]
fn validators_share_what_miners_leave_so_that_no_more_is_paid_than_was_set_aside() {
    let pots = subnet().pots;
    assert_eq!(pots.beside_incentives(alpha(500)), pots);
    assert_eq!(pots.beside_incentives(AlphaBalance::ZERO), pots);
    let beside = |incentives| {
        let rest = pots.beside_incentives(alpha(incentives));
        (rest.validator.to_rao(), rest.root.to_rao())
    };
    assert_eq!(
        [beside(501), beside(750), beside(950), beside(1_000)],
        [(399, 100), (150, 100), (0, 50), (0, 0)]
    );
}

const NAMES: [Key; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

prop_compose! {
    fn any_input()(
        (server, validator, root, owner_cut) in (0u64..1 << 50, 0u64..1 << 50, 0u64..1 << 50, 0u64..1 << 50),
        tao_weight: u64,
        has_owner: bool,
        recycle_withheld: bool,
        incentives in prop::collection::vec((0u64..1000, 0usize..8), 0..8),
        dividends in prop::collection::vec((0u64..1 << 50, 0u64..1 << 55, 0u64..1 << 55, any::<u16>()), 0..8),
        childkey_recycled in 0u64..1 << 40,
    ) -> PayoutInput<Key> {
        // As the epoch does: half of its emission, floored, divided by incentive.
        let pots = EpochPots { server: alpha(server), validator: alpha(validator), root: alpha(root), owner_cut: alpha(owner_cut) };
        let half = u128::from(server.min(pots.epoch_emission().to_rao() / 2));
        let total: u128 = incentives.iter().map(|(i, _)| u128::from(*i)).sum::<u128>().max(1);
        let miners = incentives.iter().zip(NAMES).map(|((i, cold), hotkey)| {
            miner(hotkey, NAMES[*cold], (half * u128::from(*i) / total) as u64)
        });
        let validators = dividends.iter().zip(NAMES).map(|((dividend, a, r, take), hotkey)| {
            Validator { take: *take, ..validator_of(hotkey, *dividend, *a, *r) }
        });
        PayoutInput {
            pots,
            tao_weight,
            owner: has_owner.then_some(SubnetOwner { coldkey: "a", hotkey: "b" }),
            recycle_withheld,
            miners: miners.collect(),
            validators: validators.collect(),
            childkey_recycled: alpha(childkey_recycled),
        }
    }
}

fn validator_of(hotkey: Key, dividend: u64, a: u64, r: u64) -> Validator<Key> {
    validator(hotkey, dividend, holding(a, r))
}

proptest! {
    #[test]
    fn every_rao_of_the_pots_is_accounted_for(input in any_input()) {
        let payout = input.pay();
        let credited: u64 = payout.credits.iter().map(|c| c.amount().to_rao()).sum();
        let total = credited + payout.recycled.to_rao() + payout.unowned.to_rao() + payout.unpaid.to_rao();
        let pots = input.pots.epoch_emission().to_rao() + input.pots.owner_cut.to_rao();
        prop_assert_eq!(total, pots);
        prop_assert!(payout.miner_burned <= U64F64::ONE);
        prop_assert!(payout.credits.iter().all(|c| !c.amount().is_zero()));
    }

    #[test]
    fn whatever_miners_earn_of_the_emission_no_more_than_the_pots_is_paid(
        input in any_input(),
        parts in prop::collection::vec(0u64..1_000, 8),
    ) {
        let mut input = input;
        let pots = input.pots;
        let total = parts.iter().sum::<u64>().max(1);
        for (miner, part) in input.miners.iter_mut().zip(&parts) {
            let earned = u128::from(pots.epoch_emission().to_rao()) * u128::from(*part) / u128::from(total);
            miner.incentive = alpha(earned as u64);
        }
        input.pots = pots.beside_incentives(input.miners.iter().map(|miner| miner.incentive).sum());
        let payout = input.pay();
        let credited: u128 = payout.credits.iter().map(|c| u128::from(c.amount().to_rao())).sum();
        let paid = credited + u128::from(payout.recycled.to_rao()) + u128::from(payout.unowned.to_rao());
        let set_aside = u128::from(pots.epoch_emission().to_rao()) + u128::from(pots.owner_cut.to_rao());
        prop_assert_eq!(paid + u128::from(pots.left_by(&payout).to_rao()), set_aside);
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter(input in any_input()) {
        let mut turned = input.clone();
        turned.miners.reverse();
        turned.validators.reverse();
        prop_assert_eq!(input.pay(), turned.pay());
    }
}
