use proptest::prelude::*;

use super::*;

const NAT: i64 = 1_000_000;

/// Costs in nats of a text of forty bytes.
fn costs(own: i64, elsewhere: i64) -> Costs {
    Costs { own: own * NAT, elsewhere: elsewhere * NAT, bytes: 40 }
}

#[test]
fn the_rubric_has_a_golden_text() {
    assert_eq!(
        rubric().unwrap().text(),
        "myelin/rubric/1 text 4\nshare accuracy 3\nshare likelihood 5\nfactor speed 900000\nfactor novelty 0\nfactor declared 0\n"
    );
}

#[test]
fn the_reference_itself_is_perfect() {
    let reference = "let total = prices.iter().sum();";
    assert_eq!(accuracy(reference, reference), Ppm::ONE);
    assert_eq!(likelihood(costs(20, 60), costs(20, 60), 0), Ppm::ONE);
    assert_eq!(likelihood(costs(20, 60), costs(20, 60), 10 * NAT), Ppm::ONE);
    assert_eq!(novelty(reference, reference, &["let prices = load();"]), Ppm::ONE);
}

#[test]
fn unrelated_text_is_worth_nothing() {
    assert_eq!(accuracy("zzzzzzzz", "let total = 5;"), Ppm::ZERO);
    assert_eq!(likelihood(costs(30, 30), costs(20, 60), 0), Ppm::ZERO, "it fits everywhere");
    assert_eq!(likelihood(costs(50, 30), costs(20, 60), 0), Ppm::ZERO, "it fits elsewhere better");
}

#[test]
fn what_is_no_better_than_a_string_without_a_model_is_worth_nothing() {
    assert_eq!(likelihood(costs(20, 30), costs(20, 60), 10 * NAT), Ppm::ZERO);
    assert_eq!(
        likelihood(costs(20, 45), costs(20, 60), 10 * NAT),
        Ppm::new(500_000),
        "half of what is above it"
    );
}

#[test]
fn a_text_that_costs_more_for_its_length_than_the_reference_gains_less() {
    // Half a nat a byte against a whole one: (0.5 + 0.05) / (1 + 0.05).
    assert_eq!(costs(40, 80).fluency(&costs(20, 60)), Ppm::ratio(550, 1050));
    assert_eq!(likelihood(costs(40, 80), costs(20, 60), 0), Ppm::ratio(550, 1050));
    assert_eq!(costs(10, 60).fluency(&costs(20, 60)), Ppm::ONE, "being more fluent earns nothing");
}

#[test]
fn a_reference_that_gains_little_does_not_make_little_worth_much() {
    assert_eq!(likelihood(costs(9, 10), costs(9, 10), 0), Ppm::ratio(1, 16));
    assert_eq!(likelihood(costs(9, 29), costs(9, 29), 19 * NAT), Ppm::ratio(1, 16));
}

#[test]
fn copies_of_the_prompt_and_loops_are_not_novel() {
    let prompt = "assert_eq!(left.len(), right.len());\n";
    let reference = "let joined = left.chain(right);";
    assert_eq!(novelty(prompt, reference, &[prompt]), Ppm::ZERO);
    assert!(novelty(&"}    ".repeat(12), reference, &[]).get() < 300_000);
    assert_eq!(novelty("short", reference, &[prompt]), Ppm::ONE);
}

#[test]
fn blanks_and_the_case_of_letters_make_nothing_new() {
    let prompt = "assert_eq!(left.len(), right.len());\n";
    let reference = "let joined = left.chain(right);";
    for woven in [
        "asse rt_eq! (left.l en(), r ight.le n());",
        "assert_eq!(\n\tleft.len(),  right.len()\n);",
        "ASSERT_EQ!(LEFT.LEN(), RIGHT.LEN());",
    ] {
        assert_eq!(novelty(woven, reference, &[prompt]), Ppm::ZERO, "{woven}");
    }
}

#[test]
fn repetition_that_the_reference_has_as_well_is_not_held_against_anybody() {
    let prompt = "        self.visit_left(node);\n";
    let reference = "        self.visit_left(other);\n";
    assert_eq!(novelty(reference, reference, &[prompt]), Ppm::ONE);
}

#[test]
fn speed_is_full_within_a_quarter_and_nothing_at_the_deadline() {
    let at = |ms: u64| speed(LatencyBucket::of_ms(ms), 4096).get();
    assert_eq!((at(0), at(1024), at(4096), at(9000)), (1_000_000, 1_000_000, 0, 0));
    assert!(at(2048) < 700_000 && at(2048) > 600_000);
}

#[test]
fn noise_is_dear_for_its_length_and_long_enough_to_tell() {
    assert!(is_noise(27 * NAT, 10) && !is_noise(26 * NAT, 10));
    assert!(!is_noise(100 * NAT, 7) && !is_noise(0, 0));
}

proptest! {
    #[test]
    fn a_likelier_answer_never_gets_less(own in 0i64..200, elsewhere in 0i64..200, less in 0i64..50, r in 0i64..100, zero in 0i64..30) {
        let reference = costs(20, 20 + r);
        let better = costs((own - less).max(0), elsewhere);
        prop_assert!(likelihood(better, reference, zero * NAT) >= likelihood(costs(own, elsewhere), reference, zero * NAT));
    }

    #[test]
    fn parts_of_any_text_are_parts(answer in ".{0,80}", reference in ".{0,80}", prompt in ".{0,80}", own: i64, elsewhere: i64, zero in 0..i64::MAX) {
        prop_assert!(accuracy(&answer, &reference) <= Ppm::ONE);
        prop_assert!(novelty(&answer, &reference, &[&prompt]) <= Ppm::ONE);
        let (forth, back) = (Costs { own, elsewhere, bytes: 3 }, Costs { own: elsewhere, elsewhere: own, bytes: 0 });
        prop_assert!(likelihood(forth, back, zero) <= Ppm::ONE);
        prop_assert!(forth.fluency(&back) <= Ppm::ONE);
    }
}
