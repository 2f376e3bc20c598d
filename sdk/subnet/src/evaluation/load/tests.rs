use proptest::prelude::*;

use super::*;

const RULE: LoadRule = LoadRule { budget: 60_000, checked: 12, sharpness: 4 };

/// Claims of miners with the same worth that did these batches.
fn alike(done: &[u16]) -> Vec<Claim> {
    done.iter().map(|done| Claim { done: *done, worth: 600_000 }).collect()
}

#[test]
fn the_load_doubles_as_long_as_it_is_done() {
    let mut waves = Waves::up_to(63);
    assert_eq!(waves.next(0, 0, 0), Some(0..1));
    assert_eq!(waves.next(6, 2, 0), None, "half of it is not answered");
    assert_eq!(waves.next(6, 3, 0), Some(1..3));
    assert_eq!(waves.next(12, 12, 1), None, "one of the first wave is open");
    assert_eq!(waves.next(12, 6, 0), Some(3..7));
    assert_eq!(Waves::of_batch(0), 0);
    assert_eq!((Waves::of_batch(1), Waves::of_batch(2), Waves::of_batch(3)), (1, 1, 2));
    assert_eq!([0, 1, 2, 3, 4, 31, 32, 500].map(Waves::whole), [1, 1, 3, 3, 7, 31, 63, 63]);
}

#[test]
fn a_key_that_only_announces_an_address_takes_a_batch_and_nothing_from_the_others() {
    // 156 machines that do 50 batches each, and 100 keys that never answered.
    let machines = vec![50; 156];
    let with_junk = [&machines[..], &[0; 100]].concat();
    let (alone, beside) = (allot(&RULE, 6, &alike(&machines)), allot(&RULE, 6, &alike(&with_junk)));
    assert_eq!(alone, vec![63; 156]);
    assert_eq!(beside[..156], alone[..]);
    assert_eq!(beside[156..], [1; 100]);
}

#[test]
fn a_miner_that_does_all_it_gets_is_given_the_largest_load_within_two_epochs() {
    let next = |done: u16| allot(&RULE, 6, &alike(&[done]))[0];
    let mut got = vec![next(0)];
    while got[got.len() - 1] < 63 {
        got.push(next(got[got.len() - 1]));
    }
    assert_eq!(got, [1, 3, 7, 15, 31, 63], "three rounds an epoch");
    assert_eq!(next(20), 31, "and one that can do no more is not asked for much more");
}

/// Loads of 56 honest machines beside other keys, round by round. A machine does 50 batches at most, 85 in 100 of them
/// right. The others do all they get; `quality` is that of their answers in a round.
fn loads(others: usize, rounds: u32, quality: impl Fn(u32) -> u32) -> Vec<u16> {
    let mut keys = vec![crate::evaluation::Standing::default(); 56 + others];
    let round = |round| {
        let claims: Vec<Claim> = keys.iter().map(|key| key.claim(RULE.sharpness)).collect();
        let allotted = allot(&RULE, 6, &claims);
        for (number, (key, most)) in keys.iter_mut().zip(&allotted).enumerate() {
            let (done, quality) =
                if number < 56 { (50.min(*most), 850_000) } else { (*most, quality(round)) };
            let done = Ppm::ratio(done.into(), 63);
            key.update(done, Ppm::new(400_000));
            key.update_quality(done, Ppm::new(quality), Ppm::new(100_000));
        }
        assert!(allotted[..56].iter().all(|most| *most == allotted[0]));
        allotted[0]
    };
    (0..rounds).map(round).collect()
}

#[test]
fn two_hundred_keys_that_answer_garbage_leave_the_load_of_honest_miners_as_it_is() {
    let alone = loads(0, 12, |_| 0);
    assert_eq!(alone[..6], [1, 3, 7, 15, 31, 63]);
    assert_eq!(loads(200, 12, |_| 0), alone, "in every round, also the first ones");
    // A guess among two, and an answer that is worth an eighth where the work is worth six.
    assert_eq!(loads(200, 12, |_| 500_000), alone);
    // Two hundred honest machines more are what the budget is too small for.
    assert_eq!(loads(200, 12, |_| 850_000)[11], 31);
}

