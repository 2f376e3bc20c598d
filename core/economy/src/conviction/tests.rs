use super::*;
use proptest::prelude::*;

fn lock(mass: u64, conviction: u64) -> LockState {
    LockState {
        locked_mass: AlphaBalance::from_rao(mass),
        conviction: U64F64::from_int(conviction),
        last_update: 0,
    }
}

const DECAYING: LockKind = LockKind { perpetual: false, owner: false };
const PERPETUAL: LockKind = LockKind { perpetual: true, owner: false };
const OWNER: LockKind = LockKind { perpetual: false, owner: true };

#[test]
fn a_perpetual_lock_keeps_its_mass_and_its_conviction_approaches_it() {
    let mut last = 0;
    for years in 1..6 {
        let rolled = lock(1_000_000, 0).rolled(years * 2_629_800, LockRates::default(), PERPETUAL);
        assert_eq!(rolled.locked_mass.to_rao(), 1_000_000);
        let conviction = rolled.conviction.floor_u64();
        assert!(last < conviction && conviction <= 1_000_000, "{conviction}");
        last = conviction;
    }
    assert!(last > 999_990);
}

#[test]
fn a_lock_with_mass_or_conviction_is_something() {
    assert!(lock(0, 0).is_empty());
    assert!(!lock(1, 0).is_empty() && !lock(0, 1).is_empty());
}

#[test]
fn a_lock_that_is_short_by_exactly_the_rounding_gives_way() {
    let fitted =
        |total| lock(1_000, 0).fitted(AlphaBalance::from_rao(total), AlphaBalance::from_rao(10)).locked_mass;
    assert_eq!((fitted(991).to_rao(), fitted(990).to_rao(), fitted(989).to_rao()), (991, 990, 1_000));
}

#[test]
fn what_is_not_locked_may_leave() {
    let free =
        |total, locked| available(AlphaBalance::from_rao(total), AlphaBalance::from_rao(locked)).to_rao();
    assert_eq!((free(10, 3), free(10, 10), free(3, 10)), (7, 0, 0));
}

#[test]
fn an_owners_lock_convinces_at_once() {
    let rolled = lock(1_000_000, 5).rolled(0, LockRates::default(), OWNER);
    assert_eq!(rolled.conviction.floor_u64(), 1_000_000);
    let later = rolled.rolled(DEFAULT_LOCK_RATE, LockRates::default(), OWNER);
    assert_eq!(later.conviction.floor_u64(), later.locked_mass.to_rao());
}

#[test]
fn an_old_lock_is_dust_and_vanishes() {
    let rolled = lock(1_000_000_000, 0).rolled(50 * DEFAULT_LOCK_RATE, LockRates::default(), DECAYING);
    assert!(rolled.is_empty());
    assert_eq!(rolled.last_update, 50 * DEFAULT_LOCK_RATE);
    assert!(!lock(99, 100).rolled(0, LockRates::default(), DECAYING).is_empty(), "both must be dust");
}

#[test]
fn different_rates_meet_equal_ones() {
    let equal = lock(1_000_000_000, 7_000).rolled(
        400_000,
        LockRates { unlock: 900_000, maturity: 900_000 },
        DECAYING,
    );
    for maturity in [899_999, 900_001] {
        let near =
            lock(1_000_000_000, 7_000).rolled(400_000, LockRates { unlock: 900_000, maturity }, DECAYING);
        let gap = near.conviction.floor_u64().abs_diff(equal.conviction.floor_u64());
        assert!(gap < 2_000, "{gap}");
    }
}

#[test]
fn a_rate_of_zero_unlocks_at_once() {
    let rates = LockRates { unlock: 0, maturity: 0 };
    assert!(lock(1_000, 1_000).rolled(1, rates, DECAYING).is_empty());
    assert_eq!(lock(1_000, 0).rolled(1, rates, PERPETUAL).conviction.floor_u64(), 1_000);
}

