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
    let price = |moving, tao, alpha, outside| noted_price(moving, Backing { tao, alpha, outside });
    assert_eq!(price(half, tao(2_000), alpha(1_000), alpha(1_000)), 500_000_000);
    assert_eq!(price(U64F64::from_int(3u64), tao(1_000), alpha(100), alpha(10)), 1_000_000_000);
    assert_eq!(price(half, tao(200), alpha(1_000), alpha(1_000)), 100_000_000, "a thin pool");
    assert_eq!(price(half, tao(400), alpha(1_000), alpha(3_000)), 33_333_333, "100 TAO stay");
    assert_eq!(price(half, tao(100), alpha(1), AlphaBalance::ZERO), 0);
    assert_eq!(price(half, tao(100), AlphaBalance::ZERO, alpha(1)), 0);
    assert_eq!(price(U64F64::ZERO, tao(100), alpha(1), alpha(1)), 0);
    let (most, one) = (AlphaBalance::MAX, AlphaBalance::from_rao(1));
    assert_eq!(price(U64F64::ONE, TaoBalance::MAX, most, one), 1_000_000_000);
    assert_eq!(price(U64F64::ONE, TaoBalance::MAX, most, most), 499_999_999, "rounded down");
}

proptest! {
    /// A party votes with alpha, at the price of any moment between its trades, sells other alpha, and votes with all
    /// TAO that it has then. Its power is at most its own TAO before and the pool's.
    #[test]
    fn tao_of_a_pool_votes_once_whatever_is_traded_around_a_vote(
        (pool, inside) in (1u64..1_000_000, 1u64..1_000_000), locked in 1u64..1_000_000, loose in 0u64..1_000_000,
        (pumped, sold_before, sold_after) in (0u64..1_000_000, 0.0f64..=1.0, 0.0f64..=1.0),
    ) {
        let mut chain = Market { tao: tao(pool).to_rao(), alpha: tao(inside).to_rao(), loose: tao(loose).to_rao() };
        let (own, all) = (tao(pumped).to_rao(), tao(pumped).to_rao() + tao(pool).to_rao());
        let mut purse = own + chain.sell(sold_before);
        purse -= chain.buy(own);
        let locked = tao(locked).to_rao();
        let backing = Backing {
            tao: TaoBalance::from_rao(chain.tao),
            alpha: AlphaBalance::from_rao(chain.alpha),
            outside: AlphaBalance::from_rao(locked + chain.loose),
        };
        let price = noted_price(U64F64::ONE, backing);
        let voted = Valuation::Network(Prices::new([(5, price)])).power(Asset::Stake(5), locked);
        purse += chain.sell(sold_after);
        prop_assert!(voted + u128::from(purse) <= u128::from(all), "{voted} and {purse} of {all}");
    }
}

/// A pool with equal weights and without fees, and alpha of a party that is under no vote lock.
struct Market {
    tao: u64,
    alpha: u64,
    loose: u64,
}

impl Market {
    /// Puts this TAO into the pool, and returns it.
    fn buy(&mut self, rao: u64) -> u64 {
        let product = u128::from(self.tao) * u128::from(self.alpha);
        let after = product.div_ceil(u128::from(self.tao) + u128::from(rao)) as u64;
        self.loose += self.alpha - after;
        (self.tao, self.alpha) = (self.tao + rao, after);
        rao
    }

    /// Sells this part of the loose alpha, and returns the TAO for it.
    fn sell(&mut self, part: f64) -> u64 {
        let sold = ((self.loose as f64 * part) as u64).min(self.loose);
        let product = u128::from(self.tao) * u128::from(self.alpha);
        let after = product.div_ceil(u128::from(self.alpha) + u128::from(sold)) as u64;
        let paid = self.tao - after;
        (self.tao, self.alpha, self.loose) = (after, self.alpha + sold, self.loose - sold);
        paid
    }
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
    let pairs =
        Multiplier::ALL.map(|multiplier| (multiplier.halves(), multiplier.bond(&Profile::PRODUCTION)));
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
    /// Alpha of a subnet never votes with more than the TAO that stays in its pool, however it is split.
    #[test]
    fn all_alpha_of_a_subnet_votes_with_at_most_its_pool(
        (pool, alpha) in (0..=u64::MAX, 0..=u64::MAX),
        parts in prop::collection::vec(0..1_u64 << 60, 1..8), moving in 0..1_u64 << 40,
    ) {
        let outside: u64 = parts.iter().sum();
        let (tao, alpha) = (TaoBalance::from_rao(pool), AlphaBalance::from_rao(alpha));
        let backing = Backing { tao, alpha, outside: AlphaBalance::from_rao(outside) };
        let moving = U64F64::from_ratio(moving, 1_u64 << 38);
        let price = noted_price(moving, backing);
        let network = Valuation::Network(Prices::new([(1, price)]));
        let power: u128 = parts.iter().map(|part| network.power(Asset::Stake(1), *part)).sum();
        prop_assert!(price <= PRICE_SCALE);
        prop_assert!(power <= u128::from(backing.stays().to_rao()).min(u128::from(outside)));
        prop_assert!(backing.stays() <= tao);
    }
}