#[test]
fn keys_that_turn_to_garbage_after_good_rounds_take_load_for_two_rounds_more() {
    for turn in [1, 3, 5, 6, 9, 20, 50] {
        let loads = loads(200, turn + 20, |round| if round < turn { 850_000 } else { 0 });
        let alone = self::loads(0, turn + 20, |_| 0);
        // The round of the turn was allotted before it.
        let after = turn as usize + 3;
        assert_eq!(loads[after + 1..], alone[after + 1..], "{turn} good rounds: {loads:?}");
    }
}

#[test]
fn a_newcomer_gets_a_batch_and_is_in_the_first_rank_once_its_answers_are_as_good() {
    let worked = Claim { done: 50, worth: 600_000 };
    let mut claims = vec![worked; 150];
    claims.extend([Claim { done: 63, worth: 60_000 }; 100]);
    claims.push(Claim::default());
    assert_eq!(allot(&RULE, 6, &claims)[250], 1);
    claims[250] = Claim { done: 1, worth: 200_000 };
    assert_eq!(allot(&RULE, 6, &claims)[250], 3, "worth a third of the best, it grows like anybody");
    claims[250] = Claim { done: 31, worth: 0 };
    let allotted = allot(&RULE, 6, &claims);
    assert_eq!((allotted[0], allotted[150], allotted[250]), (63, 3, 3), "the last ranks share what is left");
}

#[test]
fn what_is_behind_the_last_answer_is_no_fault_and_what_is_before_it_was_passed_over() {
    for reference in 0..20 {
        let sequence = Sequence::new(SeedReference([reference; 32]), 6);
        // Of seven batches every other task was chosen.
        let (chosen, open): (Vec<u16>, Vec<u16>) = (0..42).partition(|number| number % 2 == 0);
        let last = chosen.iter().map(|number| sequence.place(*number)).max().unwrap();
        let behind = open.iter().filter(|number| sequence.place(**number) > last).count();
        let beyond = sequence.beyond(&chosen, &open).len();
        assert!(beyond <= behind && behind <= beyond + 2, "two places behind the last answer count");
        assert_eq!(sequence.passed_over(&chosen, &open).len(), open.len() - behind);
        assert!(behind <= 21, "what is chosen from seven batches leaves little behind");
        assert!(sequence.beyond(&[], &[0, 1, 2, 3, 4, 5]).is_empty(), "a batch must be done");
    }
}

#[test]
fn who_does_eight_tasks_at_a_time_as_they_come_passes_hardly_anything_over() {
    let (mut passed, mut done) = (0, 0);
    for reference in 0..40 {
        let sequence = Sequence::new(SeedReference([reference; 32]), 10);
        let mut rng = Seed([reference; 32]).rng();
        // Workers are free at these times; each takes the next task, for ten to fourteen units of time.
        let mut free = [0u64; 8];
        let (mut answered, mut open) = (Vec::new(), Vec::new());
        for place in 0..630 {
            let worker = free.iter_mut().min().unwrap();
            *worker += rng.range(10, 14);
            if *worker <= 400 { &mut answered } else { &mut open }.push(sequence.task(place));
        }
        passed += sequence.passed_over(&answered, &open).len();
        done += answered.len();
    }
    assert!(done > 8_000 && 100 * passed <= done, "{passed} passed over beside {done}");
}

#[test]
fn around_the_end_tasks_count_less_and_less_and_a_quarter_of_them_is_open() {
    let parts = |places: std::ops::Range<u16>| places.map(|place| End(64).part(place)).collect::<Vec<_>>();
    assert!(
        parts(0..55).iter().all(|part| *part == End::FULL) && parts(67..400).iter().all(|part| *part == 0)
    );
    assert_eq!(parts(55..67), [958, 875, 791, 708, 625, 541, 458, 375, 291, 208, 125, 41]);
    for end in 1..640 {
        let sum = |places: std::ops::Range<u16>| {
            places.map(|place| End(end).part(place)).sum::<u64>() as f64 / End::FULL as f64
        };
        let (all, behind) = (f64::from(end) * 61.0 / 64.0, f64::from(end) * 3.0 / 512.0);
        assert!((sum(0..700) - all).abs() < 0.2 && (sum(end..700) - behind).abs() < 0.2, "{end}");
    }
    assert_eq!(End(0).part(0), 0);
}

