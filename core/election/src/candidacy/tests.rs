use alloc::vec;

use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules::production();

fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

fn candidacy(pledge: u64) -> Candidacy {
    Candidacy::new([1; 32], 7, tao(pledge), &RULES).expect("enough")
}

#[test]
fn a_pledge_is_at_least_the_least_one_or_nothing() {
    let needed = RULES.least_pledge;
    let small = |found| Err(CandidacyError::PledgeTooSmall { found, needed });
    assert_eq!(Candidacy::new([1; 32], 7, tao(99), &RULES).map(drop), small(tao(99)));
    let mut one = candidacy(150);
    assert_eq!(one.unbond(tao(51), 5, &RULES), small(tao(99)));
    assert_eq!(one.unbond(tao(151), 5, &RULES), Err(CandidacyError::MoreThanPledged(tao(150))));
    assert_eq!(one.unbond(tao(0), 5, &RULES), Err(CandidacyError::Nothing));
    assert_eq!(one.add(tao(0), &RULES), Err(CandidacyError::Nothing));
    assert_eq!(one, candidacy(150), "nothing changed");
    assert_eq!(one.unbond(tao(150), 5, &RULES), Ok(()));
    assert_eq!((one.standing, one.is_over(5)), (Standing::Chilled, false));
    assert_eq!(one.resume(6, &RULES), small(tao(0)));
    assert_eq!(one.add(tao(100), &RULES), Ok(()));
    assert_eq!(one.resume(6, &RULES), Ok(()));
    assert_eq!(one.resume(6, &RULES), Err(CandidacyError::Ready));
}

#[test]
fn a_pledge_is_free_after_the_last_block_in_office() {
    let mut one = candidacy(300);
    one.unbond(tao(100), 1_000, &RULES).expect("enough is left");
    one.served = 5_000;
    let free = 5_000 + RULES.unbonding;
    assert_eq!(one.withdraw(free - 1, &RULES), Err(CandidacyError::NotFree(free)));
    assert_eq!(one.withdraw(free, &RULES), Ok(tao(100)));
    assert_eq!(one.withdraw(free, &RULES), Err(CandidacyError::NotFree(Block::MAX)), "nothing leaves");
    one.unbond(tao(200), free, &RULES).expect("all of it");
    assert_eq!(one.withdraw(free + RULES.unbonding, &RULES), Ok(tao(200)));
    assert!(one.is_over(free));
    one.standing = Standing::Jailed { until: free };
    assert_eq!((one.is_over(free), one.is_over(free + 1)), (false, true), "it ends with its jail");
}

#[test]
fn few_amounts_leave_at_a_time() {
    let mut one = candidacy(1_000);
    for block in 0..MOST_LEAVING as u64 {
        assert_eq!(one.unbond(tao(1), block, &RULES), Ok(()));
    }
    assert_eq!(one.unbond(tao(1), 100, &RULES), Err(CandidacyError::TooManyLeaving));
    assert_eq!(one.exposed(), tao(1_000));
}

#[test]
fn nobody_leaves_jail_early() {
    let mut one = candidacy(100);
    one.jail(10, &RULES);
    let until = 10 + RULES.jail;
    one.chill();
    assert_eq!(one.resume(until, &RULES), Err(CandidacyError::Jailed(until)));
    one.jail(5, &RULES);
    assert_eq!(one.standing, Standing::Jailed { until }, "an earlier end changes nothing");
    assert!(!one.reading([2; 32], tao(1), true).ready);
    assert_eq!(one.resume(until + 1, &RULES), Ok(()));
    assert!(one.reading([2; 32], tao(1), true).ready && !one.reading([2; 32], tao(1), false).ready);
}

#[test]
fn a_slash_takes_the_pledge_first_and_then_what_leaves_last() {
    let mut one = candidacy(300);
    one.unbond(tao(50), 1, &RULES).expect("enough is left");
    one.unbond(tao(60), 2, &RULES).expect("enough is left");
    assert_eq!(one.slash(tao(200)), tao(200));
    assert_eq!(
        (one.pledge, one.leaving.clone()),
        (tao(0), vec![Leaving { amount: tao(50), since: 1 }, Leaving { amount: tao(50), since: 2 },])
    );
    assert_eq!(one.slash(tao(200)), tao(100), "no more than there is");
    assert_eq!(one.exposed(), tao(0));
}

proptest! {
    /// All that stood for a candidate at an offence in office, whatever it does before and after, is exposed until
    /// the last appeal is over.
    #[test]
    fn no_pledge_escapes_its_slash(
        steps in prop::collection::vec((0u8..3, 1u64..200, 0u64..60_000), 0..24), offence in 0usize..24,
        delay in 0u64..=RULES.report_window + RULES.appeal_window,
    ) {
        let (mut one, mut now, mut at_offence) = (candidacy(500), 1, None);
        for (number, (kind, amount, wait)) in steps.iter().enumerate() {
            now += wait;
            if let Some((block, exposed)) = at_offence {
                if now > block + delay {
                    break;
                }
                prop_assert!(one.exposed() >= exposed);
            }
            if number == offence {
                one.served = now;
                at_offence = Some((now, one.exposed()));
            }
            let _ = match kind {
                0 => one.add(tao(*amount), &RULES),
                1 => one.unbond(tao(*amount), now, &RULES),
                _ => one.withdraw(now, &RULES).map(drop),
            };
        }
        if let Some((block, exposed)) = at_offence {
            let _ = one.withdraw(block + delay, &RULES);
            prop_assert!(one.exposed() >= exposed);
        }
    }

    #[test]
    fn a_slash_takes_what_it_says(pledge in 100u64..1_000, out in 0u64..900, amount in 0u64..2_000) {
        let mut one = candidacy(pledge);
        let _ = one.unbond(tao(out), 3, &RULES);
        let before = one.exposed();
        let taken = one.slash(tao(amount));
        prop_assert_eq!(taken, tao(amount).min(before));
        prop_assert_eq!(one.exposed().saturating_add(taken), before);
    }
}