#[test]
fn free_alpha_leaves_first() {
    let state = lock(600, 300);
    let (stays, carried) = state.split(AlphaBalance::from_rao(500), AlphaBalance::from_rao(400));
    assert_eq!((stays.locked_mass.to_rao(), carried.locked_mass.to_rao()), (500, 100));
    assert_eq!(carried.conviction.floor_u64(), 49, "a sixth of 300, floored");
    let (stays, carried) = state.split(AlphaBalance::from_rao(300), AlphaBalance::from_rao(400));
    assert_eq!((stays, carried.is_empty()), (state, true));
    assert_eq!(available(AlphaBalance::from_rao(5), AlphaBalance::from_rao(7)), AlphaBalance::ZERO);
}

mod ownership {
    use super::*;

    fn c(value: u64) -> U64F64 {
        U64F64::from_int(value)
    }

    #[test]
    fn enough_conviction_on_an_old_subnet_makes_a_king() {
        let convictions = [("b", c(70)), ("a", c(30))];
        let out = AlphaBalance::from_rao;
        assert_eq!(king(&convictions, out(1_000), 5, 5 + TAKEOVER_AGE), Some("b"));
        assert_eq!(king(&convictions, out(1_001), 5, 5 + TAKEOVER_AGE), None, "less than a tenth");
        assert_eq!(king::<&str>(&[], out(1), 5, 5 + TAKEOVER_AGE), None);
    }

    #[test]
    fn only_an_old_subnet_with_alpha_can_change_hands() {
        let out = AlphaBalance::from_rao(1);
        assert!(can_change_hands(out, 5, 5 + TAKEOVER_AGE));
        assert!(!can_change_hands(out, 5, 4 + TAKEOVER_AGE), "too young");
        assert!(!can_change_hands(AlphaBalance::ZERO, 5, 5 + TAKEOVER_AGE), "nothing outstanding");
    }

    #[test]
    fn a_leader_that_is_replaced_leads_by_its_new_name() {
        let mut tally = Tally::default();
        tally.count('a', c(30));
        tally.count('b', c(70));
        tally.replace(&'a', 'x');
        assert_eq!(tally.leader, Some((c(70), 'b')), "another was replaced");
        tally.replace(&'b', 'c');
        assert_eq!((tally.total, tally.leader), (c(100), Some((c(70), 'c'))));
    }

    #[test]
    fn ties_go_to_the_last_in_byte_order() {
        let convictions = [("a", c(50)), ("c", c(50)), ("b", c(50))];
        assert_eq!(king(&convictions, AlphaBalance::from_rao(10), 0, TAKEOVER_AGE), Some("c"));
    }
}

#[test]
fn a_lock_that_missed_the_end_of_ownership_catches_up_with_its_sum() {
    let rates = LockRates::default();
    for perpetual in [false, true] {
        let (owner, general) = (LockKind { perpetual, owner: true }, LockKind { perpetual, owner: false });
        let state = lock(1_000_000_000, 0);
        let touched = state.advanced(400_000, rates, owner).advanced(700_000, rates, general);
        let missed = state.after_ownership(Some(400_000), rates, perpetual).advanced(700_000, rates, general);
        assert_eq!(missed, touched);
        assert_eq!(state.after_ownership(Some(0), rates, perpetual), state, "rolled since");
        assert_eq!(state.after_ownership(None, rates, perpetual), state);
    }
}

#[test]
fn dust_is_kept_until_it_is_asked_to_go() {
    let dust = lock(99, 99);
    assert_eq!(dust.advanced(0, LockRates::default(), DECAYING), dust);
    assert!(dust.without_dust().is_empty());
    assert_eq!(lock(100, 0).without_dust(), lock(100, 0));
}

fn any_rates() -> impl Strategy<Value = LockRates> {
    (1u64..5_000_000, 1u64..5_000_000, any::<bool>()).prop_map(|(unlock, maturity, equal)| LockRates {
        unlock,
        maturity: if equal { unlock } else { maturity },
    })
}