#[test]
fn tasks_come_wave_by_wave_and_in_an_order_of_the_seed_within() {
    let of = |reference| Sequence::new(SeedReference([reference; 32]), 7);
    let order: Vec<u16> = (0..441).map(|place| of(3).task(place)).collect();
    for wave in [0..7, 7..21, 21..49, 49..105] {
        let mut of_it = order[usize::from(wave.start)..usize::from(wave.end)].to_vec();
        assert_ne!(of_it, wave.clone().collect::<Vec<u16>>());
        of_it.sort_unstable();
        assert_eq!(of_it, wave.collect::<Vec<u16>>());
    }
    assert!((0..441).all(|number| of(3).task(of(3).place(number)) == number));
    assert_ne!(order, (0..441).map(|place| of(4).task(place)).collect::<Vec<_>>());
}

/// The score and quality of `done` answers in time, the first of which have these scores, and of others that came
/// otherwise.
fn tally(done: u32, scores: &[u32], others: &[Came]) -> (u32, u32) {
    let mut tally = Tally::default();
    for score in scores {
        tally.judge(4_000, Came::InTime, Reason::Scored, Ppm::new(*score));
    }
    (0..done - scores.len() as u32).for_each(|_| tally.count(4_000, Came::InTime));
    others.iter().for_each(|came| match came {
        Came::InTime | Came::Again => tally.count(4_000, *came),
        Came::LeftOut | Came::TooSlow => tally.judge(4_000, *came, Reason::Late, Ppm::ZERO),
    });
    (tally.done(4 * 10_000).unwrap().get(), tally.quality().unwrap().get())
}

#[test]
fn how_much_was_done_and_how_well_are_told_apart() {
    assert_eq!(tally(100, &[1_000_000; 12], &[]), (10_000, 1_000_000));
    assert_eq!(tally(200, &[1_000_000; 12], &[]), (20_000, 1_000_000));
    assert_eq!(tally(100, &[500_000; 12], &[]), (10_000, 500_000));
    assert_eq!(tally(50, &[800_000; 12], &[Came::TooSlow; 50]), (5_000, 400_000), "half of it did not come");
    assert_eq!((Tally::default().done(4000), Tally::default().quality()), (None, None));
    let mut unjudged = Tally::default();
    unjudged.count(4_000, Came::InTime);
    assert_eq!(unjudged.quality(), None, "the validator's own fault");
}

#[test]
fn what_was_left_out_takes_its_weight_off_and_is_a_fault_unless_it_comes_when_asked_again() {
    assert_eq!(tally(100, &[1_000_000; 12], &[Came::Again; 10]), (9_000, 1_000_000));
    assert_eq!(tally(100, &[1_000_000; 12], &[Came::LeftOut; 25]), (7_500, 800_000));
    assert_eq!(tally(12, &[1_000_000; 12], &[Came::LeftOut; 36]), (0, 250_000));
}

fn any_claim() -> impl Strategy<Value = Claim> {
    (0u16..64, 0u64..1_000_000).prop_map(|(done, worth)| Claim { done, worth })
}

