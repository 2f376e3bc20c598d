use proptest::prelude::*;

use super::*;

const NAT: i64 = 1_000_000;

fn costs(own: i64, foreign: i64) -> Costs {
    Costs { own: own * NAT, foreign: foreign * NAT }
}

#[test]
fn the_rubric_has_a_golden_text() {
    assert_eq!(
        rubric().unwrap().text(),
        "myelin/rubric/1 text 3\nshare accuracy 3\nshare likelihood 5\nfactor speed 900000\nfactor novelty 0\nfactor declared 0\n"
    );
}

#[test]
fn the_reference_itself_is_perfect() {
    let reference = "let total = prices.iter().sum();";
    assert_eq!(accuracy(reference, reference), Ppm::ONE);
    assert_eq!(likelihood(costs(20, 60), costs(20, 60)), Ppm::ONE);
    assert_eq!(novelty(reference, reference, &["let prices = load();"]), Ppm::ONE);
}

#[test]
fn unrelated_text_is_worth_nothing() {
    assert_eq!(accuracy("zzzzzzzz", "let total = 5;"), Ppm::ZERO);
    assert_eq!(likelihood(costs(30, 30), costs(20, 60)), Ppm::ZERO, "it fits everywhere");
    assert_eq!(likelihood(costs(50, 30), costs(20, 60)), Ppm::ZERO, "it fits elsewhere better");
}

#[test]
fn a_reference_that_gains_little_does_not_make_little_worth_much() {
    assert_eq!(likelihood(costs(9, 10), costs(9, 10)), Ppm::ratio(1, 16));
}

#[test]
fn copies_of_the_prompt_and_loops_are_not_novel() {
    let prompt = "assert_eq!(left.len(), right.len());\n";
    let reference = "let joined = left.chain(right);";
    assert_eq!(novelty(prompt, reference, &[prompt]), Ppm::ZERO);
    assert!(novelty("}    }    }    }    }    }    ", reference, &[]).get() < 300_000);
    assert_eq!(novelty("short", reference, &[prompt]), Ppm::ONE);
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
    fn a_likelier_answer_never_gets_less(own in 0i64..200, foreign in 0i64..200, less in 0i64..50, r in 0i64..100) {
        let reference = costs(20, 20 + r);
        let better = costs((own - less).max(0), foreign);
        prop_assert!(likelihood(better, reference) >= likelihood(costs(own, foreign), reference));
    }

    #[test]
    fn parts_of_any_text_are_parts(answer in ".{0,80}", reference in ".{0,80}", prompt in ".{0,80}", own: i64, foreign: i64) {
        prop_assert!(accuracy(&answer, &reference) <= Ppm::ONE);
        prop_assert!(novelty(&answer, &reference, &[&prompt]) <= Ppm::ONE);
        let (forth, back) = (Costs { own, foreign }, Costs { own: foreign, foreign: own });
        prop_assert!(likelihood(forth, back) <= Ppm::ONE);
    }
}
