//! Inputs: ordinary ones, and those at which arithmetic breaks.

use myelin_economy::childkeys::{FamilyDividend, FamilyRates, Holding, Loan, Parent};
use myelin_economy::coinbase::{BlockInput, SubnetState};
use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_economy::emission::ShareInput;
use myelin_economy::issuance::MAX_SUPPLY_RAO;
use myelin_economy::payout::{EpochPots, Miner, ParentsPart, PayoutInput, SubnetOwner, Validator};
use myelin_economy::pool::{Market, Pool, QuoteWeight};
use myelin_units::{PerBillion, U64F64};
use proptest::prelude::*;

/// Amounts: edges, any magnitude, and what a real network holds.
pub fn amount() -> impl Strategy<Value = u64> {
    let edges =
        [0, 1, 2, 99, 100, 101, 1_000_000, MAX_SUPPLY_RAO - 1, MAX_SUPPLY_RAO, u64::MAX - 1, u64::MAX];
    prop_oneof![
        2 => prop::sample::select(edges.to_vec()),
        2 => (any::<u64>(), 0u32..64).prop_map(|(v, shift)| v >> shift),
        3 => 0..MAX_SUPPLY_RAO,
    ]
}

/// Small numbers, so that ties happen.
pub fn few() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0u64..4, 1 => amount()]
}

/// Proportions on the u64 scale: none, all, half, a bit, anything.
pub fn proportion() -> impl Strategy<Value = u64> {
    prop_oneof![
        prop::sample::select(vec![0, 1, u64::MAX / 2, u64::MAX / 2 + 1, u64::MAX - 1, u64::MAX]),
        any::<u64>(),
    ]
}

/// Proportions on the u16 scale.
pub fn rate() -> impl Strategy<Value = u16> {
    prop_oneof![prop::sample::select(vec![0, 1, 11_796, 32_767, 65_534, u16::MAX]), any::<u16>()]
}

/// Prices: none, the smallest, 1, the largest, and any magnitude.
pub fn price() -> impl Strategy<Value = U64F64> {
    prop_oneof![
        1 => prop::sample::select(vec![U64F64::ZERO, U64F64::from_bits(1), U64F64::ONE, U64F64::MAX]),
        3 => (any::<u128>(), 0u32..128).prop_map(|(v, shift)| U64F64::from_bits(v >> shift)),
        4 => (0u64..3_000_000_000).prop_map(|rao| U64F64::from_ratio(rao, 1_000_000_000u64)),
    ]
}

pub fn weight() -> impl Strategy<Value = QuoteWeight> {
    let legal = |e18| QuoteWeight::new(e18).expect("in range");
    prop_oneof![
        Just(QuoteWeight::HALF),
        prop::sample::select(vec![
            legal(QuoteWeight::MIN),
            legal(QuoteWeight::MAX),
            legal(QuoteWeight::UNIT / 4)
        ]),
        (QuoteWeight::MIN..=QuoteWeight::MAX).prop_map(legal),
    ]
}

prop_compose! {
    pub fn pool()(tao in amount(), alpha in amount(), weight in weight()) -> Pool {
        Pool { tao: tao.into(), alpha: alpha.into(), weight }
    }
}

prop_compose! {
    pub fn share_input()(
        moving_price in price(),
        miner_burned in prop_oneof![Just(U64F64::ZERO), Just(U64F64::ONE), price()],
        enabled in prop::bool::weighted(0.8),
    ) -> ShareInput {
        ShareInput { moving_price, miner_burned, enabled }
    }
}

prop_compose! {
    fn subnet()(
        pool in pool(),
        alpha_out in amount(),
        share in share_input(),
        owner_cut in prop::option::of(rate()),
        stable in prop::bool::weighted(0.1),
    ) -> SubnetState {
        let market = if stable { Market::Stable } else { Market::Dynamic(pool) };
        SubnetState { market, alpha_in: pool.alpha, alpha_out: alpha_out.into(), share, owner_cut }
    }
}

prop_compose! {
    /// A block over up to `most` subnets.
    pub fn block(most: usize)(
        tao_emission in prop_oneof![Just(1_000_000_000u64), 0u64..2_000_000_000, amount()],
        root_tao in amount(),
        tao_weight in proportion(),
        subnets in prop::collection::vec(subnet(), 0..=most),
    ) -> (BlockInput, Vec<SubnetState>) {
        (BlockInput { tao_emission: tao_emission.into(), root_tao: root_tao.into(), tao_weight }, subnets)
    }
}