proptest! {
    /// A miner that works through its tasks in their order passes none over.
    #[test]
    fn who_does_what_comes_in_order_passes_nothing_over(reference in any::<u8>(), batch in 1u16..30, done in 0u16..1_800) {
        let sequence = Sequence::new(SeedReference([reference; 32]), batch);
        let all = batch * Waves::MOST_BATCHES;
        let done = done.clamp(batch, all);
        let answered: Vec<u16> = (0..done).map(|place| sequence.task(place)).collect();
        let open: Vec<u16> = (done..all).map(|place| sequence.task(place)).collect();
        let behind = open.len() - sequence.beyond(&answered, &open).len();
        prop_assert!(behind <= usize::from(done) / 21 + 1, "{} places behind the last answer count", behind);
        prop_assert!(sequence.passed_over(&answered, &open).is_empty());
    }

    /// Leaving out answers that earn nothing is worth no more than giving them, whether they are refused, passed over
    /// or given when asked again.
    #[test]
    fn leaving_out_what_is_wrong_gains_nothing(right in 1u32..300, wrong in 0u32..300, how in 0usize..3) {
        let how = [Came::TooSlow, Came::LeftOut, Came::Again][how];
        let mut honest = Tally::default();
        let mut choosy = Tally::default();
        for _ in 0..right {
            honest.judge(1_000, Came::InTime, Reason::Scored, Ppm::ONE);
            choosy.judge(1_000, Came::InTime, Reason::Scored, Ppm::ONE);
        }
        for _ in 0..wrong {
            honest.judge(1_000, Came::InTime, Reason::Scored, Ppm::ZERO);
            choosy.judge(1_000, how, Reason::Scored, Ppm::ZERO);
        }
        prop_assert!(choosy.done(1_000) <= honest.done(1_000));
        prop_assert!(choosy.quality().unwrap().get() <= honest.quality().unwrap().get() + 1);
    }

    /// Keys that share a machine do together as much as one key, apart from rounding.
    #[test]
    fn sharing_gains_nothing(done in 1u32..500, keys in 1u32..20, score in 0u32..1_000_000) {
        let (one, quality) = tally(done * keys, &[score], &[]);
        let all: u32 = (0..keys).map(|_| tally(done, &[score], &[]).0).sum();
        prop_assert!(all <= one && one - all <= keys);
        prop_assert_eq!(quality, tally(done, &[score], &[]).1);
    }

    /// A budget is kept unless one batch for every miner exceeds it, and nobody gets more than it wants.
    #[test]
    fn an_allotment_keeps_its_budget(claims in prop::collection::vec(any_claim(), 1..300), budget in 1u32..200_000, batch in 1usize..12) {
        let rule = LoadRule { budget, ..RULE };
        let allotted = allot(&rule, batch, &claims);
        let all: u64 = allotted.iter().map(|most| u64::from(*most) * batch as u64).sum();
        prop_assert!(all <= u64::from(budget) || allotted.iter().all(|most| *most == 1));
        prop_assert!(allotted.iter().all(|most| Waves::whole(*most) == *most));
        let wants = |claim: &Claim| Waves::whole(claim.done + claim.done / 2 + 1);
        prop_assert!(claims.iter().zip(&allotted).all(|(claim, most)| *most <= wants(claim)));
    }

    /// Keys with less than an eighth of the worth of others cost them as much as silent keys do, whatever they do and
    /// however many they are.
    #[test]
    fn keys_that_earn_little_take_nothing_from_those_that_earn(
        good in prop::collection::vec((0u16..64, 1_000u64..1_000_000), 1..150),
        bad in prop::collection::vec((0u16..64, 0u64..125), 0..300),
        budget in 1u32..200_000,
    ) {
        let rule = LoadRule { budget, ..RULE };
        let claims = |keys: &[(u16, u64)]| keys.iter().map(|(done, worth)| Claim { done: *done, worth: *worth }).collect();
        let (good, bad): (Vec<Claim>, Vec<Claim>) = (claims(&good), claims(&bad));
        let silent = vec![Claim::default(); bad.len()];
        let beside = |others: &[Claim]| allot(&rule, 6, &[&good[..], others].concat())[..good.len()].to_vec();
        prop_assert_eq!(beside(&bad), beside(&silent));
    }

    #[test]
    fn the_choice_depends_on_what_was_answered_and_not_on_its_order(numbers in prop::collection::btree_set(0u16..400, 0..60)) {
        let forth: Vec<u16> = numbers.iter().copied().collect();
        let back = forth.iter().rev().copied().collect();
        let chosen = choose_checked(12, SeedReference([7; 32]), forth.clone());
        prop_assert_eq!(&chosen, &choose_checked(12, SeedReference([7; 32]), back));
        prop_assert_eq!(chosen.len(), forth.len().min(12));
        prop_assert!(chosen.iter().all(|number| numbers.contains(number)));
    }
}

#[test]
fn a_small_subnet_judges_more_answers_of_each_and_no_more_in_all() {
    let judged = |miners| RULE.judged(miners);
    assert_eq!([0, 1, 6, 64, 128, 256, 4_096].map(judged), [48, 48, 48, 48, 24, 12, 12]);
    assert!((1..=256).all(|miners| miners * judged(miners) <= 256 * judged(256)));
}
