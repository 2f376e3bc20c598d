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
    let mut candidate = candidacy(150);
    assert_eq!(candidate.unbond(tao(51), 5, &RULES), small(tao(99)));
    assert_eq!(candidate.unbond(tao(151), 5, &RULES), Err(CandidacyError::MoreThanPledged(tao(150))));
    assert_eq!(candidate.unbond(tao(0), 5, &RULES), Err(CandidacyError::Nothing));
    assert_eq!(candidate.add(tao(0), &RULES), Err(CandidacyError::Nothing));
    assert_eq!(candidate, candidacy(150), "nothing changed");
    assert_eq!(candidate.unbond(tao(150), 5, &RULES), Ok(()));
    assert_eq!((candidate.standing, candidate.is_over(5)), (Standing::Chilled, false));
    assert_eq!(candidate.resume(6, &RULES), small(tao(0)));
    assert_eq!(candidate.add(tao(100), &RULES), Ok(()));
    assert_eq!(candidate.resume(6, &RULES), Ok(()));
    assert_eq!(candidate.resume(6, &RULES), Err(CandidacyError::Ready));
}

#[test]
fn a_pledge_is_free_after_the_last_block_in_office() {
    let mut candidate = candidacy(300);
    candidate.unbond(tao(100), 1_000, &RULES).expect("enough is left");
    candidate.served = 5_000;
    let free = 5_000 + RULES.unbonding;
    assert_eq!(candidate.withdraw(free - 1, &RULES), Err(CandidacyError::NotFree(free)));
    assert_eq!(candidate.withdraw(free, &RULES), Ok(tao(100)));
    assert_eq!(candidate.withdraw(free, &RULES), Err(CandidacyError::NotFree(Block::MAX)), "nothing leaves");
    candidate.unbond(tao(200), free, &RULES).expect("all of it");
    assert_eq!(candidate.withdraw(free + RULES.unbonding, &RULES), Ok(tao(200)));
    assert!(candidate.is_over(free));
    candidate.standing = Standing::Jailed { until: free };
    assert_eq!(
        (candidate.is_over(free), candidate.is_over(free + 1)),
        (false, true),
        "it ends with its jail"
    );
}

#[test]
fn few_amounts_leave_at_a_time() {
    let mut candidate = candidacy(1_000);
    for block in 0..MOST_LEAVING as u64 {
        assert_eq!(candidate.unbond(tao(1), block, &RULES), Ok(()));
    }
    assert_eq!(candidate.unbond(tao(1), 100, &RULES), Err(CandidacyError::TooManyLeaving));
    assert_eq!(candidate.exposed(), tao(1_000));
}

#[test]
fn nobody_leaves_jail_early() {
    let mut candidate = candidacy(100);
    candidate.jail(10, &RULES);
    let until = 10 + RULES.jail;
    candidate.chill();
    assert_eq!(candidate.resume(until, &RULES), Err(CandidacyError::Jailed(until)));
    candidate.jail(5, &RULES);
    assert_eq!(candidate.standing, Standing::Jailed { until }, "an earlier end changes nothing");
    assert!(!candidate.reading([2; 32], tao(1), true).ready);
    assert_eq!(candidate.resume(until + 1, &RULES), Ok(()));
    assert!(
        candidate.reading([2; 32], tao(1), true).ready && !candidate.reading([2; 32], tao(1), false).ready
    );
}

#[test]
fn a_slash_takes_the_pledge_first_and_then_what_leaves_last() {
    let mut candidate = candidacy(300);
    candidate.unbond(tao(50), 1, &RULES).expect("enough is left");
    candidate.unbond(tao(60), 2, &RULES).expect("enough is left");
    assert_eq!(candidate.slash(tao(200)), tao(200));
    assert_eq!(
        (candidate.pledge, candidate.leaving.clone()),
        (tao(0), vec![Leaving { amount: tao(50), since: 1 }, Leaving { amount: tao(50), since: 2 },])
    );
    assert_eq!(candidate.slash(tao(200)), tao(100), "no more than there is");
    assert_eq!(candidate.exposed(), tao(0));
}

proptest! {
    /// All that stood for a candidate at an offence in office, whatever it does before and after, is exposed until
    /// the last appeal is over.
    #[test]
    fn no_pledge_escapes_its_slash(
        steps in prop::collection::vec((0u8..3, 1u64..200, 0u64..60_000), 0..24), offence in 0usize..24,
        delay in 0u64..=RULES.report_window + RULES.appeal_window,
    ) {
        let (mut candidate, mut now, mut at_offence) = (candidacy(500), 1, None);
        for (number, (kind, amount, wait)) in steps.iter().enumerate() {
            now += wait;
            if let Some((block, exposed)) = at_offence {
                if now > block + delay {
                    break;
                }
                prop_assert!(candidate.exposed() >= exposed);
            }
            if number == offence {
                candidate.served = now;
                at_offence = Some((now, candidate.exposed()));
            }
            let _ = match kind {
                0 => candidate.add(tao(*amount), &RULES),
                1 => candidate.unbond(tao(*amount), now, &RULES),
                _ => candidate.withdraw(now, &RULES).map(drop),
            };
        }
        if let Some((block, exposed)) = at_offence {
            let _ = candidate.withdraw(block + delay, &RULES);
            prop_assert!(candidate.exposed() >= exposed);
        }
    }

    #[test]
    fn a_slash_takes_what_it_says(pledge in 100u64..1_000, out in 0u64..900, amount in 0u64..2_000) {
        let mut candidate = candidacy(pledge);
        let _ = candidate.unbond(tao(out), 3, &RULES);
        let before = candidate.exposed();
        let taken = candidate.slash(tao(amount));
        prop_assert_eq!(taken, tao(amount).min(before));
        prop_assert_eq!(candidate.exposed().saturating_add(taken), before);
    }
}