proptest! {
    #[test]
    fn mass_melts_and_never_grows(mass in 0u64..1 << 55, a in 0u64..10_000_000, b in 0u64..10_000_000, rates in any_rates()) {
        let state = lock(mass, 0);
        let (early, late) = (state.rolled(a.min(b), rates, DECAYING), state.rolled(a.max(b), rates, DECAYING));
        prop_assert!(early.locked_mass >= late.locked_mass && early.locked_mass <= state.locked_mass);
    }

    #[test]
    fn sums_of_locks_roll_like_their_parts(
        masses in prop::collection::vec(1_000_000u64..1 << 50, 2..6),
        elapsed in 0u64..5_000_000,
        rates in any_rates(),
        perpetual: bool,
    ) {
        let kind = LockKind { perpetual, owner: false };
        let sum = masses.iter().fold(LockState::default(), |sum, m| sum.with_change(&LockState::default(), &lock(*m, *m / 3)));
        let together = sum.rolled(elapsed, rates, kind);
        let apart = masses.iter().map(|m| lock(*m, *m / 3).rolled(elapsed, rates, kind));
        let apart = apart.fold(LockState::default(), |sum, part| sum.with_change(&LockState::default(), &part));
        // Every part loses less than a rao of mass, and dust below 100 rao is dropped per part.
        let slack = 101 * masses.len() as u64;
        prop_assert!(together.locked_mass.to_rao().abs_diff(apart.locked_mass.to_rao()) <= slack);
        prop_assert!(together.conviction.floor_u64().abs_diff(apart.conviction.floor_u64()) <= slack);
    }

    #[test]
    fn rolling_in_two_steps_is_rolling_at_once(
        mass in 1_000_000u64..1 << 50,
        conviction in 0u64..1 << 50,
        first in 0u64..2_000_000,
        second in 0u64..2_000_000,
        perpetual: bool,
        owner: bool,
    ) {
        let (rates, kind) = (LockRates::default(), LockKind { perpetual, owner });
        let at_once = lock(mass, conviction).advanced(first + second, rates, kind);
        let in_steps = lock(mass, conviction).advanced(first, rates, kind).advanced(first + second, rates, kind);
        prop_assert!(at_once.locked_mass.to_rao() - in_steps.locked_mass.to_rao() <= 1);
        prop_assert!(at_once.conviction.floor_u64().abs_diff(in_steps.conviction.floor_u64()) <= 2);
    }

    #[test]
    fn a_lock_gives_way_to_rounding_and_to_nothing_else(mass: u64, total: u64, rounding in 0u64..200) {
        let (state, held) = (lock(mass, mass / 2), AlphaBalance::from_rao(total));
        let fitted = state.fitted(held, AlphaBalance::from_rao(rounding)).locked_mass;
        let lost = state.locked_mass.saturating_sub(held).to_rao();
        prop_assert_eq!(fitted, if lost > rounding { state.locked_mass } else { state.locked_mass.min(held) });
    }

    #[test]
    fn splitting_a_lock_conserves_it(mass: u64, conviction in 0u64.., alpha: u64, unlocked: u64) {
        let state = lock(mass, conviction);
        let (stays, carried) = state.split(AlphaBalance::from_rao(alpha), AlphaBalance::from_rao(unlocked));
        prop_assert_eq!(stays.locked_mass.checked_add(carried.locked_mass), Some(state.locked_mass));
        prop_assert_eq!(stays.conviction.saturating_add(carried.conviction), state.conviction);
    }

    #[test]
    fn nothing_panics(mass: u64, conviction: u128, last: u64, now: u64, unlock: u64, maturity: u64, perpetual: bool, owner: bool) {
        let state = LockState {
            locked_mass: AlphaBalance::from_rao(mass),
            conviction: U64F64::from_bits(conviction),
            last_update: last,
        };
        let rolled = state.rolled(now, LockRates { unlock, maturity }, LockKind { perpetual, owner });
        prop_assert!(rolled.last_update >= last);
    }
}