prop_compose! {
    pub fn holding()(alpha in prop_oneof![few(), amount()], root in prop_oneof![few(), amount()]) -> Holding {
        Holding { alpha: alpha.into(), root: root.into() }
    }
}

prop_compose! {
    pub fn loan()(value in amount(), proportion in proportion()) -> Loan {
        Loan { value, proportion }
    }
}

prop_compose! {
    fn parent()(hotkey: u8, proportion in proportion(), holding in holding(), same_owner: bool) -> Parent<u8> {
        Parent { hotkey, proportion, holding, same_owner }
    }
}

prop_compose! {
    pub fn family()(
        hotkey: u8,
        dividend in amount(),
        holding in holding(),
        lent in prop::collection::vec(proportion(), 0..5),
        take in rate(),
        parents in prop::collection::vec(parent(), 0..6),
    ) -> FamilyDividend<u8> {
        FamilyDividend { hotkey, dividend: dividend.into(), holding, lent, take, parents }
    }
}

prop_compose! {
    pub fn family_rates()(tao_weight in proportion(), burn in proportion()) -> FamilyRates {
        FamilyRates { tao_weight, burn }
    }
}

prop_compose! {
    fn miner()(
        hotkey in 0u8..20,
        coldkey in 0u8..6,
        destination in 0u8..20,
        incentive in prop_oneof![few(), amount()],
        model in prop::option::of((30u8..34, 0u32..=1_000_000)),
    ) -> Miner<u8> {
        let part = |(pot, share)| ParentsPart { hotkey: 40, pot, share: PerBillion::millionths(share) };
        Miner { hotkey, coldkey, destination, incentive: incentive.into(), parents: model.map(part) }
    }
}

prop_compose! {
    fn validator()(hotkey in 0u8..20, coldkey in 0u8..6, dividend in prop_oneof![few(), amount()], holding in holding(), take in rate()) -> Validator<u8> {
        Validator { hotkey, coldkey, dividend: dividend.into(), holding, take }
    }
}

prop_compose! {
    /// A subnet to pay; hotkeys are distinct among miners and among validators.
    pub fn payout()(
        pots in [amount(), amount(), amount(), amount()],
        tao_weight in proportion(),
        owner in prop::option::of((0u8..6, 0u8..20)),
        recycle_withheld: bool,
        mut miners in prop::collection::vec(miner(), 0..8),
        mut validators in prop::collection::vec(validator(), 0..8),
        childkey_recycled in prop_oneof![2 => Just(0), 1 => amount()],
    ) -> PayoutInput<u8> {
        miners.sort_by_key(|m| m.hotkey);
        miners.dedup_by_key(|m| m.hotkey);
        miners.reverse();
        validators.sort_by_key(|v| v.hotkey);
        validators.dedup_by_key(|v| v.hotkey);
        validators.reverse();
        let [server, validator, root, owner_cut] = pots.map(Into::into);
        PayoutInput {
            pots: EpochPots { server, validator, root, owner_cut },
            tao_weight,
            owner: owner.map(|(coldkey, hotkey)| SubnetOwner { coldkey, hotkey }),
            recycle_withheld,
            miners,
            validators,
            childkey_recycled: childkey_recycled.into(),
        }
    }
}

prop_compose! {
    pub fn lock()(mass in amount(), conviction in price(), whole in any::<bool>(), last_update in few()) -> LockState {
        // Convictions are of the size of masses, or anything at all.
        let conviction = if whole { U64F64::from_int(mass / 2) } else { conviction };
        LockState { locked_mass: mass.into(), conviction, last_update }
    }
}

prop_compose! {
    pub fn lock_kind()(perpetual: bool, owner in prop::bool::weighted(0.3)) -> LockKind {
        LockKind { perpetual, owner }
    }
}

/// Time constants: equal, different, and absurd ones.
pub fn lock_rates() -> impl Strategy<Value = LockRates> {
    prop_oneof![
        Just(LockRates::default()),
        (1u64..5_000_000).prop_map(|rate| LockRates { unlock: rate, maturity: rate }),
        (1u64..5_000_000, 1u64..5_000_000).prop_map(|(unlock, maturity)| LockRates { unlock, maturity }),
        (few(), few()).prop_map(|(unlock, maturity)| LockRates { unlock, maturity }),
    ]
}
