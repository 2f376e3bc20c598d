use super::*;
use proptest::prelude::*;

fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

fn alpha(tokens: u64) -> AlphaBalance {
    AlphaBalance::from_tokens(tokens)
}

#[test]
fn a_price_is_the_lowest_of_moving_price_one_and_what_the_pool_backs() {
    let half = U64F64::from_ratio(1, 2);
    assert_eq!(noted_price(half, tao(1_000), alpha(1_000)), 500_000_000);
    assert_eq!(noted_price(U64F64::from_int(3u64), tao(1_000), alpha(10)), 1_000_000_000);
    assert_eq!(noted_price(half, tao(100), alpha(1_000)), 100_000_000, "a thin pool");
    assert_eq!(noted_price(half, tao(100), AlphaBalance::ZERO), 0);
    assert_eq!(noted_price(U64F64::ZERO, tao(100), alpha(1)), 0);
    assert_eq!(noted_price(U64F64::ONE, TaoBalance::MAX, AlphaBalance::from_rao(1)), 1_000_000_000);
}

#[test]
fn tao_counts_as_it_is_and_alpha_at_its_noted_price() {
    let network = Valuation::Network(Prices::new([(5, 250_000_000), (2, 1_000_000_000)]));
    let mut own = Portfolio::default();
    own.set(Asset::Stake(5), 7);
    own.set(Asset::Free, 100);
    own.set(Asset::Stake(ROOT), 10);
    own.set(Asset::Stake(2), 1);
    own.set(Asset::Stake(9), 1_000);
    assert_eq!(network.total(&own), 100 + 10 + 1 + 1, "⌊7/4⌋, and 0 for a subnet without a note");
    assert_eq!(Valuation::Subnet(5).total(&own), 7);
    let rubrics = TrackId::rubrics(5).unwrap();
    assert_eq!(own.on_track(rubrics).iter().collect::<Vec<_>>(), [(Asset::Stake(5), 7)]);
    assert_eq!(own.on_track(TrackId(0)), own);
    assert_eq!(Valuation::on(rubrics, Prices::default()), Valuation::Subnet(5));
    assert_eq!(Valuation::on(TrackId(0), Prices::default()), Valuation::Network(Prices::default()));
}

#[test]
fn electorates_count_what_could_vote() {
    assert_eq!(network_electorate(tao(20), tao(3)), 17_000_000_000);
    assert_eq!(subnet_electorate(alpha(10), alpha(1)), 9_000_000_000);
    assert_eq!(subnet_electorate(alpha(1), alpha(3)), 0);
}

#[test]
fn a_longer_bond_weighs_more_and_at_most_twice() {
    let pairs = Multiplier::ALL.map(|one| (one.halves(), one.bond(&Profile::PRODUCTION)));
    assert_eq!(pairs, [(2, 0), (3, 28 * 7_200), (4, 84 * 7_200)]);
    assert_eq!(Multiplier::Two.bond(&Profile::FAST), 420);
}

#[test]
fn portfolios_keep_their_order_and_no_zeros() {
    let mut own = Portfolio::default();
    own.set(Asset::Stake(3), 1);
    own.set(Asset::Free, 2);
    own.set(Asset::Stake(1), 0);
    assert_eq!(own.iter().collect::<Vec<_>>(), [(Asset::Free, 2), (Asset::Stake(3), 1)]);
    own.add(&own.clone());
    assert_eq!((own.amount(Asset::Free), own.amount(Asset::Stake(3)), own.len()), (4, 2, 2));
    let mut less = Portfolio::default();
    less.set(Asset::Free, 1);
    less.set(Asset::Stake(3), 5);
    own.subtract(&less);
    assert_eq!(own.iter().collect::<Vec<_>>(), [(Asset::Free, 3)]);
    assert!(!own.is_empty() && Portfolio::default().is_empty());
}

proptest! {
    /// Alpha of a subnet never votes with more than the TAO in its pool, however it is split.
    #[test]
    fn all_alpha_of_a_subnet_votes_with_at_most_its_pool(
        pool in 0..=u64::MAX, parts in prop::collection::vec(0..1_u64 << 60, 1..8), moving in 0..1_u64 << 40,
    ) {
        let outstanding: u64 = parts.iter().sum();
        let moving = U64F64::from_ratio(moving, 1_u64 << 38);
        let price = noted_price(moving, TaoBalance::from_rao(pool), AlphaBalance::from_rao(outstanding));
        let network = Valuation::Network(Prices::new([(1, price)]));
        let power: u128 = parts.iter().map(|part| network.power(Asset::Stake(1), *part)).sum();
        prop_assert!(price <= PRICE_SCALE);
        prop_assert!(power <= u128::from(pool).min(u128::from(outstanding)));
    }
}
